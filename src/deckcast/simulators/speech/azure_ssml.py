"""SSML, as far as the simulated service understands it: voice, prosody, break, emphasis, sub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from deckcast.simulators.speech.speaking import Passage

_MOST_BYTES = 64 * 1024
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_KNOWN = frozenset(("speak", "voice", "prosody", "break", "emphasis", "sub"))


class NotSsml(Exception):
    """The document cannot be spoken."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be said: the text and its passages between pauses, by whom, how much faster than usual, and how
    many characters are billed for it."""

    voice: str
    rate: float
    passages: tuple[Passage, ...]
    chars: int

    @property
    def text(self) -> str:
        """All that is said."""
        return "".join(passage.text for passage in self.passages)

    @property
    def words(self) -> list[tuple[int, int]]:
        """The words in the text: from, to."""
        return [match.span() for match in _WORD.finditer(self.text)]


def read(ssml: str) -> Document:
    """Read a document; raises NotSsml."""
    if len(ssml.encode()) > _MOST_BYTES:
        raise NotSsml("the document is larger than 64 KB")
    try:
        root: Element = fromstring(ssml)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise NotSsml(str(error)) from error
    tags = {_name(element) for element in root.iter()}
    voice = next((element for element in root if _name(element) == "voice"), None)
    if _name(root) != "speak" or voice is None or not tags <= _KNOWN:
        raise NotSsml("the document has to be a speak element with a voice, and known elements in it")
    prosody = next((element for element in voice.iter() if _name(element) == "prosody"), None)
    inside = ssml.partition("<voice")[2].partition(">")[2].rpartition("</voice>")[0]
    wide = sum("\u2e80" <= letter <= "\ud7a3" or letter >= "\U00020000" for letter in inside)
    passages = _passages(voice)
    if not any(_WORD.search(passage.text) for passage in passages):
        raise NotSsml("there is nothing to say")
    return Document(voice.get("name", ""), _rate(prosody), passages, len(inside) + wide)


def _passages(voice: Element) -> tuple[Passage, ...]:
    passages: list[Passage] = []
    text = ""
    for piece in _pieces(voice):
        if isinstance(piece, float):
            passages.append(Passage(text, piece))
            text = ""
        else:
            text += piece
    return (*passages, Passage(text))


def _pieces(element: Element) -> Iterator[str | float]:
    """Texts, and seconds of silence, in order."""
    for child in [None, *element]:
        if child is None:
            yield element.text or ""
            continue
        if _name(child) == "break":
            yield _seconds(child.get("time", "500ms"))
        elif _name(child) == "sub":
            yield child.get("alias", "")
        else:
            yield from _pieces(child)
        yield child.tail or ""


def _seconds(time: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", time)
    if match is None:
        raise NotSsml(f"{time} is no time")
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    return min(seconds, 20.0)


def _rate(prosody: Element | None) -> float:
    text = prosody.get("rate", "+0%") if prosody is not None else "+0%"
    match = re.fullmatch(r"([+-]\d+)%", text)
    if match is None:
        raise NotSsml(f"{text} is no rate")
    return min(2.0, max(0.5, 1 + int(match[1]) / 100))


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
