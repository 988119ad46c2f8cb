"""The database's schema: what it is, what this version needs, and the migrations between. Alembic is loaded only where
there is something to do.

A revision is named after its number, `7`, or `7_from_5`: from then on only versions that know revision 5 can work here.
What is newer and names no such bound was only added to, so older versions go on working: expand, then contract.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from deckcast.db.database import Database, said_in_words
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.errors import MachineError

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger(__name__)

HEAD = "1"
MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_TIMEOUT_MS = 2000  # whoever asks for the same table queues behind a migration that waits for its lock
TRIES = 60
_LOCK = 0x6465636B  # any number; one migration at a time on a PostgreSQL server
_NOT_FREE = {"55P03", "40P01"}  # PostgreSQL: lock not available, deadlock


@dataclass(frozen=True, slots=True)
class Schema:
    """A database's schema as this version sees it: `revision` is None where there is none yet, `head` is the newest
    that this version knows."""

    revision: str | None
    head: str

    @property
    def is_older(self) -> bool:
        """Whether migrations are missing."""
        return self.revision is None or number_of(self.revision) < number_of(self.head)

    @property
    def is_too_new(self) -> bool:
        """Whether something that this version needs has been taken away."""
        return self.revision is not None and floor_of(self.revision) > number_of(self.head)


def number_of(revision: str) -> int:
    """The number in a revision's name. Raises MachineError database_unknown where it has none."""
    return _numbers(revision)[0]


def floor_of(revision: str) -> int:
    """The revision that a version must know to work on a schema. Raises MachineError as `number_of`."""
    return _numbers(revision)[1]


def _numbers(revision: str) -> tuple[int, int]:
    number, _, floor = revision.partition("_from_")
    if not (number.isdecimal() and (floor or "1").isdecimal()):
        raise MachineError(
            "database_unknown",
            "The database was made by another version of Deckcast.",
            next_step="Use that version, or name a new data folder with DECKCAST_DATA_DIR.",
        )
    return int(number), int(floor or "1")


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def schema_of(db: Database) -> Schema:
    """The schema that a database has. Raises MachineError as `Database.read`, database_unknown."""
    reading = db.engine().execution_options(deckcast_read=True)
    async with said_in_words(), reading.connect() as connection:
        found = Schema(await connection.run_sync(_revision), HEAD)
    if found.revision is not None:
        number_of(found.revision)
    return found


async def make_ready(db: Database) -> None:
    """See to it that this process can work on a database: make what is new, migrate what is SQLite, and else check.

    Migrations of a PostgreSQL database that holds something are for `upgrade`: other processes may be at work on it.
    Raises MachineError database_older, database_newer, database_unknown, and as `Database.read`.
    """
    found = await schema_of(db)
    if found.is_older and (found.revision is None or db.is_sqlite):
        await upgrade(db)
    elif found.is_older:
        raise MachineError(
            "database_older",
            f"The database has schema {found.revision}; this version of Deckcast needs {found.head}.",
            next_step="Run `deckcast db upgrade` once; older versions go on working meanwhile.",
            retryable=True,
        )
    elif found.is_too_new:
        raise _too_new(found)


async def upgrade(db: Database) -> Schema:
    """Run the migrations that are missing, one transaction each; returns the schema that there was.

    Safe while other processes work, and from several processes at once: one does it, the others wait. A migration that
    does not get its lock at once lets those behind it pass, and tries again. Raises MachineError database_busy where it
    never gets it, database_newer, database_unknown, and as `Database.read`.
    """
    async with said_in_words(), db.engine().connect() as connection:
        if not db.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            await connection.commit()
        try:
            return await _upgrade(connection)
        finally:
            if not db.is_sqlite:
                await connection.invalidate()  # the server lets go of the lock with the connection


async def _upgrade(connection: AsyncConnection) -> Schema:
    before: Schema | None = None
    for failures in range(1, TRIES + 1):
        found = Schema(await connection.run_sync(_revision), HEAD)
        before = before or found
        if found.is_too_new:
            raise _too_new(found)
        if not found.is_older:
            return before
        try:
            await connection.run_sync(_migrate)
        except OperationalError as error:
            await connection.rollback()
            if getattr(error.orig, "sqlstate", None) not in _NOT_FREE:
                raise
            log.warning("migration.waits", failures=failures)
            await asyncio.sleep(full_jitter_s(failures, 0.2, cap_s=5.0))
    raise MachineError(
        "database_busy",
        "The database was not free for a migration: something holds one of its tables for long.",
        next_step="Find the long transaction (pg_stat_activity), then run `deckcast db upgrade` again.",
        retryable=True,
    )


def _migrate(connection: Connection) -> None:
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET lock_timeout = {LOCK_TIMEOUT_MS}"))
        connection.commit()  # else Alembic would do all of them in this transaction
    else:
        connection.execute(text("SELECT 1"))  # begins the one transaction, which is alone on SQLite
    command.upgrade(alembic_config(connection), "head")
    connection.commit()


def _revision(connection: Connection) -> str | None:
    found: str | None = None
    if inspect(connection).has_table("alembic_version"):
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    connection.commit()
    return found


def _too_new(found: Schema) -> MachineError:
    return MachineError(
        "database_newer",
        f"The database has schema {found.revision}, with which this version of Deckcast ({found.head}) cannot work.",
        next_step="Install the version of Deckcast that the database was upgraded for, or a newer one.",
    )
