"""The analysis of a slide and of the whole deck by a language model, as steps of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.analysis.service import (
    analyse_built_in,
    analyse_deck,
    analyse_deck_built_in,
    analyse_slide,
)
from deckcast.batches import repository, texts_repository
from deckcast.batches.charges import Billed, charged
from deckcast.batches.context import current
from deckcast.batches.models import DeckStep, Status, Step
from deckcast.batches.slide_contents import own_content
from deckcast.batches.texts import new_analysis
from deckcast.db.models import BatchRow, ItemRow, PresentationRow, SlideRow
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.slides import SlideAnalysis, SlideContent
from deckcast.llm.ports import LanguageModel, Usage, cost_usd

_PICTURE_TOKENS = 1600
_INSTRUCTION_TOKENS = 1200
_ANSWER_TOKENS = 700
_CHARS_PER_TOKEN = 3


def expected_usd(model: LanguageModel, chars: int, *, picture: bool = False) -> Decimal:
    """What one question of so many characters may cost; what is set aside for it."""
    asked = chars // _CHARS_PER_TOKEN + _INSTRUCTION_TOKENS + (_PICTURE_TOKENS if picture else 0)
    return cost_usd(Usage(asked, _ANSWER_TOKENS), model.prices)


async def make_analysis(item_id: str) -> None:
    """Analyse the item's slide, unless that is done.

    Raises CallError over_cap, llm_key_invalid, …; WorkError llm_malformed, llm_refused, llm_busy, …
    """
    context = current()
    async with context.db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        slide = await session.get_one(SlideRow, item.slide_id)
        batch = await repository.batch_of_item(session, item)
        presentation = await session.get_one(PresentationRow, batch.presentation_id)
        last = await texts_repository.last_number(session, presentation.id)
    if item.ended_at is not None or Step.ANALYSIS not in item.todo:
        return
    async with context.db.write() as session:
        await repository.set_item(session, item_id, step=Step.ANALYSIS, status=Status.PROCESSING)
    own = own_content(slide, presentation, last)
    analysis = await _analysis(batch, item, slide, own, presentation)
    await _save(item, slide, own, analysis)


async def _analysis(
    batch: BatchRow, item: ItemRow, slide: SlideRow, own: SlideContent, presentation: PresentationRow
) -> SlideAnalysis:
    context = current()
    model = context.model
    if model is None:  # it was configured when the batch was planned
        return analyse_built_in(own)
    shown = model.sees_pictures and slide.image_key is not None
    picture = await context.store.local(str(slide.image_key)) if shown else None
    expected = expected_usd(model, len(str(slide.content)) + len(slide.notes), picture=shown)
    async with charged(batch.id, item.id, Step.ANALYSIS, expected) as bill:
        analysis, _ = await analyse_slide(Billed(model, bill), own, picture, presentation.title)
    return analysis


async def _save(item: ItemRow, slide: SlideRow, own: SlideContent, analysis: SlideAnalysis) -> None:
    row = new_analysis(slide, own, analysis)
    async with current().db.write() as session:
        known = await texts_repository.analysis_with(session, slide.id, row.fingerprint)
        if known is not None:
            known.content = row.content
        else:
            session.add(row)
            await session.flush()
        todo = [step for step in item.todo if step != Step.ANALYSIS]
        analysis_id = known.id if known else row.id
        await repository.set_item(
            session, item.id, analysis_id=analysis_id, todo=todo, status=Status.COMPLETED
        )


async def make_deck_analysis(batch_id: str) -> None:
    """Say what the deck is about, from its slides' analyses, unless that is known.

    Raises as `make_analysis`.
    """
    context = current()
    async with context.db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        presentation = await session.get_one(PresentationRow, batch.presentation_id)
        contents, analyses = await _whole_deck(session, presentation)
    wanted = deck_fingerprint(presentation, contents, analyses)
    if DeckStep.ANALYSIS not in batch.todo or presentation.analysis_fingerprint == wanted:
        return
    model = context.model
    if model is None:
        found = analyse_deck_built_in(presentation.title, presentation.author, contents, analyses)
    else:
        expected = expected_usd(model, sum(len(str(analysis)) for analysis in analyses))
        async with charged(batch_id, None, DeckStep.ANALYSIS, expected) as bill:
            found, _ = await analyse_deck(
                Billed(model, bill), presentation.title, presentation.author, contents, analyses
            )
    async with context.db.write() as session:
        row = await session.get_one(PresentationRow, presentation.id)
        row.analysis, row.analysis_fingerprint = found.to_json(), wanted


def deck_fingerprint(
    presentation: PresentationRow, contents: Sequence[SlideContent], analyses: Sequence[SlideAnalysis]
) -> str:
    """Equal for the same slides, analysed alike."""
    return fingerprint(
        "deck-analysis/1",
        title=presentation.title,
        author=presentation.author,
        slides=[
            [content.title, analysis.to_json()] for content, analysis in zip(contents, analyses, strict=True)
        ],
    )


async def _whole_deck(
    session: AsyncSession, presentation: PresentationRow
) -> tuple[list[SlideContent], list[SlideAnalysis]]:
    """Every slide that is shown, with its newest analysis, else that of our rules."""
    slides = [row for row in await repository.slides_of(session, presentation.id) if not row.hidden]
    newest = {row.slide_id: row for row in await texts_repository.analyses_of(session, presentation.id)}
    last = slides[-1].number if slides else 0
    contents = [own_content(slide, presentation, last) for slide in slides]
    analyses = [
        SlideAnalysis.from_json(newest[slide.id].content) if slide.id in newest else analyse_built_in(own)
        for slide, own in zip(slides, contents, strict=True)
    ]
    return contents, analyses
