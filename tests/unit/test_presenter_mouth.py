"""The mouth of every frame, from viseme times."""

from __future__ import annotations

import numpy as np
import pytest

from deckcast.avatars.local.mouth import FPS, LIP_LEAD_S, mouth_track
from deckcast.avatars.local.rig import VISEMES
from deckcast.kit.timing import SpeechTimings, Viseme, VisemeTiming

SIL, PP, AA = (VISEMES.index(viseme) for viseme in (Viseme.SIL, Viseme.PP, Viseme.AA))


def said(*items: tuple[Viseme, float, float]) -> SpeechTimings:
    return SpeechTimings(items[-1][2], (), tuple(VisemeTiming(*item) for item in items))


def test_rows_are_mixtures() -> None:
    timings = said((Viseme.AA, 0.0, 0.2), (Viseme.SS, 0.2, 0.3), (Viseme.OU, 0.3, 0.6))
    track = mouth_track(timings, 40, 0.3)
    assert track.shape == (40, 15)
    assert track.min() >= 0
    assert np.allclose(track.sum(axis=1), 1)


@pytest.mark.parametrize("lead_s", [0.0, 0.4, 0.513])
def test_lips_lead_the_sound_by_a_constant(lead_s: float) -> None:
    timings = said((Viseme.SIL, 0.0, 0.5), (Viseme.AA, 0.5, 1.0), (Viseme.SIL, 1.0, 1.5))
    track = mouth_track(timings, 60, lead_s)
    open_frames = np.flatnonzero(track[:, AA] > 0.5)
    first, last = (round((time_s + lead_s - LIP_LEAD_S) * FPS) for time_s in (0.5, 1.0))
    assert abs(int(open_frames[0]) - first) <= 1
    assert abs(int(open_frames[-1]) + 1 - last) <= 1


def test_the_mouth_is_at_rest_around_the_speech() -> None:
    track = mouth_track(said((Viseme.AA, 0.0, 0.4)), 50, 0.8)
    assert np.allclose(track[:17, SIL], 1)
    assert np.allclose(track[32:, SIL], 1)


def test_lips_meet_for_p_b_and_m_however_short() -> None:
    for start_s in np.arange(0.4, 0.5, 0.005):
        timings = said(
            (Viseme.AA, 0.0, float(start_s)),
            (Viseme.PP, float(start_s), float(start_s) + 0.02),
            (Viseme.AA, float(start_s) + 0.02, 1.0),
        )
        assert mouth_track(timings, 30, 0.1)[:, PP].max() == 1.0


def test_steps_are_smoothed() -> None:
    timings = said((Viseme.SIL, 0.0, 0.5), (Viseme.AA, 0.5, 1.0))
    shares = [mouth_track(timings, 30, lead_s)[13, AA] for lead_s in np.arange(-0.04, 0.04, 0.002)]
    assert np.abs(np.diff(shares)).max() < 0.1


def test_no_timings_is_a_mouth_at_rest() -> None:
    assert np.allclose(mouth_track(None, 10, 0.0)[:, SIL], 1)
    assert mouth_track(None, 0, 0.0).shape == (0, 15)
