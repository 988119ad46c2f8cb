"""What a batch would cost and last, before anything is spent. What is worked out of hundreds of slides is so in a
thread: a server answers others meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository, texts_repository
from deckcast.batches.context import current
from deckcast.batches.disclosure import Leaving, leaving
from deckcast.batches.forecast import SlideWork
from deckcast.batches.models import PAUSE_AFTER_S, PAUSE_BEFORE_S, BatchKind, MakeRequest, Phase, Step
from deckcast.batches.money import cost_usd
from deckcast.batches.orders import said, spending_s
from deckcast.batches.plan import check_limits, chosen, mark_reused, new_item
from deckcast.batches.prices import CHARS_PER_S, BatchSummary, said_usd, summarise, words_usd
from deckcast.batches.speeches import ready_to_speak
from deckcast.batches.texts import language_of, plan_words
from deckcast.batches.workload import expected_range, planned_work
from deckcast.db.models import BatchRow, ItemRow, PresentationRow
from deckcast.videos.models import Layout, PixelBox, Placement, Shape

_DRAWN = (Phase.AVATAR_VIDEO, Phase.PUBLISHING, Phase.CLIP)
_START_S = 2.0  # the deck is read, the engine starts


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
    seen of its slides, `warned` are those with warnings, `time_s` the shortest and longest likely time to make what is
    missing."""

    kind: BatchKind
    request: MakeRequest
    summary: BatchSummary
    duration_s: float
    time_s: tuple[float, float]
    leaving: tuple[Leaving, ...]
    warned: tuple[ItemRow, ...] = ()


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
            items = await asyncio.to_thread(
                lambda: [new_item(batch, slide, placement, planned[slide.id], say) for slide in slides]
            )
            await mark_reused(session, presentation, kind, request, items, planned)
            spoken = await repository.speeches_of(session, presentation.id)
            estimate = await estimate_of(session, kind, request, items, spoken)
    if kind.draws:
        check_limits(request, context.providers[request.provider], items)
    return estimate


async def estimate_planned(batch_id: str) -> BatchEstimate:
    """The estimate for a batch that is planned already."""
    async with current().db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        items = await repository.items_of(session, batch_id)
        spoken = await repository.speeches_of(session, batch.presentation_id)
        kind, request = BatchKind(batch.kind), MakeRequest.from_json(batch.request)
        return await estimate_of(session, kind, request, items, spoken)


async def estimate_of(
    session: AsyncSession,
    kind: BatchKind,
    request: MakeRequest,
    items: Sequence[ItemRow],
    spoken: Collection[tuple[str, str]],
) -> BatchEstimate:
    """The estimate for a planned batch; `spoken` as in `summarise`."""
    summary = await asyncio.to_thread(summarise, kind, request, items, spoken)
    return BatchEstimate(
        kind=kind,
        request=request,
        summary=summary,
        duration_s=round(sum(_shown_s(item) for item in items), 1)
        if kind is not BatchKind.ALL_ANALYSES
        else 0.0,
        time_s=await _time_s(session, kind, request, items),
        warned=tuple(item for item in items if item.warnings),
        leaving=await asyncio.to_thread(leaving, kind, request, items, summary.to_generate),
    )


def _some_placement(request: MakeRequest) -> Placement:
    """Of where a presenter stands, its video only knows whether it fills the picture and whether it is there."""
    layout = Layout(request.layout)
    presenter = None if layout is Layout.NONE else PixelBox(0, 0, 0, 0)
    return Placement(layout, None, presenter, Shape(request.shape))


def _shown_s(item: ItemRow) -> float:
    silent = item.narrative is not None and not said(item)
    return item.estimated_s + (0.0 if silent else PAUSE_BEFORE_S + PAUSE_AFTER_S)


async def _time_s(
    session: AsyncSession, kind: BatchKind, request: MakeRequest, items: Sequence[ItemRow]
) -> tuple[float, float]:
    """Shortest and longest likely time to make what is missing; nothing where nothing is."""
    provider = current().providers.get(request.provider)
    works = [planned_work(item, kind, request, provider) for item in items]
    if not any(work.ahead for work in works):
        return 0.0, 0.0
    film = kind is BatchKind.PRESENTATION_VIDEO
    low, high = await expected_range(session, provider, works, film=film)
    return round(low, 1), round(high + _START_S, 1)


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
    duration_s = 0.0
    works: list[SlideWork] = []
    price, words_cost, speech_cost = Decimal(0), Decimal(0), Decimal(0)
    for slide in slides:
        words = planned[slide.id]
        words_cost += words_usd(words.todo)
        if words.narrative is not None and not words.narrative.text:
            duration_s += words.estimated_s
            drawn = _DRAWN if can.draws_silence else (Phase.CLIP,)
            works.append(SlideWork(words.estimated_s, ahead=drawn))
            continue
        duration_s += PAUSE_BEFORE_S + words.estimated_s + PAUSE_AFTER_S
        price += cost_usd(spending_s(request, words.estimated_s), can.rate_card)
        spoken = () if request.provider_voice else (Phase.SPEECH,)
        todo = tuple(Phase(step) for step in words.todo)
        works.append(SlideWork(words.estimated_s, ahead=(*todo, *spoken, *_DRAWN)))
        if not request.provider_voice:
            chars = len(words.narrative.text) if words.narrative else round(words.estimated_s * CHARS_PER_S)
            speech_cost += said_usd(request, language_of(slide, presentation, request), chars)
    async with context.db.read() as session:
        fast, slow = await expected_range(session, context.providers[request.provider], works, film=True)
    left = await context.providers[request.provider].balance()
    return Estimate(
        provider=request.provider,
        slides=len(slides),
        duration_s=round(duration_s, 1),
        cost_usd=float(price + words_cost + speech_cost),
        words_cost_usd=float(words_cost),
        speech_cost_usd=float(speech_cost),
        time_s=(fast + _START_S, slow + 2 * _START_S),
        balance=float(left.amount) if left else None,
        balance_unit=left.unit if left else None,
    )
