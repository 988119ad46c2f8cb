"""The narrative of a slide by a language model, as a step of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository, texts_repository
from deckcast.batches.analyses import expected_usd
from deckcast.batches.charges import Billed, charged
from deckcast.batches.context import current
from deckcast.batches.models import SILENCE_S, MakeRequest, Status, Step
from deckcast.batches.slide_contents import own_content
from deckcast.batches.texts import language_of, next_version, wish_of
from deckcast.db.models import BatchRow, ItemRow, NarrativeRow, PresentationRow, SlideAnalysisRow, SlideRow
from deckcast.kit.slides import DeckAnalysis, SlideAnalysis, SlideContent
from deckcast.narration.models import Narrative, Surroundings, Wish
from deckcast.narration.service import NARRATION_VERSION, estimate_s, narrate, write


@dataclass(frozen=True, slots=True)
class _Inputs:
    item: ItemRow
    slide: SlideRow
    batch: BatchRow
    presentation: PresentationRow
    request: MakeRequest
    own: SlideContent
    analysis: SlideAnalysis | None
    around: Surroundings
    standing: NarrativeRow | None

    @property
    def wish(self) -> Wish:
        return wish_of(self.request, language_of(self.slide, self.presentation, self.request))


async def make_narrative(item_id: str) -> None:
    """Write the narrative of the item's slide, unless that is done.

    Raises CallError over_cap, llm_key_invalid, …; WorkError narrative_unusable, llm_malformed, llm_busy, …
    """
    inputs = await _inputs(item_id)
    if inputs.item.ended_at is not None or Step.NARRATIVE not in inputs.item.todo:
        return
    async with current().db.write() as session:
        await repository.set_item(session, item_id, step=Step.NARRATIVE, status=Status.PROCESSING)
    edited = _edited_meanwhile(inputs, inputs.standing)
    await _save(inputs, None if edited else await _written(inputs))


def _edited_meanwhile(inputs: _Inputs, standing: NarrativeRow | None) -> bool:
    """Whether a person has written the narrative since the batch was planned, so that it stays."""
    if standing is None or standing.source != texts_repository.EDITED:
        return False
    return not inputs.request.overwrite_edits or standing.created_at > inputs.batch.created_at


async def _inputs(item_id: str) -> _Inputs:
    async with current().db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        batch = await repository.batch_of_item(session, item)
        presentation = await session.get_one(PresentationRow, batch.presentation_id)
        request = MakeRequest.from_json(batch.request)
        slide = await session.get_one(SlideRow, item.slide_id)
        analysis = await session.get(SlideAnalysisRow, item.analysis_id) if item.analysis_id else None
        last = await texts_repository.last_number(session, presentation.id)
        language = language_of(slide, presentation, request)
        return _Inputs(
            item=item,
            slide=slide,
            batch=batch,
            presentation=presentation,
            request=request,
            own=own_content(slide, presentation, last),
            analysis=SlideAnalysis.from_json(analysis.content) if analysis else None,
            around=await _around(session, item, presentation),
            standing=await texts_repository.narrative_of(session, slide.id, language),
        )


async def _around(session: AsyncSession, item: ItemRow, presentation: PresentationRow) -> Surroundings:
    titles = await texts_repository.titles_of(session, presentation.id)
    before, after = await texts_repository.neighbours_of(session, item)
    return Surroundings(
        previous_title=titles.get(before.slide_id, "") if before else "",
        previous_text=str((before.narrative or {}).get("text", "")) if before else "",
        next_title=titles.get(after.slide_id, "") if after else "",
    )


async def _written(inputs: _Inputs) -> tuple[Narrative, str]:
    model = current().model
    if model is None:  # it was configured when the batch was planned
        return narrate(inputs.own, inputs.wish), NARRATION_VERSION
    deck = inputs.presentation.analysis
    expected = expected_usd(model, len(str(inputs.slide.content)) + len(inputs.slide.notes))
    async with charged(inputs.batch.id, inputs.item.id, Step.NARRATIVE, expected) as bill:
        narrative, _ = await write(
            Billed(model, bill),
            inputs.own,
            inputs.analysis,
            DeckAnalysis.from_json(deck) if deck else None,
            inputs.wish,
            inputs.around,
        )
    return narrative, model.name


async def _save(inputs: _Inputs, written: tuple[Narrative, str] | None) -> None:
    item = inputs.item
    async with current().db.write() as session:
        await repository.lock_slide(session, item.slide_id)
        row = await texts_repository.narrative_of(session, item.slide_id, inputs.wish.language)
        is_new = written is not None and not _edited_meanwhile(inputs, row)
        if written is not None and is_new:
            row = next_version(row, inputs.slide, inputs.own, inputs.wish, *written)
            session.add(row)
            await session.flush()
        assert row is not None  # what a person has edited is never taken away
        pronunciations = await texts_repository.pronunciations_of(session, inputs.presentation.id)
        await repository.set_item(
            session,
            item.id,
            narrative_id=row.id,
            narrative={**texts_repository.said_of(row, pronunciations), "drafted": is_new},
            todo=[step for step in item.todo if step != Step.NARRATIVE],
            status=Status.COMPLETED,
            estimated_s=estimate_s(row.text, row.language) if row.text else SILENCE_S,
            warnings=[*item.warnings, *row.warnings],
        )
