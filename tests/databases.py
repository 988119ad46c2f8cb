"""Databases for tests of races: SQLite files and a real PostgreSQL, made ready and emptied again."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
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


@cache
def _newest() -> bytes:
    """A SQLite file of the newest schema, made once; in a thread, since whoever asks may run a loop."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as apart:
        path = Path(folder) / "newest.db"

        async def make() -> None:
            db = Database(f"sqlite+aiosqlite:///{path}")
            await upgrade(db)
            await db.close()

        apart.submit(asyncio.run, make()).result()
        return path.read_bytes()


def put_newest(path: Path) -> None:
    """Put an empty SQLite database of the newest schema there, unless one is: migrating takes a tenth of a second."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_newest())
