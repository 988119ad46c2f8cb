"""Contact sheets: every state of a character on one picture, for docs/presenters.md and for people who draw one.

python -m deckcast.avatars.local.contact_sheet docs/images [CHARACTER …]
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw

from deckcast.avatars.local.raster import to_image
from deckcast.avatars.local.rig import VISEMES, Rig, characters, load_rig
from deckcast.kit.timing import Viseme

_CELL, _COLUMNS = 200, 6
_CROP = (0.22, 0.06, 0.78, 0.62)
_PAPER, _INK = "#eef2f7", "#29313d"


def contact_sheet(rig: Rig) -> Image.Image:
    """The fifteen visemes and three positions of the lids, six a row, each with its name."""
    states = [(str(viseme), viseme, 0.0) for viseme in VISEMES]
    states += [
        ("lids 40 %", Viseme.SIL, 0.4),
        ("lids 75 %", Viseme.SIL, 0.75),
        ("lids shut", Viseme.SIL, 1.0),
    ]
    rows = -(-len(states) // _COLUMNS)
    sheet = Image.new("RGB", (_CELL * _COLUMNS, _CELL * rows), _PAPER)
    pen = ImageDraw.Draw(sheet)
    size = round(_CELL / (_CROP[2] - _CROP[0]) * 2)
    area = tuple(round(edge * size) for edge in _CROP)
    for place, (name, viseme, lid) in enumerate(states):
        left, top = place % _COLUMNS * _CELL, place // _COLUMNS * _CELL
        picture = to_image(rig.still(size, viseme, lid)).crop((area[0], area[1], area[2], area[3]))
        picture = picture.resize((_CELL, _CELL), Image.Resampling.LANCZOS)
        sheet.paste(picture, (left, top), picture)
        pen.text((left + 5, top + 3), name, fill=_INK)
    return sheet


def main(folder: Path, names: list[str]) -> None:
    """Write `presenters-<id>.png` for the named characters, or for all of them."""
    for name in names or [character.id for character in characters()]:
        sheet = contact_sheet(load_rig(name)).quantize(255, dither=Image.Dither.FLOYDSTEINBERG)
        sheet.save(folder / f"presenters-{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
