"""Trying again, politely: full-jitter backoff, the waiting time a server asks for, and a budget for all of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.errors import DeckcastError

Result = TypeVar("Result")


class Retries:
    """How calls to one account are repeated. Share one object among all of the account's calls.

    A call is repeated where its error is `retryable`, at most `tries` times in all, after `backoff_s` (of the
    number of failures so far) on top of the error's `retry_after_s`. Every repetition takes a token from a
    bucket of `budget` that refills by `refill_per_s`: when the other side is broken for everybody, the bucket
    is empty and calls fail at once instead of hammering it.

    Each success puts `refill_per_success` back.

    With `asked_tries`, an error that says when to come back (`retry_after_s`) is no sign of a broken other side:
    such failures are counted by themselves, up to that number, and have a bucket of their own, `asked_budget`.
    """

    def __init__(
        self,
        *,
        tries: int = 4,
        asked_tries: int | None = None,
        asked_budget: float = 240.0,
        longest_asked_s: float = 60.0,
        budget: float = 20.0,
        refill_per_s: float = 0.5,
        refill_per_success: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        backoff_s: Callable[[int], float] = full_jitter_s,
    ) -> None:
        self._tries = tries
        self._asked_tries = asked_tries
        self._longest_asked_s = longest_asked_s
        self._bucket = _Bucket(budget, refill_per_s, clock)
        self._asked_bucket = _Bucket(asked_budget, refill_per_s, clock)
        self._refill_per_success = refill_per_success
        self._sleep = sleep
        self._backoff_s = backoff_s

    async def run(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """The call's result. Raises its last error where it must not, or can no longer, be repeated.

        A server that asks for more than `longest_asked_s` is not waited for here: its error goes to the
        caller, with `retry_after_s`.
        """
        failed, asked = 0, 0  # times
        while True:
            try:
                result = await call()
                self._bucket.put(self._refill_per_success)
                self._asked_bucket.put(self._refill_per_success)
                return result
            except DeckcastError as error:
                asked_s = error.retry_after_s or 0.0
                if not error.retryable or asked_s > self._longest_asked_s:
                    raise
                if self._asked_tries is not None and error.retry_after_s is not None:
                    asked += 1
                    spent = asked >= self._asked_tries or not self._asked_bucket.take()
                else:
                    failed += 1
                    spent = failed >= self._tries or not self._bucket.take()
                if spent:
                    raise
            await self._sleep(asked_s + self._backoff_s(failed + asked))


class _Bucket:
    """Tokens that come back with time and with success, never more than at first."""

    def __init__(self, size: float, refill_per_s: float, clock: Callable[[], float]) -> None:
        self._size = size
        self._refill_per_s = refill_per_s
        self._clock = clock
        self._tokens = size
        self._counted_at = clock()

    def put(self, tokens: float) -> None:
        self._tokens = min(self._size, self._tokens + tokens)

    def take(self) -> bool:
        """Take one; False where there is none."""
        now = self._clock()
        self.put((now - self._counted_at) * self._refill_per_s)
        self._counted_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait as a `Retry-After` header says it, in seconds or as an HTTP date; None where it does not."""
    text = (value or "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
