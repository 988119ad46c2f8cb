"""When a worker may hold others for dead, and what comes to its end where a worker stops."""

from __future__ import annotations

import asyncio

import pytest

from deckcast.batches.leases import Pulse
from deckcast.batches.stopping import Stopping
from deckcast.kit.tasks import Breakable, whole


def test_who_was_heard_of_for_a_lease_may_judge_and_who_has_just_come_may_not() -> None:
    pulse = Pulse(15.0, moment=0.0)
    for moment in (3.0, 6.0, 9.0, 12.0, 15.0):
        pulse.beaten(moment)
        assert not pulse.may_judge(moment)
    pulse.beaten(18.0)
    assert pulse.may_judge(18.0)


def test_after_a_gap_nobody_is_held_for_dead_until_all_could_be_heard_of_again() -> None:
    pulse = Pulse(15.0, moment=0.0)
    for moment in range(3, 31, 3):
        pulse.beaten(float(moment))
    pulse.beaten(70.0)  # the database was away, and all have fallen silent
    assert not pulse.may_judge(70.0)
    for moment in range(73, 86, 3):
        pulse.beaten(float(moment))
        assert not pulse.may_judge(float(moment))
    pulse.beaten(88.0)
    assert pulse.may_judge(88.0)


def test_a_worker_knows_when_others_may_hold_it_for_dead() -> None:
    pulse = Pulse(15.0, moment=0.0)
    pulse.beaten(20.0)
    assert [pulse.is_over(moment) for moment in (34.0, 35.0, 35.1)] == [False, False, True]
    assert not pulse.may_judge(36.0)


def test_what_waits_is_broken_off_and_a_whole_is_not() -> None:
    async def story() -> list[str]:
        told, go_on = [], asyncio.Event()

        async def call() -> None:
            told.append("waits")
            await go_on.wait()
            with whole():
                told.append("begun")
                await asyncio.sleep(0)
                go_on.clear()
                await go_on.wait()
                told.append("done")
            await asyncio.Event().wait()

        step = Breakable()
        running = asyncio.create_task(step.run(call()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        go_on.set()
        while "begun" not in told:
            await asyncio.sleep(0)
        assert step.break_off() is False
        await asyncio.sleep(0)
        go_on.set()
        while "done" not in told:
            await asyncio.sleep(0)
        assert step.break_off() is True
        with pytest.raises(asyncio.CancelledError):
            await running
        return told

    assert asyncio.run(story()) == ["waits", "begun", "done"]


def test_a_worker_that_stops_begins_nothing_and_waits_for_what_makes_something() -> None:
    async def story() -> None:
        stopping, go_on, ended = Stopping(), asyncio.Event(), []

        async def makes(name: str) -> None:
            async with stopping.making(name):
                await go_on.wait()
                ended.append(name)

        async def waits() -> None:
            await stopping.waiting("waits", asyncio.Event().wait)
            ended.append("waits")

        begun = [asyncio.create_task(makes("makes")), asyncio.create_task(waits())]
        await asyncio.sleep(0)
        stopping.begin()
        late = [asyncio.create_task(makes("late")), asyncio.create_task(waits())]
        await asyncio.sleep(0)
        assert stopping.still_at_work() == {"makes"}
        go_on.set()
        await begun[0]
        assert (stopping.still_at_work(), ended) == (set(), ["makes"])
        others = [begun[1], *late]
        assert not any(task.done() for task in others)  # they stand still: nothing of them is recorded
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    asyncio.run(story())
