"""Whether what a model says stands on the slide: its figures, and the words of its points."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deckcast.analysis.lines import MOST_POINTS, shortened
from deckcast.analysis.words import plain_of
from deckcast.kit.slides import SlideContent

_FIGURE = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
_WORD = re.compile(r"\w+")
_SHARE = 0.3
_MARKUP = re.compile(r"^#+\s+|\*\*|__|`+")


@dataclass(frozen=True, slots=True)
class OnSlide:
    """The figures and words that stand in a slide's material."""

    figures: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, slide: SlideContent) -> OnSlide:
        """From all of a slide's words and values, notes included."""
        return cls.of_text(" \n ".join(_texts(slide)))

    @classmethod
    def of_text(cls, text: str) -> OnSlide:
        """From any text."""
        return cls(frozenset(_figures(text)), frozenset(_stems(text)))

    def holds_figures(self, text: str) -> bool:
        """Whether every figure in a text stands on the slide."""
        return all(figure in self.figures for figure in _figures(text))

    def sentences_of(self, text: str) -> str:
        """The sentences whose figures all stand there, as one line."""
        kept = [part for part in _SENTENCE.split(_MARKUP.sub("", text)) if part and self.holds_figures(part)]
        return " ".join(" ".join(kept).split())

    def points_of(self, points: Sequence[str], *, seen: bool) -> tuple[str, ...]:
        """The points that belong to this slide, short and without repeats. Where its picture was `seen`, their words
        may come from there."""
        kept: dict[str, str] = {}
        for raw in points:
            point = shortened(_MARKUP.sub("", raw))
            if point and self.holds_figures(point) and (seen or self._belongs(point)):
                kept.setdefault(plain_of(point), point)
        return tuple(kept.values())[:MOST_POINTS]

    def _belongs(self, point: str) -> bool:
        stems = _stems(point)
        return not stems or sum(stem in self.words for stem in stems) >= _SHARE * len(stems)


def _texts(slide: SlideContent) -> Iterator[str]:
    yield from (
        slide.title,
        slide.notes,
        *(text for _, text in slide.paragraphs),
        *slide.picture_descriptions,
    )
    yield from (cell for table in slide.tables for row in table for cell in row)
    for chart in slide.charts:
        yield from (chart.title, *chart.categories)
        for one in chart.series:
            yield one.name
            yield from (_said(value) for value in one.values if value is not None)


def _said(value: float) -> str:
    """A value as it is, rounded, and as percent, since a chart may show it so."""
    forms = {f"{value:.10g}", f"{value:.1f}", f"{value:.0f}", f"{value * 100:.10g}", f"{value * 100:.0f}"}
    return " ".join(sorted(forms))


def _figures(text: str) -> set[str]:
    """Figures without separators of thousands, decimals and trailing zeros told alike: 1,200 = 1200, 3,50 = 3.5."""
    plain = unicodedata.normalize("NFKC", text)
    return {_figure(match.group()) for match in _FIGURE.finditer(plain)}


def _figure(text: str) -> str:
    parts = re.split(r"[^\d]", text)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]):
        parts = ["".join(parts)]
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:-1]):
        fraction = parts[-1].rstrip("0")
        whole = "".join(parts[:-1])
        return _digits(whole) + (f".{fraction}" if fraction else "")
    return ".".join(_digits(part) for part in parts)


def _digits(text: str) -> str:
    return str(int(text))


def _stems(text: str) -> set[str]:
    """Starts of words, so that endings do not part them; pairs of signs where words have no spaces."""
    found: set[str] = set()
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if any("\u3040" <= character <= "\u9fff" for character in word):
            found.update(word[index : index + 2] for index in range(max(len(word) - 1, 1)))
        elif len(word) >= 3:
            found.add(word[:5])
    return found
