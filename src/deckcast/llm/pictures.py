"""Slide pictures as models take them."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from deckcast.kit.errors import WorkError

MOST_BYTES = 3_500_000  # the strictest provider takes 5 MB in base64
LONGEST_SIDE = 1568  # pixels; what is larger is made smaller there anyway


def read_picture(path: Path) -> tuple[bytes, str]:
    """The picture and its media type; a heavy one is made a smaller JPEG. Raises WorkError image_unreadable."""
    try:
        content = path.read_bytes()
        kind = "image/jpeg" if content.startswith(b"\xff\xd8") else "image/png"
        return (content, kind) if len(content) <= MOST_BYTES else (_smaller(content), "image/jpeg")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise WorkError(
            "image_unreadable",
            "The picture of this slide cannot be read.",
            next_step="Save the deck anew and run again.",
        ) from error


def _smaller(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        small = picture.convert("RGB")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = io.BytesIO()
    small.save(written, "JPEG", quality=88)
    return written.getvalue()
