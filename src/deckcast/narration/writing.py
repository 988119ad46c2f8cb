"""Narratives by a language model: the question, the check of its answer, and one more try."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from deckcast.kit.errors import DeckcastError, WorkError
from deckcast.kit.slides import DeckAnalysis, SlideAnalysis, SlideContent
from deckcast.llm.ports import LanguageModel, Question, Usage
from deckcast.narration import guidance
from deckcast.narration.checks import Bounds, Complaint, Fault, bounds, complaints
from deckcast.narration.lengths import LONG_WORDS, signs_per_word, target_s, target_words, word_count
from deckcast.narration.mending import tidied, without_markup
from deckcast.narration.models import Approach, Narrative, Source, Surroundings, Wish
from deckcast.narration.phrases import phrases
from deckcast.narration.stated import Stated, stated

MOST_CHARS = 6000  # of notes, of a table, of what stood before: what a question holds of each
_TEXT_BEFORE_CHARS = 400


class Written(BaseModel):
    """A model's answer."""

    narrative: str = Field(
        description="The words to be spoken for the slide, as plain text with the marks allowed."
    )


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is to do for one slide: which instructions, in which language, within which length."""

    source: Source
    language: str
    words: int
    allowed: Bounds
    facts: Stated

    @property
    def instructions(self) -> str:
        """The part of the instructions that is this task's own."""
        return {"polished": guidance.POLISH, "translated": guidance.TRANSLATE}.get(
            self.source, guidance.WRITE
        )


async def ask_for(
    model: LanguageModel,
    slide: SlideContent,
    analysis: SlideAnalysis | None,
    deck: DeckAnalysis | None,
    wish: Wish,
    around: Surroundings,
) -> tuple[Narrative, Usage]:
    """The narrative that the model writes. What is wrong with it is sent back once, in words; markup that is
    still there is taken out; a length or figures that are still wrong, or that cannot be asked again, become
    warnings.

    Raises WorkError narrative_unusable (wrong language, empty) and what the model's port raises.
    """
    task = _task(slide, analysis, wish)
    block = _block(slide, analysis, deck, wish, around, task)
    text, usage = await _answer(model, block, task, wish)
    found = complaints(text, task.language, task.facts, task.allowed)
    if found:
        again = {**block, "previous_answer": text, "complaints": [complaint.sentence for complaint in found]}
        try:
            second, more = await _answer(model, again, task, wish)
        except DeckcastError:
            if _unusable(found):
                raise
        else:
            usage = Usage(usage.input_tokens + more.input_tokens, usage.output_tokens + more.output_tokens)
            text = _better(text, second, task)
    return _settled(text, task), usage


def _task(slide: SlideContent, analysis: SlideAnalysis | None, wish: Wish) -> Task:
    language = wish.language or slide.language
    source: Source = "written"
    if slide.notes.strip() and wish.approach is not Approach.ANEW:
        source = "polished" if wish.approach is Approach.POLISH else "translated"
    words = target_words(target_s(slide, analysis, wish), wish.words_per_minute)
    if source != "written":
        words = max(8, word_count(slide.notes, slide.language))
    allowed = bounds(words, tight=source == "written")
    return Task(source, language, words, allowed, stated(slide, analysis))


async def _answer(model: LanguageModel, block: dict[str, Any], task: Task, wish: Wish) -> tuple[str, Usage]:
    parts = [guidance.PRESENTER, task.instructions, guidance.STYLES[wish.style]]
    if "complaints" in block:
        parts.append(guidance.REVISE)
    matter = json.dumps(block, ensure_ascii=False, indent=1)
    question = Question(
        instructions="\n\n".join(parts),
        text=f"```json\n{matter}\n```",
        form=Written,
        max_output_tokens=min(8000, 400 + task.allowed.most * 6),
    )
    answer = await model.ask(question)
    return tidied(answer.value.narrative), answer.usage


def _better(first: str, second: str, task: Task) -> str:
    """The second answer, unless it has a worse fault than the first had."""

    def badness(text: str) -> tuple[int, int]:
        found = complaints(text, task.language, task.facts, task.allowed)
        return sum(_WEIGHT[complaint.fault] for complaint in found), len(found)

    return second if badness(second) <= badness(first) else first


_WEIGHT = {
    Fault.EMPTY: 1000, Fault.LANGUAGE: 100, Fault.FIGURES: 10, Fault.LENGTH: 5,
    Fault.ASSISTANT: 2, Fault.MARKUP: 1, Fault.MARKS: 1,
}  # fmt: skip


def _settled(text: str, task: Task) -> Narrative:
    """The narrative with warnings for what could not be mended. Raises WorkError narrative_unusable."""
    found = complaints(text, task.language, task.facts, task.allowed)
    if {complaint.fault for complaint in found} & {Fault.MARKUP, Fault.MARKS, Fault.ASSISTANT}:
        text = without_markup(text, phrases(task.language))
        found = complaints(text, task.language, task.facts, task.allowed)
    unusable = _unusable(found)
    if unusable is not None:
        raise WorkError(
            "narrative_unusable",
            f"The language model wrote no narrative that can be used: {unusable.sentence}",
            next_step="Try again, choose another model, or write speaker notes for the slide.",
            retryable=True,
        )
    return Narrative(text, task.language, task.source, _warnings(text, found, task))


def _unusable(found: tuple[Complaint, ...]) -> Complaint | None:
    return next((each for each in found if each.fault in (Fault.EMPTY, Fault.LANGUAGE)), None)


def _warnings(text: str, found: tuple[Complaint, ...], task: Task) -> tuple[tuple[str, str], ...]:
    warnings: list[tuple[str, str]] = []
    for complaint in found:
        if complaint.fault is Fault.FIGURES:
            named = ", ".join(complaint.items)
            warnings.append(
                (
                    "figure_not_on_slide",
                    f"The narrative says figures that do not stand on the slide: {named}.",
                )
            )
    words = word_count(text, task.language)
    wrong = any(complaint.fault is Fault.LENGTH for complaint in found)
    if wrong or words >= LONG_WORDS:
        message = f"The narrative has about {words} words; about {task.words} were wanted."
        warnings.append(("narrative_length", message))
    return tuple(warnings)


def _block(
    slide: SlideContent,
    analysis: SlideAnalysis | None,
    deck: DeckAnalysis | None,
    wish: Wish,
    around: Surroundings,
    task: Task,
) -> dict[str, Any]:
    """The matter of the question as one JSON object."""
    block: dict[str, Any] = {
        "slide": slide_block(slide),
        "analysis": _filled({} if analysis is None else {
            "kind": analysis.kind.value, "key_points": list(analysis.key_points), "shows": analysis.shows
        }),
        "presentation": _filled({} if deck is None else {
            "title": deck.title, "author": deck.author, "audience": deck.audience, "thread": deck.thread,
            "tone": deck.tone,
        }),
        "neighbours": _filled({
            "previous_title": around.previous_title,
            "previous_text": around.previous_text[-_TEXT_BEFORE_CHARS:],
            "next_title": around.next_title,
        }),
        "place": "first" if slide.is_first else "last" if slide.is_last else "middle",
        "target": _target(task, wish),
    }  # fmt: skip
    return {key: value for key, value in block.items() if value}


def slide_block(slide: SlideContent) -> dict[str, Any]:
    """A slide's own content for a question, bounded."""
    return _filled({
        "title": slide.title[:500],
        "paragraphs": _bounded([f"{'  ' * level}{text}" for level, text in slide.paragraphs]),
        "tables": [_bounded([" | ".join(row) for row in rows]) for rows in slide.tables[:4]],
        "charts": [
            {
                "kind": chart.kind,
                "title": chart.title,
                "categories": list(chart.categories[:40]),
                "series": [
                    {"name": series.name, "values": list(series.values[:40])} for series in chart.series[:12]
                ],
            }
            for chart in slide.charts[:4]
        ],
        "picture_descriptions": _bounded(list(slide.picture_descriptions)),
        "notes": slide.notes[:MOST_CHARS],
        "language": slide.language,
    })  # fmt: skip


def _target(task: Task, wish: Wish) -> dict[str, Any]:
    target: dict[str, Any] = {
        "narrative_language": task.language,
        "style": wish.style.value,
        "approach": wish.approach.value,
        "words": task.words,
        "least": task.allowed.least,
        "most": task.allowed.most,
    }
    signs = signs_per_word(task.language)
    if signs is not None:
        for name in ("least", "most"):
            target[name] = round(target[name] * signs)
        target["signs"] = round(task.words * signs)
    return target


def _bounded(lines: list[str]) -> list[str]:
    """As many lines as a question may hold."""
    kept: list[str] = []
    room = MOST_CHARS
    for line in lines:
        if room <= 0:
            break
        kept.append(line[:room])
        room -= len(line)
    return kept


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
