"""A slide's last steps: its clip is composed, its item is settled, and the last one makes the film."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

from dbos import DBOS

from deckcast.batches import repository
from deckcast.batches.assets import put_measured
from deckcast.batches.context import current
from deckcast.batches.engine import MEDIA_RECOVERY_ATTEMPTS, WORK, enqueue, guarded, step
from deckcast.batches.films import finish_batch
from deckcast.batches.models import (
    ENDED,
    PAUSE_AFTER_S,
    PAUSE_BEFORE_S,
    SILENCE_S,
    BatchKind,
    MakeRequest,
    Status,
    Step,
)
from deckcast.batches.orders import mark_of
from deckcast.batches.speeches import find_speech, speak_instead
from deckcast.db.models import AvatarVideoRow, ItemRow, PresentationRow, SlideClipRow, SlideRow, SpeechRow
from deckcast.kit.children import run_in_child
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckcastError, InputError, WorkError
from deckcast.kit.files import scratch_dir
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.ids import new_id
from deckcast.videos.compose import COMPOSER_VERSION, compose_clip
from deckcast.videos.mark import MARK_VERSION
from deckcast.videos.models import ClipRequest, Corner, Layout, PixelBox, Placement, Shape

CANVAS = "#E6ECF5"  # behind slide and presenter where the background is a picture


@DBOS.workflow(name="compose_slide_clip", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def compose_slide_clip(item_id: str) -> None:
    """Compose the slide's clip from what there is, where clips are wanted, settle the item, and finish the batch
    after the last."""

    async def failed(error: DeckcastError) -> None:
        await step(note_failure, item_id, error.code, str(error), error.retryable)

    async def failed_first(error: DeckcastError) -> None:
        await failed(error)
        await guarded(step(compose_what_can_be, item_id), failed)

    await guarded(step(compose, item_id), failed_first)
    await end_slide(item_id)


async def end_slide(item_id: str) -> None:
    """Settle the item, which has all that was asked for or can be had; the last one finishes the batch."""
    last_of = await step(settle, item_id)
    if last_of is not None:
        await enqueue(WORK, finish_batch, f"{last_of}.finish", last_of)


@dataclass(frozen=True, slots=True)
class _Inputs:
    item: ItemRow
    slide: SlideRow
    speech: SpeechRow | None
    avatar_video: AvatarVideoRow | None
    request: MakeRequest
    kind: BatchKind
    mark: str | None
    has_picture: bool = True


async def _inputs(item_id: str) -> _Inputs:
    async with current().db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        video = await session.get(AvatarVideoRow, item.avatar_video_id) if item.avatar_video_id else None
        speech = await session.get(SpeechRow, item.speech_id) if item.speech_id else None
        batch = await repository.batch_of_item(session, item)
        request = MakeRequest.from_json(batch.request)
        presentation = await session.get_one(PresentationRow, batch.presentation_id)
        return _Inputs(
            item=item,
            slide=await session.get_one(SlideRow, item.slide_id),
            speech=speech,
            avatar_video=video if video is not None and _fits(video, speech) else None,
            request=request,
            kind=BatchKind(batch.kind),
            mark=mark_of(request, presentation.language),
        )


def _fits(video: AvatarVideoRow, speech: SpeechRow | None) -> bool:
    """Whether the video is there and, where it speaks itself, the speech is its own: a late video does not
    move its lips to what we have said meanwhile."""
    speaks_itself = video.request.get("voice_id") is not None
    is_its_own = speech is not None and speech.fingerprint == video.fingerprint
    return video.status == Status.COMPLETED and (is_its_own or not speaks_itself)


async def compose(item_id: str) -> None:
    """Compose the clip, unless one was made from the very same things. Raises WorkError compose_failed, …,
    or what `find_speech` does."""
    await find_speech(item_id)
    inputs = await _inputs(item_id)
    await _take_clip(inputs, _fingerprint(inputs))


async def compose_what_can_be(item_id: str) -> None:
    """After a failure: the slide with its speech alone, or at least its speech, so that the film holds it.

    Raises WorkError where not even that can be.
    """
    with contextlib.suppress(InputError, WorkError):
        await speak_instead(item_id)
    inputs = await _inputs(item_id)
    wanted = fingerprint("clip-alone/1", of=_fingerprint(inputs), failed=inputs.item.error_code)
    alone = replace(inputs, avatar_video=None)
    try:
        await _take_clip(alone, wanted)
    except WorkError:
        await _take_clip(replace(alone, has_picture=False), f"{wanted}-bare")


async def _take_clip(inputs: _Inputs, wanted: str) -> None:
    context = current()
    item_id, slide_id = inputs.item.id, inputs.slide.id
    if inputs.item.ended_at is not None or not inputs.kind.goes_to(Step.CLIP):
        return
    async with context.db.read() as session:
        row = await repository.clip_with(session, slide_id, wanted)
    if row is None or not await context.store.has(row.asset_key):
        async with context.db.write() as session:
            await repository.set_item(session, item_id, step=Step.CLIP, status=Status.PROCESSING)
        row = await _compose(slide_id, wanted, await _clip_request(inputs))
    async with context.db.write() as session:
        known = await repository.clip_with(session, slide_id, wanted)
        if known is None:
            session.add(row)
            await session.flush()
        else:
            known.asset_key, known.size_bytes = row.asset_key, row.size_bytes
        await repository.set_item(session, item_id, clip_id=known.id if known else row.id)


async def _compose(slide_id: str, wanted: str, request: ClipRequest) -> SlideClipRow:
    context = current()
    clip_id = new_id("clp")
    key = f"slides/{slide_id}/{clip_id}.mp4"
    with scratch_dir(context.scratch, "clip") as folder:
        clip = await run_in_child(compose_clip, request, folder / "clip.mp4")
        size_bytes = await put_measured(clip.path, key)
    return SlideClipRow(
        id=clip_id,
        slide_id=slide_id,
        fingerprint=wanted,
        asset_key=key,
        size_bytes=size_bytes,
        frames=clip.frames,
        speech_duration_s=clip.speech_duration_s,
    )


async def _clip_request(inputs: _Inputs) -> ClipRequest:
    store, video, speech = current().store, inputs.avatar_video, inputs.speech
    background, image_key = inputs.request.background, inputs.slide.image_key
    return ClipRequest(
        slide_image=await store.local(image_key) if image_key and inputs.has_picture else None,
        placement=placement_of(inputs.item),
        avatar_video=await store.local(video.asset_key) if video and video.asset_key else None,
        speech=await store.local(speech.audio_key) if speech else None,
        avatar_lead_s=video.request["lead_s"] if video else 0.0,
        silence_s=0.0 if speech else SILENCE_S - PAUSE_BEFORE_S - PAUSE_AFTER_S,
        pause_before_s=PAUSE_BEFORE_S,
        pause_after_s=PAUSE_AFTER_S,
        background=background if background.startswith("#") else CANVAS,
        mark=inputs.mark,
    )


def _fingerprint(inputs: _Inputs) -> str:
    return fingerprint(
        "clip/1",
        image=inputs.slide.image_sha256,
        placement=inputs.item.placement,
        avatar_video=inputs.avatar_video.fingerprint if inputs.avatar_video else None,
        speech=inputs.speech.fingerprint if inputs.speech else None,
        pauses=[PAUSE_BEFORE_S, PAUSE_AFTER_S, SILENCE_S],
        background=inputs.request.background,
        composer=COMPOSER_VERSION,
        **({"mark": [inputs.mark, MARK_VERSION]} if inputs.mark else {}),
    )


def placement_of(item: ItemRow) -> Placement:
    """The item's placement as a value."""
    data: dict[str, Any] = item.placement
    return Placement(
        layout=Layout(data["layout"]),
        slide=PixelBox(*data["slide"]) if data["slide"] else None,
        presenter=PixelBox(*data["presenter"]) if data["presenter"] else None,
        shape=Shape(data["shape"]),
        corner=Corner(data["corner"]) if data["corner"] else None,
    )


async def note_failure(item_id: str, code: str, message: str, retryable: bool) -> None:
    """Write down why a slide fails; its first reason stays."""
    async with current().db.write() as session:
        item = await session.get_one(ItemRow, item_id)
        if item.error_code is None:
            await repository.set_item(
                session, item_id, error_code=code, error_message=message, retryable=retryable
            )


def end_status(item: ItemRow, kind: str) -> Status:
    """What became of an item that ends. In a film every slide has its part; elsewhere what was fresh is skipped."""
    if item.error_code:
        return Status.FAILED
    is_skipped = item.reused and kind != BatchKind.PRESENTATION_VIDEO
    return Status.SKIPPED if is_skipped else Status.COMPLETED


async def settle(item_id: str) -> str | None:
    """End the item; returns its batch's id where it was the last one on its way."""
    async with current().db.write() as session:
        item = await session.get_one(ItemRow, item_id)
        batch = await repository.lock_batch(session, item.batch_id)
        if batch.state in ENDED:
            return None
        await repository.set_item(
            session, item_id, step=Step.DONE, status=end_status(item, batch.kind), ended_at=now()
        )
        await session.flush()
        left = await repository.unsettled_items(session, batch.id)
    return batch.id if left == 0 else None
