"""A slide's first steps: its speech, then its place on the way to an avatar video."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dbos import DBOS
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars.local.provider import request_to_json
from deckcast.avatars.ports import AvatarProvider, AvatarVideoRequest
from deckcast.batches import money, repository, turns
from deckcast.batches.assets import picture_key
from deckcast.batches.avatar_rows import give_up
from deckcast.batches.avatar_videos import reserve_submission, start_publishing, start_rendering
from deckcast.batches.clips import compose_slide_clip, end_slide, note_failure
from deckcast.batches.context import current
from deckcast.batches.engine import (
    MEDIA_RECOVERY_ATTEMPTS,
    WORK,
    account_queue,
    enqueue,
    guarded,
    step,
)
from deckcast.batches.models import BatchKind, MakeRequest, Status, Step
from deckcast.batches.orders import (
    AvatarOrder,
    avatar_fingerprint,
    avatar_order,
    said,
    speaks_itself,
    spending_s,
    words_fingerprint,
)
from deckcast.batches.publishing import expected_s
from deckcast.batches.requests import provider_named
from deckcast.batches.speeches import make_speech
from deckcast.db.models import AvatarVideoRow, ItemRow, SpeechRow
from deckcast.kit.errors import DeckcastError
from deckcast.kit.ids import new_id
from deckcast.kit.marks import parse
from deckcast.kit.timing import SpeechTimings

RENDER, PUBLISH, END = "render", "publish", "end"
RESERVING_TRIES = 3


@DBOS.workflow(name="prepare_slide", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def prepare_slide(item_id: str) -> None:
    """Make the item's speech; then an avatar video is ordered, waited for, or not needed."""

    async def failed(error: DeckcastError) -> None:
        await step(note_failure, item_id, error.code, str(error), error.retryable)
        await enqueue(WORK, compose_slide_clip, f"{item_id}.compose", item_id)

    await guarded(_prepare(item_id), failed)


async def _prepare(item_id: str) -> None:
    await step(make_speech, item_id)
    way = await step(plan_avatar_video, item_id)
    if way is None:
        await enqueue(WORK, compose_slide_clip, f"{item_id}.compose", item_id)
        return
    video_id, next_step = way
    if next_step == END:
        await end_slide(item_id)
        return
    if next_step == PUBLISH:
        await start_publishing(video_id)
        return
    try:
        await step(reserve_submission, video_id, tries=RESERVING_TRIES)
    except DeckcastError as error:
        await give_up(video_id, error)
    else:
        await start_rendering(video_id)


async def plan_avatar_video(item_id: str) -> tuple[str, str] | None:
    """The avatar video that the item has to wait for, and what to start for it (RENDER or PUBLISH; END where its
    batch draws none); None where it is made already, or none is wanted. Money is reserved together with a new
    video's row.

    Raises CallError over_cap, provider_not_configured.
    """
    context = current()
    async with context.db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        batch = await repository.batch_of_item(session, item)
        speech = await session.get(SpeechRow, item.speech_id) if item.speech_id else None
    if not BatchKind(batch.kind).draws:
        return "", END
    request = replace(MakeRequest.from_json(batch.request), nonce=item.nonce)
    provider = provider_named(request.provider, context.providers)
    words = speech.fingerprint if speech else None
    if speech is None and speaks_itself(request, provider, item):
        words = words_fingerprint(request, provider, item)
    order = avatar_order(request, provider, item.placement, words is not None)
    if item.ended_at is not None or order is None:
        return None
    wanted = avatar_fingerprint(request, provider, order, words)
    lost_key = await _lost_key(item.slide_id, wanted)
    async with context.db.write() as session:
        await repository.lock_slide(session, item.slide_id)
        row = await repository.avatar_video_with(session, item.slide_id, wanted)
        if row is not None and lost_key and row.asset_key == lost_key and not row.cost_microusd:
            row.status, row = Status.FAILED, None  # what costs nothing is simply made again
        if row is not None:
            next_step = _take_up(row, lost_key)
        else:
            row = await _order(session, item, request, provider, order, speech, wanted)
            next_step = RENDER
        status = row.status if next_step else Status.PENDING
        await repository.set_item(
            session, item_id, step=Step.AVATAR_VIDEO, status=status, avatar_video_id=row.id
        )
    return (row.id, next_step) if next_step else None


async def _lost_key(slide_id: str, wanted: str) -> str | None:
    """The key under which the video was published, if it is not there any more."""
    context = current()
    async with context.db.read() as session:
        row = await repository.avatar_video_with(session, slide_id, wanted)
    if row is None or row.status != Status.COMPLETED or await context.store.has(row.asset_key):
        return None
    return row.asset_key


def _take_up(row: AvatarVideoRow, lost_key: str | None) -> str | None:
    """What is left to do for a video that was ordered before. What is paid is never ordered again."""
    if row.status == Status.COMPLETED and (lost_key is None or row.asset_key != lost_key):
        return None
    if row.status in (Status.COMPLETED, Status.FAILED):  # done there, but its file is not here
        row.round, row.status = row.round + 1, Status.PUBLISHING
        return PUBLISH
    if row.status == Status.PUBLISHING:
        return PUBLISH
    if row.status in (Status.TIMED_OUT, Status.UNRESOLVED):
        row.round, row.status = row.round + 1, Status.SUBMITTING
    return RENDER


async def _order(
    session: AsyncSession,
    item: ItemRow,
    request: MakeRequest,
    provider: AvatarProvider,
    order: AvatarOrder,
    speech: SpeechRow | None,
    wanted: str,
) -> AvatarVideoRow:
    asked = AvatarVideoRequest(
        avatar_id=request.avatar,
        width=order.width,
        height=order.height,
        background=request.background,
        timings=SpeechTimings.from_json(speech.timings) if speech else None,
        silence_s=order.silence_s,
        lead_s=order.idle_s,
        tail_s=order.idle_s,
        **_script(item, request, provider),
        title=f"slide {item.number}",
        seed=int(wanted[:8], 16),
        audio_key=speech.audio_key if speech else None,
        background_key=picture_key(request.background),
    )
    row = AvatarVideoRow(
        id=new_id("avv"),
        slide_id=item.slide_id,
        batch_id=item.batch_id,
        fingerprint=wanted,
        provider=provider.name,
        request=request_to_json(asked),
    )
    session.add(row)
    await session.flush()
    seconds = spending_s(request, expected_s(asked))
    price = money.cost_usd(seconds, provider.capabilities.rate_card)
    await money.reserve(session, row, price, request.cap_usd, current().settings.money)
    await turns.queue_up_video(session, row, turns.line_of(account_queue(provider.name)))
    return row


def _script(item: ItemRow, request: MakeRequest, provider: AvatarProvider) -> dict[str, Any]:
    """The words as fields of the request; with a voice and an estimate only where the provider speaks them."""
    text = parse(said(item)).text
    language = str((item.narrative or {}).get("language", ""))
    if not speaks_itself(request, provider, item):
        return {"text": text, "language": language}
    voice_id = request.provider_voice
    return {"text": text, "language": language, "voice_id": voice_id, "estimated_s": item.estimated_s}
