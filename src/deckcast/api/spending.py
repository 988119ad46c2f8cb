"""What somebody has spent, and may spend."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from deckcast.api.caller import Caller
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches.models import BatchKind, BatchState
from deckcast.batches.spending import PaidBatch, Spending, spending_of

router = APIRouter(prefix="/api/me", tags=["people"])


class SpendCaps(Shape):
    """What may be spent at most in USD; null: no cap."""

    per_batch_usd: float | None
    per_day_usd: float | None


class SpentToday(Shape):
    """Today (UTC): what is spent, what is set aside for work under way, and what is left below the day's cap."""

    day: str
    spent_usd: float
    reserved_usd: float
    left_usd: float | None


class PayeeShape(Shape):
    """Somebody who is paid."""

    name: str = Field(description="An avatar provider's name, or `language_model`, or `speech`.")
    spent_usd: float
    reserved_usd: float


class SpentMonth(Shape):
    """This month (UTC). What was spent on presentations that are deleted is in the total, and in no payee's."""

    month: str
    spent_usd: float
    payees: tuple[PayeeShape, ...]


class PaidBatchShape(Shape):
    """A batch that has cost something, or for which money is set aside."""

    id: str
    presentation_id: str
    presentation_title: str
    kind: BatchKind
    label: str
    state: BatchState
    cost_usd: float
    reserved_usd: float
    created_at: datetime

    @classmethod
    def of(cls, paid: PaidBatch) -> PaidBatchShape:
        """A paid batch as JSON."""
        row, kind = paid.batch, BatchKind(paid.batch.kind)
        return cls(
            id=row.id,
            presentation_id=row.presentation_id,
            presentation_title=paid.presentation.title,
            kind=kind,
            label=kind.label,
            state=BatchState(row.state),
            cost_usd=paid.cost_usd,
            reserved_usd=paid.reserved_usd,
            created_at=row.created_at,
        )


class Spend(Shape):
    """What you have spent in USD, what you may spend, and the newest batches that cost something."""

    caps: SpendCaps
    today: SpentToday
    month: SpentMonth
    batches: tuple[PaidBatchShape, ...]

    @classmethod
    def of(cls, spending: Spending) -> Spend:
        """Somebody's spending as JSON."""
        return cls(
            caps=SpendCaps(per_batch_usd=spending.per_batch_usd, per_day_usd=spending.per_day_usd),
            today=SpentToday(
                day=spending.day,
                spent_usd=spending.spent_today_usd,
                reserved_usd=spending.reserved_today_usd,
                left_usd=spending.left_today_usd,
            ),
            month=SpentMonth(
                month=spending.month,
                spent_usd=spending.spent_month_usd,
                payees=tuple(
                    PayeeShape.model_validate(each, from_attributes=True) for each in spending.payees
                ),
            ),
            batches=tuple(PaidBatchShape.of(each) for each in spending.batches),
        )


@router.get("/spend", operation_id="getSpend", responses=problems(401))
async def get_spend(caller: Caller) -> Spend:
    """What you have spent today and this month, to whom and for which batches, and your caps."""
    return Spend.of(await spending_of(caller.owner))
