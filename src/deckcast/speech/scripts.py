"""Words in a script that a voice cannot read are spoken by a voice that can: 你好 within an English sentence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby, pairwise

from deckcast.speech.sentences import Piece

_RANGES = {
    "cmn": ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
    "ja": ((0x3040, 0x30FF), (0x31F0, 0x31FF)),
    "ko": ((0xAC00, 0xD7AF), (0x1100, 0x11FF)),
    "ru": ((0x0400, 0x052F),),
    "el": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "ar": ((0x0600, 0x06FF), (0x0750, 0x077F)),
    "he": ((0x0590, 0x05FF),),
    "hi": ((0x0900, 0x097F),),
    "th": ((0x0E00, 0x0E7F),),
}
"""The letters of a script, by the espeak voice that reads them where the chosen one does not."""

_READERS = {
    "cmn": "cmn yue hak ko",  # not ja: it says “Chinese letter” in English for every kanji
    "ja": "ja",
    "ko": "ko",
    "ru": "ru ru-cl ru-lv uk be bg sr mk kk ky tt ba az uz nog bs",
    "el": "el",
    "ar": "ar fa ur sd ug ku",
    "he": "he",
    "hi": "hi mr ne kok bpy",
    "th": "th",
}
_SYLLABIC = frozenset(
    ("cmn", "ja", "ko")
)  # one letter is a word; a lone α or Ω is a symbol, which all can name


def by_script(text: str, piece: Piece, code: str) -> list[tuple[Piece, str]]:
    """Part a piece into runs, each with the espeak language that reads it; mostly one, by `code` itself."""
    letters = text[piece.start : piece.end]
    if letters.isascii():
        return [(piece, code)]
    cuts = list(_changes(letters, code))
    runs: list[tuple[Piece, str]] = []
    for index, (start, reader) in enumerate(cuts):
        last = index + 1 == len(cuts)
        end = piece.end if last else piece.start + cuts[index + 1][0]
        runs.append((Piece(piece.start + start, end, piece.pause_s if last else 0.0), reader))
    return runs


def _changes(letters: str, code: str) -> Iterator[tuple[int, str]]:
    """Where the reader changes: (index, espeak language), the first at 0; spaces stay with what precedes."""
    readers = [_reader(letter, code) if letter.isalpha() else None for letter in letters]
    present = ""
    for reader, run in groupby(_indexed(readers), key=lambda item: item[1]):
        group = list(run)
        word = reader in _SYLLABIC or any(b[0] - a[0] == 1 for a, b in pairwise(group))
        chosen = reader if word else code
        if chosen != present:
            yield (group[0][0] if present else 0), chosen
            present = chosen
    if not present:
        yield 0, code


def _indexed(readers: list[str | None]) -> list[tuple[int, str]]:
    return [(index, reader) for index, reader in enumerate(readers) if reader is not None]


def _reader(letter: str, code: str) -> str:
    home = _home(letter)
    if home is None or code in _READERS[home].split():
        return code
    return home


@cache
def _home(letter: str) -> str | None:
    point = ord(letter)
    for home, ranges in _RANGES.items():
        if any(first <= point <= last for first, last in ranges):
            return home
    return None
