"""When the words of a text are heard in a sound that somebody else spoke: our own voice reads the same text, and its
times are moved along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deckcast.kit.errors import CallError
from deckcast.kit.timing import Viseme, VisemeTiming
from deckcast.speech import espeak_voices, mastering
from deckcast.speech.espeak_library import SAMPLE_RATE
from deckcast.speech.espeak_reading import read_aloud
from deckcast.speech.mastering import Samples
from deckcast.speech.spectra import HOP_S, runs, spectra
from deckcast.speech.track import Track
from deckcast.speech.warping import warped
from deckcast.speech.words import tokens

_WPM, _SLOWEST_WPM, _FASTEST_WPM = 165, 80, 330
_ALIKE = 0.08  # paces that differ by less need no second reading
_KEPT_MODEL, _KEPT_HEARD = 4, 12  # frames that stay of a silence: how long pauses are is everyone's own
_CLOSED_S = 0.15  # a silence as long as this is a pause, with the mouth closed
_HARDLY_S = 0.06  # no word is as short
_THROATS = (0.85, 0.92, 1.0, 1.08, 1.17)  # tried on the first half minute: a child's, a woman's, a man's
_TRIED = 3000  # frames
_MARGIN_S = 0.02  # between two told times

Mark = tuple[int, float]
"""A character of a text, and the second at which it is heard."""
Pause = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of our own voice's reading (`model_s`, rising) and the seconds at which the same is heard."""

    model_s: NDArray[np.floating]
    heard_s: NDArray[np.floating]

    def moved(self, seconds: Sequence[float]) -> list[float]:
        """When seconds of the reading are heard."""
        found: list[float] = np.interp(seconds, self.model_s, self.heard_s).tolist()
        return found


def timed(
    samples: Samples, rate: int, text: str, language: str, told: Sequence[Mark] = ()
) -> tuple[tuple[Mark, ...], tuple[VisemeTiming, ...]]:
    """Marks and mouth shapes for `samples`, in which `text` is heard, in order. Between the marks that the engine
    `told` our own voice's times are stretched; without them they are found by how the two sound, or, in a language
    that we do not speak, spread. The shapes cover the spoken part."""
    start, end = mastering.edges(samples, rate)
    voice, speaks = _voice(language)
    model = reading(text, voice)
    if start == end or not model.count:
        return tuple(told), ()
    heard, silent = spectra(samples[start:end], rate)
    pauses = [(a * HOP_S, b * HOP_S) for a, b in runs(silent) if (b - a) * HOP_S >= _CLOSED_S]
    if told:
        begin_s = start / rate
        shifted = [(position, at_s - begin_s) for position, at_s in told]
        times = _told(model, (end - start) / rate, text, shifted, pauses)
    elif not speaks:
        times = Times(np.array([0.0, model.now_s]), np.array([0.0, (end - start) / rate]))
    else:
        pace = _pace(model, silent)
        if abs(pace - 1) > _ALIKE:
            model = reading(text, voice, round(min(_FASTEST_WPM, max(_SLOWEST_WPM, _WPM * pace))))
        times = _aligned(model, heard, silent)
    marks, shapes = _moved(model, times, pauses)
    return (
        tuple(told) or tuple((position, at_s + start / rate) for position, at_s in marks),
        tuple(
            VisemeTiming(each.viseme, each.start_s + start / rate, each.end_s + start / rate, each.stressed)
            for each in shapes
        ),
    )


def reading(text: str, voice: str, words_per_minute: int = _WPM) -> Track:
    """Our own voice's reading of `text`."""
    track = Track(SAMPLE_RATE)
    read_aloud(track, text, range(len(text)), voice, words_per_minute, 0.0)
    return track


def _voice(language: str) -> tuple[str, bool]:
    """Our voice for a BCP 47 tag, and whether it speaks the language: else it is an English one."""
    try:
        return espeak_voices.default_voice(language).id, True
    except CallError:
        return espeak_voices.default_voice("en").id, False


def _moved(model: Track, times: Times, pauses: Sequence[Pause]) -> tuple[list[Mark], list[VisemeTiming]]:
    ours = [mark for heard in model.heard for mark in heard.marks]
    starts = [_after(at_s, pauses) for at_s in times.moved([at_s for _, at_s in ours])]
    begins = times.moved([each.start_s for each in model.visemes])
    ends = times.moved([each.end_s for each in model.visemes])
    shapes = [
        VisemeTiming(each.viseme, start_s, end_s, each.stressed)
        for each, start_s, end_s in zip(model.visemes, begins, ends, strict=True)
        if end_s > start_s
    ]
    return (
        [(position, at_s) for (position, _), at_s in zip(ours, starts, strict=True)],
        closed_in(shapes, pauses),
    )


def closed_in(shapes: Sequence[VisemeTiming], pauses: Sequence[Pause]) -> list[VisemeTiming]:
    """Mouth shapes with the mouth closed in every pause."""
    found = [VisemeTiming(Viseme.SIL, start_s, end_s) for start_s, end_s in pauses]
    for shape in shapes:
        start_s = shape.start_s
        for pause_s, until_s in pauses:
            if until_s <= start_s or pause_s >= shape.end_s:
                continue
            if pause_s > start_s:
                found.append(VisemeTiming(shape.viseme, start_s, pause_s, shape.stressed))
            start_s = until_s
        if start_s < shape.end_s:
            found.append(VisemeTiming(shape.viseme, start_s, shape.end_s, shape.stressed))
    return sorted(found, key=lambda shape: shape.start_s)


def _after(at_s: float, pauses: Sequence[Pause]) -> float:
    """A word that would begin in a pause, or hardly before one, begins after it."""
    return next((until_s for pause_s, until_s in pauses if pause_s - _HARDLY_S <= at_s < until_s), at_s)


def _pace(model: Track, silent: NDArray[np.bool_]) -> float:
    """How fast the heard voice speaks against ours, pauses left out."""
    closed_s = sum(end_s - start_s for heard in model.heard for start_s, end_s in heard.pauses)
    spoken_s = sum(heard.end_s - heard.start_s for heard in model.heard) - closed_s
    return spoken_s / max(0.1, float((~silent).sum()) * HOP_S)


def _aligned(model: Track, heard: NDArray[np.float32], silent: NDArray[np.bool_]) -> Times:
    their_frames = _without_long_silences(silent, _KEPT_HEARD)
    their, sound = heard[their_frames], np.concatenate(model.parts)
    part = min(1.0, _TRIED / len(their))
    tried, beginning = their[:_TRIED:3], sound[: round(part * len(sound))]
    throat = min(_THROATS, key=lambda throat: warped(tried, _frames(beginning, throat)[0][::3])[1])
    ours, our_frames = _frames(sound, throat)
    path, _ = warped(their, ours)
    first = np.searchsorted(path, np.arange(len(our_frames)), side="left")
    at = their_frames[np.minimum(first, len(their_frames) - 1)]
    return Times(our_frames * HOP_S, at * HOP_S)


def _frames(sound: Samples, throat: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Features of our own voice as if of another throat, and which frames they are of."""
    features, silent = spectra(sound, SAMPLE_RATE, throat)
    frames = _without_long_silences(silent, _KEPT_MODEL)
    return features[frames], frames


def _without_long_silences(silent: NDArray[np.bool_], kept: int) -> NDArray[np.int64]:
    """The frames to compare: of each silence only its beginning and its end."""
    wanted = np.ones(len(silent), np.bool_)
    for start, end in runs(silent):
        wanted[start + kept // 2 : max(start + kept // 2, end - kept // 2)] = False
    return np.flatnonzero(wanted)


def _told(model: Track, duration_s: float, text: str, told: Sequence[Mark], pauses: Sequence[Pause]) -> Times:
    """Times between the words that both mark; where the sound pauses before one, our pause is there too."""
    kept = [(0.0, 0.0)]
    ours = [mark for heard in model.heard for mark in heard.marks]
    rests = {each.end_s: each.start_s for each in model.visemes if each.viseme is Viseme.SIL}
    for model_s, heard_s in [*_pairs(text, ours, told), (model.now_s, duration_s)]:
        pause_s = next((start for start, end in pauses if abs(end - heard_s) < 0.1), None)
        rest_s = next(
            (start for end, start in rests.items() if abs(end - model_s) < 0.03), model_s - _MARGIN_S
        )
        if pause_s is not None and rest_s > kept[-1][0] and pause_s > kept[-1][1]:
            kept.append((rest_s, pause_s))
        if model_s >= kept[-1][0] + _MARGIN_S / 2 and heard_s >= kept[-1][1] + _MARGIN_S / 2:
            kept.append((model_s, heard_s))
    return Times(np.array([each[0] for each in kept]), np.array([each[1] for each in kept]))


def _pairs(text: str, ours: Sequence[Mark], told: Sequence[Mark]) -> list[tuple[float, float]]:
    """The times of every word of the text that both mark, ours first."""
    places = np.zeros(len(text) + 1, int)
    for number, word in enumerate(tokens(text)):
        places[word.start :] = number
    first: dict[int, float] = {}
    for position, at_s in told:
        first.setdefault(int(places[min(max(position, 0), len(text))]), at_s)
    found: dict[int, tuple[float, float]] = {}
    for position, at_s in ours:
        number = int(places[position])
        if number in first:
            found.setdefault(number, (at_s, first[number]))
    return [found[number] for number in sorted(found)]
