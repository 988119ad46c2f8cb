"""Marks in a narrative: pauses and emphasis, which each speech engine understands or drops, and nobody hears or
reads as words.

`[pause]` and `[pause 1.5s]` are silence between two words; `*word*` is emphasis.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PAUSE_S = 0.6
LONGEST_PAUSE_S = 10.0

_MARK = re.compile(
    r"(?P<before>[ \t]*)\[pause(?:\s+(?P<seconds>\d{1,2}(?:[.,]\d{1,3})?)\s*s?)?\](?P<after>[ \t]*)"
    r"|(?<![\w*])\*(?P<words>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of `seconds` before the character at `offset` of the plain text."""

    offset: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Emphasis:
    """The characters `start..end` of the plain text are stressed."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A narrative without its marks: the plain text, which is spoken and shown, and where the marks stood."""

    text: str
    pauses: tuple[Pause, ...] = ()
    emphases: tuple[Emphasis, ...] = ()


def pause_mark(seconds: float = PAUSE_S) -> str:
    """The mark for this much silence, at most LONGEST_PAUSE_S."""
    return "[pause]" if seconds == PAUSE_S else f"[pause {min(seconds, LONGEST_PAUSE_S):g}s]"


def parse(narrative: str) -> Marked:
    """Take the marks out. What only looks like a mark (`2 * 3`, `[1]`) stays text."""
    text, done = "", 0
    pauses: list[Pause] = []
    emphases: list[Emphasis] = []
    for mark in _MARK.finditer(narrative):
        text += narrative[done : mark.start()]
        done = mark.end()
        if mark["words"] is not None:
            emphases.append(Emphasis(len(text), len(text) + len(mark["words"])))
            text += mark["words"]
            continue
        if text and not text[-1].isspace() and (mark["before"] or mark["after"]):
            text += " "
        seconds = float(mark["seconds"].replace(",", ".")) if mark["seconds"] else PAUSE_S
        pauses.append(Pause(len(text), min(seconds, LONGEST_PAUSE_S)))
    return Marked(text + narrative[done:], tuple(pauses), tuple(emphases))
