"""Migrations while others are at work: one at a time, in nobody's way, and nothing goes that older versions need."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from command import Machine
from databases import with_database
from deckcast.db import migrate
from deckcast.db.database import Database
from deckcast.db.migrate import HEAD, Schema, alembic_config, make_ready, schema_of, upgrade
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import MachineError

NEXT = str(int(HEAD) + 1)
ADDED = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{revision}", "{before}", None, None


def upgrade():
    {what}
"""
COLUMN = 'op.add_column("presentations", sa.Column("added", sa.String(), nullable=True))'


class NextVersion:
    """The version after this one: it knows one migration more."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        self.folder, self._monkeypatch = folder / "migrations", monkeypatch
        self.url = url
        shutil.copytree(migrate.MIGRATIONS, self.folder, ignore=shutil.ignore_patterns("__pycache__"))

    def add(self, what: str, revision: str = NEXT) -> None:
        text_of = ADDED.format(revision=revision, before=HEAD, what=what)
        (self.folder / "versions" / "0099_the_next.py").write_text(text_of)
        self._monkeypatch.setattr(migrate, "MIGRATIONS", self.folder)
        self._monkeypatch.setattr(migrate, "HEAD", revision)

    def gone(self) -> None:
        """This version is at work again."""
        self._monkeypatch.undo()


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[NextVersion]:
    yield NextVersion(tmp_path, monkeypatch, database_url)
    monkeypatch.undo()


def presentation(name: str) -> PresentationRow:
    return PresentationRow(id=name, owner="local", source=f"/{name}.pptx")


async def tables(db: Database) -> list[str]:
    async with db.read() as session:
        return list(await session.scalars(text("SELECT version_num FROM alembic_version")))


def test_what_is_added_leaves_this_version_at_work(newer: NextVersion) -> None:
    async def body(db: Database) -> None:
        newer.add(COLUMN)
        before = await upgrade(db)
        assert (before.revision, before.head, before.is_older) == (HEAD, NEXT, True)
        newer.gone()
        await make_ready(db)
        found = await schema_of(db)
        assert (found.revision, found.is_older, found.is_too_new) == (NEXT, False, False)
        assert (await upgrade(db)).revision == NEXT
        async with db.write() as session:
            session.add(presentation("pre_1"))
        async with db.read() as session:
            assert (await session.get_one(PresentationRow, "pre_1")).source == "/pre_1.pptx"

    with_database(newer.url, body)


def test_what_is_taken_away_keeps_this_version_out(newer: NextVersion) -> None:
    async def body(db: Database) -> None:
        newer.add('op.drop_column("presentations", "author")', f"{NEXT}_from_{NEXT}")
        await upgrade(db)
        newer.gone()
        for attempt in (make_ready, upgrade):
            with pytest.raises(MachineError) as refused:
                await attempt(db)
            assert refused.value.code == "database_newer"

    with_database(newer.url, body)


def test_a_server_or_worker_migrates_only_what_nobody_else_uses(newer: NextVersion) -> None:
    async def body(db: Database) -> None:
        newer.add(COLUMN)
        if db.is_sqlite:
            await make_ready(db)
            assert await tables(db) == [NEXT]
            return
        with pytest.raises(MachineError) as refused:
            await make_ready(db)
        assert (refused.value.code, refused.value.retryable) == ("database_older", True)
        assert "deckcast db upgrade" in refused.value.next_step
        assert await tables(db) == [HEAD]

    with_database(newer.url, body)


def test_a_schema_that_nobody_knows_is_left_alone(database_url: str) -> None:
    async def body(db: Database) -> None:
        async with db.write() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = 'foreign'"))
        for attempt in (make_ready, upgrade):
            with pytest.raises(MachineError) as refused:
                await attempt(db)
            assert refused.value.code == "database_unknown"

    with_database(database_url, body)


def test_many_at_once_make_one_schema(database_url: str) -> None:
    async def body(db: Database) -> None:
        async with db.engine().begin() as connection:
            await connection.run_sync(migrate_down)
        others = [Database(db.url) for _ in range(4)]
        done = await asyncio.gather(*(upgrade(each) for each in others))
        if not db.is_sqlite:  # there each looks first, and only one makes it
            assert sorted(each.revision or "" for each in done) == ["", HEAD, HEAD, HEAD]
        assert await tables(db) == [HEAD]
        for each in others:
            await each.close()

    with_database(database_url, body)


def migrate_down(connection: Any) -> None:
    """Empty the database."""
    from deckcast.db.models import Base

    Base.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))


def test_a_migration_that_waits_for_a_long_transaction_holds_up_nobody(
    newer: NextVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    if newer.url.startswith("sqlite"):
        pytest.skip("on SQLite whoever writes is alone")

    async def body(db: Database) -> None:
        newer.add(COLUMN)
        monkeypatch.setattr(migrate, "LOCK_TIMEOUT_MS", 100)
        waited = []
        monkeypatch.setattr(migrate.log, "warning", lambda event, **_: waited.append(event))
        async with db.read() as long_one:
            await long_one.execute(text("SELECT count(*) FROM presentations"))
            upgrading = asyncio.create_task(upgrade(db))
            while len(waited) < 2:
                async with db.write() as session:  # would wait for ever behind a migration that waits
                    await session.execute(text("SET LOCAL lock_timeout = '20s'"))
                    await session.execute(text("SELECT count(*) FROM presentations"))
                await asyncio.sleep(0.01)
            assert not upgrading.done()
        assert (await upgrading).is_older
        assert await tables(db) == [NEXT]

    with_database(newer.url, body)


def test_a_migration_that_never_gets_its_lock_says_so(
    newer: NextVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    if newer.url.startswith("sqlite"):
        pytest.skip("on SQLite whoever writes is alone")

    async def body(db: Database) -> None:
        newer.add(COLUMN)
        monkeypatch.setattr(migrate, "LOCK_TIMEOUT_MS", 20)
        monkeypatch.setattr(migrate, "TRIES", 2)
        async with db.read() as long_one:
            await long_one.execute(text("SELECT count(*) FROM presentations"))
            with pytest.raises(MachineError) as busy:
                await upgrade(db)
        assert (busy.value.code, await tables(db)) == ("database_busy", [HEAD])
        async with db.write() as session:  # the lock of whoever upgrades is free again
            assert await session.scalar(text("SELECT pg_try_advisory_xact_lock(1684366187)"))

    with_database(newer.url, body)


def test_a_migration_that_fails_changes_nothing(newer: NextVersion) -> None:
    async def body(db: Database) -> None:
        newer.add(f"{COLUMN}\n    op.execute('SELECT 1 FROM nowhere')")
        with pytest.raises(Exception, match="nowhere"):
            await upgrade(db)
        newer.gone()
        assert await tables(db) == [HEAD]
        async with db.write() as session:
            with pytest.raises(Exception, match="added"):
                await session.execute(text("SELECT added FROM presentations"))

    with_database(newer.url, body)


def test_the_bound_of_a_revision_never_sinks() -> None:
    """What was taken away once stays away: later revisions name at least the same bound, in their order."""
    from alembic.script import ScriptDirectory

    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())[::-1]
    names = [each.revision for each in scripts]
    assert [migrate.number_of(name) for name in names] == list(range(1, len(names) + 1))
    floors = [migrate.floor_of(name) for name in names]
    assert floors == sorted(floors)
    assert all(floor <= number for number, floor in enumerate(floors, start=1))


@pytest.mark.parametrize(
    ("revision", "head", "is_older", "is_too_new"),
    [
        (None, "3", True, False),
        ("2", "3", True, False),
        ("3_from_2", "3_from_2", False, False),
        ("4", "3", False, False),
        ("4_from_3", "3", False, False),
        ("5_from_4", "3", False, True),
        ("10", "9", False, False),
    ],
)
def test_what_a_schema_means(revision: str | None, head: str, is_older: bool, is_too_new: bool) -> None:
    found = Schema(revision, head)
    assert (found.is_older, found.is_too_new) == (is_older, is_too_new)


def test_the_command_says_what_there_is_and_makes_it(machine: Machine) -> None:
    empty = machine.run("db", "status")
    assert (empty.status, "is empty" in empty.stdout) == (1, True)
    assert not (machine.data_dir / "deckcast.db").exists()
    made = machine.run("db", "upgrade")
    assert (made.status, made.stdout) == (0, f"The database has schema {HEAD} now; before it had none.\n")
    assert machine.run("db", "status", "--json").result == {"revision": HEAD, "head": HEAD}
    again = machine.run("db", "upgrade", "--json")
    assert (again.status, again.result) == (0, {"revision": HEAD, "head": HEAD})
