"""Money: reserved before a paid call, settled after it, released where nothing was made.

Amounts are whole millionths of a US dollar. Reserving locks the batch's row and the owner's day, so that
spent + reserved never passes a cap, however many slides ask at once.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars.ports import RateCard
from deckcast.batches import money_repository
from deckcast.db.database import LOCKED
from deckcast.db.models import AvatarVideoRow, BatchRow, ChargeRow, PresentationRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.kit.settings import MoneySettings

MICRO = 1_000_000

Paid = AvatarVideoRow | ChargeRow
"""What money is reserved for: an avatar video, or a call to a language model or a speech engine."""


def cost_usd(seconds: float, card: RateCard) -> Decimal:
    """Price of one video, with the provider's rounding up to its billing step."""
    steps = math.ceil(round(seconds / card.billing_step_s, 6))
    return Decimal(steps) * Decimal(str(card.billing_step_s)) * card.usd_per_second


def microusd(amount_usd: Decimal) -> int:
    """Whole millionths of a dollar, rounded up."""
    return math.ceil(amount_usd * MICRO)


def usd(amount_microusd: int) -> float:
    """Dollars, for people and JSON."""
    return round(amount_microusd / MICRO, 6)


def tightest(caps_usd: Iterable[Decimal | float | None]) -> Decimal | None:
    """The lowest of some caps; None where there is none."""
    return min((Decimal(str(cap)) for cap in caps_usd if cap is not None), default=None)


async def reserve(
    session: AsyncSession,
    paid: Paid,
    amount_usd: Decimal,
    batch_cap_usd: Decimal | None,
    settings: MoneySettings,
) -> None:
    """Set money aside, within the batch's and its owner's caps.

    Raises CallError over_cap: nothing was reserved, so nothing may be submitted.
    """
    amount = microusd(amount_usd)
    if amount == 0:
        return
    batch = await session.get_one(BatchRow, str(paid.batch_id), with_for_update=LOCKED)
    committed = await money_repository.committed_microusd(session, batch.id)
    _check(committed + amount, tightest([batch_cap_usd, settings.max_per_batch_usd]), "this batch")
    presentation = await session.get_one(PresentationRow, batch.presentation_id)
    day = await money_repository.lock_spend(session, presentation.owner, now().date().isoformat())
    _check(
        day.spent_microusd + day.reserved_microusd + amount, tightest([settings.max_per_day_usd]), "this day"
    )
    day.reserved_microusd += amount
    paid.reserved_microusd, paid.spend_day = amount, day.day


async def left_today_usd(session: AsyncSession, owner: str, settings: MoneySettings) -> Decimal | None:
    """What an owner may still spend today in USD, not below 0; None where no cap is set."""
    if settings.max_per_day_usd is None:
        return None
    day = await money_repository.spend_of(session, owner, now().date().isoformat())
    gone = day.spent_microusd + day.reserved_microusd if day is not None else 0
    return max(Decimal(0), settings.max_per_day_usd - Decimal(gone) / MICRO)


async def settle(session: AsyncSession, paid: Paid, amount_usd: Decimal) -> None:
    """It is paid: what was reserved becomes what it cost. A cost for which nothing is reserved (any
    more) is today's. Settling twice changes nothing, also where two do so at once: the row is locked and read
    anew."""
    columns = ["reserved_microusd", "cost_microusd", "spend_day"]
    await session.refresh(paid, columns, with_for_update=LOCKED)
    cost = microusd(amount_usd)
    if paid.spend_day is None:
        if paid.cost_microusd or not cost:
            return
        paid.spend_day = now().date().isoformat()
    day = await money_repository.lock_spend(session, await _owner_of(session, paid), paid.spend_day)
    day.reserved_microusd -= paid.reserved_microusd
    day.spent_microusd += cost - paid.cost_microusd
    paid.reserved_microusd, paid.cost_microusd, paid.spend_day = 0, cost, None


async def release(session: AsyncSession, paid: Paid) -> None:
    """Nothing was made: what was reserved is free again."""
    await settle(session, paid, Decimal(0))


async def release_queued(session: AsyncSession, owner: str, videos: Sequence[AvatarVideoRow]) -> None:
    """`release` for many avatar videos of one owner that nobody was asked for yet; their rows are locked."""
    by_day: dict[str, int] = defaultdict(int)
    for video in videos:
        if video.spend_day is not None:
            by_day[video.spend_day] += video.reserved_microusd
            video.reserved_microusd, video.spend_day = 0, None
    for day, reserved in sorted(by_day.items()):
        (await money_repository.lock_spend(session, owner, day)).reserved_microusd -= reserved


async def close_charges(session: AsyncSession, batch_id: str) -> None:
    """A batch that ends calls nobody any more. What is still set aside is so for calls that are under way, or during
    which the process was killed: they may be billed, so it counts as spent."""
    for charge in await money_repository.open_charges(session, batch_id):
        await settle(session, charge, Decimal(charge.cost_microusd + charge.reserved_microusd) / MICRO)


async def _owner_of(session: AsyncSession, paid: Paid) -> str:
    if isinstance(paid, AvatarVideoRow):
        return await money_repository.owner_of_slide(session, paid.slide_id)
    return await money_repository.owner_of_batch(session, paid.batch_id)


def _check(total_microusd: int, cap_usd: Decimal | None, of: str) -> None:
    if cap_usd is not None and total_microusd > microusd(cap_usd):
        raise CallError(
            "over_cap",
            f"This slide would take {of} to ${usd(total_microusd):.2f}, more than the ${cap_usd:.2f} allowed.",
            next_step="Raise the cap, or name fewer slides. Nothing was submitted for this slide.",
        )
