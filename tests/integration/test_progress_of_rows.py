"""Progress from rows: what a slide has worked is written down as it goes from phase to phase, on a clock of the
test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from tests.batch_world import BATCH, ITEM, BatchWorld, batch_world

from deckcast.batches import progress as progress_module
from deckcast.batches import repository
from deckcast.batches.forecast import Others
from deckcast.batches.models import BatchState, Phase, Status, Step
from deckcast.batches.progress import eta_of, progress_of, progress_of_many
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow, SlideRow

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
REQUEST = {"provider": "paid", "avatar": "ada"}
PLACEMENT = {"layout": "full", "slide": None, "presenter": [0, 0, 10, 10], "shape": "circle", "corner": None}
SAID = {"text": "Hello there.", "language": "en", "say": []}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def after(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(repository, "now", clock)
    monkeypatch.setattr(progress_module, "now", clock)
    return clock


@asynccontextmanager
async def planned(folder: Path) -> AsyncIterator[BatchWorld]:
    """A batch of one slide that is planned and not begun."""
    async with batch_world(folder) as world:
        async with world.db.write() as session:
            batch = await session.get_one(BatchRow, BATCH)
            batch.request, batch.created_at = REQUEST, START
            item = await session.get_one(ItemRow, ITEM)
            item.placement, item.narrative, item.estimated_s, item.avatar_video_id = (
                PLACEMENT,
                SAID,
                10.0,
                None,
            )
        yield world


async def goes_to(world: BatchWorld, step: Step, status: Status, **more: Any) -> None:
    async with world.db.write() as session:
        await repository.set_item(session, ITEM, step=step, status=status, **more)


def test_each_phase_is_measured_and_waiting_is_not(tmp_path: Path, clock: Clock) -> None:
    async def run() -> None:
        async with planned(tmp_path) as world:
            assert (await progress_of(BATCH)).share == 0.0
            await goes_to(world, Step.SPEECH, Status.PROCESSING)
            clock.after(2)
            await goes_to(world, Step.AVATAR_VIDEO, Status.PENDING)
            waiting = (await progress_of(BATCH)).share
            clock.after(1000)
            assert (await progress_of(BATCH)).share == waiting > 0
            await goes_to(world, Step.AVATAR_VIDEO, Status.SUBMITTING)
            clock.after(1)
            await goes_to(world, Step.AVATAR_VIDEO, Status.PROCESSING)
            clock.after(44)
            seen = await progress_of(BATCH)
            assert seen.forecast.done_s == pytest.approx(47)
            assert waiting < seen.share < 1
            await goes_to(
                world, Step.AVATAR_VIDEO, Status.SUBMITTING
            )  # the job failed: it is done again, and all counts
            clock.after(40)
            await goes_to(world, Step.AVATAR_VIDEO, Status.PUBLISHING)
            clock.after(3)
            await goes_to(world, Step.CLIP, Status.PROCESSING)
            clock.after(1)
            await goes_to(world, Step.DONE, Status.COMPLETED, ended_at=clock())
            async with world.db.read() as session:
                item = await session.get_one(ItemRow, ITEM)
            assert item.worked_s == {"speech": 2, "avatar_video": 85, "publishing": 3, "clip": 1}
            assert item.phase_began_at is None

    asyncio.run(run())


def test_time_moves_a_running_slide_and_an_ended_batch_is_all_done(tmp_path: Path, clock: Clock) -> None:
    async def run() -> None:
        async with planned(tmp_path) as world:
            await goes_to(world, Step.AVATAR_VIDEO, Status.PROCESSING)
            shares = []
            for _ in range(8):
                clock.after(30)
                shares.append((await progress_of(BATCH)).share)
            assert shares == sorted(shares)
            assert shares[0] < shares[-1] < 1
            async with world.db.write() as session:
                (await session.get_one(BatchRow, BATCH)).state = BatchState.PARTIAL
            ended = await progress_of(BATCH)
            assert ended.share == 1.0
            assert eta_of(ended) is None

    asyncio.run(run())


def test_history_of_the_provider_gives_an_end_at_once_and_others_put_it_off(
    tmp_path: Path, clock: Clock
) -> None:
    async def run() -> None:
        async with planned(tmp_path) as world:
            assert eta_of(await progress_of(BATCH)) is None
            await add_batch(world, "bat_old", slides=6, provider="paid", worked_s=spent(45.0))
            low, high = eta_of(await progress_of(BATCH)) or (0.0, 0.0)
            assert low < 1 + 45 + 3 + 1 < high < 200
            await add_batch(world, "bat_other", slides=12, provider="paid", worked_s={}, waits=True)
            busy = await progress_of(BATCH)
            assert busy.forecast.others == Others(alive=0, queued=12)
            assert (eta_of(busy) or (0.0, 0.0))[1] > high

    asyncio.run(run())


def test_another_providers_history_says_nothing(tmp_path: Path, clock: Clock) -> None:
    async def run() -> None:
        async with planned(tmp_path) as world:
            await add_batch(world, "bat_old", slides=6, provider="other", worked_s=spent(45.0))
            assert eta_of(await progress_of(BATCH)) is None

    asyncio.run(run())


def test_a_slide_that_was_there_and_one_that_failed_are_no_work_ahead(tmp_path: Path, clock: Clock) -> None:
    async def run() -> None:
        async with planned(tmp_path) as world:
            await add_batch(world, "bat_a", slides=2, provider="paid", worked_s={}, open_too=True)
            async with world.db.write() as session:
                reused, failed = await repository.items_of(session, "bat_a")
                reused.reused, failed.error_code = True, "video_failed"
            async with world.db.read() as session:
                [seen] = await progress_of_many(session, ["bat_a"])
            assert all(slide.ahead in ((), (Phase.CLIP,)) for slide in seen.forecast.slides)

    asyncio.run(run())


def test_many_batches_take_as_many_queries_as_one(tmp_path: Path, clock: Clock) -> None:
    async def run() -> None:
        async with planned(tmp_path) as world:
            for number in range(4):
                await add_batch(
                    world, f"bat_{number}_x", slides=3, provider="paid", worked_s={}, open_too=True
                )
            ids = [BATCH, *(f"bat_{number}_x" for number in range(4))]
            with counted(world) as one:
                async with world.db.read() as session:
                    await progress_of_many(session, [BATCH])
            with counted(world) as many:
                async with world.db.read() as session:
                    found = await progress_of_many(session, ids)
            assert [each.batch_id for each in found] == ids
            assert len(many) == len(one)

    asyncio.run(run())


@contextmanager
def counted(world: BatchWorld) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        if args[2].startswith("SELECT"):
            seen.append(args[2])

    engine = world.db.engine().sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def spent(render_s: float) -> dict[str, float]:
    return {"speech": 1.0, "avatar_video": render_s, "publishing": 3.0, "clip": 1.0}


async def add_batch(
    world: BatchWorld,
    batch_id: str,
    *,
    slides: int,
    provider: str,
    worked_s: dict[str, float],
    waits: bool = False,
    open_too: bool = False,
) -> None:
    """Another batch: ended a while ago, or `open_too`; where it `waits`, its videos are queued."""
    is_open = waits or open_too
    async with world.db.write() as session:
        batch = BatchRow(
            id=batch_id, presentation_id="pre_1", kind="presentation_video", fingerprint=batch_id
        )
        batch.state = BatchState.RUNNING if is_open else BatchState.COMPLETED
        batch.request, batch.scope, batch.created_at = {**REQUEST, "provider": provider}, "pre_1", START
        session.add(batch)
        await session.flush()
        for number in range(slides):
            ends = START - timedelta(hours=1)
            slide = SlideRow(id=f"{batch_id}.{number}", presentation_id="pre_1", key=f"{batch_id}.{number}")
            slide.number, slide.title, slide.notes, slide.language, slide.content = number, "", "", "en", {}
            session.add(slide)
            await session.flush()
            video = AvatarVideoRow(id=f"{slide.id}.v", slide_id=slide.id, fingerprint="f", provider=provider)
            video.request, video.batch_id = {}, batch_id
            video.status = Status.PENDING if waits else Status.COMPLETED
            item = ItemRow(id=f"{slide.id}.i", batch_id=batch_id, slide_id=slide.id, number=number)
            item.placement, item.narrative, item.estimated_s = PLACEMENT, SAID, 10.0
            session.add(video)
            await session.flush()
            item.avatar_video_id, item.worked_s = video.id, worked_s
            if not is_open:
                item.step, item.status, item.ended_at = Step.DONE, Status.COMPLETED, ends
            session.add(item)
        if not is_open:
            batch.ended_at = START - timedelta(minutes=59, seconds=59)
