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
from deckcast.avatars.submissions import (
    OVER,
    Event,
    Move,
    Rules,
    State,
    Submission,
    after,
    counts_as,
    next_move,
)
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, SubmissionRow
from deckcast.db.switches import allow_paid_call
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.clock import now
from deckcast.kit.errors import AnswerLost, CallError, SubmissionRefused, WorkError
from deckcast.kit.tasks import whole

log = structlog.get_logger(__name__)

GLANCE_AFTER = (
    3  # calls without an answer under one key: some providers repeat an error for as long as they keep it
)
ATTEMPTS = 30  # refusals that waiting can clear, such as "too many at once"
SEARCH_FAILURES = 20  # in a row, before a person is asked
LONGEST_PAUSE_S = 20.0
LONGEST_SEARCH_PAUSE_S = 300.0  # so that an outage of half an hour needs nobody
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

        Raises what `prepare` raises; WorkError paid_work_off.
        """
        async with self._db.read() as session:
            newest = await repository.newest_submission(session, video_id)
            video = await session.get_one(AvatarVideoRow, video_id)
        if newest is not None and newest.state not in OVER:
            return
        attempt = newest.attempt + 1 if newest else 1
        key = submission_key(video_id, video.fingerprint, attempt)
        await self._allow(provider)
        order = await prepare(key)
        async with self._db.write() as session:
            there = await repository.newest_submission(session, video_id)
            if there is None or there.attempt < attempt:
                await repository.insert_submission(
                    session,
                    avatar_video_id=video_id,
                    provider=provider.name,
                    attempt=attempt,
                    key=key,
                    order=order,
                    state=State.RESERVED,
                )

    async def submit_once(
        self, video_id: str, provider: AvatarProvider, prepare: Prepare, account: Account
    ) -> str:
        """The video's job id, from a call made now or earlier. Never makes a second job while a first may be.

        Raises SubmissionRefused where the provider will not, WorkError unresolved where only a person can say
        what became of the call, paid_work_off before a call while an operator allows none.
        """
        failed_searches = 0
        while True:
            await self.reserve(video_id, provider, prepare)
            row = await self._as_found(video_id)
            move, wait_s = self._next(row, provider)
            if move is Move.TAKE_JOB:
                return str(row.job_id)
            if move is Move.CALL:
                await self._call(row, provider, account)
            elif move is Move.SEARCH:
                failed_searches = await self._search(row, provider, failed_searches)
            elif move is Move.WAIT:
                await self._sleep(wait_s)
            elif move is Move.GIVE_UP:
                await self._record(row, Event.GIVE_UP)
            elif move is Move.ASK_A_PERSON:
                raise _unresolved(provider, video_id)

    async def job_failed(self, video_id: str, job_id: str) -> None:
        """The accepted job has failed and is not paid: a new attempt may be made. Who comes late, when a newer
        attempt has its own job, changes nothing."""
        async with self._db.read() as session:
            newest = await repository.newest_submission(session, video_id)
        if newest is not None and newest.state == State.ACCEPTED and newest.job_id == job_id:
            await self._record(newest, Event.JOB_FAILED)

    async def adopt(self, video_id: str, job_id: str) -> None:
        """A person says: this is the job. Raises CallError not_unresolved, job_not_found for another video's job."""
        async with self._db.read() as session:
            if await repository.is_job_of_another(session, video_id, job_id):
                raise CallError(
                    "job_not_found",
                    f"The job {job_id!r} is not this avatar video's.",
                    next_step="Find the one that has this video's key in its title, in the provider's own list.",
                )
        await self._settle(video_id, Event.ADOPT, job_id)

    async def declare_not_made(self, video_id: str) -> None:
        """A person says: there is no job. Raises CallError not_unresolved."""
        await self._settle(video_id, Event.DECLARE_NOT_MADE, None)

    async def _settle(self, video_id: str, event: Event, job_id: str | None) -> None:
        async with self._db.read() as session:
            newest = await repository.newest_submission(session, video_id)
        unresolved = newest is not None and newest.state == State.UNRESOLVED
        if not (unresolved and newest and await self._record(newest, event, job_id=job_id)):
            raise CallError(
                "not_unresolved",
                "What became of this avatar video's submission is known already.",
                next_step="`deckcast status` names those that a person has to settle.",
            )

    def _next(self, row: SubmissionRow, provider: AvatarProvider) -> tuple[Move, float]:
        return next_move(_history(row), provider.capabilities, self._rules, self._clock())

    async def _as_found(self, video_id: str) -> SubmissionRow:
        """The newest submission; a call that was under way when somebody died has lost its answer."""
        while True:
            async with self._db.read() as session:
                row = await repository.newest_submission(session, video_id)
            assert row is not None
            if row.state != State.CALLING:
                return row
            await self._record(row, Event.LOST)

    async def _call(self, row: SubmissionRow, provider: AvatarProvider, account: Account) -> None:
        if row.calls >= GLANCE_AFTER and await self._seen(row, provider):
            return
        await _admitted(row, account)
        try:
            await self._allow(provider)
        except WorkError:
            if row.calls and await self._seen(row, provider):
                return  # what an earlier call has made is adopted
            raise
        if self._next(row, provider)[0] is not Move.CALL:
            return  # waiting has used up the time in which the key is replayed
        with whole():  # who is to stop lets the answer come, and be written down
            await self._send(row, provider, account)

    async def _send(self, row: SubmissionRow, provider: AvatarProvider, account: Account) -> None:
        called = await self._record(row, Event.CALL)
        if called is None:
            return
        try:
            job_id = await provider.submit(called.order, called.key)
        except SubmissionRefused as refusal:
            over = await self._record(called, Event.DECLINED, error=refusal)
            await account.failed(refusal)
            if over and over.state == State.REFUSED and (not refusal.retryable or row.attempt >= ATTEMPTS):
                raise
            await self._sleep(_pause_s(refusal, max(row.attempt, called.calls)))
        except AnswerLost as lost:
            await self._lost(called, lost, account)
        except Exception as error:
            log.error("submission.crashed", avatar_video_id=row.avatar_video_id, exc_info=error)
            await self._lost(called, _unexpected(), account)
        else:
            await self._record(called, Event.ANSWERED, job_id=job_id)
            await account.succeeded()

    async def _allow(self, provider: AvatarProvider) -> None:
        if provider.capabilities.paid:
            async with self._db.read() as session:
                await allow_paid_call(session)

    async def _seen(self, row: SubmissionRow, provider: AvatarProvider) -> bool:
        """Whether the key's job stands in the provider's list already, so that it need not be called again. Not
        seeing it proves nothing."""
        if not provider.capabilities.find_by_key:
            return False
        try:
            job_id = await provider.find(row.key)
        except WorkError as error:
            log.info("submission.search_failed", code=error.code, avatar_video_id=row.avatar_video_id)
            return False
        if job_id is not None:
            await self._record(row, Event.FOUND, job_id=job_id)
        return job_id is not None

    async def _lost(self, called: SubmissionRow, error: AnswerLost, account: Account) -> None:
        await self._record(called, Event.LOST, error=error)
        await account.failed(error)
        await self._sleep(_pause_s(error, called.calls))

    async def _search(self, row: SubmissionRow, provider: AvatarProvider, failures: int) -> int:
        """Look for the key's job; returns how many searches in a row have not come to their end.

        Raises WorkError unresolved where a person was asked before, and still has to say.
        """
        unresolved = row.state == State.UNRESOLVED
        try:
            job_id = await provider.find(row.key)
        except WorkError as error:
            log.warning("submission.search_failed", code=error.code, avatar_video_id=row.avatar_video_id)
            if unresolved:
                raise _unresolved(provider, row.avatar_video_id) from error
            if failures + 1 >= SEARCH_FAILURES:
                await self._record(row, Event.GIVE_UP)
            else:
                await self._sleep(_pause_s(error, failures + 1, LONGEST_SEARCH_PAUSE_S))
            return failures + 1
        if job_id is not None:
            await self._record(row, Event.FOUND, job_id=job_id)
        elif unresolved:
            raise _unresolved(provider, row.avatar_video_id)
        else:
            await self._record(row, Event.NOT_FOUND)
        return 0

    async def _record(
        self,
        before: SubmissionRow,
        event: Event,
        *,
        job_id: str | None = None,
        error: WorkError | None = None,
    ) -> SubmissionRow | None:
        """Commit what happened to a submission that was acted on as it was `before`; None where somebody else
        has gone on with it meanwhile, so that it means nothing any more."""
        moment = self._clock()
        async with self._db.write() as session:
            row = await repository.submission_with(session, before.key)
            counted = counts_as(event, _history(before), _history(row))
            if counted is None:
                log.warning("submission.overtaken", avatar_video_id=row.avatar_video_id, job_id=job_id)
                return None
            row.state = after(State(row.state), counted)
            if counted is Event.CALL:
                row.calls, row.first_called_at = row.calls + 1, row.first_called_at or moment
            if counted in (Event.CALL, Event.LOST):
                row.called_at = moment
            if counted is Event.NOT_FOUND:
                row.searched_at = moment
            row.job_id = job_id or row.job_id
            if error is not None:
                row.error_code, row.error_message = error.code, error.message
        log.info("submission.changed", avatar_video_id=row.avatar_video_id, state=row.state)
        return row


def submission_key(video_id: str, fingerprint: str, attempt: int) -> str:
    """The key of one attempt: it names the video, its content and the attempt, in at most 100 characters."""
    return f"{video_id}.{hashlib.sha256(fingerprint.encode()).hexdigest()[:32]}.{attempt}"


def _history(row: SubmissionRow) -> Submission:
    return Submission(
        state=State(row.state),
        calls=row.calls,
        first_called_at=row.first_called_at,
        called_at=row.called_at,
        searched_at=row.searched_at,
    )


async def _admitted(row: SubmissionRow, account: Account) -> None:
    """Wait until the account may be called. Raises the pause's reason (WorkError) where a person has to act;
    only for a new order, though: what became of an earlier call is asked all the same, or it would be lost."""
    try:
        await account.admit()
    except WorkError:
        if row.state == State.RESERVED:
            raise


def _pause_s(error: WorkError, tries: int, longest_s: float = LONGEST_PAUSE_S) -> float:
    return max(error.retry_after_s or 0.0, full_jitter_s(tries, cap_s=longest_s))


def _unexpected() -> AnswerLost:
    return AnswerLost("internal_error", "Something went wrong inside Deckcast; the log says more.")


def _unresolved(provider: AvatarProvider, video_id: str) -> WorkError:
    return WorkError(
        "unresolved",
        f"The answer of {provider.name} was lost, and it cannot say whether it made this video.",
        next_step=f"Look into the provider's own list, then settle it: `deckcast resolve {video_id} --job ID`, "
        "or `--not-made`.",
    )
