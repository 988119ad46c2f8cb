"""The narrative of a slide by a language model, as a step of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deckcast.batches import repository, texts_repository
from deckcast.batches.analyses import expected_usd
from deckcast.batches.charges import questions
from deckcast.batches.context import current
from deckcast.batches.models import MakeRequest, Status, Step
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
    written = None if _edited_since(inputs.standing, inputs.batch) else await _written(inputs)
    await _save(inputs, written)


def _edited_since(standing: NarrativeRow | None, batch: BatchRow) -> bool:
    """Whether a person has written the narrative after the batch was planned: their words stay."""
    if standing is None or standing.source != texts_repository.EDITED:
        return False
    return standing.created_at > batch.created_at


async def _inputs(item_id: str) -> _Inputs:
    async with current().db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        batch = await repository.batch_of_item(session, item)
        presentation = await session.get_one(PresentationRow, batch.presentation_id)
        request = MakeRequest.from_json(batch.request)
        slide = await session.get_one(SlideRow, item.slide_id)
        analysis = await session.get(SlideAnalysisRow, item.analysis_id) if item.analysis_id else None
        items = await repository.items_of(session, batch.id)
        titles = {row.id: row.title for row in await repository.slides_of(session, presentation.id)}
        language = language_of(slide, presentation, request)
        return _Inputs(
            item=item,
            slide=slide,
            batch=batch,
            presentation=presentation,
            request=request,
            own=own_content(slide, presentation, len(items)),
            analysis=SlideAnalysis.from_json(analysis.content) if analysis else None,
            around=_around(item, items, titles),
            standing=await texts_repository.narrative_of(session, slide.id, language),
        )


def _around(item: ItemRow, items: Sequence[ItemRow], titles: dict[str, str]) -> Surroundings:
    at = next(index for index, each in enumerate(items) if each.id == item.id)
    before = items[at - 1] if at else None
    after = items[at + 1] if at + 1 < len(items) else None
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
    async with questions(model, inputs.batch.id, inputs.item.id, Step.NARRATIVE, expected):
        narrative, _ = await write(
            model,
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
        await repository.lock_slide(session, item.slide_id)  # versions are counted
        row = await texts_repository.narrative_of(session, item.slide_id, inputs.wish.language)
        if written is not None and not _edited_since(row, inputs.batch):
            row = next_version(row, inputs.slide, inputs.own, inputs.wish, *written)
            session.add(row)
            await session.flush()
        if row is None:
            return  # nothing was written, and what was edited is gone
        drafted = row.source != texts_repository.EDITED
        pronunciations = await texts_repository.pronunciations_of(session, inputs.presentation.id)
        await repository.set_item(
            session,
            item.id,
            narrative_id=row.id,
            narrative={**texts_repository.said_of(row, pronunciations), "drafted": drafted},
            todo=[step for step in item.todo if step != Step.NARRATIVE],
            status=Status.COMPLETED,
            estimated_s=estimate_s(row.text, row.language),
            warnings=[*item.warnings, *row.warnings],
        )
