"""What a worker does once in a while: by one worker only, and never to what somebody may still ask for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from batch_world import BATCH, VIDEO, BatchWorld, batch_world
from databases import with_database
from deckcast.batches import housekeeping
from deckcast.batches.models import BatchState
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, BatchRow
from deckcast.db.switches import is_due
from deckcast.kit.clock import now


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


class Engine:
    """Workflows that have ended, as the engine lists and deletes them."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.asked: list[dict[str, Any]] = []

    async def list_workflows_async(self, **asked: Any) -> list[SimpleNamespace]:
        self.asked.append(asked)
        page = self.names[asked["offset"] : asked["offset"] + asked["limit"]]
        return [SimpleNamespace(workflow_id=name) for name in page]

    async def delete_workflows_async(self, ids: list[str]) -> None:
        self.names = [name for name in self.names if name not in ids]


def forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch, state: str, status: str) -> Engine:
    engine = Engine(
        [f"{BATCH}.finish", *(f"itm_{number}.prepare" for number in range(7)), f"{VIDEO}.render.1"]
    )
    monkeypatch.setattr(housekeeping, "DBOS", engine)
    monkeypatch.setattr(housekeeping, "AT_ONCE", 3)

    async def told(world: BatchWorld) -> None:
        async with world.db.write() as session:
            (await session.get_one(BatchRow, BATCH)).state = state
            (await session.get_one(AvatarVideoRow, VIDEO)).status = status
        before = len(engine.names)
        assert await housekeeping.forget_ended_work() == before - len(engine.names)

    async def run() -> None:
        async with batch_world(folder) as world:
            await told(world)

    asyncio.run(run())
    return engine


def test_work_that_ended_long_ago_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = forgotten(tmp_path, monkeypatch, BatchState.COMPLETED, "completed")
    assert engine.names == []
    assert all(asked["completed_before"] < (now() - timedelta(days=6)).isoformat() for asked in engine.asked)


def test_what_somebody_may_ask_for_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = forgotten(tmp_path, monkeypatch, BatchState.RUNNING, "processing")
    assert {f"{BATCH}.finish", f"{VIDEO}.render.1"} <= set(engine.names)
    assert len(engine.names) < 9
    video_only = forgotten(tmp_path / "x", monkeypatch, BatchState.COMPLETED, "timed_out")
    assert video_only.names == [f"{VIDEO}.render.1"]
