"""Waiting for jobs in virtual time: one question for all of them, and as few as the speed of renders allows."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import pytest

import virtual_time
from deckcast.batches.watch import AccountWatch, Pace
from deckcast.kit.errors import WorkError

FAR = 1e9
DOWN = WorkError("provider_failed", "It has a fault.", retryable=True)


class Provider:
    """Jobs end at their times; every question is kept with its time."""

    name = "paid"

    def __init__(self, **ends_at: float) -> None:
        self.ends_at = ends_at
        self.asked: list[tuple[float, set[str]]] = []
        self.down_until = 0.0
        self.error: Exception = DOWN
        self.takes_s = 0.0
        self.under_way = self.most_under_way = 0

    async def ended(self, job_ids: Collection[str]) -> set[str]:
        moment = now()
        self.asked.append((moment, set(job_ids)))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(self.takes_s)
        self.under_way -= 1
        if moment < self.down_until:
            raise self.error
        return {job for job in job_ids if self.ends_at[job] <= moment}

    def questions_after(self, job_id: str) -> int:
        return sum(job_id in jobs for _, jobs in self.asked)


def now() -> float:
    return asyncio.get_running_loop().time()


def watch_of(provider: Provider, pace: Pace | None = None, hints_since: Any = None) -> AccountWatch:
    return AccountWatch(provider, pace, hints_since, clock=now)  # type: ignore[arg-type]


def run(body: Callable[[], Awaitable[Any]]) -> Any:
    return virtual_time.run(body)  # type: ignore[arg-type]


async def seen_after(watch: AccountWatch, job_id: str, submitted_at: float) -> float:
    """The time at which a job's end is seen."""
    assert await watch.wait(job_id, submitted_at, FAR)
    return now()


async def render(
    watch: AccountWatch, provider: Provider, lengths_s: Sequence[float], at_once: int
) -> list[float]:
    """Make videos so many at a time; returns how much later than its end each one was seen."""
    places, late = asyncio.Semaphore(at_once), []

    async def one(number: int, length_s: float) -> None:
        async with places:
            job_id = f"job_{number}"
            provider.ends_at[job_id] = now() + length_s
            late.append(await seen_after(watch, job_id, now()) - provider.ends_at[job_id])

    await asyncio.gather(*(one(*each) for each in enumerate(lengths_s)))
    return late


def test_one_question_is_for_all_jobs_and_one_at_a_time() -> None:
    async def body() -> None:
        provider = Provider()
        provider.takes_s = 0.2
        watch = watch_of(provider)
        await render(watch, provider, [20.0 + number / 10 for number in range(200)], at_once=200)
        assert provider.most_under_way == 1
        assert len(provider.asked) < 100, "not a question per job"
        assert len(provider.asked[0][1]) == 200

    run(body)


def test_nobody_is_asked_when_nobody_waits() -> None:
    async def body() -> None:
        provider = Provider(job_1=5.0)
        watch = watch_of(provider)
        await watch.wait("job_1", 0.0, FAR)
        questions = len(provider.asked)
        await asyncio.sleep(3600)
        assert len(provider.asked) == questions

    run(body)


@pytest.mark.parametrize(
    ("shortest_s", "longest_s", "questions", "late_s"), [(30, 60, 60, 1.0), (300, 1200, 120, 12.0)]
)
def test_questions_per_video_stay_few_and_ends_are_seen_soon(
    shortest_s: float, longest_s: float, questions: float, late_s: float
) -> None:
    """Counted over 40 videos, five at once; `late_s` is the mean time from a job's end to its being seen."""

    async def body() -> None:
        chance, provider = random.Random(1), Provider()
        lengths = [chance.uniform(shortest_s, longest_s) for _ in range(40)]
        late = await render(watch_of(provider), provider, lengths, at_once=5)
        assert len(provider.asked) / len(lengths) < questions
        assert sum(late) / len(late) < late_s
        assert sum(late) / sum(lengths) < 0.02

    run(body)


def test_sparse_before_the_expected_end_and_dense_around_it() -> None:
    async def body() -> None:
        provider = Provider()
        watch = watch_of(provider)
        await render(watch, provider, [100.0, 110.0, 120.0], at_once=1)
        began, before = now(), len(provider.asked)
        provider.ends_at["next"] = began + 115
        await watch.wait("next", began, FAR)
        ages = [moment - began for moment, _ in provider.asked[before:]]
        assert ages[0] == pytest.approx(80, abs=2), "nothing is asked before it can have ended"
        assert all(later - age == pytest.approx(1.1, abs=0.1) for age, later in itertools.pairwise(ages))
        assert ages[-1] - 115 < 1.2

    run(body)


def test_what_takes_far_longer_than_usual_is_asked_after_less_often() -> None:
    pace, usual = Pace(), [100.0] * 5
    assert pace.interval_s(160.0, usual) == 5 * pace.interval_s(110.0, usual)
    assert pace.interval_s(1e6, []) == pace.ceiling_s
    assert pace.interval_s(0.0, []) == pace.floor_s


def test_a_hint_makes_it_ask_at_once_and_decides_nothing() -> None:
    async def body() -> None:
        provider = Provider(job_1=1000.0, job_2=50.0)
        watch = watch_of(provider, Pace(floor_s=300.0, ceiling_s=300.0))
        first = asyncio.create_task(seen_after(watch, "job_1", 0.0))
        second = asyncio.create_task(seen_after(watch, "job_2", 0.0))
        await asyncio.sleep(60)
        assert provider.asked == []
        watch.hint("job_1")
        watch.hint("somebody else's")
        assert await second == pytest.approx(60, abs=0.1), "all jobs are asked after while it asks"
        assert provider.asked == [(pytest.approx(60, abs=0.1), {"job_1", "job_2"})]
        assert not first.done(), "a hint that is not true"
        assert await first >= 1000

    run(body)


def test_a_hint_that_comes_while_it_asks_is_not_lost() -> None:
    """The provider has looked, then the job ends and its webhook is faster than the answer."""

    async def body() -> None:
        provider = Provider(job_1=101.0)
        provider.takes_s = 2.0
        watch = watch_of(provider, Pace(floor_s=100.0, ceiling_s=100.0))
        seen = asyncio.create_task(seen_after(watch, "job_1", 0.0))
        await asyncio.sleep(101.5)
        assert len(provider.asked) == 1
        watch.hint("job_1")
        assert await seen == pytest.approx(104, abs=0.1)

    run(body)


def test_stored_hints_are_read_each_once() -> None:
    async def body() -> None:
        stored: list[tuple[int, str]] = [(7, "of long ago")]
        read_from: list[int] = []

        async def hints_since(last_id: int) -> Sequence[tuple[int, str]]:
            read_from.append(last_id)
            return [hint for hint in stored if hint[0] > last_id]

        provider = Provider(job_1=200.0)
        watch = watch_of(provider, Pace(floor_s=5000.0, ceiling_s=5000.0), hints_since)
        seen = asyncio.create_task(seen_after(watch, "job_1", 0.0))
        await asyncio.sleep(210)
        stored.append((9, "job_1"))
        assert await seen == pytest.approx(210.5, abs=0.6)
        assert len(provider.asked) == 1
        assert set(read_from) == {0, 7}

    run(body)


@pytest.mark.parametrize("error", [DOWN, RuntimeError("a defect")])
def test_while_the_provider_fails_it_backs_off_and_loses_nothing(error: Exception) -> None:
    async def body() -> None:
        provider = Provider(job_1=10.0, job_2=20.0)
        provider.down_until, provider.error = 60.0, error
        watch = watch_of(provider)
        seen = await asyncio.gather(*(seen_after(watch, job, 0.0) for job in ("job_1", "job_2")))
        assert seen == pytest.approx([70, 70], abs=15)
        assert len(provider.asked) < 30, "about ten seconds between two questions, in the end"

    run(body)


def test_the_provider_is_given_the_time_it_asks_for() -> None:
    async def body() -> None:
        provider = Provider(job_1=1.0)
        provider.down_until = 5.0
        provider.error = WorkError("provider_busy", "Later.", retryable=True, retry_after_s=120.0)
        assert await seen_after(watch_of(provider), "job_1", 0.0) >= 120
        assert len(provider.asked) == 2

    run(body)


def test_hints_that_cannot_be_read_end_nothing() -> None:
    async def body() -> None:
        async def hints_since(_last_id: int) -> Sequence[tuple[int, str]]:
            if now() < 30:
                raise OSError("the database is away")
            return []

        provider = Provider(job_1=40.0)
        assert await seen_after(watch_of(provider, None, hints_since), "job_1", 0.0) < 60

    run(body)


def test_a_job_may_be_waited_for_twice() -> None:
    async def body() -> None:
        provider = Provider(job_1=100.0)
        watch = watch_of(provider)
        short, *long = await asyncio.gather(
            watch.wait("job_1", 0.0, 50.0), watch.wait("job_1", 0.0, FAR), watch.wait("job_1", 0.0, FAR)
        )
        assert (short, long) == (False, [True, True])
        assert provider.most_under_way == 1

    run(body)


def test_who_gives_up_waiting_takes_nothing_from_the_others() -> None:
    async def body() -> None:
        provider = Provider(job_1=100.0)
        watch = watch_of(provider)
        cancelled = asyncio.create_task(watch.wait("job_1", 0.0, FAR))
        other = asyncio.create_task(watch.wait("job_1", 0.0, FAR))
        await asyncio.sleep(10)
        cancelled.cancel()
        assert await other
        assert await watch.wait("job_1", 0.0, FAR), "and again, later"

    run(body)


def test_when_the_time_is_over_the_answer_is_no() -> None:
    async def body() -> None:
        provider = Provider(job_1=100.0)
        assert not await watch_of(provider).wait("job_1", 0.0, 60.0)
        assert now() == pytest.approx(60, abs=0.1)
        assert provider.questions_after("job_1") > 10

    run(body)


@pytest.mark.parametrize(("ends_at", "answer"), [(100.0, True), (FAR, False)])
def test_a_job_that_ended_while_nobody_worked_is_asked_after_before_its_time_is_called_over(
    ends_at: float, answer: bool
) -> None:
    """The machine was off over a weekend: the limit has passed long ago, and the video is there."""

    async def body() -> None:
        await asyncio.sleep(3 * 86400)
        provider = Provider(job_1=ends_at)
        assert await watch_of(provider).wait("job_1", 0.0, 2700.0) is answer
        assert len(provider.asked) == 1

    run(body)


def test_jobs_that_we_came_back_to_do_not_teach_how_long_renders_take() -> None:
    """Else the next jobs would be asked after too late, by hours."""

    async def body() -> None:
        await asyncio.sleep(8 * 3600)
        provider = Provider(old_1=60.0, old_2=60.0, old_3=60.0, old_4=60.0)
        watch = watch_of(provider)
        await asyncio.gather(*(watch.wait(job, 0.0, FAR) for job in list(provider.ends_at)))
        began = now()
        provider.ends_at["new"] = began + 60
        assert await seen_after(watch, "new", began) - began < 65

    run(body)


def test_a_machine_that_slept_does_not_teach_it_either() -> None:
    async def body() -> None:
        provider, asleep_s = Provider(), 0.0
        watch = AccountWatch(provider, clock=lambda: now() + asleep_s)  # type: ignore[arg-type]
        provider.ends_at = {f"job_{number}": 60.0 for number in range(5)}
        seen = [asyncio.create_task(watch.wait(job, 0.0, FAR)) for job in provider.ends_at]
        await asyncio.sleep(59.9)
        asleep_s = 8 * 3600.0
        assert all(await asyncio.gather(*seen))
        began = now()
        provider.ends_at["new"] = began + 60
        assert await watch.wait("new", began + asleep_s, FAR)
        assert now() - began < 65

    run(body)
