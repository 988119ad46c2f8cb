"""After an older database was restored: what may have been called since the backup is not called again on trust.

The provider's list is read once, to its end, for every key that may have been used since. A job that stands there is
adopted. What is not there counts as searched for once in vain: the ledger searches again, a quarter of an hour later,
before it makes a new attempt, and never repeats the old call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars import repository
from deckcast.avatars.ledger import ATTEMPTS, submission_key
from deckcast.avatars.ports import AvatarProvider
from deckcast.avatars.submissions import OVER, State
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, SubmissionRow
from deckcast.kit.clock import now

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many avatar videos have a job that the database did not know, and how many are searched for again before
    they are ordered."""

    adopted: int
    doubtful: int


async def reconcile(
    db: Database, provider: AvatarProvider, clock: Callable[[], datetime] = now
) -> Reconciled:
    """Settle a paid provider's submissions while nobody works on the database. To do it again changes nothing.

    Raises WorkError where the provider's list could not be read to its end; nothing has changed then.
    """
    async with db.read() as session:
        videos = await repository.videos_not_made(session, provider.name)
        keys = {key for video in videos for key in _keys(video, await _newest(session, video))}
    jobs: Mapping[str, str] = {}
    if keys and provider.capabilities.find_by_key:
        jobs = await provider.find_all(keys)
    adopted = doubtful = 0
    async with db.write() as session:
        for video in videos:
            newest = await _newest(session, video)
            found = [(attempt, jobs[key]) for key, attempt in _keys(video, newest).items() if key in jobs]
            if found:
                await _put(session, video, newest, max(found), State.ACCEPTED, clock())
                adopted += 1
            elif _may_be_ordered(video, newest):
                first = min(_keys(video, newest).values())
                await _put(session, video, newest, (first, None), State.SEARCHED, clock())
                doubtful += 1
    log.info("submissions.reconciled", provider=provider.name, adopted=adopted, doubtful=doubtful)
    return Reconciled(adopted, doubtful)


async def _newest(session: AsyncSession, video: AvatarVideoRow) -> SubmissionRow | None:
    return await repository.newest_submission(session, video.id)


def _keys(video: AvatarVideoRow, newest: SubmissionRow | None) -> dict[str, int]:
    """The keys that may have been used since the backup, with their attempts: of the one that is not over, and of as
    many after it as the ledger makes."""
    first = newest.attempt if newest else 1
    if newest is not None and newest.state in (State.ACCEPTED, *OVER):
        first += 1
    attempts = range(first, first + ATTEMPTS + 1)
    return {submission_key(video.id, video.fingerprint, attempt): attempt for attempt in attempts}


def _may_be_ordered(video: AvatarVideoRow, newest: SubmissionRow | None) -> bool:
    """Whether the ledger would call for it, now or later, without a person: then it has to search first."""
    if newest is None or newest.state in OVER:
        return video.status not in ("failed", "cancelled")
    return newest.state not in (State.ACCEPTED, State.UNRESOLVED)


async def _put(
    session: AsyncSession,
    video: AvatarVideoRow,
    newest: SubmissionRow | None,
    is_now: tuple[int, str | None],
    state: State,
    moment: datetime,
) -> None:
    """Give an attempt its state and job; the one before it has made nothing, or there would be no such attempt. Without
    the time of a first call the ledger never calls under the key again."""
    attempt, job_id = is_now
    values: dict[str, Any] = {"state": state, "job_id": job_id, "calls": 1, "first_called_at": None}
    values |= {"called_at": moment, "searched_at": moment}
    if newest is not None and newest.attempt == attempt:
        for name, value in values.items():
            setattr(newest, name, value)
        return
    if newest is not None and newest.state not in OVER:
        newest.state = State.ENDED if newest.state == State.ACCEPTED else State.NOT_MADE
    key = submission_key(video.id, video.fingerprint, attempt)
    await repository.insert_submission(
        session,
        avatar_video_id=video.id,
        provider=video.provider,
        attempt=attempt,
        key=key,
        order={},
        **values,
    )
