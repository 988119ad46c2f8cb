"""Tables of a PDF page: told by their lines and cells, or by numbers that stand in columns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from deckcast.decks.drawings import Drawing
from deckcast.decks.letters import Piece
from deckcast.decks.models import Table
from deckcast.decks.paragraphs import joined
from deckcast.decks.places import Rect

_TOUCH = 3.0
_MOST_DRAWINGS = 400
_MOST_EDGES = 60
_LONGEST_CELL = 240
_FILLED, _FULL_ROWS = 0.4, 0.6
_GAP = 0.6
_NUMBER = re.compile(r"[^\w\s]{0,2}\s?\d[\d.,'’\u00a0 ]*\s?[^\d\s]{0,3}|[–—-]|n/?a", re.I)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table and the pieces that it is made of."""

    table: Table
    pieces: tuple[Piece, ...]


def ruled_tables(pieces: Sequence[Piece], drawings: Sequence[Drawing]) -> list[FoundTable]:
    """Tables within touching cells or crossing lines, then those between level lines of one length."""
    left = [piece for piece in pieces if piece.upright]
    found = []
    for group in _touching(drawings):
        columns, rows = _edges(group, upright=True), _edges(group, upright=False)
        table = _in_cells(left, columns, rows)
        if table:
            found.append(table)
            left = [piece for piece in left if piece not in table.pieces]
    for lines in _level_lines(drawings):
        table = _between_lines(left, lines)
        if table:
            found.append(table)
            left = [piece for piece in left if piece not in table.pieces]
    return found


def _touching(drawings: Sequence[Drawing]) -> list[list[Rect]]:
    """Lines and rectangles that touch one another."""
    rects = [drawing.rect for drawing in drawings if drawing.kind in ("line", "rect")][:_MOST_DRAWINGS]
    groups: list[tuple[Rect, list[Rect]]] = []
    for rect in rects:
        near = [group for group in groups if any(_touch(rect, other) for other in group[1])]
        members = [rect, *(member for group in near for member in group[1])]
        groups = [group for group in groups if group not in near] + [(rect, members)]
    return [members for _, members in groups if len(members) > 3]


def _touch(one: Rect, other: Rect) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across >= -_TOUCH and down >= -_TOUCH


def _edges(rects: Sequence[Rect], *, upright: bool) -> list[float]:
    """Where the grid's columns (`upright`) or rows begin and end: edges along at least half of its side."""
    spans: list[tuple[float, float, float]] = []
    for rect in rects:
        across, along = (rect.width, rect.height) if upright else (rect.height, rect.width)
        start, low = (rect.left, rect.top) if upright else (rect.top, rect.left)
        if along > 2 * _TOUCH or across > 2 * _TOUCH:
            places = (start + across / 2,) if across <= _TOUCH + 0.5 else (start, start + across)
            spans += [(place, low, low + along) for place in places if along > 2 * _TOUCH]
    if not spans:
        return []
    whole = max(span[2] for span in spans) - min(span[1] for span in spans)
    clusters: list[list[tuple[float, float, float]]] = []
    for span in sorted(spans):
        if clusters and span[0] - clusters[-1][-1][0] <= _TOUCH:
            clusters[-1].append(span)
        else:
            clusters.append([span])
    return [
        sum(span[0] for span in cluster) / len(cluster)
        for cluster in clusters
        if _covered(cluster) >= 0.5 * whole
    ]


def _covered(spans: Sequence[tuple[float, float, float]]) -> float:
    length, reach = 0.0, -1e9
    for low, high in sorted((span[1], span[2]) for span in spans):
        length += max(high - max(low, reach), 0.0)
        reach = max(reach, high)
    return length


def _in_cells(pieces: Sequence[Piece], columns: Sequence[float], rows: Sequence[float]) -> FoundTable | None:
    if not (3 <= len(columns) <= _MOST_EDGES and 3 <= len(rows) <= _MOST_EDGES):
        return None
    cells: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces:
        row = _slot(piece.rect.top + piece.rect.height / 2, rows)
        column = _slot(piece.rect.left + piece.rect.width / 2, columns)
        if row is not None and column is not None:
            cells.setdefault((row, column), []).append(piece)
    return _table(cells)


def _slot(place: float, edges: Sequence[float]) -> int | None:
    for index, (low, high) in enumerate(itertools.pairwise(edges)):
        if low <= place < high:
            return index
    return None


def _level_lines(drawings: Sequence[Drawing]) -> list[list[Rect]]:
    """Level lines of the same left and right end, from the top."""
    groups: list[list[Rect]] = []
    lines = [
        item.rect for item in drawings if item.kind == "line" and item.rect.width > 20 * item.rect.height
    ]
    for rect in sorted(lines, key=lambda item: item.top)[:_MOST_DRAWINGS]:
        home = next(
            (
                group
                for group in groups
                if abs(group[0].left - rect.left) <= _TOUCH and abs(group[0].right - rect.right) <= _TOUCH
            ),
            None,
        )
        if home is None:
            groups.append([rect])
        elif rect.top - home[-1].top > _TOUCH:
            home.append(rect)
    return [group for group in groups if len(group) >= 3]


def _between_lines(pieces: Sequence[Piece], lines: Sequence[Rect]) -> FoundTable | None:
    """Rows are what stands between two lines; the head may stand above the first."""
    pitch = max(below.top - above.top for above, below in itertools.pairwise(lines))
    rows = [lines[0].top - 1.2 * pitch, *(line.top for line in lines)]
    inside = [
        piece
        for piece in pieces
        if lines[0].left - piece.size <= piece.rect.left
        and piece.rect.right <= lines[0].right + piece.size
        and _slot(piece.rect.top + piece.rect.height / 2, rows) is not None
    ]
    columns = column_starts(inside)
    cells: dict[tuple[int, int], list[Piece]] = {}
    for piece in inside:
        row = _slot(piece.rect.top + piece.rect.height / 2, rows) or 0
        cells.setdefault((row, _column(piece, columns)), []).append(piece)
    first = [key for key in cells if key[0] == 0]
    if len(first) < 2:  # what stands above is no head of the table
        for key in first:
            del cells[key]
    return _table(cells)


def column_starts(pieces: Sequence[Piece]) -> list[float]:
    """Where columns begin: after each gap that runs down through all pieces."""
    starts: list[float] = []
    reach = -1e9
    for piece in sorted(pieces, key=lambda item: item.rect.left):
        if piece.rect.left > reach + _GAP * piece.size:
            starts.append(piece.rect.left)
        reach = max(reach, piece.rect.right)
    return starts


def _column(piece: Piece, starts: Sequence[float]) -> int:
    return max(index for index, start in enumerate(starts) if start <= piece.rect.left + 0.01)


def number_table(pieces: Sequence[Piece]) -> FoundTable | None:
    """A table without lines: at least three rows whose cells, but for the first row and column, are mostly numbers."""
    rows: list[list[Piece]] = []
    best: list[list[Piece]] = []
    for line in [*_lines([piece for piece in pieces if piece.upright]), []]:
        columns = column_starts([piece for row in rows for piece in row])
        fits = len(line) >= 2 and (
            not rows
            or (
                len(column_starts([piece for row in (*rows, line) for piece in row])) == len(columns)
                and _near(rows[-1], line)
            )
        )
        if fits:
            rows.append(line)
            continue
        best = max(best, rows, key=len)
        rows = [line] if len(line) >= 2 else []
    if len(best) < 3:
        return None
    columns = column_starts([piece for row in best for piece in row])
    inner = [piece for row in best[1:] for piece in row if _column(piece, columns) > 0]
    numbers = sum(1 for piece in inner if _NUMBER.fullmatch(piece.text))
    if numbers < 0.7 * len(inner) or any(piece.bulleted for row in best for piece in row):
        return None
    cells: dict[tuple[int, int], list[Piece]] = {}
    for index, row in enumerate(best):
        for piece in row:
            cells.setdefault((index, _column(piece, columns)), []).append(piece)
    return _table(cells)


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda item: item.rect.bottom):
        if lines and abs(lines[-1][0].rect.bottom - piece.rect.bottom) <= 0.3 * piece.size:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _near(above: list[Piece], below: list[Piece]) -> bool:
    size = above[0].size
    alike = abs(below[0].size - size) <= 0.3 * size
    return alike and below[0].rect.top - above[0].rect.top <= 4 * size


def _table(cells: dict[tuple[int, int], list[Piece]]) -> FoundTable | None:
    """The cells as a table, where they are two by two or more, mostly filled, and short."""
    rows, columns = sorted({row for row, _ in cells}), sorted({column for _, column in cells})
    if len(rows) < 2 or len(columns) < 2 or len(cells) < _FILLED * len(rows) * len(columns):
        return None
    full = sum(1 for row in rows if sum((row, column) in cells for column in columns) >= 2)
    texts = {
        key: joined([piece.text for piece in sorted(found, key=lambda item: (item.rect.top, item.rect.left))])
        for key, found in cells.items()
    }
    if full < _FULL_ROWS * len(rows) or max(map(len, texts.values())) > _LONGEST_CELL:
        return None
    grid = tuple(tuple(texts.get((row, column), "") for column in columns) for row in rows)
    return FoundTable(Table(grid), tuple(piece for found in cells.values() for piece in found))
