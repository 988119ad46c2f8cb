"""Brings a database to the newest schema. Alembic is loaded only where there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from deckcast.db.database import Database
from deckcast.kit.errors import MachineError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "1"
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6465636B  # any number; one migration at a time on a PostgreSQL server


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(db: Database) -> None:
    """Run the migrations that are missing; quick where none is. Safe to call from several processes at once.

    Raises MachineError database_unknown where another version of Deckcast made the database.
    """
    async with db.engine().begin() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _revision(connection) == HEAD:
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if _revision(connection) not in {None, *known}:
        raise MachineError(
            "database_unknown",
            "The database was made by another version of Deckcast.",
            next_step="Use that version, or name a new data folder with DECKCAST_DATA_DIR.",
        )
    command.upgrade(alembic_config(connection), "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version
