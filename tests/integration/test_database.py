"""The schema and the sessions, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from databases import with_database
from deckcast.batches import repository
from deckcast.db.database import Database
from deckcast.db.migrate import HEAD, alembic_config, upgrade
from deckcast.db.models import AvatarVideoRow, Base, EventRow, PresentationRow, SlideRow


def presentation(name: str = "pre_1") -> PresentationRow:
    return PresentationRow(id=name, owner="local", source=f"/{name}.pptx")


def slide(name: str = "sli_1") -> SlideRow:
    return SlideRow(
        id=name, presentation_id="pre_1", key=name, number=1, title="", notes="", language="", content={}
    )


def test_migrations_make_exactly_the_models_schema(database_url: str) -> None:
    async def body(db: Database) -> Any:
        async with db.engine().connect() as connection:
            return await connection.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync), Base.metadata)
            )

    assert with_database(database_url, body) == []


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    async def body(db: Database) -> Any:
        await upgrade(db)
        async with db.engine().connect() as connection:
            return await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))

    assert set(Base.metadata.tables) | {"alembic_version"} == with_database(database_url, body)


def test_a_read_session_changes_nothing(database_url: str) -> None:
    async def body(db: Database) -> Any:
        async with db.read() as session:
            session.add(presentation())
            await session.flush()
        async with db.read() as session:
            return await session.get(PresentationRow, "pre_1")

    assert with_database(database_url, body) is None


def test_events_of_concurrent_writers_are_numbered_without_gap_or_repeat(database_url: str) -> None:
    async def body(db: Database) -> Any:
        async with db.write() as session:
            session.add(presentation())

        async def tell(number: int) -> None:
            async with db.write() as session:
                await repository.tell(session, "pre_1", "test.happened", {"number": number})

        await asyncio.gather(*(tell(number) for number in range(20)))
        async with db.read() as session:
            rows = (await session.scalars(EventRow.__table__.select().order_by("seq"))).all()
            return [await session.scalar(text("SELECT max(seq) FROM events")), len(rows)]

    assert with_database(database_url, body) == [20, 20]


@pytest.mark.parametrize(
    ("first", "second", "allowed"),
    [
        ("processing", "pending", False),
        ("unresolved", "pending", False),
        ("timed_out", "submitting", False),
        ("failed", "pending", True),
        ("completed", "pending", True),
    ],
)
def test_one_living_avatar_video_per_slide_and_content(
    database_url: str, first: str, second: str, allowed: bool
) -> None:
    def video(name: str, status: str) -> AvatarVideoRow:
        return AvatarVideoRow(
            id=name, slide_id="sli_1", fingerprint="f", provider="local", request={}, status=status
        )

    async def body(db: Database) -> Any:
        async with db.write() as session:
            session.add(presentation())
            await session.flush()
            session.add(slide())
            await session.flush()
            session.add(video("a", first))
        try:
            async with db.write() as session:
                session.add(video("b", second))
        except IntegrityError:
            return False
        return True

    assert with_database(database_url, body) is allowed


def test_the_newest_migration_is_the_one_the_code_asks_for() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_the_log_of_sqlite_stays_while_the_database_is_open(tmp_path: Path) -> None:
    """Making it again takes longer than most writes, and cannot be done where the disk is full."""
    log = tmp_path / "test.db-wal"

    async def body() -> tuple[bool, bool]:
        db = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
        await upgrade(db)
        async with db.write() as session:
            session.add(presentation())
        kept = log.exists()
        await db.close()
        return kept, log.exists()

    assert asyncio.run(body()) == (True, False)
