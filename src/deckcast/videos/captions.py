"""Captions from word timings: readable lines, broken where a speaker would breathe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deckcast.kit.files import written_whole
from deckcast.kit.timing import WordTiming
from deckcast.videos.direction import directed
from deckcast.videos.models import Cue
from deckcast.videos.phrases import MAX_CUE_S, MIN_CUE_S, group, lines, to_pieces

_HOLD_S = 0.35  # a cue stays this long after its last word where nothing follows at once
_JOIN_GAP_S = 0.25  # a smaller gap between two cues is closed, so that the captions do not flicker


def cues(text: str, words: Sequence[WordTiming], offset_s: float, end_s: float) -> tuple[Cue, ...]:
    """Captions of one narrative. `words` are timed from the speech's start, `offset_s` is where the speech
    starts in the film, `end_s` where the slide ends there. Cues are in order, never overlap and lie within
    the slide; each has one or two lines of at most 42 columns (20 CJK characters).
    """
    made = [
        Cue(pieces[0].start_s + offset_s, pieces[-1].end_s + offset_s, lines(pieces))
        for pieces in group(to_pieces(text, words))
    ]
    return tuple(_timed(made, end_s))


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
    return directed(_no_blank_lines(text).replace("-->", "→"))


def _escaped(text: str) -> str:
    plain = directed(_no_blank_lines(text))
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _no_blank_lines(text: str) -> str:
    """A blank line would end the cue."""
    return "\n".join(line for line in text.splitlines() if line.strip())


def _clock(seconds: float, mark: str) -> str:
    total = round(max(0.0, seconds) * 1000)
    rest, milli = divmod(total, 1000)
    rest, second = divmod(rest, 60)
    hour, minute = divmod(rest, 60)
    return f"{hour:02}:{minute:02}:{second:02}{mark}{milli:03}"
