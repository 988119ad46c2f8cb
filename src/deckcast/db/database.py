"""Sessions on SQLite or PostgreSQL. A read session never writes; a write session commits as a whole.

`async with db.read() as session`, `async with db.write() as session`: nobody calls commit.
One engine per event loop, since connections belong to the loop that opened them.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, event, func, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool, QueuePool

from deckcast.db.models import Base
from deckcast.db.workers import WorkerRow
from deckcast.kit.errors import MachineError
from deckcast.kit.settings import DatabaseSettings

BUSY_TIMEOUT_S = 60
# A transaction waits for nothing but the database: where one stands still for as long, its process is frozen or its
# machine is gone, and PostgreSQL takes back what it has locked: soon for a worker, whose work others want.
STANDSTILL_S = 15
OTHERS_STANDSTILL_S = 60

# A row is locked so that others may still write rows that refer to it: two who do so would wait for each other.
LOCKED = {"key_share": True}

_AT_THE_END = "at the end"


class Database:
    """Opens sessions; `url` as in Settings.app_database_url."""

    def __init__(self, url: str, pool: DatabaseSettings | None = None) -> None:
        self.url = url
        self._pool = pool or DatabaseSettings()
        self._engines: dict[asyncio.AbstractEventLoop, AsyncEngine] = {}
        self._kept: sqlite3.Connection | None = None
        self._worker_id: str | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one file on this machine."""
        return self.url.startswith("sqlite")

    def only_as(self, worker_id: str | None) -> None:
        """From now on this process writes only while it counts as a living worker with this id."""
        self._worker_id = worker_id

    def engine(self) -> AsyncEngine:
        """The running loop's engine."""
        loop = asyncio.get_running_loop()
        if loop not in self._engines:
            self._engines[loop] = self._create()
        return self._engines[loop]

    def pool_use(self) -> tuple[int, int]:
        """How many connections of the running loop's pool are in use, and how many may be. SQLite has no pool."""
        if self.is_sqlite:
            return 0, self._pool.pool_max
        pool = self.engine().pool
        return (pool.checkedout() if isinstance(pool, QueuePool) else 0), self._pool.pool_max

    def _create(self) -> AsyncEngine:
        if not self.is_sqlite:
            engine = create_async_engine(
                self.url,
                pool_size=self._pool.pool_min,
                max_overflow=self._pool.pool_max - self._pool.pool_min,
                pool_pre_ping=True,
            )
            event.listen(engine.sync_engine, "connect", _set_standstill)
            return engine
        engine = create_async_engine(self.url, poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine.sync_engine, "connect", _set_pragmas)
        event.listen(engine.sync_engine, "connect", self._keep_log)
        event.listen(engine.sync_engine, "begin", _begin)
        return engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; what it changes is thrown away."""
        engine = self.engine().execution_options(deckcast_read=True)
        async with said_in_words(), AsyncSession(engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session for one transaction, committed at the end of the block. Raises MachineError taken_over in a worker
        that others hold for dead: its work is theirs."""
        session = AsyncSession(self.engine(), expire_on_commit=False)
        async with said_in_words(), session, session.begin():
            if self._worker_id is not None:
                await _must_live(session, self._worker_id)
            yield session
            for work in session.info.pop(_AT_THE_END, ()):
                await work()

    async def close(self) -> None:
        """Close the running loop's connections."""
        engine = self._engines.pop(asyncio.get_running_loop(), None)
        if engine is not None:
            await engine.dispose()
        if self._kept is not None and not self._engines:
            self._kept.close()
            self._kept = None

    def _keep_log(self, *_: Any) -> None:
        """Keep one connection open beside those that come and go: with its last one SQLite writes its log into the
        database and removes it, which takes longer than most writes, and on a full disk nobody could read again."""
        if self._kept is not None:
            return
        with contextlib.suppress(sqlite3.Error):
            path = str(make_url(self.url).database)
            kept = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
            kept.execute("SELECT name FROM sqlite_master").fetchall()  # only who has read counts as one
            self._kept = kept


def at_the_end(session: AsyncSession, work: Callable[[], Awaitable[None]]) -> None:
    """Have something done last in a session's transaction, before it commits. A row that many transactions lock is to
    be locked last: who holds it never waits for another row, so that no two wait for each other."""
    session.info.setdefault(_AT_THE_END, []).append(work)


def _set_standstill(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{OTHERS_STANDSTILL_S}s'")
    cursor.close()
    connection.commit()


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, see _begin
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("deckcast_read", False)
    connection.execute(text("BEGIN" if reading else "BEGIN IMMEDIATE"))


@asynccontextmanager
async def said_in_words() -> AsyncIterator[None]:
    """What a driver says of its database as MachineError disk_full, not_writable, database_unreachable."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig)
        if "full" in reason:
            raise MachineError(
                "disk_full",
                "The disk is full: the database has no room left.",
                next_step="Free some space and run the same command again; it goes on where it was.",
                retryable=True,
            ) from error
        if "unable to open" in reason or "readonly" in reason:
            raise MachineError(
                "not_writable",
                "Deckcast may not write its database.",
                next_step="Check the rights of the data folder (DECKCAST_DATA_DIR).",
                retryable=True,
            ) from error
        if "no such" in reason:
            raise
        raise _unreachable() from error
    except InterfaceError as error:
        raise _unreachable() from error
    except DBAPIError as error:
        if error.connection_invalidated:  # such as by STANDSTILL_S
            raise _unreachable() from error
        raise


async def _must_live(session: AsyncSession, worker_id: str) -> None:
    """Who declares a worker dead deletes its row, and waits for the transactions that have found it here."""
    soon = func.set_config("idle_in_transaction_session_timeout", f"{STANDSTILL_S}s", True)
    living = select(WorkerRow.id, soon).where(WorkerRow.id == worker_id)
    living = living.with_for_update(read=True, key_share=True)
    if await session.scalar(living) is None:
        raise taken_over()


def taken_over() -> MachineError:
    """Others hold this process for dead and go on with its work."""
    return MachineError(
        "taken_over",
        "This worker was not heard of for too long, so others have taken over its work.",
        next_step="Start it again; nothing is lost.",
        retryable=True,
    )


def _unreachable() -> MachineError:
    """No answer, or none in time: nothing can be said of the work, so it must halt and not fail."""
    return MachineError(
        "database_unreachable",
        "The database does not answer.",
        next_step="See that it runs, and run the same command again; it goes on where it was.",
        retryable=True,
    )


async def insert_missing(session: AsyncSession, row: type[Base], **values: Any) -> bool:
    """Insert a row unless one with the same unique values is there; returns whether it was inserted."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(row).values(**values).on_conflict_do_nothing()
    counting = {"preserve_rowcount": True}  # else PostgreSQL's is lost where the row makes its own id
    result = cast("CursorResult[Any]", await session.execute(statement, execution_options=counting))
    return result.rowcount > 0
