"""The letters of a PDF page, gathered by geometry into pieces: runs of text on one line without a wide gap."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2.raw as raw

from deckcast.decks.places import Rect
from deckcast.decks.words import clean, is_right_to_left

MAX_LETTERS = 20_000
MAX_PIECES = 1_500
_GAP = 0.75
_BULLET_GAP = 4.0
_SAME_LINE = 0.4
_NOTHING = "\x00\ufffe\uffff"
_BULLET = re.compile(
    r"^(?:[•◦▪▫‣·●○■□◆◇►▸▶➢➤✓✔❖–—*\u2212-]\s+|[\ue000-\uf8ff]\s*|\d{1,2}[.)]\s+|[a-z]\)\s+)(?=\S)"
)
_SYMBOLS = re.compile(r"[\ue000-\uf8ff]")  # signs of symbol fonts, which say nothing by themselves
_BULLET_ALONE = re.compile(r"^(?:[•◦▪▫‣·●○■□◆◇►▸▶➢➤✓✔❖–—*\u2212-]|[\ue000-\uf8ff]|\d{1,2}[.)]|[a-z]\))$")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text without a wide gap, with the rectangle of its em boxes, in points from the page's top left.

    `bulleted` says that a list sign or number stood before it, which is cut off; `rect` still begins at the sign.
    """

    text: str
    rect: Rect
    size: float
    upright: bool = True
    bulleted: bool = False


@dataclass(frozen=True, slots=True)
class Wall:
    """An upright edge that no piece crosses, such as the side of a table's cell."""

    x: float
    top: float
    bottom: float


@dataclass(slots=True)
class _Run:
    """Letters one after the other, as they stand in the file."""

    text: str
    left: float
    right: float
    base: float
    size: float
    upright: bool
    last: tuple[float, float]


def pieces_of(page: Any, walls: Sequence[Wall] = ()) -> list[Piece]:
    """The page's pieces from top to bottom; what lies outside the page or is drawn twice is left out."""
    width, height = page.get_size()
    runs = [run for run in _runs(page, height, walls) if run.text.strip()]
    pieces = [_piece(run) for run in _merged(runs, walls)]
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for piece in sorted(pieces, key=lambda item: (item.rect.top, item.rect.left)):
        mark = (piece.text, round(piece.rect.left / piece.size), round(piece.rect.top / piece.size))
        rect = piece.rect
        inside = rect.right > 0 and rect.left < width and rect.bottom > 0 and rect.top < height
        if inside and mark not in seen and _SYMBOLS.sub("", piece.text):
            seen.add(mark)
            kept.append(_without_bullet(piece))
    return kept[:MAX_PIECES]


def _runs(page: Any, height: float, walls: Sequence[Wall]) -> list[_Run]:
    text = page.get_textpage()
    looks: dict[int, tuple[float, bool]] = {}
    runs: list[_Run] = []
    fresh, spaced = True, False
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    for index in range(min(text.count_chars(), MAX_LETTERS)):
        letter = _letter(raw.FPDFText_GetUnicode(text, index))
        if letter in "\r\n":
            fresh = True
        elif letter.isspace():
            spaced = True
        elif letter and raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box)):
            raw.FPDFText_GetCharOrigin(text, index, x, y)
            size, upright = _look(text, index, looks)
            run = _Run(letter, box.left, box.right, height - y.value, size, upright, (box.left, box.right))
            if runs and not fresh and _goes_on(runs[-1], run, walls if spaced else ()):
                _append(runs[-1], run, " " if spaced else "")
            else:
                runs.append(run)
            fresh = spaced = False
    return runs


def _letter(code: int) -> str:
    if code == 2:  # pdfium's sign for a hyphen at a line's end
        return "-"
    letter = chr(code)
    if letter in _NOTHING:
        return ""
    return unicodedata.normalize("NFKC", letter) if "\ufb00" <= letter <= "\ufb06" else letter


def _look(text: Any, index: int, looks: dict[int, tuple[float, bool]]) -> tuple[float, bool]:
    """Size in points and whether the letters stand upright; the same for all letters of one text object."""
    holder = raw.FPDFText_GetTextObject(text, index)
    key = ctypes.addressof(holder.contents) if holder else -1
    if key not in looks:
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, index, ctypes.byref(matrix))
        size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
        fine = math.isfinite(size) and size > 0.1
        looks[key] = (size if fine else 1.0, matrix.a > 0 and abs(matrix.b) <= 0.2 * matrix.a)
    return looks[key]


def _goes_on(run: _Run, letter: _Run, walls: Sequence[Wall]) -> bool:
    size = max(run.size, letter.size)
    if not run.upright or not letter.upright:
        return run.upright == letter.upright
    near = abs(run.base - letter.base) <= _SAME_LINE * size
    gap = max(letter.left - run.last[1], run.last[0] - letter.right)
    return near and gap <= _GAP * size and not _walled(run.last, (letter.left, letter.right), run.base, walls)


def _walled(one: tuple[float, float], other: tuple[float, float], base: float, walls: Sequence[Wall]) -> bool:
    left, right = sorted((sum(one) / 2, sum(other) / 2))
    return any(left < wall.x < right and wall.top <= base <= wall.bottom for wall in walls)


def _append(run: _Run, other: _Run, between: str) -> None:
    run.text += between + other.text
    run.left, run.right = min(run.left, other.left), max(run.right, other.right)
    run.size = max(run.size, other.size)
    run.last = other.last


def _merged(runs: list[_Run], walls: Sequence[Wall]) -> list[_Run]:
    """Runs that stand side by side belong together, wherever the file holds them; so do a bullet and its text."""
    lines: list[list[_Run]] = []
    for run in sorted(runs, key=lambda item: item.base):
        home = next(
            (
                line
                for line in lines[-4:]
                if abs(line[0].base - run.base) <= 0.25 * min(run.size, line[0].size)
            ),
            None,
        )
        if home is None:
            lines.append([run])
        else:
            home.append(run)
    merged: list[_Run] = []
    for line in lines:
        whole: list[_Run] = []
        for run in sorted(line, key=lambda item: item.left):
            if whole and _side_by_side(whole[-1], run, walls):
                _join(whole[-1], run)
            else:
                whole.append(run)
        merged += whole
    return merged


def _side_by_side(run: _Run, right: _Run, walls: Sequence[Wall]) -> bool:
    gap, size = right.left - run.right, max(run.size, right.size)
    widest = _BULLET_GAP if _BULLET_ALONE.match(run.text.strip()) else _GAP
    near = run.upright and right.upright and -0.3 * size <= gap <= widest * size
    return near and not _walled((run.left, run.right), (right.left, right.right), run.base, walls)


def _join(run: _Run, right: _Run) -> None:
    apart = right.left - run.right > 0.12 * min(run.size, right.size)
    between = " " if apart else ""
    if is_right_to_left(run.text) and is_right_to_left(right.text):
        run.text = right.text + between + run.text
    else:
        run.text += between + right.text
    run.right, run.size = max(run.right, right.right), max(run.size, right.size)


def _piece(run: _Run) -> Piece:
    top = run.base - 0.8 * run.size
    return Piece(
        clean(run.text), Rect(run.left, top, max(run.right - run.left, 0.1), run.size), run.size, run.upright
    )


def _without_bullet(piece: Piece) -> Piece:
    text = _BULLET.sub("", piece.text)
    bulleted = text != piece.text
    return replace(piece, text=clean(_SYMBOLS.sub(" ", text)), bulleted=bulleted)
