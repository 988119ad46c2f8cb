"""Brings a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from deckcast.db.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6465636B  # any number; one migration at a time on a PostgreSQL server


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(db: Database) -> None:
    """Run the migrations that are missing; quick where none is. Safe to call from several processes at once."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    async with db.engine().begin() as connection:
        await connection.run_sync(_upgrade, head)


def _upgrade(connection: Connection, head: str | None) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if MigrationContext.configure(connection).get_current_revision() != head:
        command.upgrade(alembic_config(connection), "head")
