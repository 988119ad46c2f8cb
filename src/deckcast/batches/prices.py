"""What a planned batch would cost, from its items: nothing is read or written here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from deckcast.batches.analyses import expected_usd
from deckcast.batches.context import current
from deckcast.batches.models import BatchKind, MakeRequest, Step
from deckcast.batches.money import cost_usd
from deckcast.batches.orders import our_voice, said, speaks_itself, spending_s, wanted_speech, wanted_video
from deckcast.db.models import ItemRow
from deckcast.kit.errors import DeckcastError

CHARS_PER_S = 14.0  # of a narrative that is not written yet
_TYPICAL_CHARS = 1500  # of a slide with its notes, as a question to a model


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a planned batch would do: how many slides it makes something for, for how many it is there already, and
    the price in USD with its parts: the avatar provider's, the language model's and the speech engine's."""

    total: int
    to_generate: int
    skipped: int
    cost_usd: Decimal
    provider_usd: Decimal
    words_usd: Decimal = Decimal(0)
    speech_usd: Decimal = Decimal(0)


def summarise(
    kind: BatchKind, request: MakeRequest, items: Sequence[ItemRow], spoken: Collection[tuple[str, str]]
) -> BatchSummary:
    """The plan in figures; `spoken` are slide and fingerprint of the speeches that are there."""
    wanting = [item for item in items if _wants(kind, request, item)]
    to_make = [item for item in wanting if not item.reused and item.ended_at is None]
    price = sum((_video_usd(request, item) for item in to_make), Decimal(0)) if kind.draws else Decimal(0)
    words = sum((words_usd(item.todo) for item in to_make), Decimal(0))
    speech = Decimal(0)
    if kind.goes_to(Step.SPEECH):
        asked = [item for item in to_make if item.todo or wanted_speech(request, item) not in spoken]
        speech = sum((_speech_usd(request, item) for item in asked), Decimal(0))
    skipped = len(wanting) - len(to_make)
    return BatchSummary(len(items), len(to_make), skipped, price + words + speech, price, words, speech)


def _wants(kind: BatchKind, request: MakeRequest, item: ItemRow) -> bool:
    """Whether what the batch makes is made of this slide at all."""
    if not kind.goes_to(Step.SPEECH) or item.todo:
        return True
    return (wanted_video(request, item) if kind.draws else wanted_speech(request, item)) is not None


def _video_usd(request: MakeRequest, item: ItemRow) -> Decimal:
    card = current().providers[request.provider].capabilities.rate_card
    return cost_usd(spending_s(request, item.estimated_s), card)


def words_usd(todo: Sequence[str]) -> Decimal:
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
    chars = len(said(item)) if not item.todo else round(item.estimated_s * CHARS_PER_S)
    return said_usd(request, str((item.narrative or {}).get("language", request.language or "en")), chars)


def said_usd(request: MakeRequest, language: str, chars: int) -> Decimal:
    engines = current().engines
    try:
        engine = engines.engine_of(our_voice(request, language))
    except DeckcastError:
        return Decimal(0)  # the slide's own steps name it
    return engine.capabilities.usd_per_million_chars * chars / 1_000_000
