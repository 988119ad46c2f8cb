"""`deckcast make`: the whole job, followed to its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from deckcast.batches.deletion import purge_all_deleted
from deckcast.batches.imports import presentation_for
from deckcast.batches.models import BatchKind
from deckcast.cli.app import say_error
from deckcast.cli.display import Display, open_display
from deckcast.cli.outcome import Outcome, export, failure, print_json, say_outcome
from deckcast.cli.request import MakeOptions, request_of
from deckcast.cli.work import Job, stopping_cleanly, work_or_follow
from deckcast.decks.service import check_deck
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.files import disk_errors, sweep_parts
from deckcast.kit.fingerprint import file_sha256
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context


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
    check_out(options.out_dir)
    with open_display() as display:
        async with open_context(settings) as parts:
            job = Job(
                deck=options.deck,
                kind=BatchKind.PRESENTATION_VIDEO,
                request_of=partial(request_of, options, parts.providers),
                folders=(options.out_dir,),
                json=options.json,
            )
            with stopping_cleanly(parts, job.folders, display):
                presentation = await presentation_for(options.deck)
                parts.scope = presentation.id
                progress = await work_or_follow(parts, presentation, job, display)
                display.note("Writing the film …")
                outcome = await export(progress, presentation.id, options.out_dir, started_at)
                await purge_all_deleted()
        _say_changed(options.deck, outcome, display)
    say_outcome(outcome)
    return outcome


def _check_deck(options: MakeOptions, settings: Settings) -> None:
    check_deck(options.deck, settings.limits)


def check_out(out_dir: Path) -> None:
    """Raises CallError output_not_writable; sweeps what a stopped command left there half written."""
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


def _say_changed(deck: Path, outcome: Outcome, display: Display) -> None:
    with contextlib.suppress(OSError):
        if file_sha256(deck) != outcome.deck_sha256:
            display.note(
                "The deck has changed since it was read: run the same command again for the changes."
            )
