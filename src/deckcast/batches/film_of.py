"""The film that a presentation has: which it is, its chapters, and whether it is still what would be made today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from deckcast.batches import presentations_repository, repository
from deckcast.batches.context import current
from deckcast.batches.films import Part, film_fingerprint, film_language
from deckcast.batches.freshness import Freshness, freshness_of
from deckcast.batches.models import MakeRequest
from deckcast.batches.plan import is_shown
from deckcast.batches.requests import Choices
from deckcast.db.models import BatchRow, PresentationRow, PresentationVideoRow, SlideRow
from deckcast.videos.models import FRAME_RATE

SEEN = ("layout", "corner", "shape", "size", "background")  # choices that a film shows


@dataclass(frozen=True, slots=True)
class Chapter:
    """Where a slide begins in the film."""

    slide_id: str
    title: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Film:
    """A presentation's film. `stale`: it would come out differently today."""

    row: PresentationVideoRow
    duration_s: float
    language: str
    stale: bool
    chapters: tuple[Chapter, ...]


async def newest_film(presentation: PresentationRow) -> PresentationVideoRow | None:
    """The row of the film that was made, or found fresh, last."""
    return (await _made(presentation))[0]


async def film_of(presentation: PresentationRow, fresh: Mapping[str, Freshness] | None = None) -> Film | None:
    """The film that was made, or found fresh, last; None where there is none. A constant number of queries."""
    row, batch, parts = await _made(presentation)
    if row is None:
        return None
    async with current().db.read() as session:
        slides = await repository.slides_of(session, presentation.id)
    fresh = await freshness_of(presentation) if fresh is None else fresh
    fits = batch is not None and sum(part.clip.frames for part in parts) == row.frames
    stale = not fits or batch is None or _is_stale(presentation, row, batch, parts, slides, fresh)
    return Film(
        row=row,
        duration_s=row.frames / FRAME_RATE,
        language=film_language(presentation.language, parts),
        stale=stale,
        chapters=_chapters(parts) if fits else (),
    )


async def _made(
    presentation: PresentationRow,
) -> tuple[PresentationVideoRow | None, BatchRow | None, Sequence[Part]]:
    async with current().db.read() as session:
        films = await presentations_repository.films_of(session, presentation.id)
        if not films:
            return None, None, ()
        batch = await presentations_repository.newest_film_batch(session, presentation.id)
        found = await presentations_repository.film_parts(session, batch.id) if batch else ()
    parts = [Part(*each) for each in found]
    wanted = film_fingerprint(presentation, parts)
    return next((film for film in films if film.fingerprint == wanted), films[0]), batch, parts


def _is_stale(
    presentation: PresentationRow,
    row: PresentationVideoRow,
    batch: BatchRow,
    parts: Sequence[Part],
    slides: Sequence[SlideRow],
    fresh: Mapping[str, Freshness],
) -> bool:
    if row.fingerprint != film_fingerprint(presentation, parts):
        return True
    request = MakeRequest.from_json(batch.request)
    shown = [slide for slide in slides if is_shown(slide)] if request.slides is None else slides
    of_film = {part.slide.id for part in parts}
    now = [slide.id for slide in shown if request.slides is None or slide.id in of_film]
    if now != [part.slide.id for part in parts]:
        return True
    choices = Choices.from_json(presentation.choices)
    if request.ai_mark != bool(choices.ai_mark):
        return True
    chosen = choices.to_json()
    if any(name in chosen and chosen[name] != getattr(request, name) for name in SEEN):
        return True
    return _any_stale(of_film, fresh, presenter=request.layout != "none")


def _any_stale(of_film: Collection[str], fresh: Mapping[str, Freshness], *, presenter: bool) -> bool:
    return any(
        each.narrative_stale or each.speech_stale or (presenter and each.avatar_video_stale)
        for slide_id, each in fresh.items()
        if slide_id in of_film
    )


def _chapters(parts: Sequence[Part]) -> tuple[Chapter, ...]:
    chapters, frame = [], 0
    for part in parts:
        title = part.slide.title or str(part.slide.number)
        chapters.append(Chapter(part.slide.id, title, frame / FRAME_RATE))
        frame += part.clip.frames
    return tuple(chapters)
