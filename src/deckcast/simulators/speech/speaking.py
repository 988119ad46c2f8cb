"""Real speech for the simulated services, by the built-in engine, and exactly when each character is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deckcast.kit.errors import CallError
from deckcast.kit.timing import Viseme, VisemeTiming
from deckcast.speech import espeak_voices, mastering, phonemes
from deckcast.speech.espeak_library import SAMPLE_RATE, Utterance, library
from deckcast.speech.sentences import pieces

RATE = 48_000
_EDGE_S = 0.12  # of silence before and after, as services send it
_VARIANTS = {"female": ("f2", "f4", "f1"), "male": ("", "m3", "m7")}


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text, and the silence after it."""

    text: str
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sound:
    """Speech at 48 kHz, mono. `times` has (start, end) of every character of all passages in seconds; `visemes`
    the mouth shapes."""

    samples: NDArray[np.int16]
    times: tuple[tuple[float, float], ...]
    visemes: tuple[VisemeTiming, ...]

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


@lru_cache(maxsize=64)
def speech(passages: tuple[Passage, ...], language: str, gender: str, which: int, wpm: int) -> Sound:
    """Speak the passages in a language (BCP 47; one that is not spoken sounds English), in one of several voices
    of a gender."""
    voice = _voice(language, _VARIANTS[gender][which % 3])
    parts: list[NDArray[np.float32]] = []
    times: list[tuple[float, float]] = []
    shapes: list[VisemeTiming] = []
    _rest(parts, shapes, _EDGE_S)
    for passage in passages:
        for piece in pieces(passage.text):
            at_s = _rest(parts, shapes, 0.0)
            text = passage.text[piece.start : piece.end]
            said = library().synthesize(voice, text, wpm, 66)
            times += _times(said, len(text), at_s)
            shapes += phonemes.visemes(said.phones, len(said.samples), at_s)
            parts.append(said.samples)
            _rest(parts, shapes, piece.pause_s)
        _rest(parts, shapes, passage.pause_s)
    _rest(parts, shapes, _EDGE_S)
    samples = mastering.resampled(np.concatenate(parts), SAMPLE_RATE)
    return Sound(
        np.asarray(np.clip(samples, -1, 1) * 32767, np.int16), tuple(times), tuple(phonemes.merged(shapes))
    )


def _rest(parts: list[NDArray[np.float32]], shapes: list[VisemeTiming], pause_s: float) -> float:
    """Add silence, with the mouth closed; returns how long all is by then."""
    start_s = sum(len(part) for part in parts) / SAMPLE_RATE
    if pause_s <= 0:
        return start_s
    parts.append(np.zeros(round(pause_s * SAMPLE_RATE), np.float32))
    shapes.append(VisemeTiming(Viseme.SIL, start_s, start_s + pause_s))
    return start_s + pause_s


def _voice(language: str, variant: str) -> str:
    try:
        code, _ = espeak_voices.parts(espeak_voices.default_voice(language).id)
    except CallError:
        code = "en-us"
    return espeak_voices.engine_name(code, variant)


def _times(said: Utterance, length: int, at_s: float) -> list[tuple[float, float]]:
    """The characters of one utterance: words begin where the engine says, their letters share the time."""
    end_s = at_s + len(said.samples) / SAMPLE_RATE
    known = {0: at_s}
    for mark in said.marks:
        second = at_s + mark.start / SAMPLE_RATE
        if max(known) < mark.position < length and second >= known[max(known)]:
            known[mark.position] = second
        elif mark.position == 0:
            known[0] = second
    known[length] = max(end_s, max(known.values()))
    return [
        (_share(known, left, right, index), _share(known, left, right, index + 1))
        for left, right in pairwise(sorted(known))
        for index in range(left, right)
    ]


def _share(known: dict[int, float], left: int, right: int, index: int) -> float:
    return known[left] + (known[right] - known[left]) * (index - left) / (right - left)


def language_of(text: str) -> str:
    """The language of a text, for services that are not told it."""
    return str(_classifier().classify(text)[0])


@cache
def _classifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


def cut(sound: Sound, share: float) -> Sound:
    """The first part of it."""
    kept = round(len(sound.samples) * share)
    return Sound(sound.samples[:kept], sound.times, sound.visemes)


def stretched(seconds: Sequence[float]) -> list[float]:
    """Times that cannot be: beyond the sound, and out of order."""
    return [second * 3 + (5 if index % 3 == 0 else 0) for index, second in enumerate(seconds)]
