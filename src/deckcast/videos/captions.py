"""Captions from word timings: readable lines, broken where a speaker would breathe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deckcast.kit.files import written_whole
from deckcast.kit.timing import WordTiming
from deckcast.videos.models import Cue

LINE_WIDTH = 42  # columns; a wide (CJK) character takes two, so that a line holds 21 of them
MAX_LINES = 2
MIN_CUE_S, MAX_CUE_S = 1.0, 7.0
_LEAST_LINE = 12  # columns: a line shorter than this is an orphan where the text could be split evenly
_HOLD_S = 0.35  # a cue stays this long after its last word where nothing follows at once
_JOIN_GAP_S = 0.25  # a smaller gap between two cues is closed, so that the captions do not flicker
_PAUSE_S = 0.6  # a longer silence ends a cue

_SENTENCE = frozenset(".!?…。！？｡؟۔।॥")
_CLAUSE = frozenset(",;:–—、，；：､،؛")
_CLOSING = frozenset("\"'”’»)]}」』）】》")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word with what is written up to the next one, and when it is spoken."""

    text: str
    start_s: float
    end_s: float

    @property
    def width(self) -> int:
        return columns(self.text)


def columns(text: str) -> int:
    """Width of a text in columns: wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def cues(text: str, words: Sequence[WordTiming], offset_s: float, end_s: float) -> tuple[Cue, ...]:
    """Captions of one narrative. `words` are timed from the speech's start, `offset_s` is where the speech
    starts in the film, `end_s` where the slide ends there. Cues are in order, never overlap and lie within
    the slide; each has one or two lines of at most 42 columns (21 CJK characters).
    """
    pieces = _pieces(text, words)
    groups = _group(pieces)
    made = [Cue(group[0].start_s + offset_s, group[-1].end_s + offset_s, _lines(group)) for group in groups]
    return tuple(_timed(made, end_s))


def _pieces(text: str, words: Sequence[WordTiming]) -> list[_Piece]:
    """The words with their punctuation as it is written, whatever the engine says it spoke."""
    found: list[_Piece] = []
    ordered = [word for word in sorted(words, key=lambda word: word.offset) if word.length > 0]
    starts = [0, *(word.offset for word in ordered[1:]), len(text)]
    clock = 0.0
    for number, word in enumerate(ordered):
        written = re.sub(r"\s+", " ", text[starts[number] : starts[number + 1]])
        start, end = max(clock, word.start_s), max(clock, word.start_s, word.end_s)
        clock = end
        if not written.strip():
            continue
        found.extend(_fitting(_Piece(written if found else written.lstrip(), start, end)))
    return found


def _fitting(piece: _Piece) -> list[_Piece]:
    """A piece wider than a line (a long unspaced run) cut into parts, its time shared by width."""
    if columns(piece.text.strip()) <= LINE_WIDTH:
        return [piece]
    parts, current = [], ""
    for char in piece.text:
        if columns(current + char) > LINE_WIDTH // 2 and not unicodedata.combining(char):
            parts.append(current)
            current = ""
        current += char
    parts.append(current)
    share = (piece.end_s - piece.start_s) / len(parts)
    return [
        _Piece(part, piece.start_s + share * number, piece.start_s + share * (number + 1))
        for number, part in enumerate(parts)
        if part.strip()
    ]


def _group(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Pieces that are shown together: up to two lines and seven seconds, ended at the best break."""
    groups: list[list[_Piece]] = []
    start = 0
    while start < len(pieces):
        end = _reach(pieces, start)
        end = _best_break(pieces, start, end)
        groups.append(list(pieces[start:end]))
        start = end
    return groups


def _reach(pieces: Sequence[_Piece], start: int) -> int:
    """How far a cue that starts here may go at most."""
    end = start + 1
    while end < len(pieces):
        candidate = pieces[start : end + 1]
        if not _fits(candidate) or candidate[-1].end_s - candidate[0].start_s > MAX_CUE_S:
            break
        if pieces[end].start_s - pieces[end - 1].end_s > _PAUSE_S:
            break
        end += 1
    return end


def _best_break(pieces: Sequence[_Piece], start: int, reach: int) -> int:
    """The last sentence end within reach, else a clause end in its second half, else all that fits, but
    never so that one short word is left over for the next cue."""
    if reach >= len(pieces):
        whole = _last_sentence(pieces, start, reach - 1)
        return whole if whole and _long_enough(pieces[start:whole]) else reach
    sentence = _last_sentence(pieces, start, reach)
    if sentence and _long_enough(pieces[start:sentence]):
        return sentence
    for end in range(reach, start + max(1, (reach - start) // 2), -1):
        if _break_strength(pieces[end - 1]) and _long_enough(pieces[start:end]):
            return end
    rest = pieces[reach : reach + 2]
    lonely = len(rest) == 1 or (len(rest) == 2 and _break_strength(rest[0]) == 2)
    return reach - 1 if lonely and reach - start > 3 else reach


def _last_sentence(pieces: Sequence[_Piece], start: int, reach: int) -> int | None:
    ends = (end for end in range(reach, start, -1) if _break_strength(pieces[end - 1]) == 2)
    return next(ends, None)


def _long_enough(pieces: Sequence[_Piece]) -> bool:
    return pieces[-1].end_s - pieces[0].start_s >= MIN_CUE_S or sum(p.width for p in pieces) >= LINE_WIDTH


def _break_strength(piece: _Piece) -> int:
    """2 after a sentence, 1 after a clause, 0 else."""
    written = piece.text.rstrip().rstrip("".join(_CLOSING))
    if not written:
        return 0
    return 2 if written[-1] in _SENTENCE else 1 if written[-1] in _CLAUSE else 0


def _fits(pieces: Sequence[_Piece]) -> bool:
    return _split(pieces) is not None


def _lines(pieces: Sequence[_Piece]) -> str:
    at = _split(pieces) or 0
    lines = [_joined(pieces[:at]), _joined(pieces[at:])] if at else [_joined(pieces)]
    return "\n".join(line for line in lines if line)


def _split(pieces: Sequence[_Piece]) -> int | None:
    """Where the second line starts: 0 for one line, None where two lines do not hold the pieces.

    The best place ends a clause, keeps the lines about even and leaves no short line alone.
    """
    total = columns(_joined(pieces))
    if total <= LINE_WIDTH:
        return 0
    best, least = None, float("inf")
    for at in range(1, len(pieces)):
        first, second = columns(_joined(pieces[:at])), columns(_joined(pieces[at:]))
        if max(first, second) > LINE_WIDTH:
            continue
        orphan = 30 if min(first, second) < _LEAST_LINE else 0
        cost = abs(first - second) + orphan - 9 * _break_strength(pieces[at - 1])
        if cost < least:
            best, least = at, cost
    return best


def _joined(pieces: Sequence[_Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


def _timed(made: Sequence[Cue], end_s: float) -> list[Cue]:
    """Shown a moment longer than spoken and at least a second where there is room; never overlapping."""
    timed: list[Cue] = []
    for number, cue in enumerate(made):
        limit = made[number + 1].start_s if number + 1 < len(made) else end_s
        wanted = max(cue.end_s + _HOLD_S, cue.start_s + MIN_CUE_S)
        end = min(wanted, cue.start_s + MAX_CUE_S, limit)
        if number + 1 < len(made) and 0 < limit - end < _JOIN_GAP_S and limit - cue.start_s <= MAX_CUE_S:
            end = limit
        start = min(cue.start_s, end_s)
        if end > start:
            timed.append(replace(cue, start_s=start, end_s=min(end, end_s)))
    return timed


def write_srt(cues: Sequence[Cue], path: Path) -> None:
    """Write cues as SubRip, UTF-8."""
    blocks = [
        f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n{_no_arrow(cue.text)}\n"
        for number, cue in enumerate(cues, 1)
    ]
    _write(path, "\n".join(blocks))


def write_vtt(cues: Sequence[Cue], path: Path) -> None:
    """Write cues as WebVTT, UTF-8; `&`, `<` and `>` are escaped, so that no text becomes markup."""
    blocks = [
        f"{number}\n{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n{_escaped(cue.text)}\n"
        for number, cue in enumerate(cues, 1)
    ]
    _write(path, "\n".join(["WEBVTT\n", *blocks]))


def _write(path: Path, content: str) -> None:
    with written_whole(path) as temporary:
        temporary.write_text(content, encoding="utf-8", newline="\n")
        temporary.chmod(0o644)


def _no_arrow(text: str) -> str:
    return _no_blank_lines(text).replace("-->", "→")


def _escaped(text: str) -> str:
    return _no_blank_lines(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _no_blank_lines(text: str) -> str:
    """A blank line would end the cue."""
    return "\n".join(line for line in text.splitlines() if line.strip())


def _clock(seconds: float, mark: str) -> str:
    total = round(max(0.0, seconds) * 1000)
    rest, milli = divmod(total, 1000)
    rest, second = divmod(rest, 60)
    hour, minute = divmod(rest, 60)
    return f"{hour:02}:{minute:02}:{second:02}{mark}{milli:03}"
