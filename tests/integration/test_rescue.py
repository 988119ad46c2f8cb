"""Nothing waits for ever, and nobody is given up for what an earlier round went through."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from tests.batch_world import BATCH, ITEM, PRICE, VIDEO, BatchWorld, batch_world

from deckcast.avatars.submissions import State
from deckcast.batches import rescue, uploads
from deckcast.batches.models import ImportState, Status
from deckcast.db.models import ItemRow, PresentationRow

GIVEN_UP, SUCCESS = "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS"


@pytest.fixture
def engine_knows(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the engine know these workflows, with their status."""

    def known(**works: str) -> None:
        async def listed(*, status: list[str], **asked: Any) -> list[SimpleNamespace]:
            wanted = asked.get("workflow_ids") or [
                key for key in names if key.startswith(tuple(asked["workflow_id_prefix"]))
            ]
            found = [name for name in wanted if names.get(name) in status]
            return [SimpleNamespace(workflow_id=name) for name in found]

        names = {name.replace("__", "."): status for name, status in works.items()}
        monkeypatch.setattr(rescue.DBOS, "list_workflows_async", listed)
        monkeypatch.setattr(rescue, "enqueue", _nothing)

    return known


async def _nothing(*_args: Any) -> None:
    return None


async def _presentation(world: BatchWorld) -> PresentationRow:
    async with world.db.read() as session:
        return (await session.scalars(select(PresentationRow))).one()


async def _item(world: BatchWorld) -> ItemRow:
    async with world.db.read() as session:
        return await session.get_one(ItemRow, ITEM)


@pytest.mark.parametrize(("status", "work"), [("publishing", "publish"), ("processing", "render")])
def test_a_video_that_nobody_works_on_is_left_to_the_next(
    tmp_path: Path, engine_knows: Any, status: str, work: str
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.change(status=status)
            engine_knows(**{f"{VIDEO}__{work}__1": GIVEN_UP})
            await rescue.rescue(BATCH)
            assert (await world.video()).status == Status.TIMED_OUT
            assert (await _item(world)).error_code == "crashed_repeatedly"

    asyncio.run(run())


def test_a_workflow_that_ended_without_ending_its_video_is_no_reason_to_wait(
    tmp_path: Path, engine_knows: Any
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.change(status="publishing")
            engine_knows(**{f"{VIDEO}__publish__1": SUCCESS})
            await rescue.rescue(BATCH)
            assert (await world.video()).status == Status.TIMED_OUT

    asyncio.run(run())


def test_what_an_earlier_round_went_through_ends_no_slide(tmp_path: Path, engine_knows: Any) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.change(status="processing", round=2)
            engine_knows(**{f"{VIDEO}__render__1": GIVEN_UP, f"{VIDEO}__monitor__1": GIVEN_UP})
            await rescue.rescue(BATCH)
            assert (await world.video()).status == Status.PROCESSING
            assert (await _item(world)).ended_at is None

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "called", "left", "money"),
    [("pending", False, Status.CANCELLED, 0), ("processing", True, Status.TIMED_OUT, PRICE)],
)
def test_a_video_of_a_provider_that_was_taken_away_is_not_waited_for(
    tmp_path: Path, engine_knows: Any, status: str, called: bool, left: Status, money: int
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.reserve()
            await world.change(status=status)
            await world.submission(
                State.ACCEPTED if called else State.RESERVED, job_id="job_1" if called else None
            )
            world.parts.providers = {}
            engine_knows()
            await rescue.rescue(BATCH)
            assert (await world.video()).status == left
            assert (await _item(world)).error_code == "provider_not_configured"
            assert await world.spend() == (money, 0)

    asyncio.run(run())


def test_an_import_that_killed_the_worker_again_and_again_has_failed(
    tmp_path: Path, engine_knows: Any
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            async with world.db.write() as session:
                presentation = (await session.scalars(select(PresentationRow))).one()
                presentation.state, presentation.next_deck_key = ImportState.IMPORTING, "a/deck.pptx"
            uploaded = [(presentation.id, "a/deck.pptx")]
            work = uploads.workflow_id(*uploaded[0]).replace(".", "__")
            engine_knows(**{work: SUCCESS})
            await uploads.settle_given_up_imports(uploaded)
            assert (await _presentation(world)).state == ImportState.IMPORTING
            engine_knows(**{work: GIVEN_UP})
            await uploads.settle_given_up_imports(uploaded)
            failed = await _presentation(world)
            assert (failed.state, failed.error_code) == (ImportState.FAILED, "crashed_repeatedly")
            assert failed.next_deck_key is None

    asyncio.run(run())
