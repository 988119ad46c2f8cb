"""A character at rest, as a picture: drawn once and kept beside its rig, since drawing it takes seconds.

python -m deckcast.avatars.local.portrait [CHARACTER …]   draws the portraits anew, after a rig has changed.
"""

from __future__ import annotations

import sys

from PIL import Image

from deckcast.avatars.local.raster import to_image
from deckcast.avatars.local.rig import CHARACTERS_DIR, characters, find_character, load_rig

PORTRAIT_PX = 1080
_FILE = "portrait.webp"


def portrait(character_id: str, size: int) -> Image.Image:
    """A character as an RGBA picture of `size` × `size` px, on nothing. Raises CallError `unknown_avatar`."""
    with Image.open(CHARACTERS_DIR / find_character(character_id).id / _FILE) as image:
        kept = image.convert("RGBa")  # colours times alpha, so that nothing foreign comes to the edge
    return kept.resize((size, size), Image.Resampling.LANCZOS).convert("RGBA")


def draw_portrait(character_id: str) -> None:
    """Draw a character's portrait from its rig and keep it."""
    picture = to_image(load_rig(character_id).still(PORTRAIT_PX))
    picture.save(CHARACTERS_DIR / character_id / _FILE, "WEBP", quality=92, method=6)


if __name__ == "__main__":
    for name in sys.argv[1:] or [each.id for each in characters()]:
        draw_portrait(name)
