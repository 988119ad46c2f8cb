"""One batch of a command, from its plan to its end: the only worker of its presentation, or whoever waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deckcast.batches import stages
from deckcast.batches.context import Context
from deckcast.batches.imports import import_deck
from deckcast.batches.models import BatchKind, MakeRequest
from deckcast.batches.ordering import order_batch
from deckcast.batches.progress import Progress, eta_of, progress_of, seq_of
from deckcast.batches.requests import Choices
from deckcast.batches.rescue import rescue, settle_given_up
from deckcast.batches.scopes import holding, take_over
from deckcast.cli.app import say_error
from deckcast.cli.display import Display
from deckcast.cli.outcome import failure, print_json
from deckcast.cli.who import who_does_what
from deckcast.db.models import PresentationRow
from deckcast.kit import children
from deckcast.kit.files import sweep_parts, sweep_scratch
from deckcast.wiring import running_engine

POLL_S = 0.25
TRY_LOCK_S = 2.0
FORECAST_S = 1.0  # how often time alone moves progress
LOOK_AFTER_S = 30.0  # for work that was given up, which nobody would wait for in vain


@dataclass(frozen=True, slots=True)
class Job:
    """What a command wants made: `request_of` builds the request, given what was chosen before; `folders`
    are where results are written, swept of half-written files when it is stopped."""

    deck: Path
    kind: BatchKind
    request_of: Callable[[Choices], Awaitable[MakeRequest]]
    folders: tuple[Path, ...] = ()
    json: bool = False


async def work_or_follow(
    parts: Context, presentation: PresentationRow, job: Job, display: Display
) -> Progress:
    """Do the job, after whoever works on the presentation now; returns how it ended.

    Raises as `plan_batch`, `import_deck`; CallError over_cap, provider_no_credit.
    """
    said, began = False, time.monotonic()
    while True:
        async with holding(parts, presentation.id, waited_s=time.monotonic() - began) as mine:
            if mine:
                return await _work(parts, presentation, job, display)
        if not said:
            display.note("Another process is working on this presentation; waiting for its turn to end.")
            said = True
        await asyncio.sleep(TRY_LOCK_S)


async def _work(parts: Context, presentation: PresentationRow, job: Job, display: Display) -> Progress:
    request = await job.request_of(Choices.from_json(presentation.choices))
    display.note("Reading the deck …")
    await import_deck(presentation, job.deck)
    async with parts.db.read() as session:
        presentation = await session.get_one(PresentationRow, presentation.id)
    batch_id, summary = await order_batch(presentation, job.kind, request)
    for line in await who_does_what(parts, batch_id, summary):
        display.say(line)
    async with running_engine(parts):
        await take_over(batch_id)
        await rescue(batch_id)
        await stages.start(batch_id)
        return await _follow(parts, batch_id, job, display)


async def _follow(parts: Context, batch_id: str, job: Job, display: Display) -> Progress:
    began = time.monotonic()
    seen, looked_at, asked_at = -1, began, began
    progress = await progress_of(batch_id)
    eta = eta_of(progress)
    while True:
        if time.monotonic() - looked_at > LOOK_AFTER_S:
            looked_at = time.monotonic()
            await settle_given_up(batch_id)
        seq = await seq_of(parts.scope)
        if seq != seen or time.monotonic() - asked_at > FORECAST_S:
            progress, seen, asked_at = await progress_of(batch_id), seq, time.monotonic()
            eta = eta_of(progress)
        if parts.halted is not None and not progress.ended:
            _end_now(parts, job.folders, display)
            if job.json:
                print_json(failure(parts.halted))
            os._exit(say_error(parts.halted))
        display.show(progress, eta)
        if progress.ended:
            return progress
        await asyncio.sleep(POLL_S)


def _end_now(parts: Context, folders: tuple[Path, ...], display: Display) -> None:
    """Stop all work where it stands, so that the process can end: no child, no temporary file. What was
    under way stays durable, since nothing of what a killed child leaves is recorded."""
    children.kill_all()
    sweep_scratch(parts.scratch, own=True)
    for folder in (*folders, parts.cache):
        sweep_parts(folder, own=True)
    display.close()


@contextlib.contextmanager
def stopping_cleanly(parts: Context, folders: tuple[Path, ...], display: Display) -> Iterator[None]:
    """Ctrl-C and SIGTERM end at once: no child, no temporary file, and a word on how to go on."""

    def stop(number: int) -> None:
        _end_now(parts, folders, display)
        display.say("Stopped. Run the same command again: it goes on where it was.")
        os._exit(128 + number)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
