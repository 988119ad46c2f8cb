"""Word timings: which words of the written text are heard when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from deckcast.kit.timing import WordTiming
from deckcast.speech.spoken import speakable

_UNSPACED = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))  # Han, kana
_KOREAN_LETTERS = (0x3130, 0x318F)
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")  # in Thai and Lao these always begin a syllable
_THAI_WORD = 6


@dataclass(frozen=True, slots=True)
class Token:
    """One written word with the punctuation around it: characters `start..end` of the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of sound for the characters `start..end`: its times, and marks (character, second)."""

    start: int
    end: int
    start_s: float
    end_s: float
    marks: tuple[tuple[int, float], ...]
    pauses: tuple[tuple[float, float], ...] = ()


def tokens(text: str) -> list[Token]:
    """The text's words: every visible character belongs to one of them, Han and kana stand alone."""
    found: list[Token] = []
    for start, end in _cuts(text):
        if found and not (_heard(text, start, end) and _heard(text, found[-1].start, found[-1].end)):
            found[-1] = Token(found[-1].start, end)
        else:
            found.append(Token(start, end))
    return found


def _heard(text: str, start: int, end: int) -> bool:
    return any(speakable(character) for character in text[start:end])


def word_timings(text: str, stretches: Sequence[Heard]) -> list[WordTiming]:
    """Times of the words, in order and without overlap; what the engine did not mark is set in between."""
    words = tokens(text)
    timed: list[WordTiming] = []
    for index, stretch in enumerate(stretches):
        until = stretches[index + 1].start if index + 1 < len(stretches) else len(text) + 1
        begin = 0 if index == 0 else stretch.start
        timed.extend(_in_stretch(text, [w for w in words if begin <= w.start < until], stretch))
    return timed


def _in_stretch(text: str, words: list[Token], heard: Heard) -> list[WordTiming]:
    if not words:
        return []
    starts = _starts(words, heard)
    timed = []
    for index, word in enumerate(words):
        end_s = starts[index + 1] if index + 1 < len(words) else heard.end_s
        for pause_start, pause_end in heard.pauses:
            if pause_end >= end_s - 0.02 and starts[index] < pause_start < end_s:
                end_s = pause_start
        timed.append(
            WordTiming(text[word.start : word.end], starts[index], end_s, word.start, word.end - word.start)
        )
    return timed


def _starts(words: list[Token], heard: Heard) -> list[float]:
    """Each word's start: the first mark within it, else shared out by length between its neighbours."""
    known: dict[int, float] = {0: heard.start_s}
    for position, second in heard.marks:
        index = _word_at(words, position)
        if index > max(known) and second > known[max(known)]:
            known[index] = second
    known[len(words)] = heard.end_s
    starts: list[float] = []
    anchors = sorted(known)
    for left, right in pairwise(anchors):
        lengths = [words[i].end - words[i].start for i in range(left, right)]
        done = 0
        for length in lengths:
            starts.append(known[left] + (known[right] - known[left]) * done / sum(lengths))
            done += length
    return starts


def _word_at(words: list[Token], position: int) -> int:
    for index, word in enumerate(words):
        if position < word.end:
            return index
    return len(words) - 1


def _cuts(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = -1
    for index, character in enumerate(text):
        if character.isspace():
            if start >= 0:
                spans.append((start, index))
            start = -1
            continue
        if start >= 0 and _breaks_before(text, start, index):
            spans.append((start, index))
            start = index
        start = index if start < 0 else start
    if start >= 0:
        spans.append((start, len(text)))
    return spans


def _breaks_before(text: str, start: int, index: int) -> bool:
    if not speakable(text[index]):
        return False
    if _stands_alone(text[index]) or _stands_alone(_last_heard(text, start, index)):
        return any(speakable(character) for character in text[start:index])
    return text[index] in _LEADING_VOWELS and index - start >= _THAI_WORD


def _last_heard(text: str, start: int, index: int) -> str:
    return next((c for c in reversed(text[start:index]) if speakable(c)), "")


def _stands_alone(character: str) -> bool:
    if not character:
        return False
    code = ord(character)
    if _KOREAN_LETTERS[0] <= code <= _KOREAN_LETTERS[1]:
        return False
    return any(first <= code <= last for first, last in _UNSPACED)
