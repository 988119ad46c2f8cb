"""Evens out the narratives that a batch has written: the deck's slides side by side, by a language model."""

from __future__ import annotations

from collections.abc import Mapping

from deckcast.batches import repository, texts_repository
from deckcast.batches.analyses import expected_usd
from deckcast.batches.charges import Billed, charged
from deckcast.batches.context import current
from deckcast.batches.models import ENDED, DeckStep, MakeRequest
from deckcast.batches.slide_contents import own_content
from deckcast.batches.texts import narrative_value, wish_of
from deckcast.db.models import BatchRow, ItemRow, NarrativeRow, PresentationRow, SlideAnalysisRow, SlideRow
from deckcast.kit.slides import DeckAnalysis, SlideAnalysis
from deckcast.narration.evening import Evened, even_out
from deckcast.narration.repeats import Draft
from deckcast.narration.service import estimate_s


async def even_out_narratives(batch_id: str) -> None:
    """Vary the first and last sentences of what this batch has written, where slides begin or end alike.

    Raises CallError over_cap; a model that fails leaves its words as they are, with a warning.
    """
    context = current()
    async with context.db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        presentation = await session.get_one(PresentationRow, batch.presentation_id)
        items = await repository.items_of(session, batch_id)
        rows = await repository.rows_by_id(session, NarrativeRow, [item.narrative_id for item in items])
        slides = await repository.rows_by_id(session, SlideRow, [item.slide_id for item in items])
        analyses = await repository.rows_by_id(
            session, SlideAnalysisRow, [item.analysis_id for item in items]
        )
        last = await texts_repository.last_number(session, presentation.id)
    if DeckStep.EVENING not in batch.todo:
        return
    request = MakeRequest.from_json(batch.request)
    drafts = [
        Draft(
            index=index,
            slide=own_content(slides[item.slide_id], presentation, last),
            narrative=narrative_value(rows[item.narrative_id]),
            analysis=_analysis(analyses.get(item.analysis_id or "")),
            kept=not (item.narrative or {}).get("drafted", False),
        )
        for index, item in enumerate(items)
        if item.narrative_id in rows
    ]
    model, deck = context.model, presentation.analysis
    wish = wish_of(request, request.language or "")
    chars = sum(len(draft.narrative.text) for draft in drafts if not draft.kept)
    expected = expected_usd(model, 2 * chars) if model is not None else None
    async with charged(batch_id, None, DeckStep.EVENING, expected) as bill:
        asked = Billed(model, bill) if model is not None else None
        evened, _ = await even_out(asked, drafts, DeckAnalysis.from_json(deck) if deck else None, wish)
    await _save(batch_id, dict(enumerate(items)), evened)


def _analysis(row: SlideAnalysisRow | None) -> SlideAnalysis | None:
    return SlideAnalysis.from_json(row.content) if row is not None else None


async def _save(batch_id: str, items: Mapping[int, ItemRow], evened: Evened) -> None:
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        if batch.state in ENDED:
            return  # another batch may have taken the words as they are
        batch.todo = [each for each in batch.todo if each != DeckStep.EVENING]
        known = [each["code"] for each in batch.warnings]
        new = [{"code": code, "message": text} for code, text in evened.warnings if code not in known]
        batch.warnings = [*batch.warnings, *new]
        pronunciations = await texts_repository.pronunciations_of(session, batch.presentation_id)
        for index, text in evened.texts.items():
            row = await session.get_one(NarrativeRow, str(items[index].narrative_id))
            row.text = text
            await repository.set_item(
                session,
                items[index].id,
                narrative=texts_repository.said_of(row, pronunciations),
                estimated_s=estimate_s(row.text, row.language),
            )
