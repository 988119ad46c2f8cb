"""`deckcast estimate`: length, price and time of a film, before anything is made."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from deckcast.batches.estimates import Estimate, estimate_film
from deckcast.batches.imports import import_deck, presentation_for
from deckcast.batches.speeches import ready_to_speak
from deckcast.cli.outcome import count
from deckcast.cli.request import MakeOptions, request_of
from deckcast.db.models import PresentationRow
from deckcast.decks.service import check_deck
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context


def run_estimate(settings: Settings, deck: Path, provider: str | None, *, as_json: bool) -> int:
    """Print the estimate; returns the exit status."""
    estimate = asyncio.run(_estimate(settings, MakeOptions(deck=deck, provider=provider)))
    if as_json:
        sys.stdout.write(json.dumps(asdict(estimate)) + "\n")
        return 0
    low, high = estimate.time_s
    price = f"${estimate.cost_usd:.2f}" if estimate.cost_usd else "nothing"
    Console(highlight=False).print(
        f"{count(estimate.slides, 'slide')}, about {_minutes(estimate.duration_s)} of film.\n"
        f"Costs {price} with the provider {estimate.provider}.\n"
        f"Takes about {_minutes(low)} to {_minutes(high)}"
        + (f", most of it at {estimate.provider}." if estimate.cost_usd else " on this machine.")
    )
    if estimate.balance is not None:
        left = f"{estimate.balance:.2f}"
        left = f"${left}" if estimate.balance_unit == "usd" else f"{left} {estimate.balance_unit}"
        Console(highlight=False).print(f"The {estimate.provider} account has {left} left.")
    return 0


async def _estimate(settings: Settings, options: MakeOptions) -> Estimate:
    check_deck(options.deck, settings.limits)
    async with open_context(settings) as parts:
        request = await request_of(options, parts.providers)
        presentation = await presentation_for(options.deck)
        await import_deck(presentation, options.deck)
        async with parts.db.read() as session:
            presentation = await session.get_one(PresentationRow, presentation.id)
        await ready_to_speak(presentation.id, request.voice)
        return await estimate_film(presentation, request)


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{seconds / 60:.1f} min" if seconds < 300 else f"{round(seconds / 60)} min"
