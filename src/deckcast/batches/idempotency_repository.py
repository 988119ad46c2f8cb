"""All SQL of calls that are named by an Idempotency-Key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.database import insert_missing
from deckcast.db.people import IdempotencyRow
from deckcast.kit.clock import now


async def insert_call(session: AsyncSession, owner: str, key: str, call: str, answer: dict[str, Any]) -> bool:
    """A new call; whether it was inserted, since the key may be there."""
    return await insert_missing(
        session, IdempotencyRow, owner=owner, key=key, call=call, answer=answer, created_at=now()
    )


async def lock_call(session: AsyncSession, owner: str, key: str) -> IdempotencyRow | None:
    """The call with this key, locked to the end of the transaction."""
    query = select(IdempotencyRow).where(IdempotencyRow.owner == owner, IdempotencyRow.key == key)
    return await session.scalar(query.with_for_update())


async def forget_calls(session: AsyncSession, before: datetime) -> None:
    """Remove calls that were first made before a time."""
    await session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < before))
