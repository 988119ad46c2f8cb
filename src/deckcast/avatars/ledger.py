"""The submission ledger: sees to it that an avatar video is submitted once, whatever dies and whenever.

Key and order are committed before the call, what came of it after; submissions.py says what may follow.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from deckcast.avatars import repository
from deckcast.avatars.accounts import Account
from deckcast.avatars.ports import AvatarProvider, Order
from deckcast.avatars.submissions import OVER, Event, Move, Rules, State, Submission, after, next_move
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, SubmissionRow
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.clock import now
from deckcast.kit.errors import AnswerLost, CallError, SubmissionRefused, WorkError
from deckcast.kit.ids import new_id

log = structlog.get_logger(__name__)

ATTEMPTS = 30  # refusals that waiting can clear, such as "too many at once"
SEARCH_FAILURES = 20  # in a row, before a person is asked
Prepare = Callable[[str], Awaitable[Order]]


class Ledger:
    """Works on the `submissions` table; `clock` and `sleep` are time itself, unless a test says otherwise."""

    def __init__(
        self,
        db: Database,
        rules: Rules | None = None,
        *,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._rules = rules or Rules()
        self._clock = clock
        self._sleep = sleep

    async def reserve(self, video_id: str, provider: AvatarProvider, prepare: Prepare) -> None:
        """Commit a key and an order for the video's next call, unless it has one that is not over.

        Raises what `prepare` raises.
        """
        async with self._db.read() as session:
            newest = await repository.newest_submission(session, video_id)
            video = await session.get_one(AvatarVideoRow, video_id)
        if newest is not None and newest.state not in OVER:
            return
        attempt = newest.attempt + 1 if newest else 1
        key = submission_key(video_id, video.fingerprint, attempt)
        order = await prepare(key)
        async with self._db.write() as session:
            there = await repository.newest_submission(session, video_id)
            if there is None or there.attempt < attempt:
                session.add(_reserved(video_id, provider.name, attempt, key, order))

    async def submit_once(
        self, video_id: str, provider: AvatarProvider, prepare: Prepare, account: Account
    ) -> str:
        """The video's job id, from a call made now or earlier. Never makes a second job while a first may be.

        Raises SubmissionRefused where the provider will not, WorkError unresolved where only a person can say
        what became of the call.
        """
        failed_searches = 0
        while True:
            await self.reserve(video_id, provider, prepare)
            row = await self._as_found(video_id)
            move, wait_s = next_move(_history(row), provider.capabilities, self._rules, self._clock())
            if move is Move.TAKE_JOB:
                return str(row.job_id)
            if move is Move.CALL:
                await self._call(row, provider, account)
            elif move is Move.SEARCH:
                found = await self._search(row, provider)
                failed_searches = failed_searches + 1 if found is None else 0
                if failed_searches == SEARCH_FAILURES and row.state != State.UNRESOLVED:
                    await self._record(row.key, Event.GIVE_UP)
                if row.state == State.UNRESOLVED and not found:
                    raise _unresolved(provider, video_id)
            elif move is Move.WAIT:
                await self._sleep(wait_s)
            elif move is Move.GIVE_UP:
                await self._record(row.key, Event.GIVE_UP)
            elif move is Move.ASK_A_PERSON:
                raise _unresolved(provider, video_id)

    async def job_failed(self, video_id: str) -> None:
        """The accepted job has failed and is not paid: a new attempt may be made."""
        async with self._db.read() as session:
            newest = await repository.newest_submission(session, video_id)
        if newest is not None and newest.state == State.ACCEPTED:
            await self._record(newest.key, Event.JOB_FAILED)

    async def adopt(self, video_id: str, job_id: str) -> None:
        """A person says: this is the job. Raises CallError not_unresolved."""
        await self._settle(video_id, Event.ADOPT, job_id)

    async def declare_not_made(self, video_id: str) -> None:
        """A person says: there is no job. Raises CallError not_unresolved."""
        await self._settle(video_id, Event.DECLARE_NOT_MADE, None)

    async def _settle(self, video_id: str, event: Event, job_id: str | None) -> None:
        async with self._db.read() as session:
            newest = await repository.newest_submission(session, video_id)
        if newest is None or newest.state != State.UNRESOLVED:
            raise CallError(
                "not_unresolved",
                "What became of this avatar video's submission is known already.",
                next_step="`deckcast status` names those that a person has to settle.",
            )
        await self._record(newest.key, event, job_id=job_id)

    async def _as_found(self, video_id: str) -> SubmissionRow:
        """The newest submission; a call that was under way when somebody died has lost its answer."""
        async with self._db.read() as session:
            row = await repository.newest_submission(session, video_id)
        assert row is not None
        return await self._record(row.key, Event.LOST) if row.state == State.CALLING else row

    async def _call(self, row: SubmissionRow, provider: AvatarProvider, account: Account) -> None:
        await account.admit()
        await self._record(row.key, Event.CALL)
        try:
            job_id = await provider.submit(row.order, row.key)
        except SubmissionRefused as refusal:
            await self._record(row.key, Event.DECLINED, error=refusal)
            await account.failed(refusal)
            if not refusal.retryable or row.attempt >= ATTEMPTS:
                raise
            await self._sleep(_pause_s(refusal, row.attempt))
        except AnswerLost as lost:
            await self._record(row.key, Event.LOST, error=lost)
            await account.failed(lost)
            await self._sleep(_pause_s(lost, row.calls + 1))
        except Exception:
            await self._record(row.key, Event.LOST)
            raise
        else:
            await self._record(row.key, Event.ANSWERED, job_id=job_id)
            await account.succeeded()

    async def _search(self, row: SubmissionRow, provider: AvatarProvider) -> bool | None:
        """True: found. False: not there. None: the search did not come to its end."""
        try:
            job_id = await provider.find(row.key)
        except WorkError as error:
            log.warning("submission.search_failed", code=error.code, avatar_video_id=row.avatar_video_id)
            await self._sleep(_pause_s(error, row.calls))
            return None
        if job_id is not None:
            await self._record(row.key, Event.FOUND, job_id=job_id)
        elif row.state != State.UNRESOLVED:
            await self._record(row.key, Event.NOT_FOUND)
        return job_id is not None

    async def _record(
        self, key: str, event: Event, *, job_id: str | None = None, error: WorkError | None = None
    ) -> SubmissionRow:
        moment = self._clock()
        async with self._db.write() as session:
            row = await repository.submission_with(session, key)
            row.state = after(State(row.state), event)
            if event is Event.CALL:
                row.calls, row.first_called_at = row.calls + 1, row.first_called_at or moment
            if event in (Event.CALL, Event.LOST):
                row.called_at = moment
            if event is Event.NOT_FOUND:
                row.searched_at = moment
            row.job_id = job_id or row.job_id
            if error is not None:
                row.error_code, row.error_message = error.code, error.message
        log.info("submission.changed", avatar_video_id=row.avatar_video_id, state=row.state)
        return row


def submission_key(video_id: str, fingerprint: str, attempt: int) -> str:
    """The key of one attempt: it names the video, its content and the attempt, in at most 100 characters."""
    return f"{video_id}.{hashlib.sha256(fingerprint.encode()).hexdigest()[:32]}.{attempt}"


def _reserved(video_id: str, provider: str, attempt: int, key: str, order: Order) -> SubmissionRow:
    return SubmissionRow(
        id=new_id("sub"),
        avatar_video_id=video_id,
        provider=provider,
        attempt=attempt,
        key=key,
        order=order,
        state=State.RESERVED,
    )


def _history(row: SubmissionRow) -> Submission:
    return Submission(
        state=State(row.state),
        calls=row.calls,
        first_called_at=row.first_called_at,
        called_at=row.called_at,
        searched_at=row.searched_at,
    )


def _pause_s(error: WorkError, tries: int) -> float:
    return max(error.retry_after_s or 0.0, full_jitter_s(tries))


def _unresolved(provider: AvatarProvider, video_id: str) -> WorkError:
    return WorkError(
        "unresolved",
        f"The answer of {provider.name} was lost, and it cannot say whether it made this video.",
        next_step=f"Look into the provider's own list, then settle it: `deckcast resolve {video_id} --job ID`, "
        "or `--not-made`.",
    )
