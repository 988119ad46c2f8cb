"""From the engine's raw sound to a file ready for film: tone, 48 kHz, loudness, no clipping, clean ends."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from deckcast.kit.files import written_whole
from deckcast.speech.loudness import FILE_RATE, loudness

Samples = NDArray[np.float32]

LOUDNESS_LUFS = -16.0
_TOLERANCE_LU = 0.15
_CEILING = 10 ** (-1.6 / 20)  # of sample peaks, so that true peaks between samples stay below −1 dBFS
_BLOCK = 64
_SILENCE = 10 ** (-46 / 20)
_KEEP_BEFORE_S, _KEEP_AFTER_S = 0.012, 0.030
_FADE_S = 0.006

# A gentle equaliser for espeak's formant sound: less rumble and buzz, a little warmth, less hiss.
_EQ_HZ = (0, 60, 90, 180, 320, 1000, 2200, 3000, 4200, 6000, 8000, 11_025)
_EQ_DB = (-40, -24, -2, 1.5, 1.0, 0, 0, -1.0, -1.5, -3.5, -7, -14)


def edges(samples: Samples, rate: int) -> tuple[int, int]:
    """First and last sample to keep: the sound and a breath around it; (0, 0) where all is silent."""
    level = np.abs(samples)
    peak = float(level.max(initial=0.0))
    if peak < 1e-4:
        return 0, 0
    loud = np.flatnonzero(level > peak * _SILENCE)
    start = max(0, int(loud[0]) - int(_KEEP_BEFORE_S * rate))
    return start, min(len(samples), int(loud[-1]) + 1 + int(_KEEP_AFTER_S * rate))


def toned(samples: Samples, rate: int) -> Samples:
    """The equaliser, without delay or change of length."""
    size = 1 << max(10, (len(samples) + 2048).bit_length())
    spectrum = np.fft.rfft(samples, size) * _response(size, rate)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


@cache
def _response(size: int, rate: int) -> NDArray[np.float64]:
    hertz = np.fft.rfftfreq(size, 1 / rate)
    decibels = np.interp(np.log(hertz + 30), np.log(np.array(_EQ_HZ) + 30), _EQ_DB)
    response: NDArray[np.float64] = 10 ** (decibels / 20)
    return response


def faded(samples: Samples, rate: int) -> Samples:
    """Raised-cosine fades of 6 ms at both ends."""
    count = min(int(_FADE_S * rate), len(samples) // 2)
    if count:
        ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)).astype(np.float32)
        samples = samples.copy()
        samples[:count] *= ramp
        samples[-count:] *= ramp[::-1]
    return samples


def resampled(samples: Samples, rate: int) -> Samples:
    """To 48 kHz; exactly round(n × 48000 / rate) samples, in place in time."""
    wanted = round(len(samples) * FILE_RATE / rate)
    if rate == FILE_RATE or not len(samples):
        return samples
    resampler = av.AudioResampler(format="flt", layout="mono", rate=FILE_RATE)
    parts: list[Samples] = []
    for start in range(0, len(samples), 1 << 16):
        frame = av.AudioFrame.from_ndarray(
            samples[None, start : start + (1 << 16)], format="flt", layout="mono"
        )
        frame.sample_rate = rate
        parts.extend(out.to_ndarray()[0] for out in resampler.resample(frame))
    parts.extend(out.to_ndarray()[0] for out in resampler.resample(None))
    joined = np.concatenate(parts).astype(np.float32)
    return np.pad(joined, (0, max(0, wanted - len(joined))))[:wanted]


def levelled(samples: Samples) -> Samples:
    """Brought to −16 LUFS (BS.1770) at 48 kHz, with peaks held below −1 dBFS by a look-ahead limiter."""
    measured = loudness(samples)
    if not np.isfinite(measured):
        return samples
    missing = LOUDNESS_LUFS - measured
    decibels = 0.0
    for _ in range(5):
        decibels += missing
        result = limited(samples * np.float32(10 ** (decibels / 20)))
        missing = LOUDNESS_LUFS - loudness(result)
        if abs(missing) < _TOLERANCE_LU:
            break
        missing *= 1.4  # the limiter eats a part of what is added
    return result


def limited(samples: Samples) -> Samples:
    """Hold peaks below the ceiling; the gain moves smoothly, over about 12 ms around each peak."""
    if float(np.abs(samples).max(initial=0.0)) <= _CEILING:
        return samples
    blocks = -(-len(samples) // _BLOCK)
    padded = np.pad(np.abs(samples), (0, blocks * _BLOCK - len(samples)))
    needed = np.minimum(1.0, _CEILING / np.maximum(padded.reshape(blocks, _BLOCK).max(axis=1), 1e-9))
    reach = 5
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(needed, reach, constant_values=1.0), 2 * reach + 1
    )
    weights = np.hanning(2 * reach + 1)[1:-1]  # one block shorter at each side: interpolation stays safe
    smooth = np.convolve(
        np.pad(windows.min(axis=1), reach - 1, mode="edge"), weights / weights.sum(), "valid"
    )
    centres = np.arange(blocks) * _BLOCK + _BLOCK / 2
    held = samples.copy()
    for at in range(0, len(held), 1 << 20):
        part = held[at : at + (1 << 20)]
        part *= np.interp(np.arange(at, at + len(part)), centres, smooth).astype(np.float32)
    return np.clip(held, -_CEILING, _CEILING, out=held)


def write_wav(samples: Samples, out: Path) -> None:
    """48 kHz, mono, 16 bit; the file appears whole or not at all."""
    with written_whole(out) as temporary, wave.open(str(temporary), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(FILE_RATE)
        for at in range(0, len(samples), 1 << 20):
            part = np.clip(np.round(samples[at : at + (1 << 20)] * 32767), -32768, 32767)
            file.writeframes(part.astype("<i2").tobytes())
