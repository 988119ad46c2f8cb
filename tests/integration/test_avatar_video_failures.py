"""What a failure may say of a video that is, or may be, paid: never that it can be ordered again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from tests.batch_world import PRICE, SLIDE, VIDEO, BatchWorld, batch_world

from deckcast.avatars.ports import Failed
from deckcast.avatars.submissions import State
from deckcast.batches import money, repository, retention_repository
from deckcast.batches.avatar_rows import record_failure
from deckcast.batches.avatar_videos import await_job, await_late_job
from deckcast.batches.models import Status
from deckcast.db.models import AvatarVideoRow, ItemRow
from deckcast.kit.clock import now
from deckcast.kit.errors import MachineError


async def fail() -> None:
    await record_failure(VIDEO, Status.FAILED, "internal_error", "Something went wrong.", True)


async def stands_in_the_way(world: BatchWorld) -> bool:
    async with world.db.write() as session:
        return await repository.avatar_video_with(session, SLIDE, "f") is not None


@pytest.mark.parametrize(
    "state", [State.CALLING, State.UNKNOWN, State.SEARCHED, State.UNRESOLVED, State.ACCEPTED]
)
def test_a_video_that_may_be_paid_keeps_its_money_and_is_not_ordered_again(
    tmp_path: Path, state: State
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.reserve()
            await world.submission(state)
            await world.change(status=Status.PROCESSING)
            await fail()
            assert (await world.video()).error_code == "internal_error"
            assert await stands_in_the_way(world)
            assert await world.spend() == (PRICE, 0)

    asyncio.run(run())


@pytest.mark.parametrize("state", [None, State.RESERVED, State.REFUSED, State.NOT_MADE, State.ENDED])
def test_a_video_of_which_nothing_was_made_gives_its_money_back(tmp_path: Path, state: State | None) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.reserve()
            if state is not None:
                await world.submission(state)
            await fail()
            assert (await world.video()).status == Status.FAILED
            assert not await stands_in_the_way(world)
            assert await world.spend() == (0, 0)

    asyncio.run(run())


def test_a_day_without_an_answer_loses_no_job(tmp_path: Path) -> None:
    """The provider is out of reach at the one moment at which it is asked, a day later."""

    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.reserve()
            await world.submission(State.ACCEPTED, job_id="job_1")
            long_ago = now() - timedelta(days=2)
            await world.change(status=Status.TIMED_OUT, provider_video_id="job_1", submitted_at=long_ago)
            world.provider.reachable = False
            problem = await await_late_job(VIDEO)
            assert problem is not None
            assert problem[0] == "never_finished"
            await record_failure(VIDEO, Status.FAILED, *problem)
            assert await stands_in_the_way(world)

    asyncio.run(run())


@pytest.mark.parametrize("usd_per_second", [Decimal("0.1"), Decimal(0)])
def test_a_charged_failure_is_paid_and_never_ordered_again_by_itself(
    tmp_path: Path, usd_per_second: Decimal
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path, usd_per_second=usd_per_second) as world:
            if usd_per_second:
                await world.reserve()
            await world.submission(State.ACCEPTED, job_id="job_1")
            await world.change(status=Status.PROCESSING, provider_video_id="job_1", submitted_at=now())
            world.provider.says = Failed("result_lost", "It was made, and is lost.", True, charged=True)
            problem = await await_job(VIDEO, "job_1")
            assert problem == ("result_lost", "It was made, and is lost.", False)
            await record_failure(VIDEO, Status.FAILED, *problem)
            assert await stands_in_the_way(world)
            assert await world.spend() == (0, PRICE if usd_per_second else 0)

    asyncio.run(run())


def test_who_comes_late_with_an_old_job_does_not_end_the_new_one(tmp_path: Path) -> None:
    """The monitor learns that the first job has failed when a second one is accepted already."""

    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.submission(State.ENDED, attempt=1, job_id="job_1")
            await world.submission(State.ACCEPTED, attempt=2, job_id="job_2")
            await world.parts.ledger.job_failed(VIDEO, "job_1")
            assert await world.submission_state(attempt=2) == State.ACCEPTED

    asyncio.run(run())


def test_the_monitor_leaves_a_video_alone_that_somebody_has_taken_up(tmp_path: Path) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.reserve()
            await world.submission(State.ENDED)
            await world.change(status=Status.SUBMITTING, round=2)
            problem = ("render_failed", "It failed.", True)
            await record_failure(VIDEO, Status.FAILED, *problem, Status.TIMED_OUT)
            assert (await world.video()).status == Status.SUBMITTING
            assert await world.spend() == (PRICE, 0)
            await world.change(status=Status.TIMED_OUT)
            await record_failure(VIDEO, Status.FAILED, *problem, Status.TIMED_OUT)
            assert (await world.video()).status == Status.FAILED
            assert await world.spend() == (0, 0)

    asyncio.run(run())


def test_what_was_paid_is_counted_though_its_reservation_is_gone(tmp_path: Path) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.reserve()
            for price in (Decimal(0), Decimal(1), Decimal(1)):  # released, then paid all the same, then again
                async with world.db.write() as session:
                    await money.settle(session, await session.get_one(AvatarVideoRow, VIDEO), price)
            assert (await world.video()).cost_microusd == PRICE
            assert await world.spend() == (0, PRICE)

    asyncio.run(run())


@pytest.mark.parametrize("reason", ["database is locked", "server closed the connection unexpectedly"])
def test_a_database_that_does_not_answer_halts_the_work_and_fails_no_slide(
    tmp_path: Path, reason: str
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            with pytest.raises(MachineError, match="does not answer"):
                async with world.db.write():
                    raise OperationalError("UPDATE", {}, Exception(reason))

    asyncio.run(run())


def test_the_newest_paid_video_of_a_slide_is_kept_though_the_newest_batch_has_left_the_slide_out(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        async with batch_world(tmp_path) as world:
            await world.change(status=Status.COMPLETED, asset_key="paid.mp4", cost_microusd=PRICE)
            async with world.db.write() as session:
                await session.execute(delete(ItemRow))
            async with world.db.read() as session:
                assert "paid.mp4" in await retention_repository.keys_in_use(session, "pre_1")

    asyncio.run(run())
