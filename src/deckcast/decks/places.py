"""Rectangles on a page: where they lie in the slide's picture, and in which order a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from deckcast.decks.models import Box

WIDTH = 1920
HEIGHT = 1080
SHOWING = 0.04  # of the slide's area: a smaller picture is an icon or a logo
_MIN_SIDE = 0.002
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The bottom edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Frame:
    """How a page of `width` × `height` (any unit) lies within the picture: scaled to fit, centred."""

    width: float
    height: float
    left_px: int
    top_px: int
    width_px: int
    height_px: int

    @classmethod
    def around(cls, width: float, height: float) -> Frame:
        """Fit a page into the picture; pages of absurd shape keep at least one pixel."""
        width, height = max(float(width), 1e-6), max(float(height), 1e-6)
        scale = min(WIDTH / width, HEIGHT / height)
        wide, high = round(width * scale), round(height * scale)
        wide = WIDTH if WIDTH - wide <= 2 else max(wide, 1)
        high = HEIGHT if HEIGHT - high <= 2 else max(high, 1)
        return cls(width, height, (WIDTH - wide) // 2, (HEIGHT - high) // 2, wide, high)

    def box(self, left: float, top: float, width: float, height: float) -> Box | None:
        """A rectangle of the page in fractions of the picture, cut at the page's edge; None if nothing is left."""
        x0, x1 = (self._clamp(value / self.width) for value in (left, left + width))
        y0, y1 = (self._clamp(value / self.height) for value in (top, top + height))
        if (left >= self.width or left + width <= 0) or (top >= self.height or top + height <= 0):
            return None
        x = (self.left_px + x0 * self.width_px) / WIDTH
        y = (self.top_px + y0 * self.height_px) / HEIGHT
        wide = max((x1 - x0) * self.width_px / WIDTH, _MIN_SIDE)
        high = max((y1 - y0) * self.height_px / HEIGHT, _MIN_SIDE)
        return Box(round(x, 5), round(y, 5), round(min(wide, 1 - x), 5), round(min(high, 1 - y), 5))

    @staticmethod
    def _clamp(value: float) -> float:
        return min(max(value, 0.0), 1.0)


def reading_order(
    items: list[T], place: Callable[[T], Rect], *, right_to_left: bool = False, rows_weigh: float = 1.0
) -> list[T]:
    """Cut the page along its widest free gap, again and again: rows from the top, columns from the left.

    Gaps between rows count `rows_weigh` times: where rectangles hug their letters, lines stand closer than columns.
    """
    if len(items) < 2:
        return items
    row_gap, rows = _cut(items, place, lambda rect: (rect.top, rect.bottom))
    column_gap, columns = _cut(items, place, lambda rect: (rect.left, rect.right))
    if row_gap is None and column_gap is None:
        return sorted(items, key=lambda item: (place(item).top, place(item).left))
    by_rows = column_gap is None or (row_gap is not None and rows_weigh * row_gap >= column_gap)
    parts = rows if by_rows else columns
    if right_to_left and not by_rows:
        parts = (parts[1], parts[0])
    return [
        item
        for part in parts
        for item in reading_order(part, place, right_to_left=right_to_left, rows_weigh=rows_weigh)
    ]


def _cut(
    items: list[T], place: Callable[[T], Rect], span: Callable[[Rect], tuple[float, float]]
) -> tuple[float | None, tuple[list[T], list[T]]]:
    """The widest gap along one axis and what lies before and behind it; small overlaps count as touching."""
    ordered = sorted(items, key=lambda item: span(place(item)))
    best: float | None = None
    at = 0
    reach = span(place(ordered[0]))[1]
    for index, item in enumerate(ordered[1:], start=1):
        start, end = span(place(item))
        gap = start - reach
        tolerance = 0.1 * min(end - start, reach - span(place(ordered[index - 1]))[0])
        if gap >= -max(tolerance, 0.0) and (best is None or gap > best):
            best, at = gap, index
        reach = max(reach, end)
    return best, (ordered[:at], ordered[at:])
