"""A slide's first steps: its speech, then its place on the way to an avatar video."""

from __future__ import annotations

from dataclasses import replace

from dbos import DBOS
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars.local.provider import request_to_json
from deckcast.avatars.ports import AvatarVideoRequest
from deckcast.batches import repository
from deckcast.batches.avatar_videos import render_avatar_video
from deckcast.batches.clips import compose_slide_clip, note_failure
from deckcast.batches.context import current
from deckcast.batches.engine import (
    MEDIA_RECOVERY_ATTEMPTS,
    WORK,
    account_queue,
    enqueue,
    guarded,
    step,
)
from deckcast.batches.models import SILENCE_S, MakeRequest, Status, Step
from deckcast.db.models import AvatarVideoRow, ItemRow, SpeechRow
from deckcast.kit.children import run_in_child
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.files import scratch_dir
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.ids import new_id
from deckcast.kit.timing import SpeechTimings
from deckcast.speech.ports import SpeechRequest, Voice
from deckcast.speech.service import ENGINE_VERSION, default_voice, speak, voices
from deckcast.videos.measures import avatar_size
from deckcast.videos.models import Layout, Size

IDLE_S = 0.8  # idle time before and after the speech, where a provider draws it for nothing


@DBOS.workflow(name="prepare_slide", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def prepare_slide(item_id: str) -> None:
    """Make the item's speech; then an avatar video is ordered, waited for, or not needed."""

    async def failed(error: DeckcastError) -> None:
        await step(note_failure, item_id, error.code, str(error), error.retryable)
        await enqueue(WORK, compose_slide_clip, f"{item_id}.compose", item_id)

    await guarded(_prepare(item_id), failed)


async def _prepare(item_id: str) -> None:
    await step(make_speech, item_id)
    video_id = await step(plan_avatar_video, item_id)
    if video_id is None:
        await enqueue(WORK, compose_slide_clip, f"{item_id}.compose", item_id)
    else:
        provider = await step(provider_of, video_id)
        await enqueue(account_queue(provider), render_avatar_video, f"{video_id}.render", video_id)


async def make_speech(item_id: str) -> None:
    """Speak the item's narrative unless it is spoken already; a slide with nothing to say has no speech.

    Raises CallError unknown_voice, language_not_spoken; WorkError speech_failed, nothing_to_say.
    """
    context = current()
    async with context.db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        request = MakeRequest.from_json((await repository.batch_of_item(session, item)).request)
    narrative = item.narrative or {"text": "", "language": ""}
    if not narrative["text"] or item.ended_at is not None:
        return
    language = narrative["language"]
    voice = find_voice(request.voice, language, request.voice_gender)
    wanted = fingerprint(
        "speech/1",
        text=narrative["text"],
        language=language,
        voice=voice.id,
        engine=ENGINE_VERSION,
        nonce=request.nonce,
    )
    async with context.db.write() as session:
        row = await repository.speech_with(session, item.slide_id, wanted)
        if row is not None and context.store.has(row.audio_key):
            await _take_speech(session, item, row.id, voice)
            return
        await repository.set_item(session, item_id, step=Step.SPEECH, status=Status.PROCESSING)
    row = await _speak(item, SpeechRequest(narrative["text"], language, voice.id), wanted)
    async with context.db.write() as session:
        known = await repository.speech_with(session, item.slide_id, wanted)
        if known is None:
            session.add(row)
            await session.flush()
        await _take_speech(session, item, known.id if known else row.id, voice)


def find_voice(voice_id: str | None, language: str, gender: str | None = None) -> Voice:
    """The voice asked for, else the language's own of that gender ("female", "male", None: the engine's choice).

    Raises CallError unknown_voice, language_not_spoken.
    """
    if voice_id is None:
        return default_voice(language, gender)
    for voice in voices():
        if voice.id == voice_id:
            return voice
    raise CallError(
        "unknown_voice",
        f"There is no voice named {voice_id!r}.",
        next_step="`deckcast voices` lists those there are.",
    )


async def _speak(item: ItemRow, request: SpeechRequest, wanted: str) -> SpeechRow:
    context = current()
    key = f"slides/{item.slide_id}/speech-{wanted}.wav"
    with scratch_dir(context.scratch, "speech") as folder:
        speech = await run_in_child(speak, request, folder / "speech.wav")
        context.store.put(speech.audio, key)
    return SpeechRow(
        id=new_id("spe"),
        slide_id=item.slide_id,
        fingerprint=wanted,
        text=request.text,
        language=request.language,
        voice=request.voice,
        audio_key=key,
        duration_s=speech.duration_s,
        timings=speech.timings.to_json(),
    )


async def _take_speech(session: AsyncSession, item: ItemRow, speech_id: str, voice: Voice) -> None:
    warnings = list(item.warnings)
    if voice.quality_limited and all(warning["code"] != "voice_quality_limited" for warning in warnings):
        message = f"The built-in voice for {voice.name} is hard to follow; another engine would do better."
        warnings.append({"code": "voice_quality_limited", "message": message})
    await repository.set_item(session, item.id, speech_id=speech_id, warnings=warnings)


async def plan_avatar_video(item_id: str) -> str | None:
    """The avatar video that the item has to wait for; None where it is made already, or none is wanted."""
    context = current()
    async with context.db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        request = MakeRequest.from_json((await repository.batch_of_item(session, item)).request)
        speech = await session.get(SpeechRow, item.speech_id) if item.speech_id else None
    provider = context.providers[request.provider]
    if item.ended_at is not None or item.placement["presenter"] is None:
        return None
    if speech is None and not provider.capabilities.draws_silence:
        return None
    order = _order(request, item, speech)
    wanted = fingerprint(
        "avatar-video/1",
        speech=speech.fingerprint if speech else None,
        silence_s=order.silence_s,
        avatar=order.avatar_id,
        background=order.background,
        size=[order.width, order.height],
        provider=request.provider,
        idle_s=[order.lead_s, order.tail_s],
        renderer=getattr(provider, "version", ""),
        nonce=request.nonce,
    )
    async with context.db.write() as session:
        row = await repository.avatar_video_with(session, item.slide_id, wanted)
        if row is None or (row.status == Status.COMPLETED and not context.store.has(row.asset_key)):
            row = AvatarVideoRow(
                id=new_id("avv"),
                slide_id=item.slide_id,
                fingerprint=wanted,
                provider=request.provider,
                request=request_to_json(replace(order, seed=int(wanted[:8], 16))),
            )
            session.add(row)
            await session.flush()
        await repository.set_item(session, item_id, step=Step.AVATAR_VIDEO, avatar_video_id=row.id)
    return None if row.status == Status.COMPLETED else row.id


def _order(request: MakeRequest, item: ItemRow, speech: SpeechRow | None) -> AvatarVideoRequest:
    context = current()
    size = Size(request.size) if request.size else None
    width, height = avatar_size(Layout(item.placement["layout"]), size)
    idle_s = IDLE_S if context.providers[request.provider].capabilities.draws_silence else 0.0
    return AvatarVideoRequest(
        avatar_id=request.avatar,
        width=width,
        height=height,
        background=request.background,
        audio=context.store.path(speech.audio_key) if speech else None,
        timings=SpeechTimings.from_json(speech.timings) if speech else None,
        silence_s=0.0 if speech else SILENCE_S,
        lead_s=idle_s if speech else 0.0,
        tail_s=idle_s if speech else 0.0,
        text=speech.text if speech else "",
        title=f"slide {item.number}",
    )


async def provider_of(video_id: str) -> str:
    """The name of the provider that makes an avatar video."""
    async with current().db.read() as session:
        return (await session.get_one(AvatarVideoRow, video_id)).provider
