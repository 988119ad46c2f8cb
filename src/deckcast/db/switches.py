"""What an operator has switched, for every process on this database at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.database import insert_missing
from deckcast.db.people import SwitchRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, WorkError

PAID_WORK = "paid_work"
ON, OFF = "on", "off"
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

SENTENCE = "Paid work is switched off here: nothing is sent to a service that costs money."
SWITCH_ON = "Whoever runs this Deckcast switches it on again with `deckcast paid-work on`."


async def paid_work_off_since(session: AsyncSession) -> datetime | None:
    """Since when nothing may be paid; None while paid work is on."""
    row = await session.get(SwitchRow, PAID_WORK)
    return row.changed_at if row is not None and row.value == OFF else None


async def switch_paid_work(session: AsyncSession, *, on: bool) -> bool:
    """Switch paid work on or off; returns whether that changed anything."""
    await insert_missing(session, SwitchRow, name=PAID_WORK, value=ON, changed_at=now())
    row = await session.get_one(SwitchRow, PAID_WORK)
    value = ON if on else OFF
    changed = row.value != value
    if changed:
        row.value, row.changed_at = value, now()
    return changed


async def allow_paid_call(session: AsyncSession) -> None:
    """Stands before every call that costs money. Raises WorkError paid_work_off."""
    if await paid_work_off_since(session) is not None:
        raise WorkError("paid_work_off", SENTENCE, next_step=f"{SWITCH_ON} Then try again.", retryable=True)


async def allow_paid_order(session: AsyncSession) -> None:
    """Stands before an order that would cost money. Raises CallError paid_work_off."""
    if await paid_work_off_since(session) is not None:
        raise CallError(
            "paid_work_off",
            SENTENCE,
            next_step=f"{SWITCH_ON} The built-in presenter and voice cost nothing and go on.",
            retryable=True,
        )


async def is_due(session: AsyncSession, chore: str, every: timedelta) -> bool:
    """Whether a chore is to be done now: true for one process, once in so long; it counts as done from then on."""
    await insert_missing(session, SwitchRow, name=chore, value=ON, changed_at=NEVER)
    row = await session.get_one(SwitchRow, chore, with_for_update=True)
    due = row.changed_at < now() - every
    if due:
        row.changed_at = now()
    return due
