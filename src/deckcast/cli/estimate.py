"""`deckcast estimate`: length, price and time of a film, before anything is made."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from rich.console import Console

from deckcast.batches.estimates import Estimate, estimate_film
from deckcast.batches.imports import import_deck, presentation_for
from deckcast.batches.requests import Choices
from deckcast.batches.speeches import ready_to_speak
from deckcast.cli.outcome import count, length_words, print_json
from deckcast.cli.request import MakeOptions, request_of
from deckcast.db.models import PresentationRow
from deckcast.decks.service import check_deck
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context

CENT = 0.01


def run_estimate(settings: Settings, options: MakeOptions) -> int:
    """Print the estimate; returns the exit status. Raises as `request_of`, `import_deck`, `estimate_film`."""
    estimate = asyncio.run(_estimate(settings, options))
    if options.json:
        print_json(asdict(estimate))
        return 0
    console = Console(highlight=False)
    for line in lines_of(estimate):
        console.print(line, soft_wrap=not console.is_terminal)
    return 0


def lines_of(estimate: Estimate) -> list[str]:
    """The estimate in sentences: length, price with its parts, time, and what is left on the account."""
    low, high = (length_words(seconds) for seconds in estimate.time_s)
    paid_videos = estimate.cost_usd - estimate.words_cost_usd - estimate.speech_cost_usd >= CENT / 100
    lines = [
        f"{count(estimate.slides, 'slide')}, about {length_words(estimate.duration_s)} of film.",
        _price(estimate),
        f"Takes about {low if low == high else f'{low} to {high}'}"
        + (f", most of it at {estimate.provider}." if paid_videos else " on this machine."),
    ]
    if estimate.balance is not None:
        left = f"{estimate.balance:.2f}"
        left = f"${left}" if estimate.balance_unit == "usd" else f"{left} {estimate.balance_unit}"
        lines.append(f"The {estimate.provider} account has {left} left.")
    return lines


def _price(estimate: Estimate) -> str:
    videos = estimate.cost_usd - estimate.words_cost_usd - estimate.speech_cost_usd
    parts = [
        (f"avatar videos by {estimate.provider}", videos),
        ("words", estimate.words_cost_usd),
        ("speech", estimate.speech_cost_usd),
    ]
    priced = [(name, usd) for name, usd in parts if usd > CENT / 1000]
    if not priced:
        return f"Costs nothing with the provider {estimate.provider}."
    told = ", ".join(f"{_usd(usd)} for {name}" for name, usd in priced)
    about = "about " if estimate.cost_usd >= CENT / 2 else ""
    return f"Costs {about}{told if len(priced) == 1 else f'{_usd(estimate.cost_usd)}: {told}'}."


def _usd(amount: float) -> str:
    return f"${amount:.2f}" if amount >= CENT / 2 else "less than a cent"


async def _estimate(settings: Settings, options: MakeOptions) -> Estimate:
    check_deck(options.deck, settings.limits)
    async with open_context(settings) as parts:
        presentation = await presentation_for(options.deck)
        request = await request_of(options, parts.providers, Choices.from_json(presentation.choices))
        await import_deck(presentation, options.deck)
        async with parts.db.read() as session:
            presentation = await session.get_one(PresentationRow, presentation.id)
        await ready_to_speak(presentation.id, request.voice)
        return await estimate_film(presentation, request)
