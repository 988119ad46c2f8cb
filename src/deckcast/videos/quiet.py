"""Where a slide's picture is quiet: no lines, letters or photographs, only plain or softly shaded ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deckcast.videos.models import HEIGHT, WIDTH, PixelBox

_GRID_WIDTH = 480
_EDGE_STEP = 7.0  # levels between neighbouring cells that the eye reads as a line
_EDGE_SHARE = 0.0008
_GROUND_DEVIATION = 7.0  # levels left after the ground's own slope is taken away


class Ground:
    """A slide picture reduced to a small grid of channel means, ready to be asked about boxes.

    `image` is (h, w) gray or (h, w, 3) RGB, uint8, of the whole 1920×1080 picture at any resolution.
    """

    def __init__(self, image: NDArray[np.uint8]) -> None:
        cells = image if image.ndim == 3 else image[:, :, None]
        step = max(1, image.shape[1] // _GRID_WIDTH)
        rows, columns = cells.shape[0] // step, cells.shape[1] // step
        cropped = cells[: rows * step, : columns * step, :3].astype(np.float32)
        self._cells = cropped.reshape(rows, step, columns, step, -1).mean(axis=(1, 3))
        across = np.abs(np.diff(self._cells, axis=1, append=self._cells[:, -1:])).max(axis=2)
        down = np.abs(np.diff(self._cells, axis=0, append=self._cells[-1:])).max(axis=2)
        self._edges = np.maximum(across, down) > _EDGE_STEP

    def busyness(self, box: PixelBox) -> float:
        """Share of the box's cells that lie on an edge, 0..1."""
        return float(self._edges[self._slices(box)].mean())

    def quiet(self, box: PixelBox) -> bool:
        """Whether the box shows nothing but ground: hardly an edge, and what is left is one smooth slope."""
        if self.busyness(box) > _EDGE_SHARE:
            return False
        return _off_slope(self._cells[self._slices(box)]) < _GROUND_DEVIATION

    def _slices(self, box: PixelBox) -> tuple[slice, slice]:
        rows, columns = self._edges.shape
        across, down = columns / WIDTH, rows / HEIGHT
        top, left = max(0, int(box.y * down)), max(0, int(box.x * across))
        bottom = max(top + 1, round((box.y + box.height) * down))
        right = max(left + 1, round((box.x + box.width) * across))
        return slice(top, bottom), slice(left, right)


def _off_slope(cells: NDArray[np.float32]) -> float:
    """Greatest standard deviation of any channel from its best-fitting plane, in levels."""
    rows, columns, channels = cells.shape
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    plane = np.stack([np.ones(rows * columns), x.ravel(), y.ravel()], axis=1)
    flat = cells.reshape(-1, channels)
    fit, *_ = np.linalg.lstsq(plane, flat, rcond=None)
    return float((flat - plane @ fit).std(axis=0).max())
