"""The end of a batch: the film, where one is wanted, is joined, with captions and chapters; the batch is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from dbos import DBOS

from deckcast.batches import repository
from deckcast.batches.assets import put_measured
from deckcast.batches.context import current
from deckcast.batches.ending import end_batch
from deckcast.batches.engine import MEDIA_RECOVERY_ATTEMPTS, guarded, step
from deckcast.batches.models import ENDED, PAUSE_BEFORE_S, BatchKind, BatchState, MakeRequest, Status
from deckcast.batches.orders import mark_of
from deckcast.batches.retention import retire_old
from deckcast.db.models import (
    BatchRow,
    ItemRow,
    PresentationRow,
    PresentationVideoRow,
    SlideClipRow,
    SlideRow,
    SpeechRow,
)
from deckcast.kit.children import run_in_child
from deckcast.kit.errors import DeckcastError
from deckcast.kit.files import scratch_dir
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.ids import new_id
from deckcast.kit.timing import SpeechTimings
from deckcast.videos.film import FILM_VERSION
from deckcast.videos.models import FilmPart
from deckcast.videos.presentation import SpokenPart, write_film

log = structlog.get_logger(__name__)


@DBOS.workflow(name="finish_batch", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def finish_batch(batch_id: str) -> None:
    """Join the film where the batch makes one, and close the batch: completed, partial, or failed."""

    async def failed(error: DeckcastError) -> None:
        await step(note_batch_failure, batch_id, error.code, str(error))

    async def keep_all(error: DeckcastError) -> None:
        log.warning("assets.not_retired", batch_id=batch_id, code=error.code)

    await guarded(step(join, batch_id), failed)
    await guarded(step(retire_old, batch_id), keep_all)
    await step(close, batch_id)


@dataclass(frozen=True, slots=True)
class Part:
    """One slide's rows on their way into the film."""

    item: ItemRow
    slide: SlideRow
    clip: SlideClipRow
    speech: SpeechRow | None


async def parts_of(batch_id: str) -> tuple[BatchRow, PresentationRow, list[Part]]:
    """What the film is made of, in order; slides without any clip are left out (and named in the batch)."""
    async with current().db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        presentation = await session.get_one(PresentationRow, batch.presentation_id)
        parts = []
        for item in await repository.items_of(session, batch_id):
            if item.clip_id is None:
                continue
            speech = await session.get(SpeechRow, item.speech_id) if item.speech_id else None
            slide = await session.get_one(SlideRow, item.slide_id)
            parts.append(Part(item, slide, await session.get_one(SlideClipRow, item.clip_id), speech))
    return batch, presentation, parts


def film_fingerprint(presentation: PresentationRow, parts: Sequence[Part]) -> str:
    """Equal for films of the same clips, titles and words."""
    return fingerprint(
        "film/1",
        title=presentation.title,
        parts=[[part.clip.fingerprint, part.slide.title, part.slide.key] for part in parts],
        joiner=FILM_VERSION,
    )


def film_language(deck_language: str, parts: Sequence[Part]) -> str:
    """The language that most of the film is spoken in (BCP 47), else the deck's."""
    spoken_s: dict[str, float] = {}
    for part in parts:
        if part.speech is not None:
            language = part.speech.language
            spoken_s[language] = spoken_s.get(language, 0.0) + part.speech.duration_s
    return max(spoken_s, key=lambda language: spoken_s[language], default=deck_language)


async def join(batch_id: str) -> None:
    """Join the film unless the very same one is there. Raises WorkError nothing_to_join, join_failed."""
    context = current()
    batch, presentation, parts = await parts_of(batch_id)
    if batch.cancelled_at is not None or batch.kind != BatchKind.PRESENTATION_VIDEO:
        return
    if not parts:
        raise DeckcastError("nothing_to_join", "No slide came out, so there is no film.", retryable=True)
    wanted = film_fingerprint(presentation, parts)
    async with context.db.read() as session:
        row = await repository.film_with(session, presentation.id, wanted)
    if row is not None and await context.store.has(row.asset_key):
        return
    mark = mark_of(MakeRequest.from_json(batch.request), presentation.language)
    made = await _join(presentation, parts, wanted, mark)
    async with context.db.write() as session:
        known = await repository.film_with(session, presentation.id, wanted)
        if known is None:
            session.add(made)
        else:
            known.asset_key, known.poster_key = made.asset_key, made.poster_key
            known.size_bytes = made.size_bytes
            known.srt_key, known.vtt_key = made.srt_key, made.vtt_key


async def _join(
    presentation: PresentationRow, parts: Sequence[Part], wanted: str, mark: str | None
) -> PresentationVideoRow:
    context = current()
    film_id = new_id("flm")
    keys = _keys(f"presentations/{presentation.id}/{film_id}")
    spoken = await asyncio.gather(*(_spoken(part) for part in parts))
    with scratch_dir(context.scratch, "film") as folder:
        language = film_language(presentation.language, parts)
        frames = await run_in_child(write_film, spoken, presentation.title, folder, language, mark)
        sizes = {name: await put_measured(folder / name, key) for name, key in keys.items()}
    return PresentationVideoRow(
        id=film_id,
        presentation_id=presentation.id,
        fingerprint=wanted,
        asset_key=keys["film.mp4"],
        size_bytes=sum(sizes.values()),
        srt_key=keys["film.srt"],
        vtt_key=keys["film.vtt"],
        poster_key=keys["poster.jpg"],
        frames=frames,
    )


def _keys(base: str) -> dict[str, str]:
    return {
        "film.mp4": f"{base}.mp4",
        "film.srt": f"{base}.srt",
        "film.vtt": f"{base}.vtt",
        "poster.jpg": f"{base}.jpg",
    }


async def _spoken(part: Part) -> SpokenPart:
    store, speech = current().store, part.speech
    film_part = FilmPart(
        clip=await store.local(part.clip.asset_key),
        frames=part.clip.frames,
        speech=await store.local(speech.audio_key) if speech else None,
        pause_before_s=PAUSE_BEFORE_S,
        title=part.slide.title or f"{part.slide.number}",
    )
    timings = SpeechTimings.from_json(speech.timings) if speech else None
    return SpokenPart(film_part, speech.text if speech else "", timings)


async def note_batch_failure(batch_id: str, code: str, message: str) -> None:
    """Write down why there is no film."""
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        batch.error_code, batch.error_message = code, message


async def close(batch_id: str) -> None:
    """End the batch: completed only if every slide has everything and there is a film where one was wanted."""
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        if batch.state in ENDED:
            return
        await end_batch(session, batch, _state(batch, await repository.items_of(session, batch_id)))


def _state(batch: BatchRow, items: Sequence[ItemRow]) -> BatchState:
    if batch.cancelled_at is not None:
        return BatchState.CANCELLED
    made = [item.status in (Status.COMPLETED, Status.SKIPPED) for item in items]
    film_is_there = batch.kind == BatchKind.PRESENTATION_VIDEO
    if batch.error_code or not (any(made) or film_is_there):
        return BatchState.FAILED
    return BatchState.COMPLETED if all(made) else BatchState.PARTIAL
