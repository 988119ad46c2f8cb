"""What is drawn on a PDF page beside its letters: lines, rectangles and other shapes."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as raw

from deckcast.decks.letters import Wall
from deckcast.decks.places import Rect

MAX_DRAWINGS = 800
_THIN = 3.5
_WHOLE = 0.85
_DEPTH = 4
_MOST_SCANNED = 60


@dataclass(frozen=True, slots=True)
class Drawing:
    """A path: `kind` is `line` (upright or level), `rect` or `shape`.

    `fill` is the colour of its area, None where it has none; of a line, its colour.
    The rectangle is in points from the page's top left. `curved` says that it has round parts.
    """

    rect: Rect
    kind: str
    fill: tuple[int, int, int] | None = None
    curved: bool = False


def drawings_of(page: Any) -> list[Drawing]:
    """The page's paths but those that cover it as a background."""
    width, height = page.get_size()
    found = []
    for index, item in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=_DEPTH)):
        if index >= MAX_DRAWINGS:
            break
        left, bottom, right, top = item.get_bounds()
        rect = Rect(left, height - top, right - left, top - bottom)
        if not (rect.width >= _WHOLE * width and rect.height >= _WHOLE * height):
            found.append(_drawing(item, rect))
    return found


def _drawing(item: Any, rect: Rect) -> Drawing:
    fill = _fill(item)
    count = raw.FPDFPath_CountSegments(item)
    thin, long = sorted((rect.width, rect.height))
    if thin <= _THIN or (count == 2 and long > 4 * thin):
        return Drawing(rect, "line", fill or _colour(item, raw.FPDFPageObj_GetStrokeColor))
    curved = any(
        raw.FPDFPathSegment_GetType(raw.FPDFPath_GetPathSegment(item, index)) == raw.FPDF_SEGMENT_BEZIERTO
        for index in range(min(count, _MOST_SCANNED))
    )
    return Drawing(rect, "rect" if count in (4, 5) and not curved and fill else "shape", fill, curved)


def _fill(item: Any) -> tuple[int, int, int] | None:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(item, mode, stroke) or not mode.value:
        return None
    return _colour(item, raw.FPDFPageObj_GetFillColor)


def _colour(item: Any, ask: Callable[..., Any]) -> tuple[int, int, int] | None:
    parts = [ctypes.c_uint() for _ in range(4)]
    if not ask(item, *parts):
        return None
    red, green, blue, _ = (part.value for part in parts)
    return red, green, blue


def walls_of(drawings: list[Drawing]) -> list[Wall]:
    """The upright sides of lines and rectangles."""
    walls = set()
    for drawing in drawings:
        rect = drawing.rect
        if drawing.kind == "line" and rect.height > 4 * rect.width:
            walls.add(Wall(rect.left + rect.width / 2, rect.top, rect.bottom))
        elif drawing.kind == "rect":
            walls.update((Wall(rect.left, rect.top, rect.bottom), Wall(rect.right, rect.top, rect.bottom)))
    return sorted(walls, key=lambda wall: (wall.x, wall.top, wall.bottom))[:MAX_DRAWINGS]
