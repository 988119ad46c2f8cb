"""All SQL of lists that are read page by page: batches and avatar videos, newest first. Ids grow with time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.models import AvatarVideoRow, BatchRow, ChargeRow, ItemRow, SlideRow


async def batches_before(
    session: AsyncSession, presentation_id: str, before_id: str | None, limit: int
) -> Sequence[BatchRow]:
    """At most `limit` batches of a presentation that are older than one of them (None: the newest)."""
    query = select(BatchRow).where(BatchRow.presentation_id == presentation_id)
    if before_id is not None:
        query = query.where(BatchRow.id < before_id)
    return (await session.scalars(query.order_by(BatchRow.id.desc()).limit(limit))).all()


async def counts_of(session: AsyncSession, batch_ids: Collection[str]) -> Mapping[str, dict[str, int]]:
    """How many slides of each batch have which status."""
    query = select(ItemRow.batch_id, ItemRow.status, func.count()).where(ItemRow.batch_id.in_(batch_ids))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for batch_id, status, count in await session.execute(query.group_by(ItemRow.batch_id, ItemRow.status)):
        found[batch_id][status] = count
    return found


async def costs_of(session: AsyncSession, batch_ids: Collection[str]) -> Mapping[str, int]:
    """What each batch has cost so far, in millionths of a dollar."""
    found: dict[str, int] = defaultdict(int)
    for row in (AvatarVideoRow, ChargeRow):
        query = select(row.batch_id, func.sum(row.cost_microusd)).where(row.batch_id.in_(batch_ids))
        for batch_id, cost in await session.execute(query.group_by(row.batch_id)):
            found[str(batch_id)] += int(cost or 0)
    return found


async def video_costs_of(session: AsyncSession, batch_id: str) -> Mapping[str, int]:
    """What the avatar video of each item has cost this batch, by the item's id: nothing where another one paid."""
    query = select(ItemRow.id, AvatarVideoRow.cost_microusd).join(
        AvatarVideoRow, AvatarVideoRow.id == ItemRow.avatar_video_id
    )
    query = query.where(ItemRow.batch_id == batch_id, AvatarVideoRow.batch_id == batch_id)
    return {row.id: row.cost_microusd for row in await session.execute(query)}


async def reserved_of(session: AsyncSession, batch_ids: Collection[str]) -> Mapping[str, int]:
    """What is set aside for each batch and not settled yet, in millionths of a dollar."""
    found: dict[str, int] = defaultdict(int)
    for row in (AvatarVideoRow, ChargeRow):
        query = select(row.batch_id, func.sum(row.reserved_microusd)).where(row.batch_id.in_(batch_ids))
        for batch_id, reserved in await session.execute(query.group_by(row.batch_id)):
            found[str(batch_id)] += int(reserved or 0)
    return found


async def reserved_microusd(session: AsyncSession, batch_id: str) -> int:
    """What is set aside for a batch and not settled yet, in millionths of a dollar."""
    return (await reserved_of(session, [batch_id])).get(batch_id, 0)


async def videos_before(
    session: AsyncSession,
    presentation_id: str,
    before_id: str | None,
    limit: int,
    *,
    slide_id: str | None = None,
    status: str | None = None,
) -> Sequence[tuple[AvatarVideoRow, SlideRow]]:
    """At most `limit` attempts at avatar videos of a presentation that are older than one of them (None: the newest),
    each with its slide; of one slide, or with one status, where these are given."""
    query = select(AvatarVideoRow, SlideRow).join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id)
    if before_id is not None:
        query = query.where(AvatarVideoRow.id < before_id)
    if slide_id is not None:
        query = query.where(AvatarVideoRow.slide_id == slide_id)
    if status is not None:
        query = query.where(AvatarVideoRow.status == status)
    found = await session.execute(query.order_by(AvatarVideoRow.id.desc()).limit(limit))
    return [(video, slide) for video, slide in found]
