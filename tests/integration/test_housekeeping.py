"""What a worker does once in a while: by one worker only, and never to what somebody may still ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from dbos import DBOS
from sqlalchemy import text

from batch_world import BATCH, ITEM, VIDEO, add_rows
from databases import with_database
from deckcast.batches import context, engine, housekeeping
from deckcast.batches.context import Context
from deckcast.batches.models import BatchState, Status
from deckcast.batches.stopping import Stopping
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, BatchRow
from deckcast.db.switches import is_due
from deckcast.kit.clock import now
from deckcast.kit.settings import Settings


def test_a_chore_is_done_by_one_of_many_once_in_so_long(database_url: str) -> None:
    async def body(db: Database) -> None:
        async def asked(every: timedelta) -> bool:
            async with db.write() as session:
                return await is_due(session, "chore", every)

        assert sorted(await asyncio.gather(*(asked(timedelta(hours=1)) for _ in range(6)))) == [False] * 5 + [
            True
        ]
        assert not await asked(timedelta(hours=1))
        assert await asked(timedelta(0))

    with_database(database_url, body)


@DBOS.workflow(name="ends_at_once")
async def ends_at_once(_subject: str) -> None:
    """Work that is done."""


@asynccontextmanager
async def at_work(db: Database, folder: Path) -> AsyncIterator[None]:
    """The real engine, beside a database with an open batch and its avatar video under way."""
    parts = object.__new__(Context)
    parts.settings = Settings(data_dir=folder, database_url=None if db.is_sqlite else db.url)
    parts.db, parts.scope, parts.providers, parts.worker_id = db, "pre_1", {}, None
    parts.stopping, parts.halted = Stopping(), None
    context.use(parts)
    try:
        await add_rows(db)
        await engine.launch(parts.settings.engine_database_url, parts.scope, {engine.WORK: 4})
        yield
    finally:
        engine.stop()
        context.use(None)
        if not db.is_sqlite:
            async with db.engine().begin() as connection:
                await connection.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))


async def remembered() -> set[str]:
    return {each.workflow_id for each in await DBOS.list_workflows_async(load_input=False)}


def test_work_that_ended_long_ago_is_forgotten_unless_somebody_may_ask_for_it(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "AT_ONCE", 2)
    asked_for = {f"{BATCH}.finish", f"{ITEM}.prepare", f"{VIDEO}.render.1"}
    ended = asked_for | {"bat_0.finish", "itm_01.prepare", "itm_02.prepare", "avv_0.render.1"}

    async def body(db: Database) -> None:
        async with at_work(db, tmp_path):
            for workflow_id in sorted(ended):
                await engine.enqueue(engine.WORK, ends_at_once, workflow_id, "subject")
            for workflow_id in ended:
                await (await DBOS.retrieve_workflow_async(workflow_id)).get_result(polling_interval_sec=0.1)
            assert await housekeeping.forget_ended_work() == 0  # it has only just ended
            monkeypatch.setattr(housekeeping, "now", lambda: now() + timedelta(days=8))
            assert await housekeeping.forget_ended_work() == 4
            assert await remembered() == asked_for
            async with db.write() as session:
                (await session.get_one(BatchRow, BATCH)).state = BatchState.COMPLETED
            assert await housekeeping.forget_ended_work() == 2
            assert await remembered() == {f"{VIDEO}.render.1"}
            async with db.write() as session:
                (await session.get_one(AvatarVideoRow, VIDEO)).status = Status.COMPLETED
            await housekeeping.do_chores()
            assert await remembered() == set()

    with_database(database_url, body)
