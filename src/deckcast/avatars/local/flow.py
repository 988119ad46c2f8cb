"""How the bust bends: one field per move, added up and turned into the pixels to fetch.

The fields are smooth and fade to nothing at the shoulders and beside the hair, so that head, neck and hair move
as one picture and there is no edge along which they could part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deckcast.avatars.local.acting import Move
from deckcast.avatars.local.rig import RIG_UNITS, Anchors

Field = NDArray[np.float32]
Real = NDArray[np.floating[Any]]
_FADE = 64.0  # rig units over which the motion fades out beside the hair
_HEADROOM = 30.0  # rig units that the hair may rise by
_CENTRE_X = RIG_UNITS / 2


@dataclass(frozen=True, slots=True)
class Area:
    """The part of a bust that bends, in pixels of the bust; all four are even."""

    top: int
    bottom: int
    left: int
    right: int


def area_of(anchors: Anchors, size: int, top: int) -> Area:
    """The bending part of a bust of `size` pixels whose hair begins at row `top`."""
    unit = size / RIG_UNITS
    half = (anchors.reach + _FADE) * unit
    return Area(
        top=max(0, _even(top - _HEADROOM * unit)),
        bottom=_even(anchors.still_y * unit),
        left=max(0, _even(_CENTRE_X * unit - half)),
        right=min(size - size % 2, _even(_CENTRE_X * unit + half)),
    )


def fields_of(anchors: Anchors, size: int, area: Area) -> Field:
    """(moves, 2, rows, columns) in pixels per unit of the move: where to fetch from, down and right.

    One value per 2 × 2 pixels.
    """
    unit = size / RIG_UNITS
    y = ((np.arange(area.top, area.bottom, 2) + 1.0) / unit)[:, None]
    x = ((np.arange(area.left, area.right, 2) + 1.0) / unit)[None, :]
    held = _hill_down(y, anchors.chin_y - 30, anchors.still_y) * _hill_down(
        np.abs(x - _CENTRE_X), anchors.reach, anchors.reach + _FADE
    )
    eyes_y = 0.5 * (anchors.eyes_box[1] + anchors.eyes_box[3])
    nose_y = 0.5 * (eyes_y + anchors.mouth_y)
    round_ = ((x - _CENTRE_X) / (1.15 * anchors.face_half_width)) ** 2 + ((y - nose_y) / 240.0) ** 2
    depth = np.clip(1 - round_, 0, None) ** 1.5
    pivot_y = 0.5 * (anchors.chin_y + anchors.still_y)
    out = np.zeros((len(Move), 2, y.size, x.size), dtype=np.float64)
    out[Move.SIDE, 1] = -held
    out[Move.LIFT, 0] = held
    out[Move.ROLL] = held * np.broadcast_arrays(-(x - _CENTRE_X), y - pivot_y)
    out[Move.YAW, 1] = -depth
    out[Move.PITCH, 0] = depth
    out[Move.JAW, 0] = -_jaw(anchors, x, y)
    out[Move.BROWS, 0] = _brows(anchors, x, y)
    out[Move.BREATH, 0] = breath_field(y[:, 0])[:, None]
    return (out * unit).astype(np.float32)


def breath_field(y: Real) -> Real:
    """How much of a breath each height takes part in: all of it at the shoulders, less at the chest."""
    share: Real = 1 - 0.45 * np.clip((y - 700) / 300, 0, 1)
    return share


def _jaw(anchors: Anchors, x: Real, y: Real) -> Real:
    """The chin falls by 18 units; from the lips (at the cheeks from higher up) to the chin the skin stretches,
    below it folds."""
    width = anchors.face_half_width
    aside = np.abs(x - _CENTRE_X)
    start = anchors.mouth_y - 4 - 70 * (1 - _hill_down(aside, 0.3 * width, 0.8 * width))
    falling = 1 - _hill_down(y, start, anchors.chin_y - 6)
    fading = _hill_down(y, anchors.chin_y + 2, anchors.chin_y + 85)
    return 18 * falling * fading * _hill_down(aside, 0.45 * width, 1.2 * width)


def _brows(anchors: Anchors, x: Real, y: Real) -> Real:
    rising = np.exp(-(((y - anchors.brows_y) / np.where(y < anchors.brows_y, 48.0, 19.0)) ** 2))
    return rising * _hill_down(np.abs(x - _CENTRE_X), 0.7 * anchors.face_half_width, anchors.face_half_width)


def _hill_down(value: Real, start: Real | float, end: float) -> Real:
    """1 before `start`, 0 after `end`, smooth between."""
    share = np.clip((value - start) / (end - start), 0, 1)
    hill: Real = 1 - share * share * (3 - 2 * share)
    return hill


def _even(value: float) -> int:
    return 2 * round(value / 2)
