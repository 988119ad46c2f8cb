"""Dynamic time warping: which frame of one sound belongs to each frame of another that says the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deckcast.speech.spectra import Features

_STEPS = 4  # a frame of the heard sound moves 0 to 3 frames on in the model
_PENALTIES = (0.7, 0.0, 0.5, 1.5)
_NARROWEST = 250  # frames to each side of the straight line
_WIDEST = 800
_SHARE = 0.08

Frames = NDArray[np.int32]


def warped(heard: Features, model: Features) -> tuple[Frames, float]:
    """For each frame of `heard` the frame of `model`, and how unlike they are, a frame; it never goes back, begins
    at the first and ends at the last.

    Memory and time grow with the length times the band, which is at most 16 s wide.
    """
    reach = int(min(_WIDEST, max(_NARROWEST, _SHARE * len(model))))
    lows = _lows(len(heard), len(model), reach)
    width = min(len(model), 2 * reach + 1)
    choices = np.zeros((len(heard), width), np.int8)
    squares = np.einsum("ij,ij->i", model, model)
    costs = np.full(width, np.inf, np.float32)
    for row in range(len(heard)):
        low = lows[row]
        part = model[low : low + width]
        square = float(heard[row] @ heard[row])
        far = np.sqrt(np.maximum(squares[low : low + width] + square - 2 * (part @ heard[row]), 0))
        if row == 0:
            costs = np.where(np.arange(low, low + width) == 0, far, np.inf).astype(np.float32)
            continue
        costs, choices[row] = _one_row(costs, low - lows[row - 1], far)
    return _path(choices, lows, len(model), costs)


def _one_row(
    before: NDArray[np.float32], shift: int, far: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """The cheapest way to each frame of the row, and how many frames it moved on for it."""
    width = len(before)
    padded = np.full(width + _STEPS - 1 + shift, np.inf, np.float32)
    padded[_STEPS - 1 : _STEPS - 1 + width] = before
    best = padded[shift + _STEPS - 1 : shift + _STEPS - 1 + width] + np.float32(_PENALTIES[0])
    choice = np.zeros(width, np.int8)
    for step in range(1, _STEPS):
        other = padded[shift + _STEPS - 1 - step : shift + _STEPS - 1 - step + width]
        other = other + np.float32(_PENALTIES[step])
        better = other < best
        best = np.where(better, other, best)
        choice[better] = step
    return best + far, choice


def _lows(heard: int, model: int, reach: int) -> list[int]:
    """The first frame of the band for each row: around the straight line from start to end."""
    width = min(model, 2 * reach + 1)
    centres = np.linspace(0, model - 1, heard)
    found: list[int] = np.clip(np.round(centres) - reach, 0, model - width).astype(int).tolist()
    return found


def _path(
    choices: NDArray[np.int8], lows: list[int], model: int, costs: NDArray[np.float32]
) -> tuple[Frames, float]:
    path = np.zeros(len(lows), np.int32)
    last = model - 1 - lows[-1]
    if not np.isfinite(costs[last]):  # far more is heard than the steps can reach: as far as they go
        last = int(np.flatnonzero(np.isfinite(costs))[-1])
    at = lows[-1] + last
    for row in range(len(lows) - 1, -1, -1):
        path[row] = at
        at -= int(choices[row, at - lows[row]])
    return path, float(costs[last]) / len(lows)
