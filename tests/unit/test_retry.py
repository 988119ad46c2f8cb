"""Trying again: what is repeated, how long it waits, and when the budget says no."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from deckcast.kit.errors import WorkError
from deckcast.kit.retry import Retries, parse_retry_after


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def failing(times: int, error: WorkError) -> tuple[Callable[[], Awaitable[str]], list[int]]:
    """A call that fails so many times and then answers; and the list of its calls."""
    calls: list[int] = []

    async def call() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return call, calls


def retries(time: Time, **options: float) -> Retries:
    return Retries(clock=time.clock, sleep=time.sleep, backoff_s=lambda failures: float(failures), **options)  # type: ignore[arg-type]


BUSY = WorkError("busy", "Busy.", retryable=True)


def test_what_may_be_repeated_is_repeated_after_growing_waits() -> None:
    time = Time()
    call, calls = failing(3, BUSY)
    assert asyncio.run(retries(time).run(call)) == "done"
    assert (len(calls), time.slept) == (4, [1.0, 2.0, 3.0])


def test_the_wait_is_random_and_bounded() -> None:
    time = Time()
    call, _ = failing(99, BUSY)
    with pytest.raises(WorkError):
        asyncio.run(Retries(tries=20, clock=time.clock, sleep=time.sleep).run(call))
    assert len(time.slept) == len(set(time.slept)) == 19
    assert max(time.slept) <= 20.0


def test_what_will_not_clear_is_not_repeated() -> None:
    time = Time()
    call, calls = failing(1, WorkError("no_credit", "No credit."))
    with pytest.raises(WorkError, match="No credit"):
        asyncio.run(retries(time).run(call))
    assert (len(calls), time.slept) == (1, [])


def test_it_ends_with_the_last_error() -> None:
    time = Time()
    call, calls = failing(99, BUSY)
    with pytest.raises(WorkError, match="Busy"):
        asyncio.run(retries(time, tries=3).run(call))
    assert len(calls) == 3


def test_the_server_is_given_the_time_it_asks_for() -> None:
    time = Time()
    call, _ = failing(1, WorkError("busy", "Busy.", retryable=True, retry_after_s=30))
    asyncio.run(retries(time).run(call))
    assert time.slept == [31.0]


def test_a_server_that_says_when_to_come_back_can_be_given_more_patience() -> None:
    """Such failures are counted by themselves and have a bucket of their own."""
    time = Time()
    asked = WorkError("busy", "Busy.", retryable=True, retry_after_s=5)
    call, calls = failing(9, asked)
    assert asyncio.run(retries(time, tries=2, asked_tries=10, budget=1).run(call)) == "done"
    assert (len(calls), time.slept[0]) == (10, 6.0)
    call, calls = failing(99, asked)
    with pytest.raises(WorkError, match="Busy"):
        asyncio.run(retries(time, tries=2, asked_tries=10).run(call))
    assert len(calls) == 10


def test_who_never_stops_asking_for_patience_gets_no_more_of_it() -> None:
    time = Time()
    asked = WorkError("busy", "Busy.", retryable=True, retry_after_s=5)
    shared = retries(time, asked_tries=10, asked_budget=12, refill_per_s=0)
    made = []
    for _ in range(3):
        call, calls = failing(99, asked)
        with pytest.raises(WorkError, match="Busy"):
            asyncio.run(shared.run(call))
        made.append(len(calls))
    assert made == [10, 4, 1]


def test_success_puts_back_what_a_repetition_took() -> None:
    time = Time()
    options = {"budget": 2.0, "refill_per_s": 0.0}
    patient, strict = retries(time, refill_per_success=1.0, **options), retries(time, **options)
    for _ in range(5):
        assert asyncio.run(patient.run(failing(1, BUSY)[0])) == "done"
    with pytest.raises(WorkError, match="Busy"):
        for _ in range(5):
            asyncio.run(strict.run(failing(1, BUSY)[0]))


def test_who_asks_for_too_long_is_not_waited_for() -> None:
    time = Time()
    call, calls = failing(1, WorkError("busy", "Busy.", retryable=True, retry_after_s=3600))
    with pytest.raises(WorkError) as caught:
        asyncio.run(retries(time).run(call))
    assert caught.value.retry_after_s == 3600
    assert (len(calls), time.slept) == (1, [])


def test_a_broken_provider_is_not_hammered() -> None:
    time = Time()
    shared = Retries(
        budget=5, refill_per_s=0.5, clock=time.clock, sleep=time.sleep, backoff_s=lambda failures: 0.0
    )
    calls = 0
    for _ in range(100):
        call, made = failing(99, BUSY)
        with pytest.raises(WorkError):
            asyncio.run(shared.run(call))
        calls += len(made)
    assert calls == 100 + 5
    time.now += 4.0
    call, made = failing(99, BUSY)
    with pytest.raises(WorkError):
        asyncio.run(shared.run(call))
    assert len(made) == 1 + 2  # two tokens have come back


NOON = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("Sun, 01 Nov 2026 12:00:45 GMT", 45.0),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        (None, None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("1e400", None),
    ],
)
def test_retry_after_in_both_forms(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOON) == seconds
