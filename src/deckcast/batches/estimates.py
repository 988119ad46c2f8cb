"""What a film would cost and last, before anything is spent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from deckcast.avatars.ports import RateCard
from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.batches.models import PAUSE_AFTER_S, PAUSE_BEFORE_S, SILENCE_S, MakeRequest
from deckcast.batches.narratives import narrative_of
from deckcast.batches.plan import chosen
from deckcast.db.models import PresentationRow
from deckcast.narration.service import estimate_s

# Seconds of film per core-second, all steps together: slow and fast machines of today (bench/).
_FILM_S_PER_CORE_S = (2.0, 6.0)
_START_S = 4.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Slides in the film, its length, the price, and the shortest and longest likely time to make it."""

    provider: str
    slides: int
    duration_s: float
    cost_usd: float
    time_s: tuple[float, float]


def cost_usd(seconds: float, card: RateCard) -> Decimal:
    """Price of one video, with the provider's rounding up to its billing step."""
    steps = math.ceil(round(seconds / card.billing_step_s, 6))
    return Decimal(steps) * Decimal(str(card.billing_step_s)) * card.usd_per_second


async def estimate_cost_usd(batch_id: str, provider: str) -> float:
    """Price of all of a batch's avatar videos that are still to be made."""
    context = current()
    card = context.providers[provider].capabilities.rate_card
    async with context.db.read() as session:
        items = await repository.items_of(session, batch_id)
    open_items = [item for item in items if item.ended_at is None and item.avatar_video_id is None]
    return float(sum((cost_usd(item.estimated_s, card) for item in open_items), Decimal(0)))


async def estimate_film(presentation: PresentationRow, request: MakeRequest) -> Estimate:
    """The estimate for a whole film made anew. Raises CallError slides_invalid, no_slides."""
    context = current()
    async with context.db.read() as session:
        slides = chosen(await repository.slides_of(session, presentation.id), request)
    card = context.providers[request.provider].capabilities.rate_card
    duration_s, price = 0.0, Decimal(0)
    for slide in slides:
        narrative = narrative_of(slide, len(slides), presentation.language, request.language)
        if narrative.source == "none":
            duration_s += SILENCE_S
            continue
        spoken_s = estimate_s(narrative.text, narrative.language)
        duration_s += PAUSE_BEFORE_S + spoken_s + PAUSE_AFTER_S
        price += cost_usd(spoken_s, card)
    slow, fast = (duration_s / (pace * context.settings.workers) + _START_S for pace in _FILM_S_PER_CORE_S)
    return Estimate(request.provider, len(slides), round(duration_s, 1), float(price), (fast, slow))
