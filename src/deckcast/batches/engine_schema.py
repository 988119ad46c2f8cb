"""The durable engine's own tables: they are brought up to date before any process starts that needs them."""

from __future__ import annotations

import asyncio
import logging

from dbos import DBOS

from deckcast.db.database import said_in_words


async def upgrade_engine(database_url: str) -> None:
    """Run the engine's migrations, which only add; on SQLite it does so itself when it is launched.

    Raises MachineError database_unreachable.
    """
    if database_url.startswith("sqlite"):
        return
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    async with said_in_words():
        await asyncio.to_thread(DBOS.migrate, database_url)
