"""SQL of what is read to say where everything is: in bulk, for any number of batches and slides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from deckcast.batches.models import ENDED
from deckcast.db.models import (
    AvatarVideoRow,
    BatchRow,
    ChargeRow,
    EventRow,
    ItemRow,
    PresentationRow,
    SlideRow,
)

_BARE = (defer(ItemRow.narrative), defer(ItemRow.placement))


async def hold_still(session: AsyncSession) -> None:
    """Have all that this session reads be of one moment, as it always is on SQLite. To be called first."""
    if session.get_bind().dialect.name == "postgresql":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def seqs_of(session: AsyncSession, presentation_ids: Collection[str]) -> dict[str, int]:
    """The number of the last event of each of these presentations that are there."""
    query = select(PresentationRow.id, PresentationRow.seq).where(
        PresentationRow.id.in_(presentation_ids), PresentationRow.deleted_at.is_(None)
    )
    return {row.id: row.seq for row in await session.execute(query)}


async def presentation_with(session: AsyncSession, presentation_id: str) -> PresentationRow | None:
    """A presentation that was not deleted."""
    query = select(PresentationRow).where(
        PresentationRow.id == presentation_id, PresentationRow.deleted_at.is_(None)
    )
    return await session.scalar(query)


async def events_between(
    session: AsyncSession, presentation_id: str, since: int, upto: int
) -> Sequence[EventRow]:
    """The events of a presentation that came after one and until another, in order."""
    query = select(EventRow).where(
        EventRow.presentation_id == presentation_id, EventRow.seq > since, EventRow.seq <= upto
    )
    return (await session.scalars(query.order_by(EventRow.seq))).all()


async def forget_events(session: AsyncSession, kept: int, before: datetime) -> None:
    """Remove events that are older than a time, or than the newest ones of their presentation."""
    newest = select(PresentationRow.seq).where(PresentationRow.id == EventRow.presentation_id)
    beyond = EventRow.seq <= newest.scalar_subquery() - kept
    await session.execute(delete(EventRow).where(or_(EventRow.created_at < before, beyond)))


class Place(NamedTuple):
    """A slide of the deck; `chosen` is a person's choice, None where the deck's own `hidden` holds."""

    id: str
    number: int
    position: int
    title: str
    hidden: bool
    chosen: bool | None

    @property
    def is_included(self) -> bool:
        """Whether it belongs to the film."""
        return not self.hidden if self.chosen is None else self.chosen


async def slides_of(
    session: AsyncSession, presentation_id: str, only: Collection[str] | None = None
) -> list[Place]:
    """The slides that are in the deck now, in the order of the film; of these ids, or all."""
    query = select(
        SlideRow.id, SlideRow.number, SlideRow.position, SlideRow.title, SlideRow.hidden, SlideRow.included
    ).where(SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False))
    if only is not None:
        query = query.where(SlideRow.id.in_(only))
    found = await session.execute(query.order_by(SlideRow.position, SlideRow.number))
    return [Place(*row) for row in found]


async def batches_of(session: AsyncSession, presentation_id: str, at_most: int) -> list[BatchRow]:
    """Every open batch, and the newest of those that have ended, newest first."""
    of_deck = select(BatchRow).where(BatchRow.presentation_id == presentation_id)
    newest = (BatchRow.created_at.desc(), BatchRow.id.desc())
    still_open = list(await session.scalars(of_deck.where(BatchRow.state.not_in(ENDED)).order_by(*newest)))
    ended = of_deck.where(BatchRow.state.in_(ENDED)).order_by(*newest)
    left = max(0, at_most - len(still_open))
    found = [*still_open, *await session.scalars(ended.limit(left))]
    return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)


async def batches_with(
    session: AsyncSession, presentation_id: str, batch_ids: Collection[str]
) -> list[BatchRow]:
    """Batches of a presentation by their ids, newest first."""
    query = select(BatchRow).where(BatchRow.presentation_id == presentation_id, BatchRow.id.in_(batch_ids))
    found = await session.scalars(query.order_by(BatchRow.created_at.desc(), BatchRow.id.desc()))
    return list(found)


async def newest_items(
    session: AsyncSession, presentation_id: str, only: Collection[str] | None = None
) -> dict[str, ItemRow]:
    """Of each slide that was ever in a batch, or of those of these ids, its item in the newest one."""
    rank = func.row_number().over(
        partition_by=ItemRow.slide_id, order_by=(BatchRow.created_at.desc(), BatchRow.id.desc())
    )
    ranked = select(ItemRow.id.label("id"), rank.label("rank")).join(
        BatchRow, BatchRow.id == ItemRow.batch_id
    )
    ranked = ranked.where(BatchRow.presentation_id == presentation_id)
    if only is not None:
        ranked = ranked.where(ItemRow.slide_id.in_(only))
    newest = ranked.subquery()
    query = select(ItemRow).join(newest, and_(newest.c.id == ItemRow.id, newest.c.rank == 1)).options(*_BARE)
    return {item.slide_id: item for item in await session.scalars(query)}


async def item_costs(session: AsyncSession, items: Collection[ItemRow]) -> dict[str, int]:
    """What each of these items has cost its batch, in millionths of a dollar, by its id: calls to models and speech
    engines, and its avatar video unless another batch paid for that."""
    total: dict[str, int] = dict.fromkeys((item.id for item in items), 0)
    charges = select(ChargeRow.item_id, func.sum(ChargeRow.cost_microusd))
    charges = charges.where(ChargeRow.batch_id.in_({item.batch_id for item in items}))
    of_video = and_(AvatarVideoRow.id == ItemRow.avatar_video_id, AvatarVideoRow.batch_id == ItemRow.batch_id)
    videos = select(ItemRow.id, AvatarVideoRow.cost_microusd).join(AvatarVideoRow, of_video)
    for query in (charges.group_by(ChargeRow.item_id), videos.where(ItemRow.id.in_(total))):
        for item_id, cost in await session.execute(query):
            if item_id in total:
                total[item_id] += int(cost or 0)
    return total


class Count(NamedTuple):
    """How many items of a batch have a status, ended or still on their way, and the seconds of their films."""

    batch_id: str
    status: str
    ended: bool
    items: int
    seconds: float


async def counts_of(session: AsyncSession, batch_ids: Collection[str]) -> list[Count]:
    """How many items of some batches there are of each status."""
    ended = ItemRow.ended_at.is_not(None).label("ended")
    counted = (func.count(), func.sum(ItemRow.estimated_s))
    query = select(ItemRow.batch_id, ItemRow.status, ended, *counted).where(ItemRow.batch_id.in_(batch_ids))
    found = await session.execute(query.group_by(ItemRow.batch_id, ItemRow.status, ended))
    return [Count(*row) for row in found]


async def costs_of(session: AsyncSession, batch_ids: Collection[str]) -> dict[str, int]:
    """What some batches have cost so far, in millionths of a dollar."""
    total: dict[str, int] = dict.fromkeys(batch_ids, 0)
    for row in (ChargeRow, AvatarVideoRow):
        query = select(row.batch_id, func.sum(row.cost_microusd)).where(row.batch_id.in_(batch_ids))
        for batch_id, cost in await session.execute(query.group_by(row.batch_id)):
            total[str(batch_id)] += int(cost or 0)
    return total


async def has_open_batch(session: AsyncSession, presentation_id: str) -> bool:
    """Whether a batch of a presentation has not ended."""
    query = select(BatchRow.id).where(
        BatchRow.presentation_id == presentation_id, BatchRow.state.not_in(ENDED)
    )
    return await session.scalar(query.limit(1)) is not None
