"""What other processes call out to each other through PostgreSQL (LISTEN/NOTIFY)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql
from sqlalchemy.exc import InterfaceError, OperationalError

from deckcast.db.database import Database

LOST = (psycopg.Error, InterfaceError, OperationalError, OSError)
"""What is raised where the connection cannot be made, or ends."""


@asynccontextmanager
async def notices(db: Database, channel: str) -> AsyncIterator[AsyncIterator[str]]:
    """What is called out on a channel of a PostgreSQL database from now on, on a connection of its own. Raises one of
    LOST."""
    engine = db.engine()
    given, named = engine.dialect.create_connect_args(engine.url)
    connection = await psycopg.AsyncConnection.connect(*given, **named, autocommit=True)
    async with connection:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        yield (notice.payload async for notice in connection.notifies())
