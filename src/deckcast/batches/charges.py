"""Money for calls to language models and speech engines: reserved before them, settled after them.

Such a call may be repeated (a lost answer, a crash), and costs cents: it is bounded by the caps, not kept in the
ledger of submissions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel

from deckcast.batches import money
from deckcast.batches.context import current
from deckcast.batches.models import MakeRequest
from deckcast.db.database import insert_missing
from deckcast.db.models import BatchRow, ChargeRow
from deckcast.db.switches import allow_paid_call
from deckcast.kit.errors import DeckcastError
from deckcast.llm.ports import Answer, LanguageModel, Question, cost_usd

T = TypeVar("T", bound=BaseModel)


@dataclass(slots=True)
class Bill:
    """What calls have really cost, those that came to nothing too; to be written by who makes them."""

    cost_usd: Decimal = Decimal(0)


class Billed:
    """A language model whose every question is put on a bill."""

    def __init__(self, model: LanguageModel, bill: Bill) -> None:
        self._model, self._bill = model, bill
        self.name, self.offline, self.sees_pictures = model.name, model.offline, model.sees_pictures
        self.prices, self.max_concurrent = model.prices, model.max_concurrent

    async def ask(self, question: Question[T]) -> Answer[T]:
        """See llm.ports.LanguageModel. Raises WorkError paid_work_off too."""
        if not self.offline:
            await _allow()
        try:
            answer = await self._model.ask(question)
        except DeckcastError as error:
            self._bill.cost_usd += error.spent_usd
            raise
        self._bill.cost_usd += cost_usd(answer.usage, self.prices)
        return answer

    async def close(self) -> None:
        """The model is closed by who opened it."""


@asynccontextmanager
async def charged(
    batch_id: str, item_id: str | None, step: str, expected_usd: Decimal | None
) -> AsyncIterator[Bill]:
    """Around a paid call: reserves what it is expected to cost, and settles what it has cost, also where it
    failed. What is free touches no row. Raises CallError over_cap, WorkError paid_work_off before anything is sent."""
    bill = Bill()
    if not expected_usd:
        yield bill
        return
    await _allow()
    charge_id = f"{item_id or batch_id}.{step}"
    await _reserve(charge_id, batch_id, item_id, expected_usd)
    try:
        yield bill
    finally:
        async with current().db.write() as session:
            row = await session.get_one(ChargeRow, charge_id)
            before = Decimal(row.cost_microusd) / money.MICRO
            await money.settle(session, row, before + bill.cost_usd)


async def _allow() -> None:
    async with current().db.read() as session:
        await allow_paid_call(session)


async def _reserve(charge_id: str, batch_id: str, item_id: str | None, expected_usd: Decimal) -> None:
    """Set money aside. What is still set aside was so for a call during which the process was killed: it may have
    been billed, so it counts as spent."""
    async with current().db.write() as session:
        await insert_missing(
            session,
            ChargeRow,
            id=charge_id,
            batch_id=batch_id,
            item_id=item_id,
            reserved_microusd=0,
            cost_microusd=0,
        )
        row = await session.get_one(ChargeRow, charge_id)
        if row.spend_day is not None:
            spent = Decimal(row.cost_microusd + row.reserved_microusd) / money.MICRO
            await money.settle(session, row, spent)
        cap = MakeRequest.from_json((await session.get_one(BatchRow, batch_id)).request).cap_usd
        await money.reserve(session, row, expected_usd, cap, current().settings.money)
