"""Plans the words of a batch: which slides have their analysis and narrative, and which are still to get them.

What our own rules find and write is written down while planning; what a language model does is left to steps of
its own (batches/stages.py). What is fresh is a question of the slide and the wish, never of who wrote: another
model makes nothing stale, see docs/narratives.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.analysis.service import analyse_built_in, analysis_fingerprint
from deckcast.batches import texts_repository
from deckcast.batches.models import SILENCE_S, BatchKind, MakeRequest, Step
from deckcast.batches.slide_contents import own_content, slide_fingerprint
from deckcast.db.models import NarrativeRow, PresentationRow, SlideAnalysisRow, SlideRow
from deckcast.kit.ids import new_id
from deckcast.kit.slides import SlideAnalysis, SlideContent
from deckcast.llm.ports import LanguageModel
from deckcast.narration.evening import even_out
from deckcast.narration.models import Approach, Narrative, Source, Style, Wish
from deckcast.narration.repeats import Draft
from deckcast.narration.service import (
    NARRATION_VERSION,
    estimate_s,
    narrate,
    narrative_fingerprint,
    needs_model,
    target_s,
)

BY_MODEL = "model"  # in a narrative's fingerprint, whichever model it is


@dataclass(slots=True)
class Words:
    """What is known of a slide's words. `todo` are the steps still to be taken; `fresh` says that what the kind of
    batch makes was there before."""

    todo: list[str] = field(default_factory=list)
    analysis: SlideAnalysisRow | None = None
    narrative: NarrativeRow | None = None
    drafted: Narrative | None = None  # by our own rules, before near slides are compared
    estimated_s: float = SILENCE_S
    fresh: bool = False
    warnings: list[dict[str, str]] = field(default_factory=list)


def wish_of(request: MakeRequest, language: str) -> Wish:
    """The request as narration takes it."""
    return Wish(Approach(request.approach), Style(request.style), language, request.words_per_minute)


def language_of(slide: SlideRow, presentation: PresentationRow, request: MakeRequest) -> str:
    """What a slide's narrative is in: the language asked for, else the slide's, else the deck's, else English."""
    return request.language or slide.language or presentation.language or "en"


async def plan_words(
    session: AsyncSession,
    presentation: PresentationRow,
    slides: Sequence[SlideRow],
    kind: BatchKind,
    request: MakeRequest,
    model: LanguageModel | None,
) -> dict[str, Words]:
    """The words of each slide by its id, in a constant number of queries. What our own rules can do is done, and
    its rows are added to the session."""
    analyses = _by_slide(await texts_repository.analyses_of(session, presentation.id))
    narratives = await texts_repository.narratives_of(session, presentation.id)
    last = await texts_repository.last_number(session, presentation.id)
    planned = {}
    subjects = []
    for slide in slides:
        wish = wish_of(request, language_of(slide, presentation, request))
        own = own_content(slide, presentation, last)
        subject = _Subject(slide, own, wish, narratives.get((slide.id, wish.language)))
        words = Words(analysis=holding_analysis(own, slide, analyses.get(slide.id, ()), model))
        if kind == BatchKind.ALL_ANALYSES:
            _plan_analysis(session, words, subject, model, again=request.regenerate)
        else:
            again = request.regenerate and kind == BatchKind.ALL_NARRATIVES
            _plan_narrative(words, subject, model, again=again, overwrite=request.overwrite_edits)
        planned[slide.id] = words
        subjects.append(subject)
        await asyncio.sleep(0)  # a server answers others meanwhile: a deck may have hundreds of slides
    await _write_drafts(session, subjects, planned)
    return planned


@dataclass(frozen=True, slots=True)
class _Subject:
    """A slide, what is wished of its narrative, and the narrative that holds."""

    row: SlideRow
    own: SlideContent
    wish: Wish
    standing: NarrativeRow | None


async def _write_drafts(
    session: AsyncSession, subjects: Sequence[_Subject], planned: Mapping[str, Words]
) -> None:
    """Write down what our own rules say; outlines begin in other words where near slides begin alike."""
    drafts = []
    for index, subject in enumerate(subjects):
        words = planned[subject.row.id]
        if words.drafted is not None:
            drafts.append(Draft(index, subject.own, words.drafted))
        elif words.narrative is not None:
            drafts.append(Draft(index, subject.own, narrative_value(words.narrative), kept=True))
    if all(draft.kept for draft in drafts):
        return
    evened, _ = await even_out(None, drafts, None, subjects[0].wish)
    for draft in drafts:
        if draft.kept:
            continue
        subject = subjects[draft.index]
        narrative = replace(draft.narrative, text=evened.texts.get(draft.index, draft.narrative.text))
        row = next_version(
            subject.standing, subject.row, subject.own, subject.wish, narrative, NARRATION_VERSION
        )
        session.add(row)
        _take(planned[subject.row.id], row)
        await asyncio.sleep(0)


def narrative_value(row: NarrativeRow) -> Narrative:
    """A narrative's row as narration takes it."""
    return Narrative(row.text, row.language, cast(Source, row.source))


def _by_slide(rows: Sequence[SlideAnalysisRow]) -> dict[str, list[SlideAnalysisRow]]:
    found: dict[str, list[SlideAnalysisRow]] = {}
    for row in rows:
        found.setdefault(row.slide_id, []).append(row)
    return found


def holding_analysis(
    own: SlideContent, slide: SlideRow, rows: Sequence[SlideAnalysisRow], model: LanguageModel | None
) -> SlideAnalysisRow | None:
    """The analysis that holds: of the slide as it is now, a model's before that of our rules."""
    fresh = [
        row
        for row in rows
        if row.fingerprint == analysis_fingerprint(own, slide.image_sha256, row.content["analyst"])
    ]
    by_model = [row for row in fresh if not row.content["analyst"].startswith("built-in/")]
    if by_model:
        return by_model[-1]
    return fresh[-1] if fresh and model is None else None


def _plan_analysis(
    session: AsyncSession, words: Words, subject: _Subject, model: LanguageModel | None, *, again: bool
) -> None:
    words.estimated_s = 1.0  # slides count alike
    if words.analysis is not None and not again:
        words.fresh = True
    elif model is not None:
        words.todo = [Step.ANALYSIS]
    elif words.analysis is None:
        words.analysis = new_analysis(subject.row, subject.own, analyse_built_in(subject.own))
        session.add(words.analysis)


def new_analysis(slide: SlideRow, own: SlideContent, analysis: SlideAnalysis) -> SlideAnalysisRow:
    """A row for an analysis."""
    return SlideAnalysisRow(
        id=new_id("ana"),
        slide_id=slide.id,
        fingerprint=analysis_fingerprint(own, slide.image_sha256, analysis.analyst),
        content=analysis.to_json(),
    )


def _plan_narrative(
    words: Words,
    subject: _Subject,
    model: LanguageModel | None,
    *,
    again: bool,
    overwrite: bool,
) -> None:
    own, wish, standing = subject.own, subject.wish, subject.standing
    by_model = model is not None and needs_model(own, wish)
    if standing is not None and stays(
        standing, own, wish, by_model=by_model, again=again, overwrite=overwrite
    ):
        _keep(words, standing, own)
    elif by_model:
        words.todo = [Step.NARRATIVE] if words.analysis else [Step.ANALYSIS, Step.NARRATIVE]
        analysis = SlideAnalysis.from_json(words.analysis.content) if words.analysis else None
        words.estimated_s = target_s(own, analysis or analyse_built_in(own), wish)
    else:
        words.drafted = narrate(own, wish)


def stays(
    row: NarrativeRow, own: SlideContent, wish: Wish, *, by_model: bool, again: bool, overwrite: bool
) -> bool:
    """Whether the narrative that holds is to stay: a person's unless told otherwise, another one while it fits."""
    if row.source == texts_repository.EDITED:
        return not overwrite
    return not again and _holds(row, own, wish, by_model=by_model)


def _keep(words: Words, row: NarrativeRow, own: SlideContent) -> None:
    words.fresh = True
    _take(words, row)
    if row.source == texts_repository.EDITED and row.slide_fingerprint != slide_fingerprint(own):
        words.warnings.append(
            {
                "code": "edited_before_change",
                "message": "The slide has changed since its narrative was edited; the edited words are kept.",
            }
        )


def _take(words: Words, row: NarrativeRow) -> None:
    words.narrative = row
    words.warnings = list(row.warnings)
    words.estimated_s = estimate_s(row.text, row.language) if row.text else SILENCE_S


def as_json(warnings: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Warnings for a JSON column."""
    return [{"code": code, "message": message} for code, message in warnings]


def _holds(row: NarrativeRow, own: SlideContent, wish: Wish, *, by_model: bool) -> bool:
    """Whether a narrative still fits slide and wish. A model's words stay where there is no model any more; ours
    give way to a model's."""
    writers = (BY_MODEL,) if by_model else (BY_MODEL, NARRATION_VERSION)
    return row.fingerprint in {narrative_fingerprint(own, wish, writer, None) for writer in writers}


def next_version(
    standing: NarrativeRow | None,
    slide: SlideRow,
    own: SlideContent,
    wish: Wish,
    narrative: Narrative,
    writer: str,
) -> NarrativeRow:
    """The narrative's row: a new version, or, where the words are the same as before, the one that stands."""
    wanted = narrative_fingerprint(
        own, wish, NARRATION_VERSION if writer == NARRATION_VERSION else BY_MODEL, None
    )
    same = standing is not None and (standing.text, standing.source) == (narrative.text, narrative.source)
    row = standing if standing is not None and same else _new_row(standing, slide, wish.language)
    row.text, row.source, row.warnings = narrative.text, narrative.source, as_json(narrative.warnings)
    row.style, row.writer = wish.style, writer
    row.fingerprint, row.slide_fingerprint = wanted, slide_fingerprint(own)
    return row


def _new_row(standing: NarrativeRow | None, slide: SlideRow, language: str) -> NarrativeRow:
    version = standing.version + 1 if standing is not None else 1
    return NarrativeRow(id=new_id("nar"), slide_id=slide.id, language=language, version=version)
