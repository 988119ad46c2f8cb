"""Breaking spoken text into captions and lines: at sentences, clauses, phrases; even, without orphans."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from deckcast.kit.timing import WordTiming

LINE_WIDTH = 42  # columns; a wide (CJK) character takes two, so that a line holds 20 of them
WIDE_LINE_WIDTH = 40
MIN_CUE_S, MAX_CUE_S = 1.0, 7.0
_LEAST_LINE = 12  # columns: a shorter line is an orphan where the text could be split evenly
_PAUSE_S = 0.7  # a longer silence ends a cue
_BOUND_COST = 24.0  # of a line that ends where no phrase does
_NEVER = float("inf")

_SENTENCE = frozenset(".!?…。！？｡؟۔।॥")
_CLAUSE = frozenset(",;:–—、，；：､،؛")
_CLOSING = "\"'”’»)]}」』）】》"
_OPENING = "(\\[{«“‘„¿¡「『（【《〈"
_TAIL = re.compile(rf"(?:(?<=\s)[^\w\s]+|[{_OPENING}]+)$")


@dataclass(frozen=True)
class Piece:
    """A word with the punctuation written at it and the space after it, and when it is spoken."""

    text: str
    start_s: float
    end_s: float
    bound: bool = False  # written without a space, and no phrase ends here

    @cached_property
    def width(self) -> int:
        """Columns, with the space after it."""
        return columns(self.text)

    @cached_property
    def trailing(self) -> int:
        """Columns of the space after it."""
        return len(self.text) - len(self.text.rstrip())

    @cached_property
    def strength(self) -> int:
        """How well a caption may end here: 3 after a sentence, 2 after a clause, 1 after a word, 0 within a
        word or after a short one (an article, a preposition) that belongs to the next."""
        written = self.text.rstrip().rstrip(_CLOSING)
        if written and written[-1] in _SENTENCE:
            return 3
        if written and written[-1] in _CLAUSE:
            return 2
        return 0 if (self.trailing > 0 and _leans_on(written)) or self.bound else 1


def _leans_on(word: str) -> bool:
    """Whether a short word belongs to the next: lower case, or of a script without cases that is written in words;
    vowel signs do not count."""
    letters = [character for character in word if not unicodedata.combining(character)]
    if len(letters) > 3:
        return False
    return word.islower() or all(unicodedata.bidirectional(character) in ("R", "AL") for character in letters)


def columns(text: str) -> int:
    """Width of a text in columns: wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def to_pieces(text: str, words: Sequence[WordTiming]) -> list[Piece]:
    """The timed words as they are written, with all punctuation; opening marks go with the word they open."""
    ordered = [word for word in sorted(words, key=lambda word: word.offset) if word.length > 0]
    starts = [0, *(word.offset for word in ordered[1:]), len(text)]
    pieces: list[Piece] = []
    clock, carried = 0.0, ""
    for number, word in enumerate(ordered):
        written = carried + re.sub(r"\s+", " ", text[starts[number] : starts[number + 1]])
        tail = _TAIL.search(written) if number + 1 < len(ordered) else None
        carried = tail.group() if tail and tail.start() else ""
        written = written[: len(written) - len(carried)]
        start, end = max(clock, word.start_s), max(clock, word.start_s, word.end_s)
        clock = end
        if written.strip():
            pieces.extend(_cut(Piece(written if pieces else written.lstrip(), start, end)))
        else:
            carried = written.lstrip() + carried
    return [
        replace(piece, bound=_bound(piece.text, following.text))
        for piece, following in pairwise([*pieces, Piece(" ", clock, clock)])
    ]


def _bound(before: str, after: str) -> bool:
    """Whether two runs of unspaced text belong together; Japanese phrases end where hiragana do."""
    if before[-1].isspace() or after[0].isspace():
        return False
    return not ("\u3040" <= before[-1] <= "\u309f" and not "\u3040" <= after[0] <= "\u309f")


def _cut(piece: Piece) -> list[Piece]:
    """A piece wider than a line (a long unspaced run) in parts, its time shared among them."""
    if piece.width - piece.trailing <= WIDE_LINE_WIDTH:
        return [piece]
    parts, current = [], ""
    for char in piece.text:
        if columns(current + char) > WIDE_LINE_WIDTH // 2 and not unicodedata.combining(char):
            parts.append(current)
            current = ""
        current += char
    parts.append(current)
    parts = [part for part in parts if part.strip()]
    share = (piece.end_s - piece.start_s) / len(parts)
    return [
        Piece(part, piece.start_s + share * number, piece.start_s + share * (number + 1))
        for number, part in enumerate(parts)
    ]


def group(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that are shown together, chosen for the least total cost over the whole text."""
    best = [0.0] + [_NEVER] * len(pieces)
    back = [0] * (len(pieces) + 1)
    for start in range(len(pieces)):
        for end in range(start + 1, len(pieces) + 1):
            if end - start > 1 and not _together(pieces, start, end):
                break
            cost = best[start] + _cue_cost(pieces, start, end)
            if cost < best[end]:
                best[end], back[end] = cost, start
    groups: list[list[Piece]] = []
    end = len(pieces)
    while end:
        groups.append(list(pieces[back[end] : end]))
        end = back[end]
    return groups[::-1]


def _together(pieces: Sequence[Piece], start: int, end: int) -> bool:
    last = pieces[end - 1]
    if last.end_s - pieces[start].start_s > MAX_CUE_S or last.start_s - pieces[end - 2].end_s > _PAUSE_S:
        return False
    return split(pieces[start:end]) is not None


def _cue_cost(pieces: Sequence[Piece], start: int, end: int) -> float:
    """Few captions, ending where the sentence does, long enough to be read."""
    shown = pieces[start:end]
    duration_s = shown[-1].end_s - shown[0].start_s
    last = end == len(pieces)
    cost = 8.0 + (0.0 if last else (22.0, 13.0, 3.0, 0.0)[shown[-1].strength])
    cost += 4.0 * sum(piece.strength == 3 for piece in shown[:-1])
    if duration_s < MIN_CUE_S:
        cost += 25.0 * (MIN_CUE_S - duration_s) + 10.0
    if len(shown) == 1 and shown[0].strength != 3 and len(pieces) > 1:
        cost += 20.0
    at = split(shown)
    if at:
        cost += _BOUND_COST if shown[at - 1].bound else (6.0, 3.0, 0.0, 0.0)[shown[at - 1].strength]
    return cost


def split(pieces: Sequence[Piece]) -> int | None:
    """Where the second line starts: 0 for one line, None where two lines do not hold the pieces.

    The best place ends a clause, keeps the lines about even and leaves no short line alone.
    """
    limit = WIDE_LINE_WIDTH if any(_wide(piece) for piece in pieces) else LINE_WIDTH
    total = sum(piece.width for piece in pieces) - pieces[-1].trailing
    if total <= limit:
        return 0
    best, least = None, _NEVER
    first = 0
    for at in range(1, len(pieces)):
        before = pieces[at - 1]
        first += before.width
        second = total - first
        if first - before.trailing > limit or second > limit:
            continue
        orphan = 30 if min(first, second) < _LEAST_LINE else 0
        cost = float(abs(first - second) + orphan - (0, 8, 18, 24)[before.strength])
        cost += _BOUND_COST if before.bound else 0
        if cost < least:
            best, least = at, cost
    return best


def _wide(piece: Piece) -> bool:
    return piece.width > len(piece.text)


def lines(pieces: Sequence[Piece]) -> str:
    """The pieces as one or two lines."""
    at = split(pieces) or 0
    parts = (pieces[:at], pieces[at:])
    return "\n".join(line for part in parts if (line := "".join(piece.text for piece in part).strip()))
