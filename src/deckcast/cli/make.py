"""`deckcast make`: the whole job, followed to its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from deckcast.batches import plan, repository
from deckcast.batches.context import Context
from deckcast.batches.deletion import purge_all_deleted
from deckcast.batches.estimates import summary_of
from deckcast.batches.imports import import_deck, presentation_for
from deckcast.batches.models import MakeRequest
from deckcast.batches.money import tightest
from deckcast.batches.progress import Progress, progress_of, seq_of
from deckcast.batches.rescue import rescue, settle_given_up
from deckcast.cli.app import say_error
from deckcast.cli.display import Display, open_display
from deckcast.cli.outcome import Outcome, export, failure, print_json, say_outcome
from deckcast.cli.request import MakeOptions, request_of
from deckcast.db.models import PresentationRow
from deckcast.decks.service import check_deck
from deckcast.kit import children
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.files import disk_errors, sweep_parts, sweep_scratch
from deckcast.kit.fingerprint import file_sha256
from deckcast.kit.settings import Settings
from deckcast.wiring import only_worker, open_context, running_engine

POLL_S = 0.25
TRY_LOCK_S = 2.0
LOOK_AFTER_S = 30.0  # for work that was given up, which nobody would wait for in vain


def run_make(prepared: Callable[[], Settings], options: MakeOptions) -> int:
    """Make the film; returns the exit status: 0 completed, 1 partial or failed, 2 a wrong call or deck."""
    try:
        outcome = asyncio.run(_make(prepared(), options))
    except DeckcastError as error:
        if options.json:
            print_json(failure(error))
        return say_error(error)
    if options.json:
        print_json(outcome.to_json())
    return 0 if outcome.state == "completed" else 1


async def _make(settings: Settings, options: MakeOptions) -> Outcome:
    started_at = now()
    _check_deck(options, settings)
    _check_out(options.out_dir)
    with open_display() as display:
        async with open_context(settings) as parts:
            with _stopping_cleanly(parts, options.out_dir, display):
                presentation = await presentation_for(options.deck)
                parts.scope = presentation.id
                progress = await _work_or_follow(parts, presentation, options, display)
                display.note("Writing the film …")
                outcome = await export(progress, presentation.id, options.out_dir, started_at)
                await purge_all_deleted()
        _say_changed(options.deck, outcome, display)
    say_outcome(outcome)
    return outcome


def _check_deck(options: MakeOptions, settings: Settings) -> None:
    check_deck(options.deck, settings.limits)


def _check_out(out_dir: Path) -> None:
    if out_dir.exists() and not out_dir.is_dir():
        raise CallError(
            "output_not_writable",
            f"{out_dir} is a file, not a folder.",
            next_step="Name a folder with -o.",
        )
    try:
        with disk_errors(out_dir / "x"):
            out_dir.mkdir(parents=True, exist_ok=True)
            if not os.access(out_dir, os.W_OK):
                raise PermissionError(13, "no right")
    except (DeckcastError, PermissionError) as error:
        raise CallError(
            "output_not_writable",
            f"Deckcast may not write to {out_dir}.",
            next_step="Name another folder with -o, or change its rights.",
        ) from error
    sweep_parts(out_dir)


async def _work_or_follow(
    parts: Context, presentation: PresentationRow, options: MakeOptions, display: Display
) -> Progress:
    said = False
    while True:
        with only_worker(parts.settings.data_dir, presentation.id) as mine:
            if mine:
                return await _work(parts, presentation, options, display)
        if not said:
            display.note("Another process is making this film; waiting for its turn to end.")
            said = True
        await asyncio.sleep(TRY_LOCK_S)


async def _work(
    parts: Context, presentation: PresentationRow, options: MakeOptions, display: Display
) -> Progress:
    request = await request_of(options, parts.providers, await _last_request(parts, presentation))
    display.note("Reading the deck …")
    await import_deck(presentation, options.deck)
    async with parts.db.read() as session:
        presentation = await session.get_one(PresentationRow, presentation.id)
    batch_id = await plan.plan_film(presentation, request)
    await _check_cost(parts, batch_id, request)
    async with running_engine(parts):
        await rescue(batch_id)
        await plan.start(batch_id)
        return await _follow(parts, batch_id, options, display)


async def _last_request(parts: Context, presentation: PresentationRow) -> MakeRequest | None:
    async with parts.db.read() as session:
        batch = await repository.last_batch(session, presentation.id)
    return MakeRequest.from_json(batch.request) if batch is not None else None


async def _check_cost(parts: Context, batch_id: str, request: MakeRequest) -> None:
    """Refuse, before anything is spent, what the caps or the balance do not allow."""
    provider = parts.providers[request.provider]
    if not provider.capabilities.paid:
        return
    cost = (await summary_of(batch_id)).cost_usd
    cap = tightest([request.cap_usd, parts.settings.money.max_per_batch_usd])
    if cap is not None and cost > cap:
        raise CallError(
            "over_cap",
            f"This would cost about ${cost:.2f}, more than the ${cap:.2f} you allow.",
            next_step="Raise --max-cost, or name fewer slides with --slides. Nothing was submitted.",
        )
    balance = await provider.balance()
    enough = balance is None or balance.amount >= (cost if balance.unit == "usd" else 0) or not cost
    if balance is not None and (not enough or (cost and not balance.amount)):
        raise CallError(
            "provider_no_credit",
            f"This would cost about ${cost:.2f}, and the {provider.name} account has {balance.amount:.2f} "
            f"{balance.unit} left.",
            next_step="Top the account up, or name fewer slides with --slides. Nothing was submitted.",
        )
    await parts.accounts[provider.name].resume()


async def _follow(parts: Context, batch_id: str, options: MakeOptions, display: Display) -> Progress:
    began = time.monotonic()
    progress = first = await progress_of(batch_id)
    seen, looked_at = -1, began
    while True:
        if time.monotonic() - looked_at > LOOK_AFTER_S:
            looked_at = time.monotonic()
            await settle_given_up(batch_id)
        seq = await seq_of(parts.scope)
        if seq != seen:
            progress, seen = await progress_of(batch_id), seq
        if parts.halted is not None and not progress.ended:
            _end_now(parts, options.out_dir, display)
            if options.json:
                print_json(failure(parts.halted))
            os._exit(say_error(parts.halted))
        display.show(progress, progress.eta_s(time.monotonic() - began, first.share))
        if progress.ended:
            return progress
        await asyncio.sleep(POLL_S)


def _end_now(parts: Context, out_dir: Path, display: Display) -> None:
    """Stop all work where it stands, so that the process can end: no child, no temporary file. What was
    under way stays durable, since nothing of what a killed child leaves is recorded."""
    children.kill_all()
    sweep_scratch(parts.scratch, own=True)
    for folder in (out_dir, parts.cache):
        sweep_parts(folder, own=True)
    display.close()


@contextlib.contextmanager
def _stopping_cleanly(parts: Context, out_dir: Path, display: Display) -> Iterator[None]:
    """Ctrl-C and SIGTERM end at once: no child, no temporary file, and a word on how to go on."""

    def stop(number: int) -> None:
        _end_now(parts, out_dir, display)
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


def _say_changed(deck: Path, outcome: Outcome, display: Display) -> None:
    with contextlib.suppress(OSError):
        if file_sha256(deck) != outcome.deck_sha256:
            display.note(
                "The deck has changed since it was read: run the same command again for the changes."
            )
