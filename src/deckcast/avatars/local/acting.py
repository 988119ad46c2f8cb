"""What the presenter does beside speaking: head, brows, gaze, blinks and breath, from a seed.

Everything is a sum of smooth curves with unrelated periods and of single gestures at random times, so that it
never repeats, never jumps and starts differently for every seed. Distances are rig units (a bust is 1000 high).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from deckcast.avatars.local.mouth import FPS, LIP_LEAD_S
from deckcast.kit.timing import SpeechTimings

Curve = NDArray[np.float64]

BLINK = (0.45, 1.0, 1.0, 0.75, 0.45, 0.2)
"""Lid position in the frames of a blink: it closes faster than it opens."""


class Move(IntEnum):
    """The ways in which the picture is bent; `flow.py` holds their fields."""

    SIDE = 0  # units to the right
    LIFT = 1  # units upwards
    ROLL = 2  # radians clockwise
    YAW = 3  # units that the nose moves to the right
    PITCH = 4  # units that the nose moves upwards
    JAW = 5  # 0 shut to 1 wide open
    BROWS = 6  # units upwards
    BREATH = 7  # units that the shoulders rise


@dataclass(frozen=True, slots=True)
class Acting:
    """One row per frame. `moves` (frames, 8) in the order of `Move` (JAW is left 0), `lids` 0 open to 1 closed,
    `gaze` (frames, 2) in rig units, right and down."""

    moves: Curve
    lids: Curve
    gaze: Curve


def act(timings: SpeechTimings | None, frames: int, lead_s: float, seed: int) -> Acting:
    """The acting of one video; equal arguments give equal acting."""
    chance = np.random.default_rng([seed, 0xDEC])
    t = np.arange(frames) / FPS
    stressed = _stresses(timings, lead_s)
    talking = _talking(timings, t, lead_s)
    nods, lifts, leans = _gestures(t, stressed, chance)
    lively = 0.55 + 0.45 * talking
    moves = np.zeros((frames, len(Move)))
    moves[:, Move.SIDE] = lively * _drift(t, 4.0, 0.16, chance)
    moves[:, Move.LIFT] = lively * _drift(t, 1.6, 0.2, chance) - 4.0 * nods
    moves[:, Move.ROLL] = np.radians(lively * _drift(t, 1.35, 0.13, chance) + 1.1 * leans)
    moves[:, Move.YAW] = lively * _drift(t, 5.5, 0.17, chance) + 2.5 * leans
    moves[:, Move.PITCH] = lively * _drift(t, 2.2, 0.21, chance) - 6.5 * nods + 1.2 * lifts
    moves[:, Move.BROWS] = np.clip(1.2 * talking + _drift(t, 0.8, 0.1, chance) + 6.0 * lifts, -1.5, 8.0)
    moves[:, Move.BREATH] = _breath(t, chance)
    blinks = _blink_frames(frames, chance)
    gaze = _gaze(t, blinks, talking, chance)
    return Acting(moves, _lids(frames, blinks), gaze)


def _drift(t: Curve, size: float, pace_hz: float, chance: np.random.Generator) -> Curve:
    """A wandering curve: five sines whose periods share no multiple; stays mostly within ± `size`."""
    paces = pace_hz * np.array([0.37, 0.71, 1.0, 1.63, 2.41]) * chance.uniform(0.88, 1.12, 5)
    sizes = np.array([0.9, 0.8, 0.6, 0.25, 0.1])
    phases = chance.uniform(0, 2 * np.pi, 5)
    waves = np.sin(2 * np.pi * paces[:, None] * t[None, :] + phases[:, None])
    curve: Curve = size * (sizes @ waves) / 1.5
    return curve


def _bump(t: Curve, at_s: float, rise_s: float, fall_s: float) -> Curve:
    """A smooth hill from 0 to 1 and back, with its top at `at_s`."""
    side = np.where(t < at_s, (t - at_s) / rise_s, (t - at_s) / fall_s)
    hill: Curve = np.where(np.abs(side) < 1, 0.5 + 0.5 * np.cos(np.pi * np.clip(side, -1, 1)), 0.0)
    return hill


def _stresses(timings: SpeechTimings | None, lead_s: float) -> list[float]:
    if timings is None:
        return []
    return [item.start_s + lead_s - LIP_LEAD_S for item in timings.visemes if item.stressed]


def _talking(timings: SpeechTimings | None, t: Curve, lead_s: float) -> Curve:
    """0 in silence, 1 while speaking, with slow changes between."""
    if timings is None or timings.duration_s <= 0:
        return np.zeros_like(t)
    rise = np.clip((t - lead_s + 0.4) / 0.8, 0, 1)
    fall = np.clip((lead_s + timings.duration_s + 0.4 - t) / 0.8, 0, 1)
    both = np.minimum(rise, fall)
    smooth: Curve = both * both * (3 - 2 * both)
    return smooth


def _gestures(t: Curve, stressed: list[float], chance: np.random.Generator) -> tuple[Curve, Curve, Curve]:
    """Nods, raised brows and leans of the head at stressed syllables: a few of them, never one after another."""
    nods, lifts, leans = np.zeros_like(t), np.zeros_like(t), np.zeros_like(t)
    free_nod = free_lift = free_lean = -1.0
    for at_s in stressed:
        draw = chance.uniform(size=6)
        if at_s >= free_nod and draw[0] < 0.6:
            nods += (0.35 + 0.65 * draw[1]) * _bump(t, at_s + 0.06, 0.24, 0.42)
            free_nod = at_s + 0.75 + 0.8 * draw[2]
        if at_s >= free_lift and draw[3] < 0.35:
            lifts += (0.45 + 0.55 * draw[4]) * _bump(t, at_s + 0.04, 0.22, 0.55)
            free_lift = at_s + 1.6 + 1.4 * draw[2]
        if at_s >= free_lean and draw[5] < 0.25:
            leans += (1.0 if draw[1] < 0.5 else -1.0) * (0.5 + 0.5 * draw[4]) * _bump(t, at_s + 0.3, 0.7, 1.3)
            free_lean = at_s + 3.0 + 2.0 * draw[2]
    return nods, lifts, leans


def _breath(t: Curve, chance: np.random.Generator) -> Curve:
    """About fifteen breaths a minute, no two alike; the shoulders rise by up to 4 units."""
    pace = 0.25 + _drift(t, 0.025, 0.05, chance)
    phase = 2 * np.pi * (np.cumsum(pace) / FPS + chance.uniform())
    depth = 1.7 + _drift(t, 0.25, 0.06, chance)
    breath: Curve = depth * (1 - np.cos(phase + 0.35 * np.sin(phase)))
    return breath


def _blink_frames(frames: int, chance: np.random.Generator) -> list[int]:
    """First frames of the blinks: 2.5 to 5.8 s apart, so between 10 and 24 in every minute."""
    found: list[int] = []
    at_s = float(chance.uniform(0.8, 3.6))
    while (frame := round(at_s * FPS)) + len(BLINK) < frames:
        found.append(frame)
        at_s += float(np.clip(chance.lognormal(np.log(3.6), 0.32), 2.55, 5.7))
    return found


def _lids(frames: int, blinks: list[int]) -> Curve:
    lids = np.zeros(frames)
    for frame in blinks:
        lids[frame : frame + len(BLINK)] = BLINK
    return lids


def _gaze(t: Curve, blinks: list[int], talking: Curve, chance: np.random.Generator) -> Curve:
    """Mostly into the camera; now and then a short look aside, often hidden in a blink."""
    gaze = np.zeros((len(t), 2))
    at_s = float(chance.uniform(2.0, 5.0))
    while at_s < (t[-1] if len(t) else 0.0):
        near = [frame / FPS for frame in blinks if abs(frame / FPS - at_s) < 0.8]
        start = round((near[0] + 0.08 if near else at_s) * FPS)
        length = round(float(chance.uniform(0.35, 1.1)) * FPS)
        far = np.array([chance.choice((-5.0, -2.5, 2.5, 5.0)), chance.choice((0.0, 0.0, 2.5))])
        active = talking[min(start, len(t) - 1)] > 0.5
        gaze[start : start + length] = far if active else far * np.array([0.5, 0.0])
        if length > 3 and start + length < len(t):
            gaze[start] = gaze[start] / 2
            gaze[start + length - 1] = gaze[start + length - 1] / 2
        at_s += float(chance.uniform(2.5, 6.5))
    return gaze
