"""A slide's speech: spoken by us before its avatar video is made, or taken out of one that speaks itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from deckcast.batches import repository, texts_repository
from deckcast.batches.assets import put_measured
from deckcast.batches.captions import their_captions
from deckcast.batches.charges import charged
from deckcast.batches.context import current
from deckcast.batches.models import MakeRequest, Status, Step
from deckcast.batches.orders import our_voice, said, speaks_itself, speech_fingerprint
from deckcast.batches.requests import provider_named
from deckcast.db.models import AvatarVideoRow, ItemRow, SpeechRow
from deckcast.kit.children import run_in_child
from deckcast.kit.errors import DeckcastError
from deckcast.kit.files import scratch_dir
from deckcast.kit.ids import new_id
from deckcast.kit.marks import parse
from deckcast.speech.ports import Speech, SpeechRequest, Voice
from deckcast.speech.taken import take_speech


async def ready_to_speak(presentation_id: str, voice: str | None) -> None:
    """Know the voices before anything of the presentation is planned or goes on: `voice` is the one asked for."""
    async with current().db.read() as session:
        before = await texts_repository.voices_of(session, presentation_id)
    await current().engines.load(voice)
    current().engines.go_on_with(before)


async def make_speech(item_id: str) -> None:
    """Speak the item's narrative unless it is spoken already; a slide with nothing to say has no speech, and
    one that the provider speaks has it after its avatar video.

    Raises CallError unknown_voice, language_not_spoken; WorkError speech_failed, nothing_to_say.
    """
    item, request = await _item(item_id)
    if item.ended_at is None and said(item) and not _is_theirs(item, request):
        await _speak(item, request)


async def find_speech(item_id: str) -> None:
    """Give the item that the provider was to speak its speech: its avatar video's own, or, where there is no
    such video, ours, so that the film holds the slide's words. Of other items there is nothing to do.

    Raises as `make_speech`; WorkError speech_unreadable, result_silent; MachineError storage_unreachable, …
    """
    item, request = await _item(item_id)
    if item.ended_at is not None or item.speech_id is not None or not _is_theirs(item, request):
        return
    async with current().db.read() as session:
        video = await session.get(AvatarVideoRow, item.avatar_video_id) if item.avatar_video_id else None
    if video is not None and video.status == Status.COMPLETED:
        await _take_out(item, request, video)
    else:
        await _speak(item, request)


async def speak_instead(item_id: str) -> None:
    """Speak the item ourselves where it has no speech, though the provider was to speak it."""
    item, request = await _item(item_id)
    if item.ended_at is None and item.speech_id is None and _is_theirs(item, request):
        await _speak(item, request)


async def _item(item_id: str) -> tuple[ItemRow, MakeRequest]:
    async with current().db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        request = MakeRequest.from_json((await repository.batch_of_item(session, item)).request)
    return item, replace(request, nonce=item.nonce)


def _is_theirs(item: ItemRow, request: MakeRequest) -> bool:
    if request.provider_voice is None:
        return False
    return speaks_itself(request, provider_named(request.provider, current().providers), item)


async def _speak(item: ItemRow, request: MakeRequest) -> None:
    narrative = item.narrative or {}
    voice = our_voice(request, narrative["language"])
    wanted = speech_fingerprint(request, item, voice)
    asked = SpeechRequest(
        text=narrative["text"],
        language=narrative["language"],
        voice=voice.id,
        words_per_minute=request.words_per_minute,
        pronunciations=tuple((written, spoken) for written, spoken in narrative["say"]),
    )

    async def make() -> SpeechRow:
        engines, key = current().engines, _new_key(item)
        price = engines.engine_of(voice).capabilities.usd_per_million_chars / 1_000_000
        with scratch_dir(current().scratch, "speech") as folder:
            async with charged(item.batch_id, item.id, Step.SPEECH, price * len(asked.text)) as bill:
                try:
                    speech = await engines.speak(asked, folder / "speech.wav")
                except DeckcastError as error:
                    bill.cost_usd = error.spent_usd
                    raise
                bill.cost_usd = price * speech.billed_chars
            size_bytes = await put_measured(speech.audio, key)
        return _row(item, wanted, voice.id, key, size_bytes, speech)

    await _take(item, wanted, Step.SPEECH, make, voice)


async def _take_out(item: ItemRow, request: MakeRequest, video: AvatarVideoRow) -> None:
    text, language = parse(said(item)).text, str((item.narrative or {})["language"])

    async def make() -> SpeechRow:
        captions = await their_captions(current().providers[video.provider], str(video.provider_video_id))
        key, path = _new_key(item), await current().store.local(str(video.asset_key))
        with scratch_dir(current().scratch, "speech") as folder:
            speech = await run_in_child(take_speech, path, text, language, folder / "speech.wav", captions)
            size_bytes = await put_measured(speech.audio, key)
        return _row(item, video.fingerprint, str(request.voice), key, size_bytes, speech)

    await _take(item, video.fingerprint, Step.CLIP, make)


def _new_key(item: ItemRow) -> str:
    return f"slides/{item.slide_id}/{new_id('spe')}.wav"  # its own: what is published is never overwritten


def _row(item: ItemRow, wanted: str, voice: str, key: str, size_bytes: int, speech: Speech) -> SpeechRow:
    narrative = item.narrative or {}
    return SpeechRow(
        id=new_id("spe"),
        slide_id=item.slide_id,
        fingerprint=wanted,
        text=parse(narrative["text"]).text,
        language=narrative["language"],
        voice=voice,
        audio_key=key,
        size_bytes=size_bytes,
        duration_s=speech.duration_s,
        timings=speech.timings.to_json(),
    )


async def _take(
    item: ItemRow,
    wanted: str,
    step: Step,
    make: Callable[[], Awaitable[SpeechRow]],
    voice: Voice | None = None,
) -> None:
    """Give the item the speech with this fingerprint, made only where it is not there."""
    context = current()
    async with context.db.read() as session:
        row = await repository.speech_with(session, item.slide_id, wanted)
    if row is None or not await context.store.has(row.audio_key):
        async with context.db.write() as session:
            await repository.set_item(session, item.id, step=step, status=Status.PROCESSING)
        row = await make()
    async with context.db.write() as session:
        known = await repository.speech_with(session, item.slide_id, wanted)
        if known is None:
            session.add(row)
            await session.flush()
        else:
            known.audio_key, known.size_bytes = row.audio_key, row.size_bytes
            known.duration_s, known.timings = row.duration_s, row.timings
        speech_id = known.id if known else row.id
        await repository.set_item(session, item.id, speech_id=speech_id, warnings=_warnings(item, voice))


def _warnings(item: ItemRow, voice: Voice | None) -> list[dict[str, str]]:
    warnings = list(item.warnings)
    if voice and voice.quality_limited and all(each["code"] != "voice_quality_limited" for each in warnings):
        message = f"The built-in voice for {voice.name} is hard to follow; another engine would do better."
        warnings.append({"code": "voice_quality_limited", "message": message})
    if voice and voice.note and all(each["code"] != "voice_fallback" for each in warnings):
        warnings.append({"code": "voice_fallback", "message": voice.note})
    return warnings
