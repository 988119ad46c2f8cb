"""Work is ordered, for all slides of a presentation or for one; it is looked at, tried again, and cancelled."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from deckcast.api.batch_reports import Batch, BatchDetail, Cancelled
from deckcast.api.batch_shapes import (
    AudioRequest,
    AvatarVideoRequest,
    BatchAnalysisRequest,
    BatchAudioRequest,
    BatchAvatarVideoRequest,
    BatchAvatarVideoResponse,
    BatchId,
    BatchNarrativeRequest,
    NarrativeRequest,
    RetryRequest,
    WordsRequest,
)
from deckcast.api.caller import Caller
from deckcast.api.idempotency import ONCE, OnceRoute, OnceToken
from deckcast.api.inputs import PresentationId, SlideId
from deckcast.api.paging import Cursor, Limit, Page
from deckcast.api.problems import problems
from deckcast.api.rates import BatchRate
from deckcast.batches import control, reports, retrying, starting
from deckcast.batches.models import BatchKind

router = APIRouter(prefix="/api", route_class=OnceRoute, tags=["batches"])

STARTS: dict[str, Any] = {
    "status_code": 202,
    "dependencies": [BatchRate, *ONCE],
    "responses": problems(401, 402, 403, 404, 408, 409, 413, 422, 429, 502, 503),
}


@router.post("/presentations/{presentation_id}/analyze-all-slides", operation_id="analyzeAllSlides", **STARTS)
async def analyze_all_slides(
    presentation_id: PresentationId,
    caller: Caller,
    token: OnceToken,
    body: BatchAnalysisRequest | None = None,
) -> BatchAvatarVideoResponse:
    """Have all slides analysed, or some; what is fresh is skipped. Answers at once, the work goes on."""
    asked = body or BatchAnalysisRequest()
    return await _order(caller.owner, presentation_id, BatchKind.ALL_ANALYSES, asked, token)


@router.post(
    "/presentations/{presentation_id}/generate-all-narratives", operation_id="generateAllNarratives", **STARTS
)
async def generate_all_narratives(
    presentation_id: PresentationId,
    caller: Caller,
    token: OnceToken,
    body: BatchNarrativeRequest | None = None,
) -> BatchAvatarVideoResponse:
    """Have the narratives of all slides written, or of some, with the analyses that they need."""
    asked = body or BatchNarrativeRequest()
    return await _order(caller.owner, presentation_id, BatchKind.ALL_NARRATIVES, asked, token)


@router.post("/presentations/{presentation_id}/generate-all-audio", operation_id="generateAllAudio", **STARTS)
async def generate_all_audio(
    presentation_id: PresentationId, caller: Caller, token: OnceToken, body: BatchAudioRequest | None = None
) -> BatchAvatarVideoResponse:
    """Have the narratives of all slides spoken, or of some, with what is missing before."""
    asked = body or BatchAudioRequest()
    return await _order(caller.owner, presentation_id, BatchKind.ALL_AUDIO, asked, token)


@router.post(
    "/presentations/{presentation_id}/generate-all-avatar-videos",
    operation_id="generateAllAvatarVideos",
    **STARTS,
)
async def generate_all_avatar_videos(
    presentation_id: PresentationId,
    caller: Caller,
    token: OnceToken,
    body: BatchAvatarVideoRequest | None = None,
) -> BatchAvatarVideoResponse:
    """Generate All Avatar Videos: those of all slides, or of some, with what is missing before. Videos that are there
    and still right are skipped, unless `regenerateExisting` says otherwise."""
    starting.check_switched_on(BatchKind.ALL_AVATAR_VIDEOS)
    asked = body or BatchAvatarVideoRequest()
    return await _order(caller.owner, presentation_id, BatchKind.ALL_AVATAR_VIDEOS, asked, token)


@router.post("/presentations/{presentation_id}/make-film", operation_id="makeFilm", **STARTS)
async def make_film(
    presentation_id: PresentationId,
    caller: Caller,
    token: OnceToken,
    body: BatchAvatarVideoRequest | None = None,
) -> BatchAvatarVideoResponse:
    """Have the film of the whole presentation made, with all that is missing for it."""
    asked = body or BatchAvatarVideoRequest()
    return await _order(caller.owner, presentation_id, BatchKind.PRESENTATION_VIDEO, asked, token)


@router.post("/slides/{slide_id}/analysis", operation_id="analyzeSlide", **STARTS)
async def analyze_slide(
    slide_id: SlideId, caller: Caller, token: OnceToken, body: WordsRequest | None = None
) -> BatchAvatarVideoResponse:
    """Have one slide analysed: a batch of one."""
    return await _order_slide(caller.owner, slide_id, BatchKind.ALL_ANALYSES, body or WordsRequest(), token)


@router.post("/slides/{slide_id}/narrative", operation_id="generateNarrative", **STARTS)
async def generate_narrative(
    slide_id: SlideId, caller: Caller, token: OnceToken, body: NarrativeRequest | None = None
) -> BatchAvatarVideoResponse:
    """Have one slide's narrative written: a batch of one."""
    asked = body or NarrativeRequest()
    return await _order_slide(caller.owner, slide_id, BatchKind.ALL_NARRATIVES, asked, token)


@router.post("/slides/{slide_id}/audio", operation_id="generateAudio", **STARTS)
async def generate_audio(
    slide_id: SlideId, caller: Caller, token: OnceToken, body: AudioRequest | None = None
) -> BatchAvatarVideoResponse:
    """Have one slide's narrative spoken: a batch of one."""
    return await _order_slide(caller.owner, slide_id, BatchKind.ALL_AUDIO, body or AudioRequest(), token)


@router.post("/slides/{slide_id}/avatar-video", operation_id="generateAvatarVideo", **STARTS)
async def generate_avatar_video(
    slide_id: SlideId, caller: Caller, token: OnceToken, body: AvatarVideoRequest | None = None
) -> BatchAvatarVideoResponse:
    """Have one slide's avatar video made: a batch of one."""
    asked = body or AvatarVideoRequest()
    return await _order_slide(caller.owner, slide_id, BatchKind.ALL_AVATAR_VIDEOS, asked, token)


@router.post("/batches/{batch_id}/retry-failed", operation_id="retryFailed", **STARTS)
async def retry_failed(
    batch_id: BatchId, caller: Caller, body: RetryRequest | None = None
) -> BatchAvatarVideoResponse:
    """Order the same again for the slides that did not come out, as a new batch. What was paid is not bought again."""
    cap = body.max_cost_usd if body else None
    return BatchAvatarVideoResponse.of(await retrying.retry_failed(caller.owner, batch_id, cap))


@router.post(
    "/batches/{batch_id}/cancel",
    operation_id="cancelBatch",
    dependencies=ONCE,
    responses=problems(401, 403, 404, 408, 409, 413, 422, 503),
)
async def cancel_batch(batch_id: BatchId, caller: Caller) -> Cancelled:
    """Stop what is queued, at once. What runs at a provider is paid, so it is brought to its end; finished slides
    stay."""
    await reports.batch_report(caller.owner, batch_id)
    draining = await control.cancel(batch_id)
    return Cancelled(
        draining=draining, may_still_be_charged_usd=await reports.may_still_be_charged_usd(batch_id)
    )


@router.get("/batches/{batch_id}", operation_id="getBatch", responses=problems(401, 404, 422, 503))
async def get_batch(batch_id: BatchId, caller: Caller) -> BatchDetail:
    """A batch with each of its slides."""
    return BatchDetail.of(await reports.batch_report(caller.owner, batch_id))


@router.get(
    "/presentations/{presentation_id}/batches",
    operation_id="listBatches",
    responses=problems(401, 404, 422, 503),
)
async def list_batches(
    presentation_id: PresentationId, caller: Caller, cursor: Cursor = None, limit: Limit = 50
) -> Page[Batch]:
    """The batches of a presentation, newest first."""
    found = await reports.batch_reports(caller.owner, presentation_id, cursor, limit + 1)
    items = tuple(Batch.of(each) for each in found[:limit])
    return Page(items=items, next_cursor=items[-1].id if len(found) > limit else None)


async def _order(
    owner: str,
    presentation_id: str,
    kind: BatchKind,
    body: BatchAnalysisRequest | BatchNarrativeRequest | BatchAudioRequest | BatchAvatarVideoRequest,
    token: str | None,
) -> BatchAvatarVideoResponse:
    started = await starting.start(
        owner, presentation_id, kind, body.asked(), slide_ids=body.selected_slide_ids, token=token
    )
    return BatchAvatarVideoResponse.of(started)


async def _order_slide(
    owner: str, slide_id: str, kind: BatchKind, body: WordsRequest, token: str | None
) -> BatchAvatarVideoResponse:
    started = await starting.start_slide(owner, slide_id, kind, body.asked(), token=token)
    return BatchAvatarVideoResponse.of(started)
