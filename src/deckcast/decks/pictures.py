"""Slide pictures: one size for all, bars where the slide is not 16:9."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from deckcast.decks.models import Box

WIDTH = 1920
HEIGHT = 1080
_PNG_MAX_BYTES = 1_500_000
_EVEN = 14.0
_MIN_SIDE = 0.002


@dataclass(frozen=True, slots=True)
class Frame:
    """How a page of `width` × `height` (any unit) lies within the picture: scaled to fit, centred."""

    width: float
    height: float
    left_px: int
    top_px: int
    width_px: int
    height_px: int

    @classmethod
    def around(cls, width: float, height: float) -> Frame:
        """Fit a page into the picture; pages of absurd shape keep at least one pixel."""
        width, height = max(float(width), 1e-6), max(float(height), 1e-6)
        scale = min(WIDTH / width, HEIGHT / height)
        wide, high = round(width * scale), round(height * scale)
        wide = WIDTH if WIDTH - wide <= 2 else max(wide, 1)
        high = HEIGHT if HEIGHT - high <= 2 else max(high, 1)
        return cls(width, height, (WIDTH - wide) // 2, (HEIGHT - high) // 2, wide, high)

    def box(self, left: float, top: float, width: float, height: float) -> Box | None:
        """A rectangle of the page in fractions of the picture, cut at the page's edge; None if nothing is left."""
        x0, x1 = (self._clamp(value / self.width) for value in (left, left + width))
        y0, y1 = (self._clamp(value / self.height) for value in (top, top + height))
        if (left >= self.width or left + width <= 0) or (top >= self.height or top + height <= 0):
            return None
        x = (self.left_px + x0 * self.width_px) / WIDTH
        y = (self.top_px + y0 * self.height_px) / HEIGHT
        wide = max((x1 - x0) * self.width_px / WIDTH, _MIN_SIDE)
        high = max((y1 - y0) * self.height_px / HEIGHT, _MIN_SIDE)
        return Box(round(x, 5), round(y, 5), round(min(wide, 1 - x), 5), round(min(high, 1 - y), 5))

    @staticmethod
    def _clamp(value: float) -> float:
        return min(max(value, 0.0), 1.0)


def letterboxed(page: Image.Image) -> Image.Image:
    """The page centred on 1920 × 1080; bars take the page's edge colour where it is even, else black."""
    if page.size == (WIDTH, HEIGHT):
        return page
    left, top = (WIDTH - page.width) // 2, (HEIGHT - page.height) // 2
    picture = Image.new("RGB", (WIDTH, HEIGHT), _edge_colour(page, beside=page.width < WIDTH))
    picture.paste(page, (left, top))
    return picture


def _edge_colour(page: Image.Image, *, beside: bool) -> tuple[int, int, int]:
    pixels = np.asarray(page)
    edges = (pixels[:, 0], pixels[:, -1]) if beside else (pixels[0], pixels[-1])
    edge = np.concatenate(edges).astype(np.float32)
    if float(edge.std(axis=0).max()) > _EVEN:
        return (0, 0, 0)
    red, green, blue = (int(value) for value in np.median(edge, axis=0))
    return red, green, blue


def save_picture(picture: Image.Image, folder: Path, name: str) -> str:
    """Write a PNG, or a JPEG where a photo makes the PNG large; returns the file's name."""
    png = folder / f"{name}.png"
    picture.save(png, compress_level=3)
    if png.stat().st_size <= _PNG_MAX_BYTES:
        return png.name
    png.unlink()
    jpeg = folder / f"{name}.jpg"
    picture.save(jpeg, quality=92, subsampling=0)
    return jpeg.name
