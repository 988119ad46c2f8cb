"""Captions that somebody else wrote (SRT), and what they tell of when the words of a text are heard.

They come from outside: whatever is not plainly right in them says nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from deckcast.kit.timing import WordTiming
from deckcast.speech.words import tokens

MOST_WORDS_EACH = 3  # that captions may have for each of the text's
LEAST_ALIKE = 0.6  # of the text's words have to be in the captions, in order
BEYOND_S = 1.0  # how far captions may run past the sound
GAP_S = 0.05  # a cue that ends less before the next one begins ends there because the next begins
MARGIN_S = 0.02  # between two anchors
_TIME = r"(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(r"<[^<>]{0,40}>|\{\\[^{}]{0,40}\}")


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: its times in seconds, and its words."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A second of our own voice's speech, and the second at which the same is heard: where something begins,
    or where it ends."""

    model_s: float
    heard_s: float
    begins: bool = True


def parse_srt(text: str) -> tuple[Cue, ...]:
    """The cues of an SRT file; none where it is not one, or is out of order."""
    cues: list[Cue] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = block.split("\n")
        at = next((number for number, line in enumerate(lines[:2]) if "-->" in line), None)
        times = _TIMES.fullmatch(lines[at]) if at is not None else None
        if at is None or times is None:
            return ()
        start_s, end_s = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
        if end_s <= start_s or (cues and start_s < cues[-1].start_s):
            return ()
        cues.append(Cue(start_s, end_s, _TAG.sub("", " ".join(lines[at + 1 :]))))
    return tuple(cues)


def between(
    first: Anchor, last: Anchor, cues: Sequence[Cue], words: Sequence[WordTiming]
) -> tuple[Anchor, ...]:
    """What cues and our own voice's `words` of the same text tell of the times between the first and the last
    sound: anchors that rise in both times. None where the captions are of another text or another sound.
    """
    said = [(_plain(word), number) for number, cue in enumerate(cues) for word in _words(cue.text)]
    said = [(word, number) for word, number in said if word]
    ours = [_plain(word.text) for word in words]
    heard = sum(1 for word in ours if word)
    if not cues or cues[-1].end_s > last.heard_s + BEYOND_S or len(said) > MOST_WORDS_EACH * heard:
        return ()
    same = SequenceMatcher(None, ours, [word for word, _ in said], autojunk=False).get_matching_blocks()
    pairs = [(block.a + step, block.b + step) for block in same for step in range(block.size)]
    if len(pairs) < LEAST_ALIKE * heard:
        return ()
    return _rising(_edges(pairs, said, cues, words), first, last)


def moved_along(path: Sequence[Anchor], model_s: float, *, ends: bool = False) -> float:
    """When a second of our own voice's speech is heard; where two anchors of the same second say that a pause
    is there, what `ends` does so before the pause, and what begins begins after it. Before the first anchor
    and after the last one time goes on as between them."""
    one, other = path[0], path[-1]
    if one.model_s <= model_s <= other.model_s:
        seconds = [each.model_s for each in path]
        index = bisect_left(seconds, model_s) if ends else bisect_right(seconds, model_s)
        index = min(max(index, 1), len(path) - 1)
        one, other = path[index - 1], path[index]
    pace = (other.heard_s - one.heard_s) / (other.model_s - one.model_s)
    return one.heard_s + (model_s - one.model_s) * pace


def _edges(
    pairs: Sequence[tuple[int, int]],
    said: Sequence[tuple[str, int]],
    cues: Sequence[Cue],
    words: Sequence[WordTiming],
) -> list[Anchor]:
    """The starts of cues; their ends too, where a pause follows."""
    found: list[Anchor] = []
    for our, their in pairs:
        number = said[their][1]
        cue = cues[number]
        if their == 0 or said[their - 1][1] != number:
            found.append(Anchor(words[our].start_s, cue.start_s))
        is_last = their + 1 == len(said) or said[their + 1][1] != number
        if is_last and number + 1 < len(cues) and cues[number + 1].start_s - cue.end_s >= GAP_S:
            found.append(Anchor(words[our].end_s, cue.end_s, begins=False))
    return found


def _rising(found: Sequence[Anchor], first: Anchor, last: Anchor) -> tuple[Anchor, ...]:
    kept = [first]
    for each in found:
        if _follows(kept[-1], each) and _follows(each, last):
            kept.append(each)
    return tuple(kept[1:])


def _follows(one: Anchor, other: Anchor) -> bool:
    pauses = other.model_s == one.model_s and not one.begins and other.begins
    return (pauses or other.model_s >= one.model_s + MARGIN_S) and other.heard_s >= one.heard_s + MARGIN_S


def _seconds(parts: Sequence[str]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _words(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text)]


def _plain(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())
