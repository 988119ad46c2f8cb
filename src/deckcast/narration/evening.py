"""The whole deck heard in one go: openings and closings that repeat get other words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, Field

from deckcast.kit.errors import DeckcastError
from deckcast.kit.marks import parse
from deckcast.kit.slides import DeckAnalysis
from deckcast.llm.ports import LanguageModel, Question, Usage
from deckcast.narration import guidance
from deckcast.narration.checks import Bounds, complaints
from deckcast.narration.lengths import LONG_WORDS, word_count
from deckcast.narration.models import Wish
from deckcast.narration.outline import outline
from deckcast.narration.phrases import phrases
from deckcast.narration.repeats import NEAR, Draft, Place, find_repeats, key_of, sentences
from deckcast.narration.stated import stated

WINDOW_SLIDES = 8
_TEXT_CHARS = 800
_TURNS = 6


class NewSentences(BaseModel):
    """What a model writes for one slide."""

    number: int = Field(description="The slide's number, as in the question.")
    first_sentence: str = Field(description="The new first sentence; empty where it is not asked for.")
    last_sentence: str = Field(description="The new last sentence; empty where it is not asked for.")


class NewWords(BaseModel):
    """A model's answer for several slides."""

    slides: list[NewSentences] = Field(description="One entry for each slide of the question.")


@dataclass(frozen=True, slots=True)
class Evened:
    """The new texts by the drafts' indexes; only slides whose words changed. `warnings` are (code, sentence)."""

    texts: dict[int, str]
    warnings: tuple[tuple[str, str], ...] = ()


async def even_out(
    model: LanguageModel | None, drafts: Sequence[Draft], deck: DeckAnalysis | None, wish: Wish
) -> tuple[Evened, Usage]:
    """Other first and last sentences where slides begin or end alike, and nothing else.

    Outlines take another of their table's phrases; what a model wrote, it rewrites, a few slides at a time. What
    does not pass the checks of a narrative, or repeats again, is dropped. Notes as they are, kept drafts and
    persons' edits are never touched. Where the model fails, its drafts stay: warning `narratives_not_evened`.
    """
    varied = _vary_outlines(drafts)
    texts = {draft.index: draft.narrative.text for draft in varied}
    usage = Usage()
    warnings: tuple[tuple[str, str], ...] = ()
    if model is not None:
        try:
            for window in _windows(varied):
                current = _with(varied, texts)
                answer = await model.ask(_question(current, window, deck, wish))
                usage = Usage(
                    usage.input_tokens + answer.usage.input_tokens,
                    usage.output_tokens + answer.usage.output_tokens,
                )
                for new in answer.value.slides:
                    if new.number in window:
                        texts[new.number] = _taken(_with(varied, texts), new, window[new.number])
        except DeckcastError as error:
            message = (
                f"Some slides begin or end alike; the language model could not vary them: {error.message}"
            )
            warnings = (("narratives_not_evened", message),)
    before = {draft.index: draft.narrative.text for draft in drafts}
    return Evened({index: text for index, text in texts.items() if text != before[index]}, warnings), usage


def _with(drafts: Sequence[Draft], texts: dict[int, str]) -> list[Draft]:
    return [replace(draft, narrative=replace(draft.narrative, text=texts[draft.index])) for draft in drafts]


def _vary_outlines(drafts: Sequence[Draft]) -> list[Draft]:
    """Outlines that repeat take the next phrases that no near slide has."""
    current = {draft.index: draft for draft in drafts}
    concerned = {
        index for repeat in find_repeats(drafts) if repeat.place == "opening" for index in repeat.changeable
    }
    for index in sorted(concerned):
        draft = current[index]
        if draft.narrative.source == "outline":
            current[index] = _other_phrases(draft, current)
    return [current[draft.index] for draft in drafts]


def _other_phrases(draft: Draft, current: dict[int, Draft]) -> Draft:
    taken = _keys_near(list(current.values()), draft.index, "opening")
    for turn in range(1, _TURNS):
        text = outline(draft.slide, phrases(draft.narrative.language), turn)
        if key_of(text, draft.slide.title, "opening") not in taken:
            return replace(draft, narrative=replace(draft.narrative, text=text))
    return draft


def _keys_near(drafts: Sequence[Draft], index: int, place: Place) -> set[str]:
    """How the slides around one begin, or end."""
    near = [draft for draft in drafts if draft.index != index and abs(draft.index - index) <= NEAR]
    return {key_of(draft.narrative.text, draft.slide.title, place) for draft in near} - {""}


def _windows(drafts: Sequence[Draft]) -> Iterator[dict[int, set[Place]]]:
    """The slides whose sentences a model is to rewrite, a few of one language at a time, and which sentences."""
    wanted: dict[int, set[Place]] = {}
    written = {draft.index for draft in drafts if draft.narrative.source != "outline"}
    for repeat in find_repeats(drafts):
        for index in repeat.changeable:
            if index in written:
                wanted.setdefault(index, set()).add(repeat.place)
    languages = {draft.index: draft.narrative.language for draft in drafts}
    for language in dict.fromkeys(languages.values()):
        order = [index for index in sorted(wanted) if languages[index] == language]
        for start in range(0, len(order), WINDOW_SLIDES):
            yield {index: wanted[index] for index in order[start : start + WINDOW_SLIDES]}


def _question(
    drafts: Sequence[Draft], window: dict[int, set[Place]], deck: DeckAnalysis | None, wish: Wish
) -> Question[NewWords]:
    by_index = {draft.index: draft for draft in drafts}
    language = by_index[min(window)].narrative.language
    block = {
        "narrative_language": language,
        "presentation": {"title": deck.title, "thread": deck.thread, "tone": deck.tone} if deck else {},
        "slides": [_slide(by_index, index, places) for index, places in window.items()],
    }
    matter = json.dumps(block, ensure_ascii=False, indent=1)
    return Question(
        instructions=f"{guidance.EVEN_OUT}\n\n{guidance.STYLES[wish.style]}",
        text=f"```json\n{matter}\n```",
        form=NewWords,
        max_output_tokens=200 + 300 * len(window),
    )


def _slide(by_index: dict[int, Draft], index: int, places: set[Place]) -> dict[str, Any]:
    draft = by_index[index]
    text = draft.narrative.text
    spans = sentences(text)
    before = by_index.get(index - 1)
    return {
        "number": index,
        "title": draft.slide.title,
        "rewrite": sorted("first_sentence" if place == "opening" else "last_sentence" for place in places),
        "first_sentence": text[slice(*spans[0])],
        "last_sentence": text[slice(*spans[-1])],
        "narrative": text[:_TEXT_CHARS],
        "before_it": before.narrative.text[-_TEXT_CHARS // 2 :] if before else "",
        "not_again": sorted(
            {words for place in places for words in _keys_near(list(by_index.values()), index, place)}
        ),
    }


def _taken(drafts: Sequence[Draft], new: NewSentences, places: set[Place]) -> str:
    """A slide's text with its new sentences, each only if it is as good as the one before it."""
    draft = next(draft for draft in drafts if draft.index == new.number)
    text = draft.narrative.text
    both: tuple[tuple[Place, str], ...] = (("opening", new.first_sentence), ("closing", new.last_sentence))
    for place, sentence in both:
        if place not in places or not sentence.strip():
            continue
        candidate = _exchanged(text, place, sentence.strip())
        old_key = key_of(text, draft.slide.title, place)
        key = key_of(candidate, draft.slide.title, place)
        repeats = key and (key == old_key or key in _keys_near(drafts, draft.index, place))
        if not repeats and not _spoils(draft, text, candidate, sentence):
            text = candidate
    return text


def _exchanged(text: str, place: Place, sentence: str) -> str:
    spans = sentences(text)
    start, end = spans[0] if place == "opening" else spans[-1]
    return text[:start] + sentence + text[end:]


def _spoils(draft: Draft, text: str, candidate: str, sentence: str) -> bool:
    """Whether a new sentence brings a fault with it, or says far more than the old one."""
    language = draft.narrative.language
    words, old_words = word_count(candidate, language), word_count(text, language)
    if words > old_words + 15 or words < old_words - 25 or parse(sentence).text.count("\n"):
        return True
    facts = stated(draft.slide, draft.analysis)
    allowed = Bounds(1, max(LONG_WORDS - 1, old_words))
    old = {(item.fault, item.items) for item in complaints(text, language, facts, allowed)}
    alone = complaints(sentence, language, facts, allowed)
    whole = complaints(candidate, language, facts, allowed)
    return any((item.fault, item.items) not in old for item in (*alone, *whole))
