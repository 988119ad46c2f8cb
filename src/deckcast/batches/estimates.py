"""What a batch would cost and last, before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from deckcast.batches import repository
from deckcast.batches.analyses import expected_usd
from deckcast.batches.context import current
from deckcast.batches.models import PAUSE_AFTER_S, PAUSE_BEFORE_S, BatchKind, MakeRequest, Step
from deckcast.batches.money import cost_usd
from deckcast.batches.orders import our_voice, said, speaks_itself, spending_s
from deckcast.batches.plan import chosen, wanted_speech, wanted_video
from deckcast.batches.texts import language_of, plan_words
from deckcast.db.models import BatchRow, ItemRow, PresentationRow
from deckcast.kit.errors import CallError

# Seconds of film per core-second, all steps together: slow and fast machines of today (bench/).
_FILM_S_PER_CORE_S = (2.0, 6.0)
_START_S = 4.0
_CHARS_PER_S = 14.0  # of a narrative that is not written yet
_TYPICAL_CHARS = 1500  # of a slide with its notes, as a question to a model


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


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a planned batch would do: how many slides it makes something for, for how many it is there already, and
    the price in USD; `provider_usd` is the avatar provider's part of it."""

    total: int
    to_generate: int
    skipped: int
    cost_usd: Decimal
    provider_usd: Decimal


async def summary_of(batch_id: str) -> BatchSummary:
    """The plan in figures, in a constant number of queries."""
    async with current().db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        items = await repository.items_of(session, batch_id)
        spoken = await repository.speeches_of(session, batch.presentation_id)
    request, kind = MakeRequest.from_json(batch.request), BatchKind(batch.kind)
    wanting = [item for item in items if _wants(kind, request, item)]
    to_make = [item for item in wanting if not item.reused and item.ended_at is None]
    price = sum((_video_usd(request, item) for item in to_make), Decimal(0)) if kind.draws else Decimal(0)
    words = sum((_words_usd(item.todo) for item in to_make), Decimal(0))
    speech = Decimal(0)
    if kind.goes_to(Step.SPEECH):
        asked = [item for item in to_make if item.todo or wanted_speech(request, item) not in spoken]
        speech = sum((_speech_usd(request, item) for item in asked), Decimal(0))
    skipped = len(wanting) - len(to_make)
    return BatchSummary(len(items), len(to_make), skipped, price + words + speech, price)


def _wants(kind: BatchKind, request: MakeRequest, item: ItemRow) -> bool:
    """Whether what the batch makes is made of this slide at all."""
    if not kind.goes_to(Step.SPEECH) or item.todo:
        return True
    return (wanted_video(request, item) if kind.draws else wanted_speech(request, item)) is not None


def _video_usd(request: MakeRequest, item: ItemRow) -> Decimal:
    card = current().providers[request.provider].capabilities.rate_card
    return cost_usd(spending_s(request, item.estimated_s), card)


def _words_usd(todo: Sequence[str]) -> Decimal:
    """What the questions to the model cost that a slide still needs, and its part of those for all slides."""
    model = current().model
    if model is None:
        return Decimal(0)
    return sum(
        (expected_usd(model, _TYPICAL_CHARS, picture=step == Step.ANALYSIS) for step in todo), Decimal(0)
    )


def _speech_usd(request: MakeRequest, item: ItemRow) -> Decimal:
    provider = current().providers.get(request.provider)
    if (
        provider is not None
        and request.provider_voice
        and (item.todo or speaks_itself(request, provider, item))
    ):
        return Decimal(0)
    chars = len(said(item)) if not item.todo else round(item.estimated_s * _CHARS_PER_S)
    return _said_usd(request, str((item.narrative or {}).get("language", request.language or "en")), chars)


def _said_usd(request: MakeRequest, language: str, chars: int) -> Decimal:
    engines = current().engines
    try:
        engine = engines.engine_of(our_voice(request, language))
    except CallError:
        return Decimal(0)  # the slide's own steps name it
    return engine.capabilities.usd_per_million_chars * chars / 1_000_000


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
    price, words_usd, speech_usd = Decimal(0), Decimal(0), Decimal(0)
    for slide in slides:
        words = planned[slide.id]
        words_usd += _words_usd(words.todo)
        if words.narrative is not None and not words.narrative.text:
            duration_s += words.estimated_s
            continue
        duration_s += PAUSE_BEFORE_S + words.estimated_s + PAUSE_AFTER_S
        price += cost_usd(spending_s(request, words.estimated_s), can.rate_card)
        videos += 1
        if not request.provider_voice:
            chars = len(words.narrative.text) if words.narrative else round(words.estimated_s * _CHARS_PER_S)
            speech_usd += _said_usd(request, language_of(slide, presentation, request), chars)
    slow, fast = (duration_s / (pace * context.settings.workers) + _START_S for pace in _FILM_S_PER_CORE_S)
    if can.paid:
        turns = math.ceil(videos / min(can.max_concurrent, context.settings.avatar.batch.max_concurrent))
        fast, slow = fast + turns * can.typical_render_s / 2, slow + turns * can.typical_render_s * 2
    left = await context.providers[request.provider].balance()
    return Estimate(
        provider=request.provider,
        slides=len(slides),
        duration_s=round(duration_s, 1),
        cost_usd=float(price + words_usd + speech_usd),
        words_cost_usd=float(words_usd),
        speech_cost_usd=float(speech_usd),
        time_s=(fast, slow),
        balance=float(left.amount) if left else None,
        balance_unit=left.unit if left else None,
    )
