"""Running heads, footers and page numbers: what stands in the same place on many pages of a PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from deckcast.decks.letters import Piece

Page = tuple[Sequence[Piece], float, float]
"""A page's pieces, its width and its height."""

_EDGE = 0.14
_MOST_SIZE, _SMALL = 0.75, 0.035
_MIN_PAGES, _MIN_SHARE = 3, 0.3
_NUMBER = re.compile(r"(?:\w{1,6}\.? ?)?(\d{1,4})(?: ?(?:/|\||of|von|de|sur|di|van|из|／) ?\d{1,4})?", re.I)


def running_pieces(pages: Sequence[Page]) -> list[set[int]]:
    """Per page the indexes of the pieces that belong to every page and not to what it says.

    That is small text at the upper or lower edge which, digits aside, stands at the same place on at least three
    pages and 30 % of all, and the page's own number at an edge.
    """
    marks = [_marks(page) for page in pages]
    counts: Counter[tuple[str, int, int]] = Counter()
    for found in marks:
        counts.update(set(found.values()))
    enough = max(_MIN_PAGES, _MIN_SHARE * len(pages))
    return [
        {
            index
            for index, mark in found.items()
            if counts[mark] >= enough or _is_page_number(page[0][index].text, number)
        }
        for number, (page, found) in enumerate(zip(pages, marks, strict=True), start=1)
    ]


def _marks(page: Page) -> dict[int, tuple[str, int, int]]:
    """The small pieces at the edges, with what they have in common across pages."""
    pieces, width, height = page
    largest = max((piece.size for piece in pieces), default=0.0)
    return {
        index: (
            re.sub(r"\d+", "#", piece.text),
            round(20 * (piece.rect.left + piece.rect.width / 2) / width),
            round(40 * piece.rect.top / height),
        )
        for index, piece in enumerate(pieces)
        if piece.size <= max(_MOST_SIZE * largest, _SMALL * height)
        and (piece.rect.bottom <= _EDGE * height or piece.rect.top >= (1 - _EDGE) * height)
    }


def _is_page_number(text: str, number: int) -> bool:
    match = _NUMBER.fullmatch(text)
    return match is not None and int(match[1]) == number
