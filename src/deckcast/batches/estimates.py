"""What a batch would cost and last, before anything is spent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.batches.models import PAUSE_AFTER_S, PAUSE_BEFORE_S, BatchKind, MakeRequest
from deckcast.batches.money import cost_usd
from deckcast.batches.orders import spending_s
from deckcast.batches.plan import chosen
from deckcast.batches.prices import CHARS_PER_S, BatchSummary, said_usd, summarise, words_usd
from deckcast.batches.texts import language_of, plan_words
from deckcast.db.models import BatchRow, PresentationRow

# Seconds of film per core-second, all steps together: slow and fast machines of today (bench/).
_FILM_S_PER_CORE_S = (2.0, 6.0)
_START_S = 4.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Slides in the film, its length, the price, and the shortest and longest likely time to make it. The price is
    that of the avatar videos, of the questions to the language model and of the speech together, with the last two
    also apart.

    `balance` is what is left on a paid account, in `balance_unit`, where the provider tells.
    """

    provider: str
    slides: int
    duration_s: float
    cost_usd: float
    words_cost_usd: float
    speech_cost_usd: float
    time_s: tuple[float, float]
    balance: float | None = None
    balance_unit: str | None = None


async def summary_of(batch_id: str) -> BatchSummary:
    """The plan in figures, in a constant number of queries."""
    async with current().db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        items = await repository.items_of(session, batch_id)
        spoken = await repository.speeches_of(session, batch.presentation_id)
    return summarise(BatchKind(batch.kind), MakeRequest.from_json(batch.request), items, spoken)


async def estimate_film(presentation: PresentationRow, request: MakeRequest) -> Estimate:
    """The estimate for a whole film whose videos are all made anew; narratives that are there are taken as they
    are. Raises CallError slides_invalid, no_slides."""
    context = current()
    async with context.db.read() as session:
        slides = chosen(await repository.slides_of(session, presentation.id), request)
        planned = await plan_words(
            session, presentation, slides, BatchKind.PRESENTATION_VIDEO, request, context.model
        )
    can = context.providers[request.provider].capabilities
    duration_s, videos = 0.0, 0
    price, words_cost, speech_cost = Decimal(0), Decimal(0), Decimal(0)
    for slide in slides:
        words = planned[slide.id]
        words_cost += words_usd(words.todo)
        if words.narrative is not None and not words.narrative.text:
            duration_s += words.estimated_s
            continue
        duration_s += PAUSE_BEFORE_S + words.estimated_s + PAUSE_AFTER_S
        price += cost_usd(spending_s(request, words.estimated_s), can.rate_card)
        videos += 1
        if not request.provider_voice:
            chars = len(words.narrative.text) if words.narrative else round(words.estimated_s * CHARS_PER_S)
            speech_cost += said_usd(request, language_of(slide, presentation, request), chars)
    slow, fast = (duration_s / (pace * context.settings.workers) + _START_S for pace in _FILM_S_PER_CORE_S)
    if can.paid:
        turns = math.ceil(videos / min(can.max_concurrent, context.settings.avatar.batch.max_concurrent))
        fast, slow = fast + turns * can.typical_render_s / 2, slow + turns * can.typical_render_s * 2
    left = await context.providers[request.provider].balance()
    return Estimate(
        provider=request.provider,
        slides=len(slides),
        duration_s=round(duration_s, 1),
        cost_usd=float(price + words_cost + speech_cost),
        words_cost_usd=float(words_cost),
        speech_cost_usd=float(speech_cost),
        time_s=(fast, slow),
        balance=float(left.amount) if left else None,
        balance_unit=left.unit if left else None,
    )
