"""The switch for paid work: off, no call that costs money begins, and what is under way is brought to its end."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from batch_world import VIDEO, BatchWorld, batch_world
from command import Machine
from deckcast.avatars.ports import Done
from deckcast.avatars.submissions import State
from deckcast.batches import avatar_videos
from deckcast.batches.avatar_rows import record_failure
from deckcast.batches.charges import Bill, Billed, charged
from deckcast.batches.models import Status
from deckcast.db.database import Database
from deckcast.db.switches import allow_paid_order, paid_work_off_since, switch_paid_work
from deckcast.kit.errors import CallError, WorkError
from deckcast.llm.ports import LanguageModel
from decks import write_deck
from heygen_account import NOTES, assert_every_slide_completed, assert_paid_once, heygen, ledger, make


async def switch(db: Database, *, on: bool) -> None:
    async with db.write() as session:
        await switch_paid_work(session, on=on)


class Counting:
    """What a provider or a model is asked, counted."""

    name, offline, sees_pictures, prices, max_concurrent = "m", False, False, None, 1

    def __init__(self) -> None:
        self.calls = 0

    async def submit(self, order: Any, key: str) -> str:
        self.calls += 1
        return "job_1"

    async def ask(self, question: Any) -> Any:
        self.calls += 1
        raise WorkError("llm_busy", "Busy.")


def test_a_queued_video_is_not_submitted_and_its_money_is_free_again(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        counting = Counting()
        cast(Any, world.provider).submit = counting.submit
        await world.reserve()
        await world.submission(State.RESERVED)
        await switch(world.db, on=False)
        with pytest.raises(WorkError) as refused:
            await avatar_videos.submit(VIDEO)
        error = refused.value
        assert (error.code, error.retryable) == ("paid_work_off", True)
        await record_failure(VIDEO, Status.FAILED, error.code, str(error), error.retryable)
        assert counting.calls == 0
        assert (await world.video()).status == Status.FAILED
        assert await world.spend() == (0, 0)

    _run(tmp_path, told)


def test_after_on_the_same_video_is_submitted_once(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        counting = Counting()
        cast(Any, world.provider).submit = counting.submit
        await world.reserve()
        await world.submission(State.RESERVED)
        await switch(world.db, on=False)
        with pytest.raises(WorkError):
            await avatar_videos.submit(VIDEO)
        await switch(world.db, on=True)
        assert await avatar_videos.submit(VIDEO) == "job_1"
        assert await avatar_videos.submit(VIDEO) == "job_1"
        assert counting.calls == 1

    _run(tmp_path, told)


def test_a_job_that_is_there_is_adopted_while_off(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        await world.submission(State.ACCEPTED, job_id="job_7")
        await switch(world.db, on=False)
        assert await avatar_videos.submit(VIDEO) == "job_7"
        world.provider.says = Done("https://provider.example/film.mp4", 10.0)
        assert await avatar_videos.await_job(VIDEO, "job_7") is None

    _run(tmp_path, told)


def test_no_question_and_no_speech_begins_while_off(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        model = Counting()
        await switch(world.db, on=False)
        with pytest.raises(WorkError, match="switched off"):
            await Billed(cast(LanguageModel, model), Bill()).ask(cast(Any, None))
        with pytest.raises(WorkError, match="switched off"):
            async with charged("bat_1", None, "speech", Decimal("0.01")):
                model.calls += 1
        async with charged("bat_1", None, "speech", None):
            pass  # what is free goes on
        assert model.calls == 0
        assert await world.spend() == (0, 0)
        await switch(world.db, on=True)
        with pytest.raises(WorkError, match="Busy"):
            await Billed(cast(LanguageModel, model), Bill()).ask(cast(Any, None))

    _run(tmp_path, told)


def test_orders_are_refused_and_switching_twice_changes_nothing(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        async with world.db.read() as session:
            await allow_paid_order(session)
        await switch(world.db, on=False)
        async with world.db.read() as session:
            since = await paid_work_off_since(session)
            with pytest.raises(CallError) as refused:
                await allow_paid_order(session)
        assert refused.value.code == "paid_work_off"
        await switch(world.db, on=False)
        async with world.db.read() as session:
            assert await paid_work_off_since(session) == since is not None

    _run(tmp_path, told)


def _run(folder: Path, told: Any) -> None:
    async def run() -> None:
        async with batch_world(folder) as world:
            await told(world)

    asyncio.run(run())


def test_off_in_the_middle_of_a_batch_and_on_again(machine: Machine) -> None:
    """One slide is being made, the others wait for its place: they are not bought until somebody says so."""
    machine.settings["DECKCAST_AVATAR__BATCH__MAX_CONCURRENT"] = "1"
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:3])
    with heygen(machine, speed=30.0, render_from_s=150.0, render_to_s=150.0) as url:
        making = machine.start("make", deck, "-o", machine.folder / "out", "--json", "--provider", "heygen")
        while ledger(url)["accepted"] < 1:
            assert making.poll() is None
            time.sleep(0.05)
        asyncio.run(_switch_of(machine, on=False))
        assert making.wait(timeout=120) == 1
        making.communicate()
        assert ledger(url)["accepted"] == 1
        refused = make(machine, deck)
        assert (refused.status, refused.result["error"]["code"]) == (2, "paid_work_off")
        assert ledger(url)["accepted"] == 1
        assert "off since" in machine.run("paid-work").stdout
        assert machine.run("paid-work", "on").stdout.startswith("Paid work is on.")
        assert_every_slide_completed(make(machine, deck), 3)
        assert_paid_once(url, 3)


async def _switch_of(machine: Machine, *, on: bool) -> None:
    db = Database(f"sqlite+aiosqlite:///{machine.data_dir / 'deckcast.db'}")
    await switch(db, on=on)
    await db.close()
