"""From written text to what the engine may be given: nothing is a command, every sign keeps its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from deckcast.speech.readings import read

_ADDRESS = re.compile(
    r"(?P<scheme>(?:https?://)?www\.|https?://)(?P<host>[^\s/?#<>\"')\]]+)(?P<rest>[^\s<>\"')\]]*)", re.I
)
_RUN = re.compile(r"([^\w\s])\1{1,}")
_QUIET = frozenset('*_`^|~\\[]{}<>"«»„“”‟‹›#•‣▪▫●○◦■□◆◇►▶→←↑↓⇒⇐➔➜➢✓✔✗✘…')
_PAUSE = {"–": ",", "—": ",", "―": ",", "|": ",", "→": ",", "⇒": ",", "➔": ",", "➜": ",", "…": "."}
_SPOKEN_SIGNS = frozenset("&%‰€$£¥₹₽₩+=@°§±×÷№µ½¼¾²³™®©")
_COMPATIBLE = re.compile("[\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffdc]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Text for the engine, and for each of its characters the index in the written text."""

    text: str
    source: tuple[int, ...]


def spoken(written: str, language: str = "") -> Spoken:
    """Make `written` safe and pleasant to speak.

    Control characters, emoji, bullets and markup signs become spaces, dashes pauses, addresses their bare
    domain, accents and compatibility letters are composed; figures are put into words where `language` (a
    tag or espeak's code) has them.
    """
    characters: list[str] = []
    source: list[int] = []
    for start, end in _clusters(written):
        for character in _composed(written[start:end]):
            characters.append(_allowed(character))
            source.append(start)
    text, source = read("".join(characters), source, language)
    text = _ADDRESS.sub(_domain, text)
    text = _RUN.sub(lambda run: run[1] + " " * (len(run[0]) - 1), text)
    text = re.sub(r"(?<=[^\W\d])/(?=[^\W\d])|(?<=\b24)/(?=7\b)", " ", text)
    return Spoken(_quietened(text), tuple(source))


def speakable(character: str) -> bool:
    """Whether a character by itself is heard: letters, digits and signs such as % and &."""
    return character.isalnum() or character in _SPOKEN_SIGNS


def _clusters(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for index, character in enumerate(text):
        if spans and unicodedata.combining(character):
            spans[-1] = (spans[-1][0], index + 1)
        else:
            spans.append((index, index + 1))
    return spans


def _composed(cluster: str) -> str:
    form = "NFKC" if _COMPATIBLE.search(cluster) else "NFC"
    return unicodedata.normalize(form, cluster)  # type: ignore[arg-type]


def _allowed(character: str) -> str:
    if character in "\n\r\v\f\x85\u2028\u2029":
        return "\n"
    category = unicodedata.category(character)
    if category in ("Cc", "Cs", "Co", "Cn", "Zs"):
        return " "
    if category == "Cf":
        return character if character in "\u200c\u200d" else " "  # joiners shape Persian and Indic words
    if category == "So" and character not in _SPOKEN_SIGNS and character not in _QUIET:
        return " "
    return " " if character == "\ufe0f" else character


def _domain(match: re.Match[str]) -> str:
    host = match["host"].rstrip(".,;:!?")
    tail = match["host"][len(host) :] + match["rest"]
    ending = tail[-1] if tail and tail[-1] in ".,;:!?" else ""
    return " " * len(match["scheme"]) + host + ending + " " * (len(tail) - len(ending))


def _quietened(text: str) -> str:
    out: list[str] = []
    for index, character in enumerate(text):
        if (character in "<>" and _is_compared(text, index)) or _is_number_sign(text, index):
            out.append(character)
        elif character in _PAUSE and not _joins_digits(text, index):
            out.append(_PAUSE[character])
        elif character in _QUIET:
            out.append(" ")
        else:
            out.append(character)
    return "".join(out)


def _is_compared(text: str, index: int) -> bool:
    """`a < b`, `<5`: a comparison is spoken; a bracket of markup is not."""
    return re.match(r"[<>]\s?\d", text[index : index + 3]) is not None


def _is_number_sign(text: str, index: int) -> bool:
    return text[index] == "#" and text[index + 1 : index + 2].isdigit()


def _joins_digits(text: str, index: int) -> bool:
    return text[index - 1 : index].isdigit() and text[index + 1 : index + 2].isdigit()
