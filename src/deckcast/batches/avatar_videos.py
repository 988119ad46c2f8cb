"""An avatar video's way: submitted under its key, waited for in a place of its account, checked, published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbos import DBOS

from deckcast.avatars.local.provider import LocalProvider, request_from_json
from deckcast.avatars.ports import TRANSPARENT, AvatarProvider, Done, Failed, Running
from deckcast.batches import hints, repository
from deckcast.batches.clips import compose_slide_clip
from deckcast.batches.context import current
from deckcast.batches.engine import MEDIA_RECOVERY_ATTEMPTS, WORK, enqueue, guarded, step
from deckcast.batches.models import Status, Step
from deckcast.db.models import AvatarVideoRow, ItemRow
from deckcast.kit.children import run_in_child
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckcastError, WorkError
from deckcast.kit.files import scratch_dir
from deckcast.videos.probe import check_avatar_video

ATTEMPTS = 2  # of a video that costs nothing; a paid one is submitted once
SECONDS_PER_SPOKEN_SECOND = 20.0
POLL_S = 0.5


@DBOS.workflow(name="render_avatar_video", max_recovery_attempts=None)
async def render_avatar_video(video_id: str) -> None:
    """Holds a place of the account while the job lives."""

    async def failed(error: DeckcastError) -> None:
        await _give_up(video_id, error)

    await guarded(_render(video_id), failed)


async def _render(video_id: str) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        job_id = await step(submit, video_id, attempt, tries=1)
        problem = await step(await_job, video_id, job_id, tries=1)
        if problem is None:
            await enqueue(WORK, publish_avatar_video, f"{video_id}.publish", video_id)
            return
        code, message, again = problem
        if not again or attempt == ATTEMPTS:
            raise WorkError(code, message, retryable=again)


@DBOS.workflow(name="publish_avatar_video", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def publish_avatar_video(video_id: str) -> None:
    """Download, check and store; it holds no place of the account."""

    async def failed(error: DeckcastError) -> None:
        await _give_up(video_id, error)

    async def work() -> None:
        await step(fetch_and_publish, video_id)
        await _compose_waiting(video_id)

    await guarded(work(), failed)


async def submit(video_id: str, attempt: int) -> str:
    """The job of this attempt; its key is committed before the call, so that no crash makes two."""
    context = current()
    async with context.db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        key = f"{row.id}.{row.fingerprint}.{attempt}"
        if row.submission_key != key:
            row.submission_key, row.submitted_at = key, now()
        row.attempt, row.status = attempt, Status.SUBMITTING
        await _tell_items(session, video_id, Status.SUBMITTING)
    provider = context.providers[row.provider]
    order = await provider.prepare(request_from_json(row.request), key)
    job_id = await provider.submit(order, key)
    async with context.db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        row.provider_video_id, row.status = job_id, Status.PROCESSING
        await _tell_items(session, video_id, Status.PROCESSING)
    return job_id


async def await_job(video_id: str, job_id: str) -> tuple[str, str, bool] | None:
    """Wait for the job's end: None where it is done, else code, message, and whether a retry can help."""
    context = current()
    async with context.db.read() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
    provider = context.providers[row.provider]
    limit_s = _limit_s(provider, row)
    began = time.monotonic()
    while True:
        state = await provider.inspect(job_id)
        if isinstance(state, Failed):
            may_repeat = state.retryable and not provider.capabilities.paid
            return state.code, state.message, may_repeat
        if isinstance(state, Done):
            return None
        # A paid job ages while we are away; our own one does not render while nobody works.
        age_s = _age_s(row.submitted_at) if provider.capabilities.paid else time.monotonic() - began
        if age_s > limit_s:
            await provider.cancel(job_id)
            return "timed_out", f"The presenter's video was not ready after {limit_s:.0f} s.", True
        await hints.wait_for(job_id, POLL_S)


def _limit_s(provider: AvatarProvider, row: AvatarVideoRow) -> float:
    base_s = current().settings.avatar.batch.timeout_per_video_s or provider.capabilities.timeout_per_video_s
    timings = row.request.get("timings")
    return base_s + SECONDS_PER_SPOKEN_SECOND * (timings["duration_s"] if timings else 0.0)


def _age_s(since: datetime | None) -> float:
    if since is None:
        return 0.0
    return (now() - (since if since.tzinfo else since.replace(tzinfo=UTC))).total_seconds()


async def fetch_and_publish(video_id: str) -> None:
    """Stream the result through a temporary file, check it against the speech, put it into the store.

    Raises WorkError result_not_video, result_wrong_length, result_wrong_sound, or what the provider says.
    """
    context = current()
    async with context.db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        published = row.status == Status.COMPLETED
        if not published:
            row.status = Status.PUBLISHING
            await _tell_items(session, video_id, Status.PUBLISHING)
    provider = context.providers[row.provider]
    job_id = str(row.provider_video_id)
    if not published:
        await _fetch(row, provider, job_id)
    if isinstance(provider, LocalProvider):
        provider.forget_result(job_id)


async def _fetch(row: AvatarVideoRow, provider: AvatarProvider, job_id: str) -> None:
    context = current()
    state = await provider.inspect(job_id)
    if isinstance(state, Running | Failed):
        raise WorkError("result_lost", "The presenter's video is not there any more.", retryable=True)
    request = request_from_json(row.request)
    transparent = request.background == TRANSPARENT
    key = f"slides/{row.slide_id}/avatar-{row.id}-{row.attempt}.{'webm' if transparent else 'mp4'}"
    expected_s = request.timings.duration_s if request.timings else request.silence_s
    expected_s += request.lead_s + request.tail_s
    with scratch_dir(context.scratch, "publish") as folder:
        path = folder / "result"
        await _download(provider, state, path)
        info = await run_in_child(
            check_avatar_video, path, request.audio, expected_s, request.lead_s, transparent
        )
        context.store.put(path, key)
    async with context.db.write() as session:
        fetched = await session.get_one(AvatarVideoRow, row.id)
        fetched.status, fetched.asset_key, fetched.duration_s = Status.COMPLETED, key, info.duration_s
        fetched.provider_metadata = state.metadata


async def _download(provider: AvatarProvider, done: Done, path: Path) -> None:
    async with provider.open_result(done) as pieces:
        file = await asyncio.to_thread(path.open, "wb")
        try:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)
        finally:
            await asyncio.to_thread(file.close)


async def _give_up(video_id: str, error: DeckcastError) -> None:
    await step(record_failure, video_id, error.code, str(error), error.retryable)
    await _compose_waiting(video_id)


async def record_failure(video_id: str, code: str, message: str, retryable: bool) -> None:
    """The video failed, and so did every slide that waits for it; each is composed without a presenter."""
    async with current().db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        row.status = Status.FAILED
        row.error_code, row.error_message, row.retryable = code, message, retryable
        for item in await repository.items_waiting_for(session, video_id):
            await repository.set_item(
                session, item.id, error_code=code, error_message=message, retryable=retryable
            )


async def waiting_items(video_id: str) -> list[str]:
    """Ids of the items that wait for this video."""
    async with current().db.read() as session:
        items: Sequence[ItemRow] = await repository.items_waiting_for(session, video_id)
    return [item.id for item in items]


async def _compose_waiting(video_id: str) -> None:
    for item_id in await step(waiting_items, video_id):
        await enqueue(WORK, compose_slide_clip, f"{item_id}.compose", item_id)


async def _tell_items(session: Any, video_id: str, status: Status) -> None:
    for item in await repository.items_waiting_for(session, video_id):
        await repository.set_item(session, item.id, step=Step.AVATAR_VIDEO, status=status)
