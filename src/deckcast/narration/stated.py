"""The figures that a slide states, and whether a spoken one is among them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from deckcast.kit.slides import ChartContent, SlideAnalysis, SlideContent
from deckcast.narration.numerals import Number, numbers

_RELATIVE = 1e-9


@dataclass(frozen=True, slots=True)
class Stated:
    """What may be said of a slide: its values, those whose last digits it does not show (charts' own data), the
    bare numbers that a size may be meant for (a column “in millions”), and the sizes it names."""

    values: tuple[float, ...]
    unrounded: tuple[float, ...]
    bare: tuple[float, ...]
    sizes: frozenset[float]
    counts: frozenset[int]


def stated(slide: SlideContent, analysis: SlideAnalysis | None) -> Stated:
    """All figures of title, paragraphs, tables, charts, descriptions, notes and the analysis's `shows`."""
    found = [number for text in _texts(slide, analysis) for number in numbers(text, slide.language)]
    charted = [value for chart in slide.charts for value in _charted(chart)]
    return Stated(
        values=tuple(value for number in found for value in number.values),
        unrounded=tuple(charted),
        bare=tuple([v for n in found if n.size == 1 for v in n.mantissas] + charted),
        sizes=frozenset(number.size for number in found) | _sizes_named(slide, analysis),
        counts=frozenset(_counts(slide)),
    )


def unstated(text: str, language: str, facts: Stated) -> tuple[str, ...]:
    """The figures of a text that the slide does not state, as they are written, each once."""
    wrong = [number.written for number in numbers(text, language) if not _stands(number, facts)]
    return tuple(dict.fromkeys(wrong))


def _stands(number: Number, facts: Stated) -> bool:
    if number.counts:
        return True
    if number.size == 1 and any(value in facts.counts for value in number.mantissas):
        return True
    if any(_matches(value, number, facts.values, facts.unrounded) for value in number.values):
        return True
    if number.size in facts.sizes and number.size != 1:
        return any(_matches(value, number, facts.bare, facts.unrounded) for value in number.mantissas)
    return False


def _matches(said: float, number: Number, values: tuple[float, ...], unrounded: tuple[float, ...]) -> bool:
    said = abs(said)
    decimals = max((_decimals(mantissa) for mantissa in number.mantissas), default=0)
    for value in map(abs, (*values, *unrounded)):
        if math.isclose(said, value, rel_tol=_RELATIVE, abs_tol=1e-12) or _rounds(said, value, number):
            return True
    for value in map(abs, unrounded):
        shown = value / number.size if said == abs(number.values[0]) else value
        if _decimals(value) > 2 and math.isclose(
            round(shown, decimals), abs(number.mantissas[0]), rel_tol=_RELATIVE
        ):
            return True
    return False


def _rounds(said: float, value: float, number: Number) -> bool:
    """Whether a number that is said as rounded is the other one rounded, to one or two figures."""
    if number.rounding == "exact" or not value:
        return False
    for figures in (1, 2, 3):
        step = 10.0 ** (math.floor(math.log10(value)) + 1 - figures)
        steps = (step, step * 5) if figures > 1 else (step,)
        for size in steps:
            rounded = {
                "about": round(value / size), "at_least": math.floor(value / size), "at_most": math.ceil(value / size)
            }[number.rounding] * size  # fmt: skip
            if math.isclose(rounded, said, rel_tol=_RELATIVE) and abs(said - value) <= 0.25 * value:
                return True
    return False


def _decimals(value: float) -> int:
    text = f"{value:.10f}".rstrip("0")
    return len(text.partition(".")[2])


def _texts(slide: SlideContent, analysis: SlideAnalysis | None) -> Iterator[str]:
    yield slide.title
    for _, text in slide.paragraphs:
        yield text
    yield slide.notes
    for rows in slide.tables:
        for row in rows:
            yield from row
    for chart in slide.charts:
        yield chart.title
        yield from chart.categories
        yield from (series.name for series in chart.series)
    yield from slide.picture_descriptions
    if analysis:
        yield analysis.shows


def _charted(chart: ChartContent) -> Iterator[float]:
    """A chart's values; fractions may stand on the slide as per cent."""
    for series in chart.series:
        for value in series.values:
            if value is not None and math.isfinite(value):
                yield value
                if abs(value) <= 1:
                    yield value * 100


_SIZE_WORDS = {
    1e3: (
        "thousand",
        "tausend",
        "tsd",
        "mille",
        "milliers",
        "miles",
        "mila",
        "千",
        "'000",
        "in k",
        "k€",
        "k$",
    ),
    1e6: ("million", "mio", "millones", "milioni", "mln", "百万", "m€", "$m", "€m", "in m"),
    1e9: ("billion", "milliard", "mrd", "miliard", "bn", "十億", "$b"),
}


def _sizes_named(slide: SlideContent, analysis: SlideAnalysis | None) -> frozenset[float]:
    whole = " ".join(_texts(slide, analysis)).lower()
    return frozenset(size for size, names in _SIZE_WORDS.items() if any(name in whole for name in names))


def _counts(slide: SlideContent) -> Iterator[int]:
    """How many points, rows, columns, series and categories there are to be counted."""
    levels = [level for level, _ in slide.paragraphs]
    yield len(levels)
    yield sum(1 for level in levels if level == min(levels))
    for rows in slide.tables:
        yield len(rows) - 1
        yield len(rows[0]) if rows else 0
    for chart in slide.charts:
        yield len(chart.categories)
        yield len(chart.series)
