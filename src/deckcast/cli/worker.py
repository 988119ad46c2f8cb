"""`deckcast worker`: works on what was ordered through the API, and the process beside `deckcast serve` that does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time

from rich.console import Console

from deckcast.batches.context import Context
from deckcast.batches.scopes import SERVER
from deckcast.kit import children, tracing
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.errors import DeckcastError
from deckcast.kit.files import sweep_parts, sweep_scratch
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context
from deckcast.worker import work

STOP_WITHIN_S = 10.0  # beyond what it has to end what it has begun
ONCE_S = 1.0  # whoever stops a server may send the same signal to its worker, and the server does so too
PIPE = 0  # standard input
LIVES_S = 60.0  # a worker that lived as long starts again at once


def run_worker(settings: Settings, *, attached: bool) -> int:
    """Work until SIGINT or SIGTERM, or, `attached` to a server, until that is gone. Does not return.

    Raises MachineError as open_context does, worker_running, and whatever the machine cannot go on with.
    """
    return asyncio.run(_work(settings, attached=attached))


async def _work(settings: Settings, *, attached: bool) -> int:
    async with open_context(settings, SERVER) as parts:
        asked = _Asked()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked.to_stop)
        if attached:
            threading.Thread(target=_die_with_server, args=(parts,), daemon=True).start()
        else:
            _say("Working on what is ordered through the API. Ctrl-C stops it.")
        status = 0
        try:
            await work(parts, asked.stop, asked.at_once)
        except DeckcastError as error:
            _say(f"The worker stops: {error} ({error.code})")
            status = 1
        _end_now(parts, status)
    return 0


class _Asked:
    """The signals to stop: the first says so, and a second one, later, not to wait for anything."""

    def __init__(self) -> None:
        self.stop, self.at_once = asyncio.Event(), asyncio.Event()
        self._first_at = 0.0

    def to_stop(self) -> None:
        if not self.stop.is_set():
            self._first_at = time.monotonic()
            self.stop.set()
        elif time.monotonic() - self._first_at > ONCE_S:
            self.at_once.set()


def _die_with_server(parts: Context) -> None:
    """A server that is killed closes the pipe that it holds."""
    while os.read(
        PIPE, 1024
    ):  # not `sys.stdin`: its lock would be held when this process ends in another way
        pass
    _end_now(parts, 1)


def _end_now(parts: Context, status: int) -> None:
    """End the process with everything in place: no child, no temporary file; nothing of what a killed child leaves is
    recorded."""
    children.kill_all()
    sweep_scratch(parts.scratch, own=True)
    sweep_parts(parts.cache, own=True)
    tracing.stop()
    os._exit(status)


async def keep_working(settings: Settings) -> None:
    """Keep a worker process beside this server: one that ends is started again. Cancelled, it stops the worker."""
    failures = 0
    while True:
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deckcast", "worker", "--attached", stdin=asyncio.subprocess.PIPE
        )
        try:
            await process.wait()
        except asyncio.CancelledError:
            alone = settings.app_database_url.startswith("sqlite")
            await _stop(process, STOP_WITHIN_S if alone else STOP_WITHIN_S + settings.worker.drain_s)
            raise
        failures = 0 if time.monotonic() - began > LIVES_S else failures + 1
        await asyncio.sleep(full_jitter_s(failures))


async def _stop(process: asyncio.subprocess.Process, within_s: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), within_s)
    except TimeoutError:
        process.kill()
        await process.wait()


def _say(sentence: str) -> None:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(sentence)
