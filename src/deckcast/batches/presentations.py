"""An owner's presentations: the list of them, and everything that is there of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deckcast.batches import lists_repository, owned_repository, presentations_repository, repository
from deckcast.batches.context import current
from deckcast.batches.film_of import Film, film_of
from deckcast.batches.freshness import Freshness, freshness_of
from deckcast.db.models import BatchRow, PresentationRow, SlideClipRow, SlideRow
from deckcast.kit.errors import CallError


@dataclass(frozen=True, slots=True)
class Listed:
    """A presentation in a list: how many slides its deck has, the one to show for it, its newest batch, and how many of
    that batch's slides have which status."""

    row: PresentationRow
    slides: int
    thumbnail: SlideRow | None
    batch: BatchRow | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A presentation with its slides in the film's order, what holds of each, and its film."""

    row: PresentationRow
    slides: Sequence[SlideRow]
    fresh: Mapping[str, Freshness]
    clips: Mapping[str, SlideClipRow]
    film: Film | None


async def list_presentations(
    owner: str, cursor: str | None, limit: int
) -> tuple[Sequence[Listed], str | None]:
    """One page of an owner's presentations, newest first, and the cursor of the next page."""
    async with current().db.read() as session:
        rows = await presentations_repository.page_of(session, owner, cursor, limit + 1)
        page = rows[:limit]
        ids = [row.id for row in page]
        counts = await presentations_repository.slide_counts(session, ids)
        pictures = await presentations_repository.first_pictures(session, ids)
        batches = await presentations_repository.newest_batch_of_each(session, ids)
        statuses = await lists_repository.counts_of(session, [each.id for each in batches.values()])
    listed = []
    for row in page:
        batch = batches.get(row.id)
        of_batch = statuses.get(batch.id, {}) if batch else {}
        listed.append(Listed(row, counts.get(row.id, 0), pictures.get(row.id), batch, of_batch))
    return listed, page[-1].id if len(rows) > limit else None


async def owned(owner: str, presentation_id: str) -> PresentationRow:
    """An owner's presentation. Raises CallError not_found."""
    async with current().db.read() as session:
        return await owned_repository.presentation(session, owner, presentation_id)


async def owned_slide(owner: str, slide_id: str) -> tuple[PresentationRow, SlideRow]:
    """A slide of an owner's, and its presentation. Raises CallError not_found."""
    async with current().db.read() as session:
        return await owned_repository.slide(session, owner, slide_id)


async def show(row: PresentationRow) -> Shown:
    """Everything that is there of a presentation, in a constant number of queries."""
    fresh = await freshness_of(row)
    film = await film_of(row, fresh)
    async with current().db.read() as session:
        slides = await repository.slides_of(session, row.id)
        clips = await presentations_repository.clips_of(session, row.id)
    return Shown(row, [slide for slide in slides if slide.id in fresh], fresh, clips, film)


async def show_slide(owner: str, slide_id: str) -> tuple[SlideRow, Freshness, SlideClipRow | None]:
    """Everything that is there of an owner's slide. Raises CallError not_found."""
    async with current().db.read() as session:
        row, slide = await owned_repository.slide(session, owner, slide_id)
        clip = await presentations_repository.clip_of(session, slide_id)
    fresh = (await freshness_of(row)).get(slide_id)
    if fresh is None:
        raise CallError("not_found", "There is no such slide.")
    return slide, fresh, clip
