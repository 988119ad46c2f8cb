"""What charts, tables and described pictures show, from the deck's own data and in its own words."""

from __future__ import annotations

from deckcast.analysis.lines import shortened
from deckcast.kit.slides import ChartContent, SeriesContent, SlideContent

SHOWS_LENGTH = 600
_MOST_VALUES = 8
_MOST_SERIES = 4
_DESCRIPTION_LENGTH = 200


def shows(slide: SlideContent) -> str:
    """Titles, series and values of the charts and the descriptions of the pictures, without words of our own, so
    that it is right in every language; empty where there are none."""
    told = [_chart(chart) for chart in slide.charts]
    told += [shortened(text, _DESCRIPTION_LENGTH) for text in slide.picture_descriptions]
    return shortened(" ".join(_ended(text) for text in told if text), SHOWS_LENGTH)


def _ended(text: str) -> str:
    return text if text.endswith((".", "…", "!", "?", "。")) else text + "."


def _chart(chart: ChartContent) -> str:
    series = [text for one in chart.series[:_MOST_SERIES] if (text := _series(one, chart))]
    return ": ".join(part for part in (chart.title, "; ".join(series)) if part)


def _series(series: SeriesContent, chart: ChartContent) -> str:
    """The values where they are few, else the first, the highest, the lowest and the last."""
    known = [
        (chart.categories[index] if index < len(chart.categories) else "", value)
        for index, value in enumerate(series.values)
        if value is not None
    ]
    if len(known) > _MOST_VALUES:
        order = sorted(range(len(known)), key=lambda index: known[index][1])
        known = [known[index] for index in sorted({0, order[0], order[-1], len(known) - 1})]
    values = ", ".join(f"{category} {_number(value)}".strip() for category, value in known)
    name = "" if series.name == chart.title else series.name
    return f"{name} ({values})" if name and values else name or values


def _number(value: float) -> str:
    return f"{value:.10g}"
