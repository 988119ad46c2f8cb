"""A worker that stops in order: no new step begins, steps that make something come to their end, and those that only
wait for somebody are broken off. What is broken off or not begun is never recorded: others do it again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import NoReturn, TypeVar

from deckcast.kit.tasks import Breakable

R = TypeVar("R")


async def stand_still() -> NoReturn:
    """Wait for the end of the process, which comes soon."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


class Stopping:
    """The steps under way in this process, by the ids of their workflows."""

    def __init__(self) -> None:
        self.has_begun = False
        self._to_end: Counter[str] = Counter()
        self._waiting: dict[Breakable, str] = {}

    def begin(self) -> None:
        """From now on no step begins."""
        self.has_begun = True

    def still_at_work(self) -> Collection[str]:
        """The workflows that have a step to bring to its end; what only waits is broken off."""
        kept = {workflow for step, workflow in self._waiting.items() if not step.break_off()}
        return kept | set(+self._to_end)

    @asynccontextmanager
    async def making(self, workflow_id: str) -> AsyncIterator[None]:
        """A step that makes something, with what is written down of it."""
        if self.has_begun:
            await stand_still()
        self._to_end[workflow_id] += 1
        try:
            yield
        finally:
            self._to_end[workflow_id] -= 1

    async def waiting(self, workflow_id: str, work: Callable[[], Awaitable[R]]) -> R:
        """Do what mostly waits. Does not return where it was broken off."""
        if self.has_begun:
            await stand_still()
        step = Breakable()
        self._waiting[step] = workflow_id
        try:
            return await step.run(work())
        except asyncio.CancelledError:
            if self.has_begun:
                await stand_still()
            raise
        finally:
            del self._waiting[step]
