"""What an owner has spent, and may spend: today, this month, to whom, and for which batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from deckcast.batches import lists_repository, money_repository
from deckcast.batches.context import current
from deckcast.batches.money import left_today_usd, usd
from deckcast.db.models import BatchRow, PresentationRow
from deckcast.kit.clock import now

NEWEST = 10  # batches that are named


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody who is paid: an avatar provider's name, `language_model` or `speech`."""

    name: str
    spent_usd: float
    reserved_usd: float


@dataclass(frozen=True, slots=True)
class PaidBatch:
    """A batch that has cost something, or for which money is set aside."""

    batch: BatchRow
    presentation: PresentationRow
    cost_usd: float
    reserved_usd: float


@dataclass(frozen=True, slots=True)
class Spending:
    """Money in USD. `day` and `month` are those of UTC, as "2026-11-23" and "2026-11"; caps are None where there is
    none. The month's total holds what was spent on presentations that are deleted, its payees do not."""

    day: str
    spent_today_usd: float
    reserved_today_usd: float
    left_today_usd: float | None
    per_batch_usd: float | None
    per_day_usd: float | None
    month: str
    spent_month_usd: float
    payees: Sequence[Payee]
    batches: Sequence[PaidBatch]


async def spending_of(owner: str) -> Spending:
    """An owner's spending, from rows, in a constant number of queries."""
    settings, moment = current().settings.money, now()
    day, first = moment.date().isoformat(), moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    async with current().db.read() as session:
        today = await money_repository.spend_of(session, owner, day)
        left = await left_today_usd(session, owner, settings)
        month = await money_repository.spent_since(session, owner, first.date().isoformat())
        payees = await money_repository.paid_to(session, owner, first)
        newest = await money_repository.newest_paid_batches(session, owner, NEWEST)
        ids = [batch.id for batch, _ in newest]
        costs = await lists_repository.costs_of(session, ids)
        reserved = await lists_repository.reserved_of(session, ids)
    return Spending(
        day=day,
        spent_today_usd=usd(today.spent_microusd) if today else 0.0,
        reserved_today_usd=usd(today.reserved_microusd) if today else 0.0,
        left_today_usd=_dollars(left),
        per_batch_usd=_dollars(settings.max_per_batch_usd),
        per_day_usd=_dollars(settings.max_per_day_usd),
        month=day[:7],
        spent_month_usd=usd(month),
        payees=[Payee(name, usd(paid), usd(aside)) for name, (paid, aside) in sorted(payees.items())],
        batches=[
            PaidBatch(batch, of, usd(costs.get(batch.id, 0)), usd(reserved.get(batch.id, 0)))
            for batch, of in newest
        ],
    )


def _dollars(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
