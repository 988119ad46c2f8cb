"""What a sound is like, frame by frame: a dozen numbers per hundredth of a second, alike for alike sounds whoever
speaks, and where it is silent."""

from __future__ import annotations

from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from deckcast.speech.mastering import Samples

HOP_S = 0.01
_RATE = 16_000
_HOP, _WINDOW, _SIZE = 160, 400, 512
_BANDS, _CEPSTRA = 26, 13
_LOWEST_HZ, _HIGHEST_HZ = 120.0, 7_000.0
_BLOCK = 4096
_FLOOR_DB = 60.0  # what is this far below the loudest frames is all the same
_SILENT_DB = 38.0
_SHORTEST_SILENCE = 9  # frames; the lips are closed for less in the middle of a word

Features = NDArray[np.float32]


def spectra(samples: Samples, rate: int, throat: float = 1.0) -> tuple[Features, NDArray[np.bool_]]:
    """A row of features for each 10 ms, and whether the frame is part of a silence. `throat` above 1 hears the
    sound as if of a longer throat, whose tones are all lower."""
    sound = _at_16_khz(samples, rate)
    count = max(1, len(sound) // _HOP)
    sound = np.pad(sound, (_WINDOW // 2, _WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP][:count]
    bands = np.empty((count, _BANDS), np.float32)
    for at in range(0, count, _BLOCK):
        power = np.abs(np.fft.rfft(windows[at : at + _BLOCK] * _taper(), _SIZE)) ** 2
        bands[at : at + _BLOCK] = power @ _filters(throat)
    level = 10 * np.log10(bands.sum(axis=1) + 1e-10)
    loudest = float(np.percentile(level, 95))
    silent = _silences(level < loudest - _SILENT_DB)
    decibels = 10 * np.log10(np.maximum(bands, 10 ** ((loudest - _FLOOR_DB) / 10) / _BANDS))
    cepstra = (decibels @ _cosines()).astype(np.float32)
    return _normal(cepstra, silent), silent


def runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where a stretch of true begins and ends, each."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _silences(quiet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found = np.zeros(len(quiet), np.bool_)
    for start, end in runs(quiet):
        if end - start >= _SHORTEST_SILENCE:
            found[start:end] = True
    return found


def _normal(cepstra: Features, silent: NDArray[np.bool_]) -> Features:
    """Without what is the speaker's and the microphone's own: mean 0 and spread 1 where something is said; with the
    change over 50 ms beside it."""
    spoken = cepstra[~silent] if not silent.all() else cepstra
    normal = (cepstra - spoken.mean(axis=0)) / (spoken.std(axis=0) + 1e-3)
    padded = np.pad(normal, ((2, 2), (0, 0)), mode="edge")
    change = (2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 5
    return np.concatenate([normal, change], axis=1).astype(np.float32)


def _at_16_khz(samples: Samples, rate: int) -> Samples:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
    parts: list[Samples] = [np.zeros(0, np.float32)]
    for start in range(0, len(samples), 1 << 16):
        piece = np.ascontiguousarray(samples[None, start : start + (1 << 16)], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate = rate
        parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(parts).astype(np.float32)


@cache
def _taper() -> Samples:
    return np.hanning(_WINDOW).astype(np.float32)


@cache
def _filters(throat: float) -> Features:
    """Triangles, evenly spaced in mel."""
    edges = np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), _BANDS + 2)
    hertz = np.minimum(700 * (10 ** (edges / 2595) - 1) * throat, _RATE / 2 - 2 + np.arange(len(edges)) / 100)
    bins = np.fft.rfftfreq(_SIZE, 1 / _RATE)[:, None]
    rising = (bins - hertz[:-2]) / (hertz[1:-1] - hertz[:-2])
    falling = (hertz[2:] - bins) / (hertz[2:] - hertz[1:-1])
    triangles: Features = np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)
    return triangles


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


@cache
def _cosines() -> Features:
    band = np.arange(_BANDS) + 0.5
    cosines: Features = np.cos(np.pi / _BANDS * band[:, None] * np.arange(_CEPSTRA)).astype(np.float32)
    return cosines
