"""All SQL of lists of presentations, and of the films that were made of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches.models import BatchKind, BatchState
from deckcast.db.models import (
    BatchRow,
    ItemRow,
    PresentationRow,
    PresentationVideoRow,
    SlideClipRow,
    SlideRow,
    SpeechRow,
)


async def page_of(
    session: AsyncSession, owner: str, before: str | None, limit: int
) -> Sequence[PresentationRow]:
    """An owner's presentations, newest first (ids grow with time), those before an id."""
    query = select(PresentationRow).where(
        PresentationRow.owner == owner, PresentationRow.deleted_at.is_(None)
    )
    if before is not None:
        query = query.where(PresentationRow.id < before)
    return (await session.scalars(query.order_by(PresentationRow.id.desc()).limit(limit))).all()


async def slide_counts(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """How many slides each presentation's deck has."""
    query = select(SlideRow.presentation_id, func.count()).where(
        SlideRow.presentation_id.in_(ids), SlideRow.removed.is_(False)
    )
    return {row[0]: row[1] for row in await session.execute(query.group_by(SlideRow.presentation_id))}


async def first_pictures(session: AsyncSession, ids: Collection[str]) -> dict[str, SlideRow]:
    """By presentation, the first slide of its film that has a picture."""
    drawn = SlideRow.image_key.is_not(None) & SlideRow.removed.is_(False)
    shown = func.coalesce(SlideRow.included, SlideRow.hidden.is_(False))
    first = (
        select(SlideRow.presentation_id, func.min(SlideRow.position).label("position"))
        .where(SlideRow.presentation_id.in_(ids), drawn, shown)
        .group_by(SlideRow.presentation_id)
        .subquery()
    )
    query = select(SlideRow).join(
        first,
        (SlideRow.presentation_id == first.c.presentation_id) & (SlideRow.position == first.c.position),
    )
    return {row.presentation_id: row for row in await session.scalars(query.where(drawn))}


async def newest_batch_of_each(session: AsyncSession, ids: Collection[str]) -> dict[str, BatchRow]:
    """The newest batch of each presentation."""
    newest = (
        select(func.max(BatchRow.id))
        .where(BatchRow.presentation_id.in_(ids))
        .group_by(BatchRow.presentation_id)
    )
    rows = await session.scalars(select(BatchRow).where(BatchRow.id.in_(newest)))
    return {row.presentation_id: row for row in rows}


async def films_of(session: AsyncSession, presentation_id: str) -> Sequence[PresentationVideoRow]:
    """Every film of a presentation, newest first."""
    query = select(PresentationVideoRow).where(PresentationVideoRow.presentation_id == presentation_id)
    query = query.order_by(PresentationVideoRow.created_at.desc(), PresentationVideoRow.id.desc())
    return (await session.scalars(query)).all()


async def newest_film_batch(session: AsyncSession, presentation_id: str) -> BatchRow | None:
    """The newest batch that has made a film."""
    query = select(BatchRow).where(
        BatchRow.presentation_id == presentation_id,
        BatchRow.kind == BatchKind.PRESENTATION_VIDEO,
        BatchRow.state.in_((BatchState.COMPLETED, BatchState.PARTIAL)),
        BatchRow.error_code.is_(None),
    )
    return await session.scalar(query.order_by(BatchRow.created_at.desc(), BatchRow.id.desc()).limit(1))


async def film_parts(
    session: AsyncSession, batch_id: str
) -> Sequence[tuple[ItemRow, SlideRow, SlideClipRow, SpeechRow | None]]:
    """What a batch's film is made of, in its order."""
    query = (
        select(ItemRow, SlideRow, SlideClipRow, SpeechRow)
        .join(SlideRow, SlideRow.id == ItemRow.slide_id)
        .join(SlideClipRow, SlideClipRow.id == ItemRow.clip_id)
        .outerjoin(SpeechRow, SpeechRow.id == ItemRow.speech_id)
        .where(ItemRow.batch_id == batch_id)
        .order_by(ItemRow.position, ItemRow.number)
    )
    return [(row[0], row[1], row[2], row[3]) for row in await session.execute(query)]


async def clip_of(session: AsyncSession, slide_id: str) -> SlideClipRow | None:
    """The clip that the newest batch with one took for a slide (ids grow with time)."""
    query = select(SlideClipRow).join(ItemRow, ItemRow.clip_id == SlideClipRow.id)
    query = query.where(ItemRow.slide_id == slide_id)
    return await session.scalar(query.order_by(ItemRow.id.desc()).limit(1))


async def clips_of(session: AsyncSession, presentation_id: str) -> dict[str, SlideClipRow]:
    """By slide, the clip that the newest batch with one took."""
    query = select(ItemRow.slide_id, SlideClipRow).join(SlideClipRow, SlideClipRow.id == ItemRow.clip_id)
    query = query.join(SlideRow, SlideRow.id == ItemRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id)
    return {row[0]: row[1] for row in await session.execute(query.order_by(ItemRow.id))}
