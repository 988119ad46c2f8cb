"""From viseme times to the mouth of every frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deckcast.avatars.local.rig import VISEMES
from deckcast.kit.timing import SpeechTimings, Viseme, VisemeTiming

FPS = 25
LIP_LEAD_S = 0.045
"""How far the lips run ahead of the sound: people form a sound before it is heard."""

_SMOOTHING_S = 0.055
_STEPS_PER_S = 1000
_CLOSING = (Viseme.PP, Viseme.FF)
_INDEX = {viseme: i for i, viseme in enumerate(VISEMES)}


def mouth_track(timings: SpeechTimings | None, frames: int, lead_s: float) -> NDArray[np.float64]:
    """How much of each viseme every frame shows: (frames, 15), rows sum to 1, in the order of `VISEMES`.

    Frame i stands for the middle of its 40 ms. The sound starts `lead_s` into the video, the lips `LIP_LEAD_S`
    before it. Steps are smoothed by a 55 ms Hann window; p, b, m, f and v always close the mouth in one frame.
    """
    weights = np.zeros((frames, len(VISEMES)))
    weights[:, _INDEX[Viseme.SIL]] = 1.0
    visemes = timings.visemes if timings else ()
    if not visemes or not frames:
        return weights
    shift_s = lead_s - LIP_LEAD_S
    steps = _steps(visemes, shift_s, frames)
    centres = ((np.arange(frames) + 0.5) / FPS * _STEPS_PER_S).astype(int) + _half()
    window = np.hanning(2 * _half() + 3)[1:-1]
    window /= window.sum()
    around = centres[:, None] + np.arange(-_half(), _half() + 1)[None, :]
    held = steps[around]
    for index in range(len(VISEMES)):
        weights[:, index] = (held == index) @ window
    _close(weights, visemes, shift_s)
    return weights


def _half() -> int:
    return round(_SMOOTHING_S * _STEPS_PER_S / 2)


def _steps(visemes: tuple[VisemeTiming, ...], shift_s: float, frames: int) -> NDArray[np.int64]:
    """The viseme held at every millisecond, with room for the window at both ends."""
    length = round(frames / FPS * _STEPS_PER_S) + 2 * _half() + 1
    steps = np.full(length, _INDEX[Viseme.SIL], dtype=np.int64)
    for item in visemes:
        start = round((item.start_s + shift_s) * _STEPS_PER_S) + _half()
        end = round((item.end_s + shift_s) * _STEPS_PER_S) + _half()
        steps[max(start, 0) : max(end, 0)] = _INDEX[item.viseme]
    return steps


def _close(weights: NDArray[np.float64], visemes: tuple[VisemeTiming, ...], shift_s: float) -> None:
    for item in visemes:
        if item.viseme in _CLOSING:
            frame = int((0.5 * (item.start_s + item.end_s) + shift_s) * FPS)
            if 0 <= frame < len(weights):
                weights[frame] = 0.0
                weights[frame, _INDEX[item.viseme]] = 1.0
