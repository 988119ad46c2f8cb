"""Cutting a text into pieces to speak one by one, without losing a character."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_PIECE = 300
SENTENCE_PAUSE_S = 0.36
PARAGRAPH_PAUSE_S = 0.55
PHRASE_PAUSE_S = 0.14
_JOIN_PAUSE_S = 0.0

_CLOSERS = "\"'”’»›)\\]」』）】"
_END = re.compile(rf"[.!?…]+[{_CLOSERS}]*(?=\s)|[。！？｡．؟۔।॥።፧։။។]+[{_CLOSERS}]*\s?|\n+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'„“«])(?:\w|\d{1,2}|(?:\w\.\s?)+\w|Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|etc|No|Nr|Inc|Ltd|Co|Corp|approx|ca|"
    r"bzw|usw|ggf|inkl|zzgl|Abb|Bd|Hr|Fr|Mio|Mrd|Tsd|Str|Tel|evtl|Sra|Sr|Dra|pág|art|env|M|Mme|Mlle|cf|dott|sig|"
    r"bijv|enz|dhr|mevr|núm|Fig|fig|Vol|pp?)\.$",
    re.IGNORECASE,
)
_SOFT = re.compile(r"[,;:，、；：،؛]\s?")


@dataclass(frozen=True, slots=True)
class Piece:
    """The characters `start..end` of a text, spoken at once, and the pause that follows."""

    start: int
    end: int
    pause_s: float


def pieces(text: str, longest: int = LONGEST_PIECE) -> list[Piece]:
    """Cut at sentences and paragraphs, and sentences of more than `longest` characters at commas or spaces;
    the pieces cover the text."""
    found: list[Piece] = []
    start = 0
    for match in _END.finditer(text):
        paragraph = "\n" in match[0]
        if (
            not paragraph
            and match[0] == "."
            and _ABBREVIATION.search(text[max(0, match.end() - 14) : match.end()])
        ):
            continue
        if match.end() > start:
            pause = PARAGRAPH_PAUSE_S if paragraph else SENTENCE_PAUSE_S
            found.extend(_shortened(text, Piece(start, match.end(), pause), longest))
            start = match.end()
    if start < len(text):
        found.extend(_shortened(text, Piece(start, len(text), 0.0), longest))
    return found


def _shortened(text: str, piece: Piece, longest: int) -> list[Piece]:
    parts: list[Piece] = []
    start = piece.start
    while piece.end - start > longest:
        window = text[start : start + longest]
        soft = [match.end() for match in _SOFT.finditer(window) if match.end() > longest // 3]
        space = window.rfind(" ") + 1
        cut = soft[-1] if soft else space or longest
        parts.append(Piece(start, start + cut, PHRASE_PAUSE_S if soft else _JOIN_PAUSE_S))
        start += cut
    parts.append(Piece(start, piece.end, piece.pause_s))
    return parts
