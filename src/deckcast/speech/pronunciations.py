"""How words are to be said: the written word replaced by one that sounds right, each letter keeping its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x312F), (0x31A0, 0x9FFF),
    (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Scripts written without spaces: Thai, Lao, Burmese, Khmer, Han, kana. A word ends there where the next begins."""
_SUFFIX = re.compile(r"[+#]+(?!\w)")  # C++ and C# are not C
_JOINERS = frozenset("_\u200c\u200d")


@dataclass(frozen=True, slots=True)
class Said:
    """Text for an engine, and for each of its characters the index in the written text."""

    text: str
    source: tuple[int, ...]


def pronounced(text: str, pronunciations: Sequence[tuple[str, str]], apart: Iterable[int] = ()) -> Said:
    """Replace every whole word (or words) that is `written` by what it is `said as`, the longest first.

    One written with a capital is found only so, one in small letters in any case. Nothing is replaced across
    the characters `apart` (where a pause stands), nor within what is replaced already.
    """
    places = sorted(_places(text, pronunciations, tuple(apart)))
    letters: list[str] = []
    source: list[int] = []
    done = 0
    for start, end, said in [*places, (len(text), len(text), "")]:
        letters += [text[done:start], said]
        source += range(done, start)
        source += [start + index * (end - start) // len(said) for index in range(len(said))]
        done = end
    return Said("".join(letters), tuple(source))


def concerned(text: str, pronunciations: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the pronunciations whose word stands in a text; the others change nothing of how it is said."""
    return [pair for pair in pronunciations if any(_occurrences(text, pair[0].strip()))]


def _places(
    text: str, pronunciations: Sequence[tuple[str, str]], apart: tuple[int, ...]
) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for written, said in sorted(pronunciations, key=lambda pair: -len(pair[0].strip())):
        for start, end in _occurrences(text, written.strip()):
            taken = any(start < other_end and other < end for other, other_end, _ in found)
            if not taken and not any(start < cut < end for cut in apart):
                found.append((start, end, said.strip()))
    return found


def _occurrences(text: str, written: str) -> Iterator[tuple[int, int]]:
    if not written:
        return
    forms = {unicodedata.normalize(form, written) for form in ("NFC", "NFD")} | {written}
    pattern = "|".join(r"\s+".join(re.escape(word) for word in form.split()) for form in sorted(forms))
    flags = re.NOFLAG if any(letter.isupper() for letter in written) else re.IGNORECASE
    for match in re.finditer(pattern, text, flags):
        if _is_whole(text, match.start(), match.end()):
            yield match.span()


def _is_whole(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if after and unicodedata.category(after)[0] == "M":
        return False  # an accent or a vowel sign: the last letter is another one
    if text[end - 1].isalnum() and _SUFFIX.match(text, end):
        return False
    return not (_joins(before) and _joins(text[start])) and not (_joins(text[end - 1]) and _joins(after))


def _joins(letter: str) -> bool:
    """Whether a letter belongs to one word with the letter beside it."""
    if not letter or any(first <= ord(letter) <= last for first, last in _UNSPACED):
        return False
    return letter.isalnum() or letter in _JOINERS or unicodedata.category(letter)[0] == "M"
