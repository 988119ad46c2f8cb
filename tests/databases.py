"""Databases for tests of races: SQLite files and a real PostgreSQL, made ready and emptied again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from deckcast.db.database import Database
from deckcast.db.migrate import upgrade
from deckcast.db.models import Base


def with_database(url: str, body: Callable[[Database], Awaitable[Any]]) -> Any:
    """Run `body` on an empty database of the newest schema."""

    async def run() -> Any:
        db = Database(url)
        try:
            await upgrade(db)
            return await body(db)
        finally:
            async with db.engine().begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
            await db.close()

    return asyncio.run(run())
