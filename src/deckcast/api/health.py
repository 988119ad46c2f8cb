"""Whether the server lives, and whether it can work."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from deckcast.api.parts import Parts
from deckcast.api.shapes import Shape
from deckcast.batches.context import Context
from deckcast.kit.errors import DeckcastError, MachineError

ANSWER_WITHIN_S = 5.0
ANY_KEY = "health/ready.txt"  # whether it is there does not matter, only that the storage can say so

router = APIRouter()


class Health(Shape):
    """Alive or ready."""

    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers."""
    return Health(status="alive")


@router.get("/readyz")
async def readyz(parts: Parts) -> Health:
    """The database and the storage answer; else 503 with the reason."""
    await _database_answers(parts)
    await _storage_answers(parts)
    return Health(status="ready")


async def _database_answers(parts: Context) -> None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S), parts.db.read() as session:
            await session.connection()
    except DeckcastError:
        raise
    except Exception as error:  # whatever the driver says, it is not there
        raise MachineError(
            "database_unreachable",
            "The database does not answer.",
            next_step="See that it runs; its address is DECKCAST_DATABASE_URL.",
            retryable=True,
        ) from error


async def _storage_answers(parts: Context) -> None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await parts.store.has(ANY_KEY)
    except DeckcastError:
        raise
    except Exception as error:
        raise MachineError(
            "storage_unreachable", "The storage of finished files does not answer.", retryable=True
        ) from error
