"""Slide pictures: one size for all, bars where the slide is not 16:9."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from deckcast.decks.places import HEIGHT, WIDTH

Pixels = NDArray[np.uint8]
Colours = NDArray[np.float64]

_PNG_MAX_BYTES = 2_000_000
_EDGE_PX = 6
_SEAM_PX = 2  # a page's outermost pixels are half empty and would show as a line
_CALM_PX = (9, 181)
_BLUR_PX = 201
_BUSY_TURNS = 8
_RIPPLE = 5.0


def letterboxed(page: Image.Image) -> Image.Image:
    """The page centred on 1920 × 1080; bars go on with the page's own edges, so that its background seems whole.

    Edges of one colour, with bands or gradients go on as they are; busy ones (photos, textures) are blurred.
    """
    if page.size == (WIDTH, HEIGHT):
        return page
    pixels = np.asarray(page)
    if min(page.size) <= 2 * _EDGE_PX:
        return Image.fromarray(_framed(np.asarray(page)))
    if page.width < WIDTH:
        return Image.fromarray(_widened(pixels))
    upright = _widened(pixels.transpose(1, 0, 2), to=HEIGHT)
    return Image.fromarray(np.ascontiguousarray(upright.transpose(1, 0, 2)))


def _framed(pixels: Pixels) -> Pixels:
    """A sliver of a page on black."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    top, left = (HEIGHT - pixels.shape[0]) // 2, (WIDTH - pixels.shape[1]) // 2
    picture[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return picture


def _widened(pixels: Pixels, to: int = WIDTH) -> Pixels:
    """Put bars left and right of rows of pixels, each row's bar in its edge's colour."""
    missing = to - pixels.shape[1]
    calm = [_calm(edge) for edge in (pixels[:, _SEAM_PX:_EDGE_PX], pixels[:, -_EDGE_PX:-_SEAM_PX])]
    left, right = (
        np.repeat(column[:, None, :].round().astype(np.uint8), width, axis=1)
        for column, width in zip(
            calm, (missing // 2 + _SEAM_PX, missing - missing // 2 + _SEAM_PX), strict=True
        )
    )
    return np.concatenate([left, pixels[:, _SEAM_PX:-_SEAM_PX], right], axis=1)


def _calm(edge: Pixels) -> Colours:
    """An edge's colours along it: bands and gradients kept, specks and strands taken out, the rest blurred."""
    column = np.median(edge, axis=1)
    for size in _CALM_PX:
        calm = _smooth(column, size, np.median)
        if _turns(calm) <= _BUSY_TURNS:
            return calm
    return _smooth(_smooth(column, _BLUR_PX, np.mean), _BLUR_PX, np.mean)


def _smooth(column: Colours, size: int, how: Callable[..., Any]) -> Colours:
    """Each colour becomes the median or mean of its neighbours along the edge."""
    padded = np.pad(column, ((size // 2, size // 2), (0, 0)), "edge")
    return np.asarray(how(sliding_window_view(padded, size, axis=0), axis=-1), dtype=np.float64)


def _turns(column: Colours) -> int:
    """How often the brightness along the edge turns between rising and falling; small ripples do not count."""
    turns, rising, extreme = 0, 0, 0.0
    for index, value in enumerate(column.mean(axis=1).tolist()):
        if not index or (value - extreme) * rising > 0:
            extreme = value
        elif abs(value - extreme) > _RIPPLE:
            turns += 1
            rising, extreme = (1 if value > extreme else -1), value
    return turns


def save_picture(picture: Image.Image, folder: Path, name: str) -> str:
    """Write a PNG, or a JPEG where a photo makes the PNG large; returns the file's name."""
    png = folder / f"{name}.png"
    picture.save(png, compress_level=1)
    if png.stat().st_size <= _PNG_MAX_BYTES:
        return png.name
    png.unlink()
    jpeg = folder / f"{name}.jpg"
    picture.save(jpeg, quality=92, subsampling=0)
    return jpeg.name
