"""All SQL of money: what batches have reserved and spent, and what their owners may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches.models import Step
from deckcast.db.accounts import SpendRow
from deckcast.db.database import insert_missing
from deckcast.db.models import AvatarVideoRow, BatchRow, ChargeRow, PresentationRow, SlideRow

LANGUAGE_MODEL, SPEECH = "language_model", "speech"  # whom charges are paid to


async def committed_microusd(session: AsyncSession, batch_id: str) -> int:
    """What a batch has reserved and spent, in millionths of a dollar."""
    total = 0
    for row in (AvatarVideoRow, ChargeRow):
        query = select(func.sum(row.reserved_microusd + row.cost_microusd)).where(row.batch_id == batch_id)
        total += int(await session.scalar(query) or 0)
    return total


async def charges_of(session: AsyncSession, batch_id: str) -> dict[str | None, int]:
    """What calls to models and speech engines have cost a batch, by item (None: for all slides together)."""
    query = select(ChargeRow.item_id, func.sum(ChargeRow.cost_microusd)).where(ChargeRow.batch_id == batch_id)
    found = await session.execute(query.group_by(ChargeRow.item_id))
    return {item_id: int(cost or 0) for item_id, cost in found}


async def open_charges(session: AsyncSession, batch_id: str) -> Sequence[ChargeRow]:
    """A batch's charges for which money is set aside, all locked before anything else is: who settles one of them
    locks it, then the day."""
    query = select(ChargeRow).where(ChargeRow.batch_id == batch_id, ChargeRow.spend_day.is_not(None))
    return (await session.scalars(query.order_by(ChargeRow.id).with_for_update(key_share=True))).all()


async def owner_of_batch(session: AsyncSession, batch_id: str) -> str:
    """Who owns the presentation that a batch works on."""
    query = select(PresentationRow.owner).join(BatchRow, BatchRow.presentation_id == PresentationRow.id)
    return (await session.scalars(query.where(BatchRow.id == batch_id))).one()


async def lock_spend(session: AsyncSession, owner: str, day: str) -> SpendRow:
    """An owner's spend of a day, made if need be and locked to the end of the transaction."""
    await insert_missing(session, SpendRow, owner=owner, day=day, reserved_microusd=0, spent_microusd=0)
    query = select(SpendRow).where(SpendRow.owner == owner, SpendRow.day == day)
    return (await session.scalars(query.with_for_update(key_share=True))).one()


async def spend_of(session: AsyncSession, owner: str, day: str) -> SpendRow | None:
    """An owner's spend of a day, for reading; None where nothing was spent."""
    return await session.get(SpendRow, (owner, day))


async def owner_of_slide(session: AsyncSession, slide_id: str) -> str:
    """Who owns the presentation that a slide belongs to."""
    query = select(PresentationRow.owner).join(SlideRow, SlideRow.presentation_id == PresentationRow.id)
    return (await session.scalars(query.where(SlideRow.id == slide_id))).one()


async def spent_since(session: AsyncSession, owner: str, day: str) -> int:
    """What an owner has spent since a day, in millionths of a dollar, also on what was deleted since."""
    query = select(func.sum(SpendRow.spent_microusd)).where(SpendRow.owner == owner, SpendRow.day >= day)
    return int(await session.scalar(query) or 0)


async def paid_to(session: AsyncSession, owner: str, since: datetime) -> dict[str, tuple[int, int]]:
    """What an owner's presentations have spent and reserved since, by payee: an avatar provider's name, or
    `language_model`, or `speech`."""
    videos = (
        select(
            AvatarVideoRow.provider,
            func.sum(AvatarVideoRow.cost_microusd),
            func.sum(AvatarVideoRow.reserved_microusd),
        )
        .join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
        .join(PresentationRow, PresentationRow.id == SlideRow.presentation_id)
        .where(PresentationRow.owner == owner, AvatarVideoRow.created_at >= since)
        .group_by(AvatarVideoRow.provider)
    )
    payee = case((ChargeRow.id.endswith(f".{Step.SPEECH}"), SPEECH), else_=LANGUAGE_MODEL)
    calls = (
        select(payee, func.sum(ChargeRow.cost_microusd), func.sum(ChargeRow.reserved_microusd))
        .join(BatchRow, BatchRow.id == ChargeRow.batch_id)
        .join(PresentationRow, PresentationRow.id == BatchRow.presentation_id)
        .where(PresentationRow.owner == owner, ChargeRow.created_at >= since)
        .group_by(payee)
    )
    found = [*await session.execute(videos), *await session.execute(calls)]
    return {name: (int(spent or 0), int(reserved or 0)) for name, spent, reserved in found}


async def newest_paid_batches(
    session: AsyncSession, owner: str, limit: int
) -> Sequence[tuple[BatchRow, PresentationRow]]:
    """An owner's newest batches for which money was spent or set aside, with their presentations."""
    paid = [
        select(row.id)
        .where(row.batch_id == BatchRow.id, row.cost_microusd + row.reserved_microusd > 0)
        .exists()
        for row in (AvatarVideoRow, ChargeRow)
    ]
    query = select(BatchRow, PresentationRow).join(
        PresentationRow, PresentationRow.id == BatchRow.presentation_id
    )
    query = query.where(PresentationRow.owner == owner, PresentationRow.deleted_at.is_(None), or_(*paid))
    found = await session.execute(query.order_by(BatchRow.created_at.desc(), BatchRow.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in found]
