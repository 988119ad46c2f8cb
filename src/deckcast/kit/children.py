"""Heavy or risky work runs in child processes that die with their parent, even when it is killed with -9.

One child per job, forked from a clean, preloaded server: about 15 ms each. A child that runs wild in memory,
time or crashes takes only its own job with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import resource
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, ParamSpec, TypeVar

import structlog

from deckcast.kit.errors import DeckcastError, WorkError
from deckcast.kit.logging import set_up_logging

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)
_context = multiprocessing.get_context("forkserver")
_places = threading.BoundedSemaphore(os.cpu_count() or 1)
_alive: set[Any] = set()
_stopping = threading.Event()
_log_level = "CRITICAL"


def preload(modules: list[str]) -> None:
    """Name the modules that every child finds imported already; call once, before the first child."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _context.set_forkserver_preload(modules)


def set_limit(count: int) -> None:
    """How many children may be at work at once; call before the first child."""
    global _places
    _places = threading.BoundedSemaphore(count)


def set_log_level(level: str) -> None:
    """What children log, as in `set_up_logging`; call before the first child."""
    global _log_level
    _log_level = level


def kill_all() -> None:
    """Kill every child now; who waits for one waits on until this process ends. For a process about to end."""
    _stopping.set()
    for child in list(_alive):
        with contextlib.suppress(ValueError):
            child.kill()


async def run_in_child(
    work: Callable[P, R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run `work` (a module-level function; arguments and result picklable) in a child of its own."""
    return await run_limited(work, args, kwargs)


async def warm_up() -> None:
    """Start the server that children are forked from, so that the first one need not wait for it."""
    await run_in_child(int)


async def run_limited(
    work: Callable[..., R],
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    *,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
) -> R:
    """Like `run_in_child`, with limits.

    Raises what `work` raised where that is a DeckcastError; WorkError `child_out_of_time`, `child_crashed`
    (killed, out of memory) or `child_failed` (any other exception; its traceback goes to the log) else.
    """
    return await asyncio.to_thread(_run, work, args, kwargs or {}, memory_bytes, timeout_s)


def _run(
    work: Callable[..., R],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    memory_bytes: int | None,
    timeout_s: float | None,
) -> R:
    with _places:
        return _run_one(work, args, kwargs, memory_bytes, timeout_s)


def _run_one(
    work: Callable[..., R],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    memory_bytes: int | None,
    timeout_s: float | None,
) -> R:
    ours, theirs = _context.Pipe(duplex=False)
    child = _context.Process(
        target=_main, args=(theirs, _log_level, work, args, kwargs, memory_bytes), daemon=True
    )
    child.start()
    _alive.add(child)
    theirs.close()
    try:
        if not wait([ours, child.sentinel], timeout=timeout_s):
            raise WorkError(
                "child_out_of_time",
                f"The work took longer than {timeout_s:.0f} s and was stopped.",
                retryable=True,
            )
        answer = _answer(ours)
    finally:
        if _stopping.is_set():
            threading.Event().wait()  # nothing of what a dying process saw may be recorded
        _alive.discard(child)
        _end(child)
        ours.close()
    if answer is None:
        raise WorkError(
            "child_crashed",
            "The process that did the work ended unexpectedly, perhaps for lack of memory.",
            retryable=True,
        )
    done, value = answer
    if done:
        result: R = value
        return result
    if isinstance(value, DeckcastError):
        raise value
    log.error("child.failed", work=f"{work.__module__}.{work.__qualname__}", traceback=value)
    raise WorkError(
        "child_failed",
        "Something went wrong inside Deckcast; the log says more.",
        next_step="Run it again with DECKCAST_LOG_LEVEL=ERROR and report what it prints.",
    )


def _answer(ours: Connection) -> tuple[bool, Any] | None:
    """What the child sent: (done, value); None where it died before it could."""
    try:
        return ours.recv() if ours.poll() else None
    except EOFError:
        return None


def _end(child: Any) -> None:
    child.join(timeout=1)
    if child.is_alive():
        child.kill()
        child.join()
    child.close()


def _main(
    reply: Connection,
    log_level: str,
    work: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    memory_bytes: int | None,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    set_up_logging(log_level)
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    try:
        answer: tuple[bool, Any] = (True, work(*args, **kwargs))
    except DeckcastError as error:
        answer = (False, error)
    except MemoryError:
        os._exit(1)
    except BaseException:  # noqa: BLE001 - reported to the parent, which logs it
        answer = (False, traceback.format_exc())
    with contextlib.suppress(BrokenPipeError):
        reply.send(answer)
    reply.close()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)
