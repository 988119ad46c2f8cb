"""Who works on what, where several workers share a PostgreSQL database: decided in rows, and one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from databases import with_database
from deckcast.avatars.accounts import Account
from deckcast.avatars.ledger import Ledger
from deckcast.batches import workers_repository
from deckcast.batches.claims import claims_of
from deckcast.batches.context import Context
from deckcast.batches.leases import Lease, give_back_orphans, machine_of, take_over_from_dead
from deckcast.batches.models import BatchKind, BatchState
from deckcast.batches.scopes import (
    SERVER,
    anybody_works,
    held_by_command,
    holding,
    is_at_work,
    server_works,
    serving,
)
from deckcast.batches.stopping import Stopping
from deckcast.db.database import Database
from deckcast.db.models import BatchRow, PresentationRow
from deckcast.kit.errors import MachineError
from deckcast.kit.settings import Settings, WorkerSettings
from ledger_world import VIDEO, PaidProvider, Time, add_videos

PRESENTATION, BATCH, OTHER = "pre_1", "bat_1", "bat_2"
ENGINE_TABLE = """CREATE TABLE dbos.workflow_status (workflow_uuid text, status text, executor_id text, queue_name text,
 owner_xid text, started_at_epoch_ms bigint, updated_at bigint, recovery_attempts bigint)"""


@pytest.fixture
def on_postgres(postgres_url: str) -> Callable[[Callable[[Database], Awaitable[Any]]], Any]:
    """Run a story on an empty PostgreSQL database with the engine's table, as the engine leaves it."""

    def run(body: Callable[[Database], Awaitable[Any]]) -> Any:
        async def story(db: Database) -> Any:
            async with db.engine().begin() as connection:
                await connection.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))
                await connection.execute(text("CREATE SCHEMA dbos"))
                await connection.execute(text(ENGINE_TABLE))
            try:
                return await body(db)
            finally:
                async with db.engine().begin() as connection:
                    await connection.execute(text("DROP SCHEMA dbos CASCADE"))

        return with_database(postgres_url, story)

    return run


def parts_of(db: Database, folder: Path, scope: str = SERVER) -> Context:
    """The parts of another process on this database, as far as this matters here."""
    settings = Settings(data_dir=folder, database_url=db.url, worker=WorkerSettings(lease_s=30), workers=1)
    parts = object.__new__(Context)
    parts.settings, parts.db, parts.scope = settings, Database(db.url), scope
    parts.providers, parts.worker_id, parts.halted, parts.stopping = {}, None, None, Stopping()
    return parts


@asynccontextmanager
async def server_worker(db: Database, folder: Path) -> AsyncIterator[tuple[Context, Lease]]:
    parts = parts_of(db, folder)
    try:
        async with serving(parts) as lease:
            assert lease is not None
            yield parts, lease
    finally:
        await parts.db.close()


async def order(db: Database, *batches: str) -> None:
    """Batches of one presentation, ordered through the API."""
    async with db.write() as session:
        session.add(
            PresentationRow(
                id=PRESENTATION,
                owner="me",
                source="deck",
                title="",
                state="ready",
                deck_sha256="",
                language="en",
            )
        )
        await session.flush()
        for batch in batches:
            session.add(
                BatchRow(
                    id=batch,
                    presentation_id=PRESENTATION,
                    kind=BatchKind.PRESENTATION_VIDEO,
                    state=BatchState.RUNNING,
                    fingerprint=batch,
                    request={},
                    scope=SERVER,
                )
            )


async def put_work(
    db: Database, work: str, status: str, executor: str | None, queue: str = "server.work"
) -> None:
    insert = "INSERT INTO dbos.workflow_status VALUES (:work, :status, :executor, :queue, 'token', 1, 1, 3)"
    async with db.write() as session:
        values = {"work": work, "status": status, "executor": executor, "queue": queue}
        await session.execute(text(insert), values)


async def work_of(db: Database) -> dict[str, tuple[str, str, int]]:
    """What became of the engine's work: status, queue, how often it was begun."""
    query = "SELECT workflow_uuid, status, queue_name, recovery_attempts FROM dbos.workflow_status"
    async with db.read() as session:
        return {row[0]: tuple(row[1:]) for row in await session.execute(text(query))}


async def fall_silent(db: Database, worker_id: str) -> None:
    async with db.write() as session:
        query = "UPDATE workers SET beat_at = beat_at - interval '1 minute' WHERE id = :id"
        await session.execute(text(query), {"id": worker_id})


async def collected(claims: Any) -> list[str]:
    return [batch async for batch in claims.new()]


def test_who_is_held_for_dead_writes_nothing_any_more(on_postgres: Any, tmp_path: Path) -> None:
    async def story(db: Database) -> None:
        async with server_worker(db, tmp_path) as (parts, lease):
            await fall_silent(db, lease.id)
            async with parts.db.write():
                await take_over_from_dead(db, 2)  # in mid transaction it counts as alive
            async with db.read() as session:
                assert await workers_repository.anybody(session, SERVER)
            await take_over_from_dead(db, 2)
            with pytest.raises(MachineError) as caught:
                async with parts.db.write():
                    raise AssertionError("it wrote")
            assert caught.value.code == "taken_over"
            with pytest.raises(MachineError):
                await lease.beat()

    on_postgres(story)


def test_what_a_dead_worker_was_at_goes_back_and_what_a_living_one_is_at_does_not(
    on_postgres: Any, tmp_path: Path
) -> None:
    async def story(db: Database) -> None:
        async with (
            server_worker(db, tmp_path / "a") as (_, dead),
            server_worker(db, tmp_path / "b") as (_, living),
        ):
            await put_work(db, "of the dead", "PENDING", dead.id)
            await put_work(db, "of the living", "PENDING", living.id)
            await put_work(db, "done by the dead", "SUCCESS", dead.id)
            await fall_silent(db, dead.id)
            await take_over_from_dead(db, 2)
            after = await work_of(db)
            assert after == {
                "of the dead": ("ENQUEUED", "server.work", 3),  # how often it was begun stays counted
                "of the living": ("PENDING", "server.work", 3),
                "done by the dead": ("SUCCESS", "server.work", 3),
            }
            await put_work(db, "taken late", "PENDING", dead.id)  # it woke, and took more before it noticed
            await give_back_orphans(db)
            assert (await work_of(db))["taken late"][0] == "ENQUEUED"

    on_postgres(story)


def test_who_leaves_gives_back_all_but_what_comes_to_its_end(on_postgres: Any, tmp_path: Path) -> None:
    async def story(db: Database) -> None:
        async with server_worker(db, tmp_path) as (_, lease):
            for work in ("waits", "draws"):
                await put_work(db, work, "PENDING", lease.id)
            async with db.write() as session:
                assert await workers_repository.give_back(session, lease.id, but=["draws"]) == ["waits"]
            assert (await work_of(db))["waits"] == ("ENQUEUED", "server.work", 2)  # not its fault
            await lease.leave()
            assert (await work_of(db))["draws"][0] == "ENQUEUED"
            async with db.read() as session:
                assert not await workers_repository.anybody(session, SERVER)

    on_postgres(story)


def test_a_batch_is_one_workers_until_that_is_gone(on_postgres: Any, tmp_path: Path) -> None:
    async def story(db: Database) -> None:
        await order(db, BATCH, OTHER)
        async with AsyncExitStack() as stack:
            workers = [
                await stack.enter_async_context(server_worker(db, tmp_path / str(n))) for n in range(3)
            ]
            claims = [claims_of(parts) for parts, _ in workers]
            claimed = await asyncio.gather(*map(collected, claims))
            assert sorted(batch for each in claimed for batch in each) == [BATCH, OTHER]
            keeper = next(n for n, each in enumerate(claimed) if each)
            assert list(await claims[keeper].mine()) == claimed[keeper]
            assert await asyncio.gather(*map(collected, claims)) == [[], [], []]
            assert [await each.am_first() for each in claims] == [True, False, False]
            await workers[keeper][1].leave()
            others = [each for n, each in enumerate(claims) if n != keeper]
            again = await asyncio.gather(*map(collected, others))
            assert sorted(batch for each in again for batch in each) == sorted(claimed[keeper])

    on_postgres(story)


def test_a_presentation_is_a_commands_or_the_servers(on_postgres: Any, tmp_path: Path) -> None:
    async def story(db: Database) -> None:
        await order(db)
        command = parts_of(db, tmp_path / "laptop", PRESENTATION)
        other = parts_of(db, tmp_path / "desk", PRESENTATION)
        async with server_worker(db, tmp_path / "server") as (parts, lease):
            assert await server_works(command)
            async with holding(command, PRESENTATION) as mine:
                assert (mine, await held_by_command(parts, PRESENTATION)) == (True, True)
                async with holding(other, PRESENTATION) as theirs:
                    assert not theirs
                async with db.write() as session:
                    row = BatchRow(id=BATCH, presentation_id=PRESENTATION, kind=BatchKind.PRESENTATION_VIDEO)
                    row.state, row.fingerprint, row.request, row.scope = BatchState.RUNNING, "", {}, SERVER
                    session.add(row)
                assert await collected(claims_of(parts)) == []
            assert not await held_by_command(parts, PRESENTATION)
            async with holding(other, PRESENTATION) as theirs:
                assert not theirs  # it was ordered through the API, and a worker of the server lives
            assert await is_at_work(other, PRESENTATION)
            assert await collected(claims_of(parts)) == [BATCH]
            await lease.leave()
        async with holding(other, PRESENTATION) as theirs:
            assert theirs
        for each in (command, other):
            await each.db.close()

    on_postgres(story)


def test_a_command_that_was_killed_goes_on_at_once_on_its_machine_and_after_a_lease_elsewhere(
    on_postgres: Any, tmp_path: Path
) -> None:
    async def story(db: Database) -> None:
        await order(db)
        here, there = (parts_of(db, tmp_path / name, PRESENTATION) for name in ("here", "there"))

        async def was_killed() -> None:
            machine = machine_of(tmp_path / "here")
            async with db.write() as session:
                await workers_repository.add(session, "wrk_killed", PRESENTATION, machine, {})

        await was_killed()
        async with holding(there, PRESENTATION, waited_s=40) as mine:
            assert not mine  # it was heard of lately
        async with holding(here, PRESENTATION) as mine:
            assert mine
        await was_killed()
        await fall_silent(db, "wrk_killed")
        async with holding(there, PRESENTATION) as mine:
            assert not mine  # the database may have been away
        async with holding(there, PRESENTATION, waited_s=40) as mine:
            assert mine
        for each in (here, there):
            await each.db.close()

    on_postgres(story)


def test_work_moves_only_from_who_is_gone(on_postgres: Any, tmp_path: Path) -> None:
    async def story(db: Database) -> None:
        async with server_worker(db, tmp_path) as (_, lease):
            await put_work(db, "itm_1.prepare", "ENQUEUED", None, "pre_1.work")
            await put_work(db, "itm_1.compose", "PENDING", "wrk_dead", "pre_1.work")
            await put_work(db, "itm_2.compose", "PENDING", lease.id, "pre_1.work")
            await put_work(db, "itm_9.compose", "ENQUEUED", None, "pre_1.work")
            async with db.write() as session:
                await workers_repository.move(session, {"pre_1.work": "server.work"}, {"itm_1", "itm_2"})
            queues = {work: (status, queue) for work, (status, queue, _) in (await work_of(db)).items()}
            assert queues == {
                "itm_1.prepare": ("ENQUEUED", "server.work"),
                "itm_1.compose": ("ENQUEUED", "server.work"),
                "itm_2.compose": ("PENDING", "pre_1.work"),
                "itm_9.compose": ("ENQUEUED", "pre_1.work"),
            }

    on_postgres(story)


class FrozenBeforeSending(PaidProvider):
    """Its first caller is frozen when key and order are committed, and sends when it wakes."""

    def __init__(self, time: Time) -> None:
        super().__init__(time)
        self.frozen, self.wakes = asyncio.Event(), asyncio.Event()

    async def submit(self, order: dict[str, Any], key: str) -> str:
        if not self.frozen.is_set():
            self.frozen.set()
            await self.wakes.wait()
        return await super().submit(order, key)


def test_a_call_that_a_woken_worker_sends_late_makes_no_second_job(on_postgres: Any, tmp_path: Path) -> None:
    async def story(db: Database) -> None:
        await add_videos(db)
        time = Time()
        provider: Any = FrozenBeforeSending(time)

        async def sleep(seconds: float) -> None:
            time.jump(seconds)

        async def submitted(using: Database) -> str:
            account = Account(using, provider, 5, clock=time.clock, sleep=sleep)
            ledger = Ledger(using, clock=time.clock, sleep=sleep)
            return await ledger.submit_once(VIDEO, provider, provider.prepare, account)

        async with server_worker(db, tmp_path) as (parts, lease):
            late = asyncio.create_task(submitted(parts.db))
            await provider.frozen.wait()
            await fall_silent(db, lease.id)
            await take_over_from_dead(db, 2)
            assert await submitted(db) == "job_1"
            provider.wakes.set()
            with pytest.raises(MachineError) as caught:
                await late
            assert caught.value.code == "taken_over"
        assert (len(provider.calls), len(set(provider.calls)), len(provider.jobs)) == (2, 1, 1)
        assert await submitted(db) == "job_1"

    on_postgres(story)


def test_whoever_was_heard_of_lately_is_at_work(on_postgres: Any, tmp_path: Path) -> None:
    async def body(db: Database) -> None:
        async with server_worker(db, tmp_path) as (parts, lease):
            assert await anybody_works(parts)
            await fall_silent(db, lease.id)  # as the rows of a restored database are
            assert not await anybody_works(parts)

    on_postgres(body)
