"""Work for children, in a module that a child can import."""

from __future__ import annotations

import os
import signal
import time

from deckcast.kit.errors import CallError


def double(number: int) -> int:
    return number * 2


def many_bytes(count: int) -> bytes:
    return b"x" * count


def refuse() -> None:
    raise CallError("no_way", "No way.", next_step="Try another.", retryable=True)


def break_down() -> None:
    raise RuntimeError("a defect")


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def grow() -> int:
    return len(bytearray(4 << 30))


def sleep(seconds: float) -> None:
    time.sleep(seconds)
