"""A line as ElevenLabs reads it, with its pauses; and when each word is heard, from the times of characters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckcast.speech.script import Line
from deckcast.speech.words import tokens

_BREAK = re.compile(r"\s?<break\b[^>]*/>\s?")
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_WINDOW = 40  # characters in which what was sent and what was heard may differ


def written(line: Line) -> str:
    """The line with a break tag at each pause; other markup in it is no markup any more."""
    said = _MARKUP.sub(" ", line.said)
    text, done = "", 0
    for at, seconds in line.pauses:
        before, after = said[done:at].rstrip(), said[at:]
        text += f'{before} <break time="{seconds:.1f}s" />{"" if after.startswith(" ") else " "}'
        done = at
    return text + said[done:]


def heard(line: Line, times: Sequence[tuple[str, float]]) -> tuple[tuple[int, float], ...]:
    """(character of `line.said`, second) for the beginning of every word whose character was found among the
    timed ones; those of break tags are left out, whether the service tells them or not."""
    letters = [(letter, second) for piece, second in times for letter in piece]
    text = "".join(letter for letter, _ in letters)
    for tag in reversed(list(_BREAK.finditer(text))):
        del letters[tag.start() : tag.end()]
    found: dict[int, float] = {}
    at = 0
    for letter, second in letters:
        place = line.said.find(letter, at, at + _WINDOW)
        if place >= 0 and not letter.isspace():
            found[place] = second
            at = place + 1
    starts = (_first_letter(line.said, word.start, word.end) for word in tokens(line.said))
    return tuple((start, found[start]) for start in starts if start in found)


def _first_letter(text: str, start: int, end: int) -> int:
    return next((index for index in range(start, end) if text[index].isalnum()), start)
