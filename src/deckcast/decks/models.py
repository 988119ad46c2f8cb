"""What a deck holds, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the slide picture (0..1, origin top left)."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells, row by row; `has_header` says that the first row names the columns."""

    rows: tuple[tuple[str, ...], ...]
    has_header: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart; `values` run along the chart's categories (None = no value)."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's own data. `kind` is a plain word: bar, line, pie, scatter, area, …"""

    kind: str
    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that will not come out as the author may expect: stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide as read. `key` is the deck's own slide id, stable when slides are inserted or moved;
    `paragraphs` is the text without the title, in reading order, with its indent level;
    `boxes` are where content stands, for placing the presenter. `layout` is what the deck's own layout is made for
    (`title`, `section`, `content`; empty where it does not say); `pictures` counts those large enough to show
    something.
    `builds` is reserved for animation builds as steps: pictures beyond the first (empty today)."""

    number: int
    key: str
    title: str
    paragraphs: tuple[tuple[int, str], ...] = ()
    notes: str = ""
    language: str = ""
    hidden: bool = False
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    boxes: tuple[Box, ...] = ()
    picture_descriptions: tuple[str, ...] = ()
    layout: str = ""
    pictures: int = 0
    image: Path | None = None
    builds: tuple[Path, ...] = ()
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck as read: title, BCP 47 language, slides in order (hidden ones included and marked); the author as the
    file names them, empty where it does not."""

    title: str
    language: str
    slides: tuple[Slide, ...]
    warnings: tuple[Warning, ...] = field(default=())
    author: str = ""
