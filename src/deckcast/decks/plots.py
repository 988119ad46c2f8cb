"""Charts of a PDF page: told by their drawing, so that their labels are not taken for points.

Their data stay unknown, but for what stands in a legend: nothing is measured off the drawing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from deckcast.decks.drawings import Drawing
from deckcast.decks.letters import Piece
from deckcast.decks.models import Chart, Series
from deckcast.decks.places import Rect

_NUMBER = re.compile(r"[^\w\s]{0,2}\s?(\d[\d.,'’\u00a0 ]*)\s?[^\d\s]{0,3}")
_MIN_SHARE = 0.12
_LONGEST_LABEL, _MOST_WORDS = 28, 4
_REACH = 2.5
_MARGIN = 0.1


@dataclass(frozen=True, slots=True)
class FoundChart:
    """A chart, the labels that belong to it, and the rectangle around all of it."""

    chart: Chart
    pieces: tuple[Piece, ...]
    rect: Rect


def chart_on(
    pieces: Sequence[Piece], drawings: Sequence[Drawing], width: float, height: float
) -> FoundChart | None:
    """The page's chart: bars that stand on one line, slices with a legend, or a scale beside a drawing."""
    keys, named = _legend(pieces, drawings)
    big = [item for item in drawings if not (item.kind == "rect" and item.rect.width >= 0.85 * width)]
    bars, kind = _bars(big, pieces, width, height)
    region = _with_lines(_hull(bars), big) if bars else None
    scale = _scale(pieces)
    if region is None and named:
        slices = [
            item.rect for item in big if item.curved and item.fill and item.fill in {key.fill for key in keys}
        ]
        if len(slices) >= 2 and _hull(slices).width > _MIN_SHARE * width:
            region, kind = _hull(slices), "pie"
    if region is None and scale:
        region = _plot_beside(scale, big, width, height)
        kind = "line" if region and _is_line(region, big) else "chart"
    if region is None:
        return None
    labels = _labels([*keys], named, scale, pieces, region)
    series = () if kind == "pie" else tuple(Series(piece.text, ()) for piece in named)
    categories = tuple(piece.text for piece in named) if kind == "pie" else ()
    around = _hull([region, *(piece.rect for piece in labels)])
    return FoundChart(Chart(kind, "", categories, series), tuple(labels), around)


def _legend(pieces: Sequence[Piece], drawings: Sequence[Drawing]) -> tuple[list[Drawing], list[Piece]]:
    """Small samples of different colours with a short text to the right of each."""
    keys: list[Drawing] = []
    named: list[Piece] = []
    for piece in pieces:
        middle = piece.rect.top + piece.rect.height / 2
        for item in drawings:
            rect = item.rect
            beside = -0.5 * piece.size <= piece.rect.left - rect.right <= 1.5 * piece.size
            level = rect.top - 0.3 * piece.size <= middle <= rect.bottom + 0.3 * piece.size
            if beside and level and rect.width <= 3 * piece.size and rect.height <= 1.5 * piece.size:
                if _is_label(piece) and not piece.bulleted:
                    keys.append(item)
                    named.append(piece)
                break
    enough = len(named) >= 2 and len({key.fill for key in keys}) == len(keys)
    return (keys, named) if enough else ([], [])


def _is_label(piece: Piece) -> bool:
    short = len(piece.text) <= _LONGEST_LABEL and len(piece.text.split()) <= _MOST_WORDS
    return short and not piece.text.endswith((".", "!", "?", ":", ",", ";"))


def _bars(
    drawings: Sequence[Drawing], pieces: Sequence[Piece], width: float, height: float
) -> tuple[list[Rect], str]:
    """At least three filled rectangles of one width on one line, of different heights (or lying, the same)."""
    filled = [
        item.rect
        for item in drawings
        if item.fill and item.kind in ("rect", "line", "shape") and not item.curved
    ]
    for upright in (True, False):
        groups: dict[tuple[int, int], list[Rect]] = {}
        for rect in filled:
            foot, side = (rect.bottom, rect.width) if upright else (rect.left, rect.height)
            groups.setdefault((round(foot), round(side)), []).append(rect)
        for (_, side), group in sorted(groups.items(), key=lambda item: -len(item[1])):
            lengths = {round(rect.height if upright else rect.width) for rect in group}
            hull = _hull(group)
            large = hull.width >= _MIN_SHARE * width and hull.height >= _MIN_SHARE * height
            if len(group) >= 3 and side >= 4 and len(lengths) >= 2 and large and not _worded(group, pieces):
                return group, "bar"
    return [], ""


def _with_lines(bars: Rect, drawings: Sequence[Drawing]) -> Rect:
    """The bars with the axes and grid lines that cross them."""
    lines = [item.rect for item in drawings if item.kind == "line"]
    margin = _MARGIN * min(bars.width, bars.height)
    near = Rect(bars.left - margin, bars.top - margin, bars.width + 2 * margin, bars.height + 2 * margin)
    return _hull([bars, *(line for line in lines if _cross(line, near))])


def _cross(one: Rect, other: Rect) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    return across >= 0 and min(one.bottom, other.bottom) >= max(one.top, other.top)


def _worded(bars: Sequence[Rect], pieces: Sequence[Piece]) -> bool:
    """Whether words stand within the rectangles: then they are cells or cards."""
    return any(
        bar.left <= piece.rect.left and piece.rect.right <= bar.right and _within(piece, bar)
        for bar in bars
        for piece in pieces
        if not _NUMBER.fullmatch(piece.text)
    )


def _scale(pieces: Sequence[Piece]) -> list[Piece]:
    """Numbers one above the other at even distances, which rise evenly upwards: the scale of an axis."""
    columns: dict[int, list[tuple[float, Piece]]] = {}
    for piece in pieces:
        match = _NUMBER.fullmatch(piece.text)
        if match and piece.upright:
            value = _value(piece.text)
            for edge in {round(piece.rect.right / 3), round(piece.rect.left / 3)}:
                columns.setdefault(edge, []).append((value, piece))
    for found in sorted(columns.values(), key=len, reverse=True):
        ordered = sorted(found, key=lambda item: item[1].rect.top)
        steps = [above[0] - below[0] for above, below in itertools.pairwise(ordered)]
        drops = [below[1].rect.top - above[1].rect.top for above, below in itertools.pairwise(ordered)]
        even = steps and steps[0] > 0 and all(abs(step - steps[0]) < 0.01 * steps[0] for step in steps)
        if len(ordered) >= 3 and even and max(drops) - min(drops) < 0.1 * max(drops) + 1:
            return [piece for _, piece in ordered]
    return []


def _value(text: str) -> float:
    digits = re.sub(r"[^\d.,]", "", text).strip(".,")
    plain = re.sub(r"[.,](?=\d{3}(\D|$))", "", digits).replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        return 0.0
    return -number if text.lstrip()[:1] in "-−–" else number


def _plot_beside(
    scale: Sequence[Piece], drawings: Sequence[Drawing], width: float, height: float
) -> Rect | None:
    """What is drawn beside a scale, at its height."""
    axis = _hull([piece.rect for piece in scale])
    beside = [
        item.rect
        for item in drawings
        if item.rect.top >= axis.top - 2 * scale[0].size
        and item.rect.bottom <= axis.bottom + 2 * scale[0].size
    ]
    if len(beside) < 2:
        return None
    hull = _hull(beside)
    return hull if hull.width >= _MIN_SHARE * width and hull.height >= _MIN_SHARE * height else None


def _is_line(region: Rect, drawings: Sequence[Drawing]) -> bool:
    """Whether the plot holds a course: an open shape without filling that spans it."""
    return any(
        item.kind == "shape" and item.fill is None and item.rect.width >= 0.5 * region.width
        for item in drawings
        if region.left <= item.rect.left and item.rect.right <= region.right + 1
    )


def _labels(
    keys: Sequence[Drawing],
    named: Sequence[Piece],
    scale: Sequence[Piece],
    pieces: Sequence[Piece],
    region: Rect,
) -> list[Piece]:
    """The legend, the scale, and short texts in the drawing or right at it."""
    whole = _hull([region, *(piece.rect for piece in scale)])
    chosen = [*named, *scale]
    for piece in pieces:
        reach = _REACH * piece.size
        around = Rect(
            whole.left - reach, whole.top - reach, whole.width + 2 * reach, whole.height + 2 * reach
        )
        if piece not in chosen and (_is_label(piece) or not piece.upright) and _within(piece, around):
            chosen.append(piece)
    return chosen


def _within(piece: Piece, rect: Rect) -> bool:
    x, y = piece.rect.left + piece.rect.width / 2, piece.rect.top + piece.rect.height / 2
    return rect.left <= x <= rect.right and rect.top <= y <= rect.bottom


def _hull(rects: Sequence[Rect]) -> Rect:
    left, top = min(rect.left for rect in rects), min(rect.top for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    return Rect(left, top, right - left, bottom - top)
