"""What a narrative is made from and what it is, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SeriesContent:
    """One series of a chart; `values` run along the chart's categories (None = no value)."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ChartContent:
    """A chart's own data. `kind` is a plain word: bar, line, pie, scatter, area, …"""

    kind: str
    title: str
    categories: tuple[str, ...] = ()
    series: tuple[SeriesContent, ...] = ()


@dataclass(frozen=True, slots=True)
class SlideContent:
    """A slide as far as words are concerned.

    `paragraphs` are (indent level, text) without the title; `tables` hold rows of cells, the first row names
    the columns; `language` is a BCP 47 tag, empty where it is not known.
    """

    number: int
    total: int
    title: str = ""
    paragraphs: tuple[tuple[int, str], ...] = ()
    notes: str = ""
    language: str = ""
    tables: tuple[tuple[tuple[str, ...], ...], ...] = ()
    charts: tuple[ChartContent, ...] = ()
    picture_descriptions: tuple[str, ...] = ()
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Narrative:
    """The words to be spoken for a slide; `warnings` are (stable code, sentence)."""

    text: str
    language: str
    source: Literal["notes", "outline", "none"]
    warnings: tuple[tuple[str, str], ...] = ()
