"""What goes on beside something else, for as long as that lasts; and what may be broken off."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

R = TypeVar("R")


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` while the block runs; at its end it is cancelled and waited for, whatever came of it."""
    running = asyncio.create_task(work)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class Breakable:
    """Work that may be broken off where it only waits, but not in the midst of a `whole`."""

    def __init__(self) -> None:
        self.wholes = 0
        self._task: asyncio.Task[Any] | None = None

    async def run(self, work: Awaitable[R]) -> R:
        """Do the work. Raises CancelledError where it was broken off, too."""

        async def within() -> R:
            _breakable.set(self)
            return await work

        task: asyncio.Task[R] = asyncio.create_task(within())
        self._task = task
        try:
            return await task
        finally:
            task.cancel()

    def break_off(self) -> bool:
        """Break the work off, if it may be now; returns whether it has come to an end, or will at once."""
        if self.wholes:
            return False
        if self._task is not None:
            self._task.cancel()
        return True


_breakable: contextvars.ContextVar[Breakable | None] = contextvars.ContextVar("breakable", default=None)


@contextmanager
def whole() -> Iterator[None]:
    """What is begun here comes to its end, or else nobody would know what came of it."""
    work = _breakable.get()
    if work is None:
        yield
        return
    work.wholes += 1
    try:
        yield
    finally:
        work.wholes -= 1
