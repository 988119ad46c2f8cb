"""An event loop whose time passes only while nobody has anything to do: an hour of waiting takes no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

LEAST_S = 1e-6


class _Selector(selectors.SelectSelector):
    """Where the loop would wait, it moves the loop's time instead."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everybody waits for something that will never come")
        if not ready and timeout and timeout > 0:
            self.passed_s += max(timeout, LEAST_S)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`time()` counts virtual seconds from the loop's making."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.passed_s


def run(body: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine to its end in virtual time; what it leaves behind is cancelled."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(body())
