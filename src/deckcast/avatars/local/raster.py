"""From SVG to pixels: premultiplied colours, and the video's own colour space."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from resvg_py import svg_to_bytes

Pixels = NDArray[np.float32]
Packed = NDArray[np.uint32]

# BT.709, limited range: rows are Y, Cb, Cr; columns R, G, B (0 to 255).
_KR, _KG, _KB = 0.2126, 0.7152, 0.0722
_MATRIX = np.array(
    [
        [_KR * 219, _KG * 219, _KB * 219],
        [-_KR / 1.8556 * 224, -_KG / 1.8556 * 224, 0.5 * 224],
        [0.5 * 224, -_KG / 1.5748 * 224, -_KB / 1.5748 * 224],
    ],
    dtype=np.float32,
) / np.float32(255)
_OFFSET = np.array([16, 128, 128], dtype=np.float32)


def render(document: str, grow: int = 1) -> Pixels:
    """Draw an SVG; returns (height, width, 4) float32 of premultiplied R, G, B and alpha, 0 to 255.

    `grow` enlarges the picture after drawing it.
    """
    image = to_image(document).convert("RGBa")
    if grow > 1:
        image = image.resize((image.width * grow, image.height * grow), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.float32)


def to_image(document: str) -> Image.Image:
    """Draw an SVG as an RGBA picture."""
    png = svg_to_bytes(svg_string=document, skip_system_fonts=True)
    return Image.open(io.BytesIO(png)).convert("RGBA")


def over(upper: Pixels, lower: Pixels) -> Pixels:
    """Lay one premultiplied picture over another of the same size."""
    return upper + lower * (1 - upper[..., 3:] / np.float32(255))


def to_yuv(rgb: Pixels) -> Pixels:
    """(…, 3) R, G, B (0 to 255) to Y, Cb, Cr as the video holds them (16 to 235, 16 to 240), float32."""
    return rgb @ _MATRIX.T + _OFFSET


def pack(pixels: Pixels, fine: int) -> Packed:
    """Premultiplied RGBA, drawn `fine` times too large, to packed Y, Cb, Cr, alpha (uint32, low byte first).

    Each value is the mean of the `fine` × `fine` values right and below of it (2 `fine` for colour), so that any
    picture taken at a stride of `fine` is anti-aliased, from any start: that is what lets a head move by less
    than a pixel without a shimmer. The result is smaller by 2 `fine` - 1 in both directions.
    """
    alpha = pixels[..., 3:]
    yuv = pixels[..., :3] @ _MATRIX.T + _OFFSET * (alpha / np.float32(255))
    small = 2 * fine - 1
    height, width = pixels.shape[0] - small, pixels.shape[1] - small
    planes = np.empty((height, width, 4), dtype=np.uint8)
    for channel in range(4):
        plane = alpha[..., 0] if channel == 3 else yuv[..., channel]
        reach = 2 * fine if channel in (1, 2) else fine
        planes[..., channel] = np.rint(_mean(plane, reach)[:height, :width])
    return planes.view(np.uint32)[..., 0]


def _mean(plane: Pixels, reach: int) -> Pixels:
    rows, columns = plane.shape[0] - reach + 1, plane.shape[1] - reach + 1
    down = plane[:rows].copy()
    for i in range(1, reach):
        down += plane[i : i + rows]
    mean = down[:, :columns].copy()
    for i in range(1, reach):
        mean += down[:, i : i + columns]
    mean /= np.float32(reach * reach)
    return mean
