"""A presenter on nothing: colours as they are beside an alpha, and continued beyond the outline."""

from __future__ import annotations

import numpy as np

from deckcast.avatars.local.raster import Packed, Pixels

_SURE = 64  # alpha from which on a pixel's own colour is taken; below, its neighbours' is mixed in


def straight(packed: Packed, step: int) -> Packed:
    """Premultiplied Y, Cb, Cr, alpha (see `raster.pack`) with the colours divided by their alpha again.

    `step` is how far apart shown pixels are in `packed` (1 or `fine`): one colour stands for two by two of them.
    Where nothing is drawn the nearest colours go on, so that neither encoding nor scaling brings a foreign colour
    to the edge. The last `step` rows and columns guess what would come after them.
    """
    pixels = np.ascontiguousarray(packed).view(np.uint8).reshape(*packed.shape, 4).astype(np.float32)
    alpha = pixels[..., 3:]
    around = np.pad(alpha, ((0, step), (0, step), (0, 0)), mode="edge")
    rows = around[:-step] + around[step:]
    mean = rows[:, :-step] + rows[:, step:]
    mean /= 4
    out = np.empty(pixels.shape, dtype=np.uint8)
    out[..., :1] = _rounded(_spread(pixels[..., :1], alpha))
    out[..., 1:3] = _rounded(_spread(pixels[..., 1:3], mean))
    out[..., 3:] = _rounded(alpha)
    return out.view(np.uint32)[..., 0]


def _spread(weighted: Pixels, weight: Pixels) -> Pixels:
    """Colours from colours times weight (0 to 255); where the weight is small, from ever farther around."""
    height, width = weight.shape[:2]
    if min(height, width) == 1:
        total = max(float(weight.sum()), 1.0)
        return np.broadcast_to(weighted.sum(axis=(0, 1)) * np.float32(255 / total), weighted.shape)
    around = _spread(_halved(weighted), _halved(weight))
    around = around.repeat(2, axis=0)[:height].repeat(2, axis=1)[:, :width]
    lacking = np.maximum(_SURE - weight, 0)
    colours: Pixels = weighted * 255 + around * lacking
    colours /= np.maximum(weight, _SURE)
    return colours


def _halved(values: Pixels) -> Pixels:
    """Means of two by two; an odd last line is doubled."""
    height, width, _ = values.shape
    even = np.pad(values, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    quarters: Pixels = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / np.float32(4)
    return quarters


def _rounded(values: Pixels) -> Pixels:
    return np.clip(np.rint(values), 0, 255)
