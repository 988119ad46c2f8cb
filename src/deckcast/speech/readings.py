"""How figures are read aloud: `$4.5M` as 4.5 million dollars, `2021–2023` as 2021 to 2023.

Only where the language's words are known; elsewhere the engine's own reading stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A language's words; pairs are one and many. `of` joins a million and what is counted."""

    thousand: str
    million: tuple[str, str]
    billion: tuple[str, str]
    dollar: tuple[str, str]
    euro: tuple[str, str]
    pound: tuple[str, str]
    to: str
    times: str
    number: str
    less: str
    more: str
    of: str = " "
    of_vowel: str = ""


def _words(line: str, of: str = " ", of_vowel: str = "") -> Words:
    thousand, million, billion, dollar, euro, pound, to, times, number, less, more = line.split(", ")

    def pair(forms: str) -> tuple[str, str]:
        one, _, many = forms.partition("/")
        return one, many or one

    return Words(
        thousand, pair(million), pair(billion), pair(dollar), pair(euro), pair(pound),
        to, times, number, less, more, of, of_vowel or of,
    )  # fmt: skip


_LANGUAGES = {
    "en": _words(
        "thousand, million, billion, dollar/dollars, euro/euros, pound/pounds, "
        "to, times, number, less than, more than"
    ),
    "de": _words(
        "tausend, Million/Millionen, Milliarde/Milliarden, Dollar, Euro, Pfund, "
        "bis, mal, Nummer, kleiner als, größer als"
    ),
    "fr": _words(
        "mille, million/millions, milliard/milliards, dollar/dollars, euro/euros, livre/livres, "
        "à, fois, numéro, inférieur à, supérieur à",
        of=" de ",
        of_vowel=" d’",
    ),
    "es": _words(
        "mil, millón/millones, mil millones, dólar/dólares, euro/euros, libra/libras, "
        "a, veces, número, menos de, más de",
        of=" de ",
    ),
    "it": _words(
        "mila, milione/milioni, miliardo/miliardi, dollaro/dollari, euro, sterlina/sterline, "
        "a, volte, numero, meno di, più di",
        of=" di ",
    ),
    "pt": _words(
        "mil, milhão/milhões, bilhão/bilhões, dólar/dólares, euro/euros, libra/libras, "
        "a, vezes, número, menos de, mais de",
        of=" de ",
    ),
    "nl": _words("duizend, miljoen, miljard, dollar, euro, pond, tot, keer, nummer, minder dan, meer dan"),
    "sv": _words(
        "tusen, miljon/miljoner, miljard/miljarder, dollar, euro, pund, till, gånger, nummer, mindre än, mer än"
    ),
    "da": _words(
        "tusind, million/millioner, milliard/milliarder, dollar, euro, pund, "
        "til, gange, nummer, mindre end, mere end"
    ),
    "nb": _words(
        "tusen, million/millioner, milliard/milliarder, dollar, euro, pund, "
        "til, ganger, nummer, mindre enn, mer enn"
    ),
}

_N = r"\d+(?:[.,]\d+)*"
_MAGNITUDE = r"(?P<size>[kK]|[mM]|mn|[Mm]io\.?|[bB]n?|[Mm]rd\.?)(?!\w)"
_SIGNED = re.compile(rf"(?P<sign>(?:US)?\$|€|£)\s?(?P<n>{_N})(?:\s?{_MAGNITUDE})?(?![\d%])")
_TRAILING = re.compile(rf"(?<![\w.,])(?P<n>{_N})(?:\s?{_MAGNITUDE})?\s?(?P<sign>\$|€|£)(?!\w)")
_COUNTED = re.compile(
    r"(?<![\w.,])(?P<n>\d+(?:[.,]\d+)*)(?P<size>k|bn|(?<=\d\d)K|(?<=\.\d)K|(?<!\b3)M|B)(?!\w)"
)
_RANGE = re.compile(r"(?:(?<=\d)|(?<=\d[kKMB%]))–(?=(?:[$€£]|[A-Z]{1,2})?\d)|(?<=\b\d{4})-(?=\d{4}(?![\d-]))")
_TIMES = re.compile(rf"(?<![\w.,])(?P<n>{_N})\s?[x×](?!\w)")
_NUMBERED = re.compile(r"(?<!\w)#(?=\d)")
_COMPARED = re.compile(r"(?P<sign>[<>])\s?(?=[$€£]?\d)")
_MINUS = re.compile(r"[−–](?=\d)")

Change = Callable[[re.Match[str]], str]


def read(text: str, source: list[int], language: str) -> tuple[str, list[int]]:
    """Put figures into words; `source` (an index in the written text per character) follows every change."""
    table = _LANGUAGES.get(language.lower().split("-")[0])
    if table is not None:
        for pattern, change in _changes(table):
            text, source = _replaced(text, source, pattern, change)
    return _replaced(text, source, _MINUS, lambda match: "-" if _begins(match) else match[0])


def _changes(table: Words) -> list[tuple[re.Pattern[str], Change]]:
    return [
        (_RANGE, lambda _: f" {table.to} "),
        (_COMPARED, lambda match: f"{table.less if match['sign'] == '<' else table.more} "),
        (_SIGNED, lambda match: _amount(match, table)),
        (_TRAILING, lambda match: _amount(match, table)),
        (_COUNTED, lambda match: f"{match['n']} {_size(match, table)}"),
        (_TIMES, lambda match: f"{match['n']} {table.times}"),
        (_NUMBERED, lambda _: f"{table.number} "),
    ]


def _amount(match: re.Match[str], table: Words) -> str:
    one = match["n"] == "1" and not match["size"]
    names = {"$": table.dollar, "€": table.euro, "£": table.pound}[match["sign"][-1]]
    size = _size(match, table)
    name = names[0 if one else 1]
    joint = " "
    if size and size != table.thousand:
        joint = table.of_vowel if name[0] in "aeiou" else table.of
    return f"{match['n']}{' ' + size if size else ''}{joint}{name}"


def _size(match: re.Match[str], table: Words) -> str:
    letter = (match["size"] or "").lower()
    if not letter:
        return ""
    if letter == "k":
        return table.thousand
    names = table.billion if letter[0] == "b" or letter.startswith("mrd") else table.million
    return names[0 if match["n"] == "1" else 1]


def _begins(match: re.Match[str]) -> bool:
    before = match.string[: match.start()][-1:]
    return not before.isalnum()


def _replaced(
    text: str, source: list[int], pattern: re.Pattern[str], change: Change
) -> tuple[str, list[int]]:
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for match in pattern.finditer(text):
        new = change(match)
        here = source[match.start() : match.end()]
        pieces += [text[done : match.start()], new]
        places += source[done : match.start()]
        places += [
            here[min(len(here) - 1, index * len(here) // max(1, len(new)))] for index in range(len(new))
        ]
        done = match.end()
    return "".join([*pieces, text[done:]]), places + source[done:]
