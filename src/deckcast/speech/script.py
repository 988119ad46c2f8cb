"""What an engine is given to say, line by line: marks taken out, words as they are pronounced, long texts cut."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from deckcast.kit.errors import WorkError
from deckcast.kit.marks import Marked, Pause, parse
from deckcast.speech.ports import SpeechCapabilities, SpeechRequest
from deckcast.speech.pronunciations import Said, pronounced
from deckcast.speech.sentences import pieces
from deckcast.speech.spoken import speakable

_STITCH_CHARS = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One request to an engine: the characters `start..end` of the plain text, and what is `said` for them.

    `source` holds for each character of `said` its character of the plain text; `pause_s` is the silence after
    the line. `emphases` (start, end) and `pauses` (before which character, seconds) are in characters of `said`
    and only there where the engine understands such marks. `before` and `after` are what is said around the
    line, for engines that stitch.
    """

    start: int
    end: int
    said: str
    source: tuple[int, ...]
    pause_s: float = 0.0
    before: str = ""
    after: str = ""
    emphases: tuple[tuple[int, int], ...] = ()
    pauses: tuple[tuple[int, float], ...] = ()


def lines(request: SpeechRequest, capabilities: SpeechCapabilities) -> tuple[Line, ...]:
    """The request's text as lines that the engine takes, in order; every word of the plain text
    (`kit.marks.parse(request.text).text`) belongs to one of them.

    Pauses before the first word and after the last are left out: a speech begins and ends with sound.
    Raises WorkError `nothing_to_say`.
    """
    marked = parse(request.text)
    said = pronounced(marked.text, request.pronunciations, [pause.offset for pause in marked.pauses])
    pauses = _pauses(marked, said)
    cuts = [] if capabilities.pauses else pauses
    spans = _spans(said.text, cuts, capabilities.max_chars or len(said.text) + 1)
    spans = _joined(said.text, spans)
    if not spans:
        raise WorkError(
            "nothing_to_say",
            "The narrative holds no words that could be spoken.",
            next_step="Write a narrative for this slide, or leave it silent.",
        )
    emphases = _emphases(marked, said) if capabilities.emphasis else []
    inside = pauses if capabilities.pauses else []
    return tuple(_line(said, span, emphases, inside) for span in spans)


_Span = tuple[int, int, float]
"""Characters of the said text, and the pause after them."""


def _line(said: Said, span: _Span, emphases: list[tuple[int, int]], pauses: list[tuple[int, float]]) -> Line:
    start, end, pause_s = span
    return Line(
        start=said.source[start],
        end=said.source[end - 1] + 1,
        said=said.text[start:end],
        source=said.source[start:end],
        pause_s=pause_s,
        before=said.text[max(0, start - _STITCH_CHARS) : start].strip(),
        after=said.text[end : end + _STITCH_CHARS].strip(),
        emphases=tuple(
            (max(first, start) - start, min(last, end) - start)
            for first, last in emphases
            if first < end and last > start
        ),
        pauses=tuple((at - start, seconds) for at, seconds in pauses if start < at < end),
    )


def _spans(text: str, cuts: list[tuple[int, float]], longest: int) -> list[_Span]:
    """Cut at the pauses, and where that is too long still, at sentences."""
    spans: list[_Span] = []
    start = 0
    for end, pause_s in [*cuts, (len(text), 0.0)]:
        whole = _packed(text, start, end, longest)
        if whole:
            spans += [*whole[:-1], (*whole[-1][:2], max(whole[-1][2], pause_s))]
        elif spans:
            spans[-1] = (*spans[-1][:2], spans[-1][2] + pause_s)
        start = end
    return spans


def _packed(text: str, start: int, end: int, longest: int) -> list[_Span]:
    """Whole sentences, as many at once as the engine takes."""
    packed: list[_Span] = []
    for piece in pieces(text[start:end], longest):
        first, last = start + piece.start, start + piece.end
        if packed and last - packed[-1][0] <= longest:
            packed[-1] = (packed[-1][0], last, piece.pause_s)
        else:
            packed.append((first, last, piece.pause_s))
    return packed


def _joined(text: str, spans: list[_Span]) -> list[_Span]:
    """Without the spans that hold no words (their pauses go to the one before) and without spaces at the ends.
    No pause after the last."""
    kept: list[_Span] = []
    for start, end, pause_s in spans:
        if any(speakable(letter) for letter in text[start:end]):
            bare = text[start:end].strip()
            first = text.index(bare, start)
            kept.append((first, first + len(bare), pause_s))
        elif kept:
            kept[-1] = (*kept[-1][:2], kept[-1][2] + pause_s)
    return [*kept[:-1], (*kept[-1][:2], 0.0)] if kept else []


def _pauses(marked: Marked, said: Said) -> list[tuple[int, float]]:
    """The pauses by character of the said text, those at one place added up."""
    found: dict[int, float] = {}
    for pause in marked.pauses:
        at = _place(said, pause)
        found[at] = found.get(at, 0.0) + pause.seconds
    return sorted(found.items())


def _place(said: Said, pause: Pause) -> int:
    return bisect_left(said.source, pause.offset)


def _emphases(marked: Marked, said: Said) -> list[tuple[int, int]]:
    found = [
        (bisect_left(said.source, each.start), bisect_left(said.source, each.end)) for each in marked.emphases
    ]
    return [(start, end) for start, end in found if start < end]
