"""What a film would cost and last, before anything is spent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.batches.models import PAUSE_AFTER_S, PAUSE_BEFORE_S, SILENCE_S, MakeRequest
from deckcast.batches.money import cost_usd
from deckcast.batches.narratives import narrative_of
from deckcast.batches.orders import spending_s
from deckcast.batches.plan import chosen, wanted_video
from deckcast.db.models import BatchRow, PresentationRow
from deckcast.narration.service import estimate_s

# Seconds of film per core-second, all steps together: slow and fast machines of today (bench/).
_FILM_S_PER_CORE_S = (2.0, 6.0)
_START_S = 4.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Slides in the film, its length, the price, and the shortest and longest likely time to make it.

    `balance` is what is left on a paid account, in `balance_unit`, where the provider tells.
    """

    provider: str
    slides: int
    duration_s: float
    cost_usd: float
    time_s: tuple[float, float]
    balance: float | None = None
    balance_unit: str | None = None


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a planned batch would do: avatar videos to make, those that are fresh, and the price in USD."""

    total: int
    to_generate: int
    skipped: int
    cost_usd: Decimal


async def summary_of(batch_id: str) -> BatchSummary:
    """The plan in figures, in a constant number of queries."""
    context = current()
    async with context.db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        items = await repository.items_of(session, batch_id)
    request = MakeRequest.from_json(batch.request)
    card = context.providers[request.provider].capabilities.rate_card
    wanting = [item for item in items if wanted_video(request, item) is not None]
    to_make = [item for item in wanting if not item.reused and item.ended_at is None]
    price = sum((cost_usd(spending_s(request, item.estimated_s), card) for item in to_make), Decimal(0))
    return BatchSummary(len(items), len(to_make), len(wanting) - len(to_make), price)


async def estimate_film(presentation: PresentationRow, request: MakeRequest) -> Estimate:
    """The estimate for a whole film made anew. Raises CallError slides_invalid, no_slides."""
    context = current()
    async with context.db.read() as session:
        slides = chosen(await repository.slides_of(session, presentation.id), request)
    can = context.providers[request.provider].capabilities
    duration_s, price, videos = 0.0, Decimal(0), 0
    for slide in slides:
        narrative = narrative_of(slide, len(slides), presentation.language, request.language)
        if narrative.source == "none":
            duration_s += SILENCE_S
            continue
        spoken_s = estimate_s(narrative.text, narrative.language)
        duration_s += PAUSE_BEFORE_S + spoken_s + PAUSE_AFTER_S
        price += cost_usd(spoken_s, can.rate_card)
        videos += 1
    slow, fast = (duration_s / (pace * context.settings.workers) + _START_S for pace in _FILM_S_PER_CORE_S)
    if can.paid:
        turns = math.ceil(videos / min(can.max_concurrent, context.settings.avatar.batch.max_concurrent))
        fast, slow = fast + turns * can.typical_render_s / 2, slow + turns * can.typical_render_s * 2
    left = await context.providers[request.provider].balance()
    return Estimate(
        provider=request.provider,
        slides=len(slides),
        duration_s=round(duration_s, 1),
        cost_usd=float(price),
        time_s=(fast, slow),
        balance=float(left.amount) if left else None,
        balance_unit=left.unit if left else None,
    )
