"""From pieces of text to a page's title and points."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from deckcast.decks.letters import Piece
from deckcast.decks.places import Rect, reading_order
from deckcast.decks.words import is_right_to_left

_FIGURE = re.compile(r"[^\w\s]?\d.{0,8}")
_FIGURE_LETTERS = 3
_ENDS = (".", "!", "?", ":", "。", "！", "？")
_TITLE_LINES = 3
_COUNT = 3
_ROWS_WEIGH = 1.5
_OVERLINE_SIZE, _OVERLINE_LENGTH = 0.6, 60
_FINE_PRINT_SIZE, _FINE_PRINT_TOP = 0.55, 0.8


def title_of(pieces: Sequence[Piece], height: float) -> list[Piece]:
    """The pieces of the title: the largest letters, those near the top first. A large figure ("1 of 8", "42 %")
    and what has a bullet is none, where there are other words."""
    upright = [piece for piece in pieces if piece.upright]
    plain = [piece for piece in upright if not piece.bulleted and not is_figure(piece.text)] or upright
    if not plain:
        return []
    first = max(
        plain, key=lambda piece: (round(_weight(piece, height), 1), -piece.rect.top, -piece.rect.left)
    )
    largest = [piece for piece in plain if abs(piece.size - first.size) < 0.05 * first.size]
    title = [first]
    if len(largest) == len(upright) > 3:
        return title
    for piece in sorted(largest, key=lambda piece: piece.rect.top):
        if len(title) < _TITLE_LINES and piece not in title and _follows(title[-1], piece, 0.6):
            title.append(piece)
    return title


def _weight(piece: Piece, height: float) -> float:
    """Its size, halved by and by from a quarter of the page downwards."""
    down = min(max(piece.rect.top / height - 0.25, 0.0) / 0.35, 1.0)
    return piece.size * (1 - 0.5 * down)


def is_figure(text: str) -> bool:
    """A number with its unit and little else."""
    letters = sum(character.isalpha() for character in text)
    return letters <= _FIGURE_LETTERS and _FIGURE.fullmatch(text) is not None


def spoken(pieces: Sequence[Piece], title: Sequence[Piece], height: float) -> list[Piece]:
    """The pieces without what is to be seen only: an overline above the title, fine print at the bottom."""
    usual = max((piece.size for piece in pieces if not is_figure(piece.text)), default=0.0)
    edge = title[0].rect.top + 0.3 * title[0].size if title else 0.0
    small = _OVERLINE_SIZE * title[0].size if title else 0.0
    return [
        piece
        for piece in pieces
        if not (piece.rect.bottom <= edge and piece.size <= small and len(piece.text) <= _OVERLINE_LENGTH)
        and not (piece.rect.top >= _FINE_PRINT_TOP * height and piece.size <= _FINE_PRINT_SIZE * usual)
    ]


def without_count(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without numbers that only count what stands beside them: 1, 2, 3, …, all of one size."""
    bare = [piece for piece in pieces if re.fullmatch(r"\d{1,2}", piece.text)]
    numbers = sorted(int(piece.text) for piece in bare)
    even = bool(bare) and max(piece.size for piece in bare) <= 1.05 * min(piece.size for piece in bare)
    counts = even and len(bare) >= _COUNT and numbers == list(range(1, len(bare) + 1))
    return [piece for piece in pieces if piece not in bare] if counts else list(pieces)


def points_of(pieces: Sequence[Piece], cards: Sequence[Rect]) -> tuple[tuple[int, str], ...]:
    """The pieces as points in reading order, with their level; wrapped lines are joined.

    `cards` are the rectangles drawn around text: what stands in different ones is never joined.
    """
    blocks = _blocks([piece for piece in pieces if piece.upright], cards)
    right_to_left = is_right_to_left(" ".join(piece.text for piece in pieces))
    points: list[tuple[int, str]] = []
    for block in reading_order(blocks, _around, right_to_left=right_to_left, rows_weigh=_ROWS_WEIGH):
        points += _points(block)
    return tuple(points)


def _blocks(pieces: Sequence[Piece], cards: Sequence[Rect]) -> list[list[Piece]]:
    """Lines below one another that belong to one text."""
    blocks: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda item: (item.rect.top, item.rect.left)):
        home = _card(piece, cards)
        above = [
            block for block in blocks[-40:] if _belongs(block, piece) and _card(block[-1], cards) == home
        ]
        if len(above) == 1:
            above[0].append(piece)
        else:
            blocks.append([piece])
    return blocks


def _belongs(block: list[Piece], piece: Piece) -> bool:
    last = block[-1]
    listed = piece.bulleted or any(item.bulleted for item in block)
    return _follows(last, piece, 1.3 if listed else 0.8, 0.4 if listed else 0.12)


def _follows(line: Piece, below: Piece, gap: float, unlike: float = 0.12) -> bool:
    distance = below.rect.top - line.rect.bottom
    overlap = min(line.rect.right, below.rect.right) - max(line.rect.left, below.rect.left)
    alike = abs(below.size - line.size) <= unlike * max(line.size, below.size)
    return alike and overlap > 0 and -0.5 * line.size <= distance <= gap * line.size


def _card(piece: Piece, cards: Sequence[Rect]) -> int:
    """The number of the smallest card around a piece, or -1."""
    x, y = piece.rect.left + piece.rect.width / 2, piece.rect.top + piece.rect.height / 2
    around = [
        (card.width * card.height, number)
        for number, card in enumerate(cards)
        if card.left <= x <= card.right and card.top <= y <= card.bottom
    ]
    return min(around)[1] if around else -1


def _around(block: Sequence[Piece]) -> Rect:
    left, top = min(piece.rect.left for piece in block), min(piece.rect.top for piece in block)
    right, bottom = max(piece.rect.right for piece in block), max(piece.rect.bottom for piece in block)
    return Rect(left, top, right - left, bottom - top)


def _points(block: list[Piece]) -> list[tuple[int, str]]:
    levels = _levels(block)
    gaps = [after.rect.top - before.rect.bottom for before, after in itertools.pairwise(block)]
    closest = min(gaps, default=0.0)
    points: list[tuple[int, list[Piece]]] = []
    for number, piece in enumerate(block):
        wide = number > 0 and gaps[number - 1] > closest + 0.35 * piece.size
        if points and not piece.bulleted and not wide and _goes_on(points[-1][1], piece, block):
            points[-1][1].append(piece)
        else:
            points.append((levels.get(round(piece.rect.left), 0) if piece.bulleted else 0, [piece]))
    return [(level, joined([piece.text for piece in pieces])) for level, pieces in points]


def _levels(block: list[Piece]) -> dict[int, int]:
    """The indents of bullets, from the left, as levels."""
    levels: dict[int, int] = {}
    level, last = -1, -1e9
    for left in sorted({round(piece.rect.left) for piece in block if piece.bulleted}):
        if left > last + 0.4 * block[0].size:
            level, last = level + 1, left
        levels[left] = level
    return levels


def _goes_on(point: list[Piece], piece: Piece, block: list[Piece]) -> bool:
    """Whether a line continues the point above it: it would not have fitted there, or goes on in small letters."""
    line = point[-1]
    if abs(piece.size - line.size) > 0.12 * line.size:
        return False
    first = piece.text.split(" ", 1)[0]
    needed = piece.rect.width * len(first) / max(len(piece.text), 1) + 0.5 * piece.size
    around = _around(block)
    left_aligned = point[0].bulleted or abs(line.rect.left - piece.rect.left) < 1.5 * line.size
    room = around.right - line.rect.right if left_aligned else around.width - line.rect.width
    if needed > room:
        if not left_aligned and piece.text[0].isupper() and " " in piece.text:
            return line.text.endswith(",")  # centred lines mostly stand for themselves
        return not (line.text.endswith(_ENDS) and len(line.text) < 0.6 * len(piece.text))
    small = piece.text[0].islower() or piece.text[0].isdigit()
    return (
        small
        and not point[0].text[0].islower()
        and not line.text.endswith(_ENDS)
        and len(line.text.split()) >= 3
    )


def joined(texts: Sequence[str]) -> str:
    """Wrapped lines as one; a word parted by a hyphen is mended, Chinese and Japanese need no spaces."""
    whole = ""
    for text in texts:
        if whole.endswith("-") and text[:1].islower():
            whole = whole[:-1] + text
        elif whole and whole[-1] > "\u2e80" and text[:1] > "\u2e80":
            whole += text
        else:
            whole = f"{whole} {text}".strip()
    return whole
