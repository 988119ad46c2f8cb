"""Drawing the still part of a picture: a calm canvas, rounded cards, soft shadows. RGB, uint8."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from deckcast.videos.models import HEIGHT, WIDTH, PixelBox, Shape

Rgb = NDArray[np.uint8]  # (h, w, 3)
Alpha = NDArray[np.float32]  # (h, w), 0..1
_TILE = 96  # width of the dither's pattern, px
_NEARLY_BLACK = 36.0
_LIGHT = 150.0  # luma above which a background counts as light
_NEUTRAL = (246.0, 247.0, 249.0)


class Shadow(NamedTuple):
    """A soft shadow: blur radius and downward shift in px, darkness 0..1."""

    blur: int
    shift: int
    darkness: float


CARD_SHADOW = Shadow(26, 12, 0.17)
CONTACT_SHADOW = Shadow(4, 2, 0.10)
CORNER_SHADOW = Shadow(9, 4, 0.30)


def parse_colour(text: str) -> tuple[float, float, float]:
    """RGB of "#RRGGBB"; a calm light gray for anything else (a background may be a picture's path)."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        return _NEUTRAL
    return float(int(text[1:3], 16)), float(int(text[3:5], 16)), float(int(text[5:7], 16))


def canvas(background: str) -> Rgb:
    """A 1920×1080 ground in the family of `background`: a little deeper than it (lighter than black), so that
    cards of that colour stand out, and lighter above than below. Dithered, so that the slope shows no bands."""
    colour = np.array(parse_colour(background), np.float32)
    upper: NDArray[np.floating[Any]]
    lower: NDArray[np.floating[Any]]
    luma = float(colour @ (0.2126, 0.7152, 0.0722))
    if luma > _LIGHT:
        upper = colour * 0.62 + np.array((226.0, 231.0, 238.0), np.float32) * 0.38
        lower = upper * 0.955
    elif luma > _NEARLY_BLACK:
        upper, lower = colour * 0.66, colour * 0.50
    else:
        upper, lower = colour * 0.9 + 40.0, colour * 0.9 + 26.0
    slope = np.linspace(0.0, 1.0, HEIGHT, dtype=np.float32)[:, None, None]
    noise = np.random.default_rng(7).random((HEIGHT, _TILE, 1), dtype=np.float32)
    strip = np.clip(upper + (lower - upper) * slope + noise, 0, 255).astype(np.uint8)
    return np.tile(strip, (1, WIDTH // _TILE, 1))


def outline(width: int, height: int, shape: Shape, inset: float = 0.0) -> Alpha:
    """Antialiased coverage of a shape filling `width`×`height` px, drawn `inset` px further in."""
    across = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None, :]
    down = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None]
    radius = max(corner_radius(width, height, shape) - inset, 0.0)
    beyond_x = across - (width / 2 - inset - radius)
    beyond_y = down - (height / 2 - inset - radius)
    outside = np.hypot(np.maximum(beyond_x, 0), np.maximum(beyond_y, 0))
    inside = np.minimum(np.maximum(beyond_x, beyond_y), 0)
    coverage: Alpha = np.clip(radius - outside - inside + 0.5, 0, 1).astype(np.float32)
    return coverage


def corner_radius(width: int, height: int, shape: Shape) -> float:
    """Radius in px of a shape's corners."""
    if shape is Shape.CIRCLE:
        return min(width, height) / 2
    return 22.0 if shape is Shape.ROUNDED else 0.0


def paint(picture: Rgb, box: PixelBox, paint_with: Rgb | tuple[float, float, float], alpha: Alpha) -> None:
    """Lay colours over a box of the picture, in place."""
    part = picture[box.y : box.y + box.height, box.x : box.x + box.width]
    part[:] = np.rint(part + (np.asarray(paint_with, np.float32) - part) * alpha[:, :, None])


def cast_shadow(picture: Rgb, box: PixelBox, shape: Shape, shadow: Shadow) -> None:
    """Darken the picture around a shape, as a light from above would."""
    reach = shadow.blur * 3
    width, height = box.width + 2 * reach, box.height + 2 * reach
    stencil = np.zeros((height, width), np.float32)
    stencil[reach:-reach, reach:-reach] = outline(box.width, box.height, shape)
    image = Image.fromarray((stencil * 255).astype(np.uint8))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(shadow.blur)), np.float32) / 255
    left, top = box.x - reach, box.y - reach + shadow.shift
    x, y = max(left, 0), max(top, 0)
    seen = soft[y - top : HEIGHT - top, x - left : WIDTH - left]
    target = PixelBox(x, y, seen.shape[1], seen.shape[0])
    paint(picture, target, (12.0, 18.0, 30.0), (seen * shadow.darkness).astype(np.float32))
