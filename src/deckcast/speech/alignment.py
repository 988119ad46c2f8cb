"""When the words of a text are heard in a sound that somebody else spoke: found by our own voice's reading of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deckcast.kit.errors import CallError
from deckcast.kit.timing import VisemeTiming
from deckcast.speech import espeak_voices, mastering
from deckcast.speech.cues import Anchor
from deckcast.speech.espeak_library import SAMPLE_RATE
from deckcast.speech.espeak_reading import read_aloud
from deckcast.speech.mastering import Samples
from deckcast.speech.track import Track
from deckcast.speech.words import tokens

MODEL_WPM = 165
_MARGIN_S = 0.02  # between two anchors

Mark = tuple[int, float]
"""A character of a text, and the second at which it is heard."""


def model_of(text: str, language: str) -> Track:
    """Our own voice's reading of `text`, in English where we do not speak the language."""
    try:
        voice = espeak_voices.default_voice(language)
    except CallError:
        voice = espeak_voices.default_voice("en")
    track = Track(SAMPLE_RATE)
    read_aloud(track, text, range(len(text)), voice.id, MODEL_WPM, 0.0)
    return track


def timed(
    samples: Samples, rate: int, text: str, language: str, told: Sequence[Mark] = ()
) -> tuple[tuple[Mark, ...], tuple[VisemeTiming, ...]]:
    """Marks and mouth shapes for `samples`, in which `text` is heard. Between the marks that the engine `told` our
    own voice's are stretched; the shapes cover the spoken part."""
    start, end = mastering.edges(samples, rate)
    model = model_of(text, language)
    if start == end or not model.count:
        return tuple(told), ()
    ours = [mark for heard in model.heard for mark in heard.marks]
    first, last = Anchor(0.0, start / rate), Anchor(model.now_s, end / rate)
    path = rising(first, last, between_marks(text, ours, told))
    marks = tuple(told) or tuple(
        (position, float(at_s))
        for (position, _), at_s in zip(ours, moved(path, [at_s for _, at_s in ours]), strict=True)
    )
    return marks, moved_visemes(path, model.visemes)


def between_marks(text: str, ours: Sequence[Mark], told: Sequence[Mark]) -> list[Anchor]:
    """An anchor for every word of the text that both mark."""
    words = tokens(text)
    places = [0] * (len(text) + 1)
    for number, word in enumerate(words):
        for at in range(word.start, word.end):
            places[at] = number
    first: dict[int, float] = {}
    for position, at_s in told:
        first.setdefault(places[min(max(position, 0), len(text))], at_s)
    found: dict[int, Anchor] = {}
    for position, at_s in ours:
        number = places[position]
        if number in first:
            found.setdefault(number, Anchor(at_s, first[number]))
    return [found[number] for number in sorted(found)]


def rising(first: Anchor, last: Anchor, found: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """The anchors from first to last, without those that would turn time back."""
    kept = [first]
    for each in found:
        if _follows(kept[-1], each) and _follows(each, last):
            kept.append(each)
    return (*kept, last)


def moved(path: Sequence[Anchor], seconds: Sequence[float]) -> list[float]:
    """Seconds of our own voice's reading moved along the anchors."""
    found: list[float] = np.interp(
        seconds, [each.model_s for each in path], [each.heard_s for each in path]
    ).tolist()
    return found


def moved_visemes(path: Sequence[Anchor], visemes: Sequence[VisemeTiming]) -> tuple[VisemeTiming, ...]:
    """Mouth shapes moved along the anchors."""
    starts = moved(path, [each.start_s for each in visemes])
    ends = moved(path, [each.end_s for each in visemes])
    return tuple(
        VisemeTiming(each.viseme, start_s, end_s, each.stressed)
        for each, start_s, end_s in zip(visemes, starts, ends, strict=True)
        if end_s > start_s
    )


def _follows(one: Anchor, other: Anchor) -> bool:
    return other.model_s >= one.model_s + _MARGIN_S and other.heard_s >= one.heard_s + _MARGIN_S
