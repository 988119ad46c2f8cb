"""Numbers as they are said or written: digits in every language, words where the language's table has them.

The tables lie in `numerals/`, one TOML file per language: number words, sizes (million), and the words that say
that a number is rounded (about, over, nearly).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from deckcast.narration.languages import primary

Rounding = Literal["exact", "about", "at_least", "at_most"]

_DIGITS = re.compile(
    r"(?<![\d.,])[-−–+]?\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?(?!\d)"  # 1 234,5
    r"|\d+(?:[.,]\d+)*"
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_TERMS = re.compile(
    r"[A-Za-z]+-?\d|\d+[A-Za-z]{1,2}\d|\d[DG]\b|\b24/7\b"
)  # CO2, B2B, 3D, 5G: names, not figures
_COUNTED_PERIOD = re.compile(r"(?:Q|H|T|KW|FY|CW)[ -]?$")
_NEAR_CHARS = 24


@dataclass(frozen=True, slots=True)
class Table:
    """A language's words for numbers."""

    words: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    letters: dict[str, float] = field(default_factory=dict)
    ands: tuple[str, ...] = ()
    glued: bool = False
    point: str = ""
    units: tuple[str, ...] = ()
    approximate: tuple[str, ...] = ()
    at_least: tuple[str, ...] = ()
    at_most: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: as it is written, what it may mean (`1.234` has two readings), how it is rounded.

    `mantissas` are the readings without the size behind them; `size` is 1 where there is none. `counts` is
    true for a small number in words without a unit: “these three points”.
    """

    written: str
    mantissas: tuple[float, ...]
    size: float = 1.0
    rounding: Rounding = "exact"
    counts: bool = False

    @property
    def values(self) -> tuple[float, ...]:
        """The readings with their size."""
        return tuple(value * self.size for value in self.mantissas)


def numbers(text: str, language: str) -> tuple[Number, ...]:
    """All numbers of a text, in order of their kind; signs are left out."""
    table = _table(primary(language))
    return (*_in_digits(text, table), *_in_words(text, table))


@cache
def _table(code: str) -> Table:
    file = resources.files("deckcast.narration").joinpath("numerals", f"{code}.toml")
    if not code.isalpha() or not file.is_file():
        return Table(letters={"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9})
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    values: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in data.items()
    }
    return Table(**values)


def _in_digits(text: str, table: Table) -> Iterator[Number]:
    names = [match.span() for match in _TERMS.finditer(text)]
    for match in _DIGITS.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        named = any(start <= match.start() < end for start, end in names)
        if named and not _COUNTED_PERIOD.search(before):
            continue
        size, end = _size_after(after, table)
        whole = text[match.start() : match.end() + end].strip()
        rounding = _rounding(before, after[end:], table)
        for part in _parts(match[0]):
            yield Number(whole, readings(part), size, rounding)


def _parts(digits: str) -> list[str]:
    """Dates, versions and lists of numbers (`12.03.2025`, `1,2,3`) are several numbers."""
    plain = digits.strip("-−–+")
    groups = re.split(r"[.,]", plain)
    same = len({mark for mark in plain if mark in ".,"}) == 1
    if len(groups) > 2 and same and not all(len(group) == 3 for group in groups[1:]):
        return [group for group in groups if group]
    return [plain]


def readings(digits: str) -> tuple[float, ...]:
    """What digits with separators may mean: `1,234` is 1234 and 1.234; `1,234.5` is one thing only."""
    plain = re.sub(r"[ \u00a0\u202f'’]", "", digits)
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return (float(plain),)
    thousands = float(re.sub(r"[.,]", "", plain))
    if len(set(marks)) == 2:
        head, _, tail = plain.rpartition(marks[-1])
        return (float(re.sub(r"[.,]", "", head) + "." + tail),)
    if len(marks) > 1:
        return (thousands,)
    decimal = float(plain.replace(",", "."))
    return (decimal, thousands) if re.search(r"[.,]\d{3}$", plain) else (decimal,)


def _size_after(after: str, table: Table) -> tuple[float, int]:
    """A million behind a number, and how many characters it takes."""
    for name in sorted(table.sizes, key=len, reverse=True):
        ending = "" if _signs(name) else r"(?![^\W\d_])"
        found = re.match(rf"[ \u00a0-]?{re.escape(name)}{ending}", after, re.I)
        if found:
            return table.sizes[name], found.end()
    for name, size in table.letters.items():
        found = re.match(rf"[ \u00a0]?{re.escape(name)}\.?(?![^\W_])", after)
        if found:
            return size, found.end()
    return 1.0, 0


def _signs(name: str) -> bool:
    return ord(name[0]) > 0x3000


def _rounding(before: str, after: str, table: Table) -> Rounding:
    near = before[-_NEAR_CHARS:].lower()
    if re.search(r"[~≈]\s?$", near):
        return "about"
    kinds: tuple[tuple[Rounding, tuple[str, ...]], ...] = (
        ("at_least", table.at_least), ("at_most", table.at_most), ("about", table.approximate)
    )  # fmt: skip
    for kind, words in kinds:
        if any(re.search(rf"(?<!\w){re.escape(word)}\s?(?:the |a |\$|€|£)?\s?$", near) for word in words):
            return kind
        if any(_signs(word) and near.endswith(word) for word in words):
            return kind
    behind = after[:12].lower()
    if any(
        re.match(rf"\W{{0,2}}(?:percent |%\s?)?{re.escape(word)}(?!\w)", behind) for word in ("or so", "左右")
    ):
        return "about"
    return "exact"


def _in_words(text: str, table: Table) -> Iterator[Number]:
    if not table.words:
        return
    tokens = [(match[0].lower(), match.start(), match.end()) for match in _WORD.finditer(text)]
    index = 0
    while index < len(tokens):
        used, mantissa, size = _longest(tokens, index, table, text)
        if not used:
            index += 1
            continue
        start, end = tokens[index][1], tokens[index + used - 1][2]
        following = tokens[index + used][0] if index + used < len(tokens) else ""
        small = (
            size == 1
            and mantissa <= 10
            and following not in table.units
            and text[end : end + 2].strip()[:1] != "%"
        )
        yield Number(text[start:end], (mantissa,), size, _rounding(text[:start], text[end:], table), small)
        index += used


def _longest(
    tokens: list[tuple[str, int, int]], index: int, table: Table, text: str
) -> tuple[int, float, float]:
    """How many words from `index` on make one number, its mantissa and the size behind it."""
    values: list[float | str] = []
    used = 0
    for offset, (word, start, _) in enumerate(tokens[index:]):
        gap = text[tokens[index + offset - 1][2] : start] if offset else ""
        if gap.strip(" \u00a0-"):
            break
        if word in table.ands and not _takes_and(values):
            break
        found = _value(word, table, after_number=bool(values))
        if found is None:
            break
        values += found
        if values[-1] != "and":
            used = offset + 1
    while values and values[-1] in ("and", "point"):
        values.pop()
    if not values:
        return 0, 0.0, 1.0
    return used, *_evaluated(values)


def _takes_and(values: list[float | str]) -> bool:
    """`one hundred and five` is one number, `ten and fifteen` are two."""
    return bool(values) and isinstance(values[-1], int | float) and values[-1] >= 100


def _value(word: str, table: Table, after_number: bool) -> list[float | str] | None:
    if word in table.words:
        return [table.words[word]]
    if word in table.sizes:
        return [table.sizes[word]] if after_number else None
    if after_number and word in table.ands and not table.glued:
        return ["and"]
    if after_number and word == table.point:
        return ["point"]
    if "-" in word and all(part in table.words for part in word.split("-")):
        return [table.words[part] for part in word.split("-")]
    glued = _unglued(word, table) if table.glued else None
    return None if glued is None else [glued]


def _unglued(word: str, table: Table) -> float | None:
    """German numbers are one word: `zweitausenddreihundertfünfundzwanzig`."""
    for name, size in (("tausend", 1000.0), ("hundert", 100.0)):
        head, middle, tail = word.partition(name)
        if middle:
            front = _unglued(head, table) if head and head != "ein" else 1.0
            back = _unglued(tail.removeprefix("und") if tail else "", table) if tail else 0.0
            return None if front is None or back is None or not (head or tail) else front * size + back
    if word in table.words:
        return table.words[word]
    ones, und, tens = word.partition("und")
    if und and tens in table.words and table.words[tens] >= 20:
        unit = 1.0 if ones == "ein" else table.words.get(ones)
        return table.words[tens] + unit if unit is not None and 1 <= unit <= 9 else None
    return None


def _evaluated(values: list[float | str]) -> tuple[float, float]:
    """`twenty five point five million` → (25.5, 1e6); `twenty twenty five` is a year."""
    size = 1.0
    if len(values) > 1 and isinstance(values[-1], float) and values[-1] >= 1e3:
        size, values = values[-1], values[:-1]
    if "point" in values:
        cut = values.index("point")
        digits = "".join(f"{value:g}" for value in values[cut + 1 :] if isinstance(value, (int, float)))
        return float(f"{_whole(values[:cut]):g}.{digits or 0}"), size
    return _whole(values), size


def _whole(values: list[float | str]) -> float:
    figures = [float(value) for value in values if not isinstance(value, str)]
    if _is_year(figures):
        return figures[0] * 100 + sum(figures[1:])
    total, group = 0.0, 0.0
    for value in figures:
        if value == 100:
            group = max(1.0, group) * 100
        elif value >= 1000:
            total, group = total + max(1.0, group) * value, 0.0
        else:
            group += value
    return total + group


def _is_year(figures: list[float]) -> bool:
    """`nineteen ninety nine`, `twenty twenty five`."""
    return (
        len(figures) in (2, 3)
        and figures[0] in (18, 19, 20)
        and 10 <= figures[1] < 100
        and (len(figures) == 2 or (figures[1] >= 20 and figures[2] < 10))
    )
