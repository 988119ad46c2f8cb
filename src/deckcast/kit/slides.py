"""What a slide holds and means, as values that analysis and narration share; decks' own types stay with decks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


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
    the columns; `language` is a BCP 47 tag, empty where it is not known. `layout` is what the deck's own layout
    is made for (`title`, `section`, `content`; empty where it does not say); `pictures` counts the pictures that
    show something, with and without a description.
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
    layout: str = ""
    pictures: int = 0


class SlideKind(StrEnum):
    """What a slide is for."""

    TITLE = "title"
    AGENDA = "agenda"
    SECTION = "section"
    CONTENT = "content"
    CHART = "chart"
    TABLE = "table"
    PICTURE = "picture"
    QUOTE = "quote"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class SlideAnalysis:
    """What a slide shows and means. `shows` says in a sentence or two what its pictures and charts show
    (empty where it has none or nobody has looked); `weight` is how long to speak about it against an ordinary
    content slide (0.2..2). `analyst` says who found this out: `built-in/<version>`, which reads the deck's own
    data and looks at no picture, or a model's name."""

    kind: SlideKind
    key_points: tuple[str, ...]
    shows: str
    weight: float
    analyst: str

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SlideAnalysis:
        """The inverse of `to_json`."""
        return cls(**{**data, "kind": SlideKind(data["kind"]), "key_points": tuple(data["key_points"])})


@dataclass(frozen=True, slots=True)
class DeckAnalysis:
    """What a whole deck is about: for whom, its thread from slide to slide, its tone; empty where not known."""

    title: str
    author: str
    audience: str
    thread: str
    tone: str
    analyst: str

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DeckAnalysis:
        """The inverse of `to_json`."""
        return cls(**data)
