"""From a finished job to a published avatar video: streamed to a temporary file, checked, put into the store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from dbos import DBOS

from deckcast.avatars.local.provider import LocalProvider, request_from_json
from deckcast.avatars.ports import TRANSPARENT, AvatarProvider, AvatarVideoRequest, Done
from deckcast.batches import money
from deckcast.batches.assets import put_measured, request_at_hand
from deckcast.batches.avatar_rows import (
    compose_waiting,
    named,
    record_failure,
    row_of,
    seconds_between,
    set_status,
)
from deckcast.batches.context import current
from deckcast.batches.engine import MEDIA_RECOVERY_ATTEMPTS, guarded, step
from deckcast.batches.models import Status
from deckcast.db.models import AvatarVideoRow
from deckcast.kit.children import run_in_child
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckcastError, WorkError
from deckcast.kit.files import scratch_dir
from deckcast.kit.ids import new_id
from deckcast.videos.probe import MediaInfo, check_avatar_video, check_voiced_video

log = structlog.get_logger(__name__)

FETCHES = 5


@DBOS.workflow(name="publish_avatar_video", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def publish_avatar_video(video_id: str) -> None:
    """Download, check and store; it holds no place of the account."""

    async def failed(error: DeckcastError) -> None:
        await step(record_bad_result, video_id, error.code, error.message, error.retryable)
        await compose_waiting(video_id)

    async def work() -> None:
        await step(fetch_and_publish, video_id, tries=FETCHES)
        await compose_waiting(video_id)

    await guarded(work(), failed)


async def fetch_and_publish(video_id: str) -> None:
    """Stream the result through a temporary file, check it against the speech, put it into the store.

    Raises WorkError result_not_video, result_not_transparent, result_wrong_length, result_wrong_sound, or what the
    provider says.
    """
    row = await row_of(video_id)
    provider = current().providers[row.provider]
    if row.status != Status.COMPLETED:
        await set_status(video_id, Status.PUBLISHING)
        await _fetch(row, provider)
    if isinstance(provider, LocalProvider):
        await provider.forget_result(str(row.provider_video_id))


async def _fetch(row: AvatarVideoRow, provider: AvatarProvider) -> None:
    context = current()
    state = await provider.inspect(str(row.provider_video_id))
    if not isinstance(state, Done):
        raise WorkError("result_lost", "The presenter's video is not there any more.", retryable=True)
    request = await request_at_hand(row.request)
    key = f"slides/{row.slide_id}/{row.id}-{new_id('try')}.{_suffix(request)}"
    with scratch_dir(context.scratch, "publish") as folder:
        path = folder / f"result.{_suffix(request)}"
        await _download(provider, state, path)
        info = await _checked(path, request, state)
        size_bytes = await put_measured(path, key)
    async with context.db.write() as session:
        fetched = await session.get_one(AvatarVideoRow, row.id)
        fetched.status, fetched.asset_key, fetched.duration_s = Status.COMPLETED, key, info.duration_s
        fetched.size_bytes = size_bytes
        fetched.error_code = fetched.error_message = None
        fetched.provider_metadata = state.metadata
        price = money.cost_usd(state.duration_s or info.duration_s, provider.capabilities.rate_card)
        await money.settle(session, fetched, price)
        publish_s, total_s = (
            seconds_between(each, now()) for each in (fetched.job_ended_at, fetched.created_at)
        )
    log.info("avatar_video.published", **named(fetched), publish_s=publish_s, total_s=total_s)


async def _checked(path: Path, request: AvatarVideoRequest, done: Done) -> MediaInfo:
    """What the file is. Raises WorkError (retryable: a broken file may have been broken on its way)."""
    try:
        clear = request.background == TRANSPARENT
        if request.voice_id is not None:
            return await run_in_child(check_voiced_video, path, request.estimated_s, done.duration_s, clear)
        return await run_in_child(
            check_avatar_video, path, request.audio, expected_s(request), request.lead_s, clear
        )
    except WorkError as error:
        raise WorkError(error.code, error.message, retryable=True) from error


def expected_s(request: AvatarVideoRequest) -> float:
    """How long the video has to be; about how long where the provider speaks."""
    spoken_s = request.timings.duration_s if request.timings else request.estimated_s or request.silence_s
    return spoken_s + request.lead_s + request.tail_s


def _suffix(request: AvatarVideoRequest) -> str:
    return "webm" if request.background == TRANSPARENT else "mp4"


async def _download(provider: AvatarProvider, done: Done, path: Path) -> None:
    async with provider.open_result(done) as pieces:
        file = await asyncio.to_thread(path.open, "wb")
        try:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)
        finally:
            await asyncio.to_thread(file.close)


async def record_bad_result(video_id: str, code: str, message: str, retryable: bool) -> None:
    """The job is done, and its file is no good. A paid one is never ordered again by itself."""
    row = await row_of(video_id)
    provider = current().providers[row.provider]
    if provider.capabilities.paid:
        message += " It is paid: run the same command to fetch it again, or buy it again with --regenerate."
        async with current().db.write() as session:
            paid = await session.get_one(AvatarVideoRow, video_id)
            duration_s = paid.duration_s or expected_s(request_from_json(paid.request))
            price = money.cost_usd(duration_s, provider.capabilities.rate_card)
            await money.settle(session, paid, price)
    await record_failure(video_id, Status.FAILED, code, message, retryable)
