"""The sound of a simulated video: the uploaded audio, or a hum in the rhythm of speech."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
Samples = NDArray[np.int16]
Syllable = tuple[
    float, float, float, float
]  # start and end in seconds, loudness, and by how much it is higher


def read_sound(path: Path) -> Samples:
    """The file's sound as mono samples, 48,000 a second; raises ValueError where it holds none."""
    pieces: list[Samples] = []
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise ValueError("There is no sound in the file.")
            resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            for frame in container.decode(audio=0):
                pieces += [_samples(piece) for piece in resampler.resample(frame)]
            pieces += [_samples(piece) for piece in resampler.resample(None)]
    except av.FFmpegError as error:
        raise ValueError("The file cannot be read as sound.") from error
    if not pieces:
        raise ValueError("There is no sound in the file.")
    return np.concatenate(pieces)


def _samples(frame: AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def hum(duration_s: float, seed: str, pitch_hz: float = 140.0) -> Samples:
    """A hum that rises and falls in syllables, with pauses as between sentences."""
    draw = random.Random(seed)
    syllables: list[Syllable] = []
    at, left = 0.0, draw.randint(12, 28)
    while at < duration_s:
        length = draw.uniform(0.11, 0.24)
        syllables.append((at, at + length, draw.uniform(0.5, 1.0), draw.uniform(0.9, 1.15)))
        left -= 1
        at += length + draw.uniform(0.01, 0.05)
        if left == 0:
            at, left = at + draw.uniform(0.3, 0.6), draw.randint(12, 28)
    return _hummed(duration_s, syllables, pitch_hz)


def hum_words(
    duration_s: float, seed: str, words: Sequence[tuple[float, float]], pitch_hz: float = 140.0
) -> Samples:
    """A hum that sounds from the start to the end of each word (seconds), in syllables, and not in between."""
    draw = random.Random(seed)
    syllables: list[Syllable] = []
    for start_s, end_s in words:
        count = max(1, round((end_s - start_s) / 0.2))
        step = (end_s - start_s) / count
        for number in range(count):
            at = start_s + number * step
            syllables.append((at, at + step, draw.uniform(0.5, 1.0), draw.uniform(0.9, 1.15)))
    return _hummed(duration_s, syllables, pitch_hz)


def _hummed(duration_s: float, syllables: Sequence[Syllable], pitch_hz: float) -> Samples:
    total = round(duration_s * SAMPLE_RATE)
    loudness = np.zeros(total, np.float32)
    pitch = np.full(total, pitch_hz, np.float32)
    for start_s, end_s, loud, high in syllables:
        first, last = round(start_s * SAMPLE_RATE), min(total, round(end_s * SAMPLE_RATE))
        loudness[first:last] = np.sin(np.linspace(0, np.pi, max(last - first, 0), dtype=np.float32)) * loud
        pitch[first:last] *= high
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    tone = 0.6 * np.sin(phase) + 0.25 * np.sin(2 * phase) + 0.15 * np.sin(3 * phase)
    return np.asarray(tone * loudness * 9000, np.int16)


def mouth_states(samples: Samples, rate: int, states: int) -> NDArray[np.int64]:
    """How far the mouth is open in each picture, 0 (shut) to `states` - 1, by loudness."""
    step = SAMPLE_RATE // rate
    count = -(-len(samples) // step)
    padded = np.zeros(count * step, np.float32)
    padded[: len(samples)] = samples
    level = np.sqrt(np.mean(padded.reshape(count, step) ** 2, axis=1))
    loud = max(float(np.percentile(level, 95)), 200.0)
    open_by: NDArray[np.float32] = np.rint(level / loud * (states - 1))
    return np.asarray(np.clip(open_by, 0, states - 1), np.int64)
