"""The end of a batch tells its owner's hooks: in the same transaction, once, whichever way it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from deckcast.batches import control, films, plan, repository
from deckcast.batches.ending import end_batch
from deckcast.batches.hooks_setup import MOST_HOOKS, add_hook
from deckcast.batches.models import BatchKind, BatchState, MakeRequest, Status
from deckcast.db.models import BatchRow, ChargeRow, ItemRow
from deckcast.db.people import HookDeliveryRow, HookRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from words_world import WordsWorld, told

NOTES = ["Hello.", "This is said.", "Goodbye."]


async def add(
    world: WordsWorld, *ids: str, owner: str = "local", disabled_at: datetime | None = None
) -> None:
    async with world.db.write() as session:
        for hook_id in ids:
            row = HookRow(id=hook_id, owner=owner, url="https://example.com/hook", disabled_at=disabled_at)
            session.add(row)


async def deliveries(world: WordsWorld) -> Sequence[HookDeliveryRow]:
    async with world.db.read() as session:
        return (await session.scalars(select(HookDeliveryRow).order_by(HookDeliveryRow.hook_id))).all()


async def running(world: WordsWorld, *statuses: Status) -> str:
    """A batch whose items have these statuses; its id."""
    batch = BatchRow(id="bat_1", presentation_id="pre_1", kind=BatchKind.ALL_AUDIO, state=BatchState.RUNNING)
    batch.fingerprint, batch.request, batch.scope = "f", {}, "pre_1"
    async with world.db.write() as session:
        session.add(batch)
        await session.flush()
        for number, status in enumerate(statuses, start=1):
            item = ItemRow(id=f"itm_{number}", batch_id="bat_1", slide_id=f"sli_{number}", number=number)
            item.placement, item.status, item.ended_at = {}, status, now()
            session.add(item)
        await session.flush()
        session.add(ChargeRow(id="cha_1", batch_id="bat_1", reserved_microusd=0, cost_microusd=250_000))
    return batch.id


def story(url: str, folder: Path, body: Callable[[WordsWorld], Awaitable[None]], **settings: Any) -> None:
    async def tell(world: WordsWorld) -> None:
        world.parts.settings = world.parts.settings.model_copy(update=settings)
        await body(world)

    told(url, folder, NOTES, tell)


def test_what_the_owners_hooks_are_told(database_url: str, tmp_path: Path) -> None:
    async def body(world: WordsWorld) -> None:
        await add(world, "hok_1", "hok_2")
        await add(world, "hok_3", owner="somebody")
        await add(world, "hok_4", disabled_at=now())
        batch_id = await running(world, Status.COMPLETED, Status.FAILED, Status.SKIPPED)
        await films.close(batch_id)
        await films.close(batch_id)  # a step that is repeated after a crash
        rows = await deliveries(world)
        assert [row.hook_id for row in rows] == ["hok_1", "hok_2"]
        assert [(row.kind, row.tries) for row in rows] == [("batch.ended", 0)] * 2
        assert all(row.next_at is not None and row.next_at <= now() for row in rows)
        payload = rows[0].payload
        assert set(payload) == {"type", "timestamp", "data"}
        assert payload["type"] == "batch.ended"
        assert datetime.fromisoformat(payload["timestamp"]).tzinfo is not None
        assert payload["data"] == {
            "batchId": "bat_1",
            "presentationId": "pre_1",
            "kind": "all_audio_generation",
            "state": "partial",
            "total": 3,
            "completed": 1,
            "failed": 1,
            "skipped": 1,
            "cancelled": 0,
            "costUsd": 0.25,
            "presentationUrl": "https://deckcast.example.org/api/presentations/pre_1",
        }

    story(database_url, tmp_path, body, public_url="https://deckcast.example.org/")


def test_without_a_public_url_no_address_is_told(tmp_path: Path) -> None:
    async def body(world: WordsWorld) -> None:
        await add(world, "hok_1")
        await films.close(await running(world, Status.COMPLETED, Status.COMPLETED, Status.COMPLETED))
        (row,) = await deliveries(world)
        assert row.payload["data"]["state"] == "completed"
        assert not any(name.endswith("Url") for name in row.payload["data"])

    story(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}", tmp_path, body, public_url=None)


def test_what_is_not_committed_is_not_told(database_url: str, tmp_path: Path) -> None:
    async def body(world: WordsWorld) -> None:
        await add(world, "hok_1")
        batch_id = await running(world, Status.COMPLETED)
        with pytest.raises(ZeroDivisionError):
            async with world.db.write() as session:
                await end_batch(session, await repository.lock_batch(session, batch_id), BatchState.COMPLETED)
                raise ZeroDivisionError
        assert await deliveries(world) == []

    story(database_url, tmp_path, body)


def test_a_cancelled_batch_is_told_of(database_url: str, tmp_path: Path) -> None:
    async def body(world: WordsWorld) -> None:
        await add(world, "hok_1")
        await control.cancel(await running(world, Status.CANCELLED))
        (row,) = await deliveries(world)
        assert row.payload["data"]["state"] == "cancelled"

    story(database_url, tmp_path, body)


def test_a_batch_that_another_replaces_is_told_of(database_url: str, tmp_path: Path) -> None:
    async def body(world: WordsWorld) -> None:
        await add(world, "hok_1")
        await running(world, Status.CANCELLED)
        await plan.plan_batch(await world.presentation(), BatchKind.ALL_NARRATIVES, MakeRequest())
        (row,) = await deliveries(world)
        assert (row.payload["data"]["batchId"], row.payload["data"]["state"]) == ("bat_1", "cancelled")

    story(database_url, tmp_path, body)


def test_many_hooks_take_no_more_statements_than_one(tmp_path: Path) -> None:
    async def counted(world: WordsWorld, hooks: int) -> int:
        statements: list[str] = []
        await add(world, *(f"hok_{number}" for number in range(hooks)))
        batch_id = await running(world, Status.COMPLETED, Status.FAILED)
        engine = world.db.engine().sync_engine

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        await films.close(batch_id)
        event.remove(engine, "before_cursor_execute", note)
        assert len(await deliveries(world)) == hooks
        return len(statements)

    counts: list[int] = []
    for hooks in (1, 20):
        folder = tmp_path / str(hooks)
        folder.mkdir()

        async def body(world: WordsWorld, hooks: int = hooks) -> None:
            counts.append(await counted(world, hooks))

        story(f"sqlite+aiosqlite:///{folder / 'test.db'}", folder, body)
    assert counts[0] == counts[1]


def test_nobody_gets_more_hooks_than_there_may_be(database_url: str, tmp_path: Path) -> None:
    async def body(world: WordsWorld) -> None:
        await add(world, *(f"hok_{number}" for number in range(MOST_HOOKS - 2)))
        await add(world, "hok_of_somebody", owner="somebody")
        url = "https://example.com/hook"
        made = await asyncio.gather(
            *(add_hook(world.parts, "local", url) for _ in range(5)), return_exceptions=True
        )
        refused = [each for each in made if isinstance(each, BaseException)]
        assert [each.code for each in refused if isinstance(each, CallError)] == ["too_many_hooks"] * 3

    story(database_url, tmp_path, body)
