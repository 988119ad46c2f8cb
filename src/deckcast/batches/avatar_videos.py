"""An avatar video's way: submitted under its key, waited for in a place of its account, then published."""

from __future__ import annotations

import asyncio
import time

import structlog
from dbos import DBOS

from deckcast.avatars.ledger import Prepare
from deckcast.avatars.local.provider import request_from_json
from deckcast.avatars.ports import AvatarProvider, Done, Failed, JobState, Order, Running
from deckcast.batches import money, repository
from deckcast.batches.assets import request_at_hand
from deckcast.batches.avatar_rows import (
    compose_waiting,
    give_up,
    named,
    provider_of,
    record_failure,
    round_of,
    row_of,
    seconds_between,
    set_status,
    tell_items,
    turn_of,
)
from deckcast.batches.context import current
from deckcast.batches.engine import MONITOR, WORK, account_queue, enqueue, guarded, step
from deckcast.batches.models import Status
from deckcast.batches.publishing import expected_s, publish_avatar_video
from deckcast.db.database import LOCKED
from deckcast.db.models import AvatarVideoRow
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckcastError, WorkError

log = structlog.get_logger(__name__)

ATTEMPTS = 3  # where a job fails, is not charged, and another may do better
SECONDS_PER_SPOKEN_SECOND = 20.0
MONITOR_S = 24 * 3600.0
Problem = tuple[str, str, bool]
"""Code, sentence, and whether another attempt can help."""


@DBOS.workflow(name="render_avatar_video", max_recovery_attempts=None)
async def render_avatar_video(video_id: str) -> None:
    """Holds a place of the account while the job lives."""

    async def failed(error: DeckcastError) -> None:
        await give_up(video_id, error)

    await guarded(_render(video_id), failed)


async def _render(video_id: str) -> None:
    if not await step(still_wanted, video_id):
        return
    for attempt in range(1, ATTEMPTS + 1):
        job_id = await step(submit, video_id, tries=1, mostly_waits=True)
        problem = await step(await_job, video_id, job_id, tries=1, mostly_waits=True)
        if problem is None:
            await start_publishing(video_id)
            return
        code, message, again = problem
        if code == "timed_out" and await step(is_paid, video_id):
            await _leave_to_monitor(video_id, message)
            return
        if not again or attempt == ATTEMPTS:
            raise WorkError(code, message, retryable=again)


async def _leave_to_monitor(video_id: str, message: str) -> None:
    await step(record_failure, video_id, Status.TIMED_OUT, "timed_out", message, True)
    round_ = await step(round_of, video_id)
    await enqueue(MONITOR, monitor_avatar_video, f"{video_id}.monitor.{round_}", video_id)
    await compose_waiting(video_id)


@DBOS.workflow(name="monitor_avatar_video", max_recovery_attempts=None)
async def monitor_avatar_video(video_id: str) -> None:
    """Asks after a job that took too long, for a day, and adopts it when it comes. Its failure is told only
    while nobody else waits for the video: who has taken it up again tells it, and may order another."""

    async def failed(error: DeckcastError) -> None:
        told = (error.code, str(error), error.retryable)
        await step(record_failure, video_id, Status.FAILED, *told, Status.TIMED_OUT)

    async def work() -> None:
        problem = await step(await_late_job, video_id, tries=1, mostly_waits=True)
        if problem is None:
            await start_publishing(video_id)
        else:
            raise WorkError(problem[0], problem[1], retryable=problem[2])

    await guarded(work(), failed)


async def start_rendering(video_id: str) -> None:
    """Put the video on its account's queue; once per round."""
    provider = await step(provider_of, video_id)
    round_ = await step(round_of, video_id)
    turn = await step(turn_of, video_id)
    work = f"{video_id}.render.{round_}"
    await enqueue(account_queue(provider), render_avatar_video, work, video_id, turn)


async def start_publishing(video_id: str) -> None:
    """Put the video's download on the work queue; once per round."""
    round_ = await step(round_of, video_id)
    await enqueue(WORK, publish_avatar_video, f"{video_id}.publish.{round_}", video_id)


async def reserve_submission(video_id: str) -> None:
    """Bring our speech over and commit the key and order of the call to come; no place is held meanwhile."""
    row = await row_of(video_id)
    provider = current().providers[row.provider]
    await current().ledger.reserve(video_id, provider, _preparing(row, provider))


async def still_wanted(video_id: str) -> bool:
    """False where nobody waits for the video any more and nothing was submitted: it is cancelled then."""
    async with current().db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id, with_for_update=LOCKED)
        if row.status == Status.CANCELLED:
            return False
        if row.status != Status.PENDING or await repository.items_waiting_for(session, video_id):
            return True
        row.status = Status.CANCELLED
        await money.release(session, row)
    return False


async def submit(video_id: str) -> str:
    """The job's id, from a call made now or earlier; the ledger sees to it that there is one job.

    Raises WorkError of many codes (see docs/errors.md): refused, unresolved, paused.
    """
    context = current()
    row = await row_of(video_id)
    provider, account = context.providers[row.provider], context.accounts[row.provider]
    if provider.capabilities.paid:
        await account.take_place(video_id)
    await set_status(video_id, Status.SUBMITTING)
    job_id = await context.ledger.submit_once(video_id, provider, _preparing(row, provider), account)
    async with context.db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        if row.provider_video_id != job_id:
            row.provider_video_id, row.submitted_at, row.job_ended_at = job_id, now(), None
        row.status = Status.PROCESSING
        await tell_items(session, video_id, Status.PROCESSING)
        waited_s = seconds_between(row.created_at, now())
    log.info("avatar_video.submitted", **named(row), waited_s=waited_s)
    return job_id


async def await_job(video_id: str, job_id: str) -> Problem | None:
    """Wait for the job's end: None where it is done, else what is wrong."""
    row = await row_of(video_id)
    provider = current().providers[row.provider]
    limit_s = _limit_s(provider, row)
    # A paid job ages while we are away; our own one does not render while nobody works, and who comes back
    # to an old job gives it another chance.
    since = time.time()
    if provider.capabilities.paid and row.round == 1 and row.submitted_at is not None:
        since = row.submitted_at.timestamp()
    state = await _watch(row, provider, job_id, since + limit_s)
    if isinstance(state, Running):
        if provider.capabilities.can_cancel:
            await provider.cancel(job_id)
            await current().ledger.job_failed(video_id, job_id)
        return "timed_out", f"The presenter's video was not ready after {limit_s:.0f} s.", True
    return await _note_end(video_id, job_id, state)


async def await_late_job(video_id: str) -> Problem | None:
    """As `await_job`, for a day."""
    row = await row_of(video_id)
    provider = current().providers[row.provider]
    submitted, job_id = row.submitted_at or now(), str(row.provider_video_id)
    state = await _watch(row, provider, job_id, submitted.timestamp() + MONITOR_S, status=Status.TIMED_OUT)
    if isinstance(state, Running):
        return "never_finished", "The provider did not finish this video within a day.", True
    return await _note_end(video_id, job_id, state)


async def _watch(
    row: AvatarVideoRow,
    provider: AvatarProvider,
    job_id: str,
    until: float,
    status: Status = Status.PROCESSING,
) -> JobState:
    """The job's end, or Running where `until` (seconds since 1970) came first or somebody else saw to it."""
    watch = current().watches[row.provider]
    submitted = (row.submitted_at or now()).timestamp()
    failures = 0
    while await watch.wait(job_id, submitted, until):
        try:
            state = await provider.inspect(job_id)
        except WorkError as error:
            failures += 1
            log.info("job.not_inspected", avatar_video_id=row.id, code=error.code)
            if time.time() >= until:
                return Running()
            await asyncio.sleep(max(error.retry_after_s or 0.0, full_jitter_s(failures)))
            continue
        if not isinstance(state, Running):
            return state
    return Running()


async def _note_end(video_id: str, job_id: str, state: Done | Failed) -> Problem | None:
    """A job that has ended holds no place any more. One that is charged though it failed stays the video's
    job: only a person orders another."""
    context = current()
    charged = isinstance(state, Failed) and state.charged
    async with context.db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        if row.provider_video_id == job_id:
            row.job_ended_at = now()
        if charged:
            card = context.providers[row.provider].capabilities.rate_card
            await money.settle(session, row, money.cost_usd(expected_s(request_from_json(row.request)), card))
        if isinstance(state, Done):
            row.duration_s = state.duration_s  # what is paid for, whatever comes of the file
        if isinstance(state, Done) and row.status != Status.COMPLETED:
            row.status = Status.PUBLISHING
            await tell_items(session, video_id, Status.PUBLISHING)
        render_s = seconds_between(row.submitted_at, now())
    log.info("avatar_video.ended", **named(row), done=isinstance(state, Done), render_s=render_s)
    if isinstance(state, Done):
        return None
    if not charged:
        await context.ledger.job_failed(video_id, job_id)
    return state.code, state.message, state.retryable and not charged


async def is_paid(video_id: str) -> bool:
    """Whether the video's provider is paid."""
    return current().providers[(await row_of(video_id)).provider].capabilities.paid


def _preparing(row: AvatarVideoRow, provider: AvatarProvider) -> Prepare:
    async def prepare(key: str) -> Order:
        return await provider.prepare(await request_at_hand(row.request), key)

    return prepare


def _limit_s(provider: AvatarProvider, row: AvatarVideoRow) -> float:
    base_s = current().settings.avatar.batch.timeout_per_video_s or provider.capabilities.timeout_per_video_s
    timings = row.request.get("timings")
    spoken_s = timings["duration_s"] if timings else row.request.get("estimated_s", 0.0)
    return base_s + SECONDS_PER_SPOKEN_SECOND * float(spoken_s)
