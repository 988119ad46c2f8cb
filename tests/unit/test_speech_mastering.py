"""Loudness, peaks, silence and resampling, on made signals."""

import numpy as np
import pytest

from deckcast.speech import mastering

RATE = mastering.FILE_RATE


def _voice_like(seconds: float, rate: int = RATE, seed: int = 1) -> mastering.Samples:
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 110 * k * time) / k for k in range(1, 20))
    return (
        0.05 * buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)) + random.normal(0, 1e-4, len(time))
    ).astype(np.float32)


@pytest.mark.parametrize("seconds", [0.15, 0.39, 0.6, 5.0])
def test_loudness_is_reached_without_clipping(seconds: float) -> None:
    level = mastering.levelled(_voice_like(seconds))
    assert mastering.loudness(level) == pytest.approx(-16, abs=0.3)
    assert np.abs(level).max() <= 10 ** (-1 / 20)


def test_the_limiter_holds_sudden_peaks() -> None:
    signal = _voice_like(1.0)
    signal[20_000] = 3.0
    signal[-1] = -2.0
    held = mastering.limited(signal)
    assert np.abs(held).max() <= 10 ** (-1 / 20)
    assert np.allclose(held[:18_000], signal[:18_000])


def test_silence_stays_silence() -> None:
    silence = np.zeros(RATE, np.float32)
    assert np.abs(mastering.levelled(silence)).max() == 0
    assert mastering.edges(silence, RATE) == (0, 0)


def test_edges_leave_a_breath() -> None:
    signal = np.concatenate([np.zeros(9600), _voice_like(0.5), np.zeros(9600)]).astype(np.float32)
    start, end = mastering.edges(signal, RATE)
    assert 0 <= 9600 - start <= 0.05 * RATE
    assert 0 <= end - (9600 + RATE // 2) <= 0.05 * RATE


def test_resampling_keeps_length_and_place() -> None:
    signal = np.zeros(22_050, np.float32)
    signal[5000] = 1.0
    signal[15_000] = 1.0
    resampled = mastering.resampled(signal, 22_050)
    assert len(resampled) == RATE
    assert abs(int(resampled[:24_000].argmax()) - 5000 * RATE / 22_050) <= 2
    assert abs(24_000 + int(resampled[24_000:].argmax()) - 15_000 * RATE / 22_050) <= 2
