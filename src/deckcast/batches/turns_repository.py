"""All SQL of turns: who waits in which line, and how much its owner may have of it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import TextClause, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches.models import ENDED
from deckcast.db.models import (
    AT_THE_PROVIDER,
    ITEM_WAITS,
    VIDEO_WAITS,
    AvatarVideoRow,
    BatchRow,
    ItemRow,
    PresentationRow,
)
from deckcast.db.people import UserRow

Waiting = type[ItemRow] | type[AvatarVideoRow]
_WAITS: dict[Waiting, TextClause] = {ItemRow: ITEM_WAITS, AvatarVideoRow: VIDEO_WAITS}


async def standing_of(session: AsyncSession, owner: str) -> tuple[int, float]:
    """The shares of an owner's open batches together, and the owner's weight."""
    shares = select(func.sum(BatchRow.share)).join(
        PresentationRow, PresentationRow.id == BatchRow.presentation_id
    )
    together = await session.scalar(
        shares.where(PresentationRow.owner == owner, BatchRow.state.not_in(ENDED))
    )
    weight = await session.scalar(select(UserRow.weight).where(UserRow.id == owner))
    return int(together or 0), float(weight or 1.0)


async def foremost(session: AsyncSession, row: Waiting, line: str) -> int | None:
    """The lowest turn that waits in a line."""
    return await session.scalar(select(func.min(row.turn)).where(row.line == line, _WAITS[row]))


async def last_begun(session: AsyncSession, provider: str, line: str) -> int | None:
    """The highest turn among the avatar videos of a line whose jobs are at the provider."""
    query = select(func.max(AvatarVideoRow.turn)).where(
        AvatarVideoRow.provider == provider, AT_THE_PROVIDER, AvatarVideoRow.line == line
    )
    return await session.scalar(query)


async def last_of(session: AsyncSession, row: Waiting, line: str, batch_id: str) -> int | None:
    """The highest turn of a batch that waits in a line."""
    query = select(func.max(row.turn)).where(row.batch_id == batch_id, row.line == line, _WAITS[row])
    return await session.scalar(query)


async def places(session: AsyncSession, row: Waiting, ids: Collection[str]) -> dict[str, int]:
    """The places of those of these rows that wait, in their lines, by id; 1 is next."""
    lines = select(row.line).where(row.id.in_(ids), _WAITS[row])
    place = func.row_number().over(partition_by=row.line, order_by=(row.turn, row.id))
    ranked = (
        select(row.id.label("id"), place.label("place")).where(row.line.in_(lines), _WAITS[row]).subquery()
    )
    found = await session.execute(select(ranked.c.id, ranked.c.place).where(ranked.c.id.in_(ids)))
    return {row_id: int(at) for row_id, at in found}
