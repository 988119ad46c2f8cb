"""What a batch would cost and last, before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from deckcast.batches import repository, texts_repository
from deckcast.batches.context import current
from deckcast.batches.disclosure import Leaving, leaving
from deckcast.batches.models import PAUSE_AFTER_S, PAUSE_BEFORE_S, BatchKind, MakeRequest, Step
from deckcast.batches.money import cost_usd
from deckcast.batches.orders import said, spending_s
from deckcast.batches.plan import check_limits, chosen, mark_reused, new_item
from deckcast.batches.prices import CHARS_PER_S, BatchSummary, said_usd, summarise, words_usd
from deckcast.batches.speeches import ready_to_speak
from deckcast.batches.texts import language_of, plan_words
from deckcast.db.models import BatchRow, ItemRow, PresentationRow
from deckcast.videos.models import Layout, PixelBox, Placement, Shape

# Seconds of film per core-second, all steps together: slow and fast machines of today (bench/).
_FILM_S_PER_CORE_S = (2.0, 6.0)
_START_S = 4.0
# Seconds of film per core-second that the steps take which are left where avatar videos are there (bench/).
_COMPOSED_S_PER_CORE_S = (5.0, 20.0)
_SPOKEN_S_PER_CORE_S = (10.0, 40.0)
_ANSWER_S = (3.0, 20.0)  # a language model takes for one question


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEstimate:
    """What a batch would do, cost and last if it were ordered now. `duration_s` is the length of what is heard and
    seen of its slides, `time_s` the shortest and longest likely time to make what is missing."""

    kind: BatchKind
    request: MakeRequest
    summary: BatchSummary
    duration_s: float
    time_s: tuple[float, float]
    leaving: tuple[Leaving, ...]


async def estimate_batch(
    presentation: PresentationRow, kind: BatchKind, request: MakeRequest
) -> BatchEstimate:
    """The estimate for a batch, planned as it would be, and nothing of it kept.

    Raises CallError slides_invalid, no_slides, too_long_for_provider, unknown_voice, language_not_spoken.
    """
    context = current()
    if kind.goes_to(Step.SPEECH):
        await ready_to_speak(presentation.id, request.voice)
    async with context.db.read() as session:
        with session.no_autoflush:
            slides = chosen(await repository.slides_of(session, presentation.id), request)
            planned = await plan_words(session, presentation, slides, kind, request, context.model)
            say = await texts_repository.pronunciations_of(session, presentation.id)
            batch = BatchRow(id="", request=request.to_json())
            placement = _some_placement(request) if kind.draws else None
            items = [new_item(batch, slide, placement, planned[slide.id], say) for slide in slides]
            await mark_reused(session, presentation, kind, request, items, planned)
            spoken = await repository.speeches_of(session, presentation.id)
    if kind.draws:
        check_limits(request, context.providers[request.provider], items)
    return estimate_of(kind, request, items, spoken)


def estimate_of(
    kind: BatchKind, request: MakeRequest, items: Sequence[ItemRow], spoken: Collection[tuple[str, str]]
) -> BatchEstimate:
    """The estimate for a planned batch; `spoken` as in `summarise`."""
    summary = summarise(kind, request, items, spoken)
    return BatchEstimate(
        kind=kind,
        request=request,
        summary=summary,
        duration_s=round(sum(_shown_s(item) for item in items), 1)
        if kind is not BatchKind.ALL_ANALYSES
        else 0.0,
        time_s=_time_s(kind, request, items),
        leaving=leaving(kind, request, items, summary.to_generate),
    )


def _some_placement(request: MakeRequest) -> Placement:
    """Of where a presenter stands, its video only knows whether it fills the picture and whether it is there."""
    layout = Layout(request.layout)
    presenter = None if layout is Layout.NONE else PixelBox(0, 0, 0, 0)
    return Placement(layout, None, presenter, Shape(request.shape))


def _shown_s(item: ItemRow) -> float:
    silent = item.narrative is not None and not said(item)
    return item.estimated_s + (0.0 if silent else PAUSE_BEFORE_S + PAUSE_AFTER_S)


def _time_s(kind: BatchKind, request: MakeRequest, items: Sequence[ItemRow]) -> tuple[float, float]:
    """Shortest and longest likely time to make what is missing."""
    context = current()
    to_make = [item for item in items if not item.reused]
    makes_s = sum(_shown_s(item) for item in to_make)
    there_s = sum(_shown_s(item) for item in items) - makes_s
    turns = math.ceil(sum(len(item.todo) for item in to_make) / context.settings.llm.max_concurrent)
    low, high = turns * _ANSWER_S[0], turns * _ANSWER_S[1]
    if kind.goes_to(Step.SPEECH):
        slow, fast = _FILM_S_PER_CORE_S if kind.draws else _SPOKEN_S_PER_CORE_S
        low += makes_s / (fast * context.settings.workers)
        high += makes_s / (slow * context.settings.workers)
    if kind is BatchKind.PRESENTATION_VIDEO:
        slow, fast = _COMPOSED_S_PER_CORE_S
        high += there_s / (slow * context.settings.workers)
    if kind.draws and to_make:
        rendered = _rendered_s(request, len(to_make))
        low, high = low + rendered / 2, high + rendered * 2
    return (round(low, 1), round(high + _START_S, 1)) if low or high else (0.0, 0.0)


def _rendered_s(request: MakeRequest, videos: int) -> float:
    """How long a paid provider typically takes for so many videos."""
    can = current().providers[request.provider].capabilities
    if not can.paid:
        return 0.0
    at_once = min(can.max_concurrent, current().settings.avatar.batch.max_concurrent)
    return math.ceil(videos / at_once) * can.typical_render_s


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
    rendered = _rendered_s(request, videos)
    fast, slow = fast + rendered / 2, slow + rendered * 2
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
