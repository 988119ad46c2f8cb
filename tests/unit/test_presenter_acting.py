"""What the presenter does beside speaking."""

from __future__ import annotations

import numpy as np
import pytest

from deckcast.avatars.local.acting import Move, act
from deckcast.avatars.local.mouth import FPS
from deckcast.kit.timing import SpeechTimings, Viseme, VisemeTiming

MINUTE = 60 * FPS
SPEECH = SpeechTimings(
    20.0,
    (),
    tuple(
        VisemeTiming(viseme, index * 0.4 + part * 0.2, index * 0.4 + part * 0.2 + 0.2, stressed=part == 1)
        for index in range(50)
        for part, viseme in enumerate((Viseme.DD, Viseme.AA))
    ),
)
# The largest step of each move from one frame to the next that still looks smooth; rig units and radians.
CALM = {Move.SIDE: 1.6, Move.LIFT: 1.6, Move.ROLL: 0.008, Move.YAW: 2.2, Move.PITCH: 2.4, Move.BROWS: 2.4}


@pytest.mark.parametrize("seed", range(12))
def test_ten_to_twenty_five_blinks_a_minute(seed: int) -> None:
    lids = act(None, 3 * MINUTE, 0.0, seed).lids
    starts = np.flatnonzero((lids[1:] > 0) & (lids[:-1] == 0))
    for first in range(0, 2 * MINUTE + 1, MINUTE // 2):
        assert 10 <= np.count_nonzero((starts >= first) & (starts < first + MINUTE)) <= 25
    assert np.unique(np.diff(starts)).size > 8


def test_every_blink_shuts_the_eyes() -> None:
    lids = act(None, MINUTE, 0.0, 5).lids
    blinks = np.split(lids, np.flatnonzero((lids[1:] > 0) & (lids[:-1] == 0)) + 1)[1:]
    assert all(blink.max() == 1.0 for blink in blinks)


def test_the_same_seed_acts_the_same_and_another_does_not() -> None:
    once, again, other = (act(SPEECH, 500, 0.2, seed) for seed in (3, 3, 4))
    assert np.array_equal(once.moves, again.moves)
    assert np.array_equal(once.lids, again.lids)
    assert np.array_equal(once.gaze, again.gaze)
    assert np.abs(once.moves[0] - other.moves[0]).max() > 0.1
    assert not np.array_equal(once.lids, other.lids)


@pytest.mark.parametrize("timings", [None, SPEECH])
def test_nothing_jumps(timings: SpeechTimings | None) -> None:
    for seed in range(5):
        steps = np.abs(np.diff(act(timings, 520, 0.4, seed).moves, axis=0)).max(axis=0)
        for move, most in CALM.items():
            assert steps[move] < most, move.name


def test_no_loop() -> None:
    side = act(None, 4 * MINUTE, 0.0, 9).moves[:, Move.SIDE]
    opening = side[:FPS] - side[:FPS].mean()
    for shift in range(2 * FPS, len(side) - FPS):
        later = side[shift : shift + FPS]
        assert np.abs(later - side[:FPS]).max() + np.abs(later - later.mean() - opening).max() > 1e-3


def test_stressed_syllables_move_head_and_brows() -> None:
    flat = SpeechTimings(20.0, (), tuple(VisemeTiming(v.viseme, v.start_s, v.end_s) for v in SPEECH.visemes))
    lively, calm = (act(timings, 500, 0.0, 2).moves for timings in (SPEECH, flat))
    assert lively[:, Move.BROWS].max() > calm[:, Move.BROWS].max() + 2
    assert lively[:, Move.PITCH].min() < calm[:, Move.PITCH].min() - 2


@pytest.mark.parametrize("frames", [0, 1, 7])
def test_very_short_videos(frames: int) -> None:
    assert act(SPEECH, frames, 0.0, 1).moves.shape == (frames, len(Move))
