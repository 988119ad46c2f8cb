"""Slides that begin or end alike: found by their first and last words, each language in its own way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from deckcast.kit.marks import parse
from deckcast.kit.slides import SlideAnalysis, SlideContent
from deckcast.narration.models import Narrative

Place = Literal["opening", "closing"]

NEAR = 2
"""Slides that stand at most so far apart are heard one after the other."""
_KEY_WORDS, _LEAD_WORDS = 3, 4
_DENSE_SIGNS = 5
_OFTEN = 4
_OFTEN_SHARE = 0.25
_END = re.compile(r"[.!?…]+[\"”’»)\]]*(?=\s)|[。！？।؟۔]+[」』”]*|\n")
_NO_END = re.compile(r"(?:\b[A-Z]|\b(?:Dr|Mr|Mrs|Ms|Prof|St|No|Nr|bzw|ca|vs)|\d)\.$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A slide's narrative in the whole deck. `index` counts along the film; a `kept` one was made before, or edited
    by a person, and is only compared with."""

    index: int
    slide: SlideContent
    narrative: Narrative
    analysis: SlideAnalysis | None = None
    kept: bool = False

    @property
    def movable(self) -> bool:
        """Whether its words may be changed: never notes as they are, nor a person's words."""
        return not self.kept and self.narrative.source in ("polished", "translated", "written", "outline")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Slides that begin (or end) with the same words; `indexes` in the deck's order, `changeable` those that should
    get other words: all that may be changed but the first, and that too where another one may not."""

    place: Place
    words: str
    indexes: tuple[int, ...]
    changeable: tuple[int, ...]


def find_repeats(drafts: Sequence[Draft]) -> tuple[Repeat, ...]:
    """Openings and closings that near slides share, or many slides of the deck."""
    found: list[Repeat] = []
    places: tuple[Place, ...] = ("opening", "closing")
    for place in places:
        groups: dict[str, list[Draft]] = defaultdict(list)
        for draft in sorted(drafts, key=lambda draft: draft.index):
            if words := key_of(draft.narrative.text, draft.slide.title, place):
                groups[words].append(draft)
        many = max(_OFTEN, round(_OFTEN_SHARE * len(drafts)))
        for words, group in groups.items():
            found += _repeats(place, words, group, many)
    return tuple(found)


def _repeats(place: Place, words: str, group: list[Draft], many: int) -> list[Repeat]:
    runs: list[list[Draft]] = []
    for draft in group:
        if runs and draft.index - runs[-1][-1].index <= NEAR:
            runs[-1].append(draft)
        else:
            runs.append([draft])
    alike = [group] if len(group) >= many else [run for run in runs if len(run) > 1]
    repeats = []
    for run in alike:
        fixed = any(not draft.movable for draft in run)
        movable = [draft.index for draft in run if draft.movable]
        changeable = tuple(movable if fixed else movable[1:])
        if changeable:
            repeats.append(Repeat(place, words, tuple(draft.index for draft in run), changeable))
    return repeats


def key_of(text: str, title: str, place: Place) -> str:
    """The first words of an opening or closing, by which it is known: of “Next: Costs” on the slide “Costs” it is
    “next”, as the title is the slide's own. Empty where there is nothing, or one sentence only and so no closing."""
    spans = sentences(text)
    if not spans or (place == "closing" and len(spans) < 2):
        return ""
    start, end = spans[0] if place == "opening" else spans[-1]
    said, own = _normal(parse(text[start:end]).text), _normal(title)
    lead = said.partition(":")[0].strip()
    if place == "opening" and own and said.find(own) > 0:
        lead = said[: said.index(own)].strip(" :")
    elif lead == said or len(lead.split()) > _LEAD_WORDS:
        lead = said
    return _first_words(lead, _KEY_WORDS)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand, as (start, end), without the space between them."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match[0] != "\n" and _NO_END.search(text[start : match.end()]):
            continue
        _add(spans, text, start, match.end())
        start = match.end()
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = left + len(piece.strip())
    if any(character.isalnum() for character in text[left:right]):
        spans.append((left, right))


def _normal(text: str) -> str:
    """Lower case, single spaces, no signs but a colon."""
    text = text.casefold().replace("：", ":")
    return " ".join(re.sub(r"[^\w\s:’']", " ", text).split())


def _first_words(said: str, count: int) -> str:
    dense = re.match(r"[\u3040-\u9fff\u0e00-\u0e7f]{3,}", said)
    if dense:
        return said[:_DENSE_SIGNS]
    return " ".join(said.replace(":", " ").split()[:count])
