"""Draw docs/images/demo.png from the sample's film: python scripts/picture.py demo"""

from __future__ import annotations

import sys
from pathlib import Path

import av
from PIL import Image

SHOWN = ((1, 4.6), (3, 7.9), (5, 6.1), (7, 3.0))  # slide, seconds into it
SIZE, GAP = (640, 360), 12
OUT = Path(__file__).parents[1] / "docs" / "images" / "demo.png"


def frame_at(path: Path, seconds: float) -> Image.Image:
    """The picture that a clip shows at a time, at half size or less."""
    with av.open(str(path)) as clip:
        for frame in clip.decode(video=0):
            if frame.time is not None and frame.time >= seconds:
                break
        return frame.to_image().resize(SIZE, Image.Resampling.LANCZOS)


def main(film: Path) -> None:
    """Four moments of the film, two by two."""
    width, height = SIZE
    sheet = Image.new("RGB", (2 * width + GAP, 2 * height + GAP), "white")
    for place, (slide, seconds) in enumerate(SHOWN):
        picture = frame_at(film / "slides" / f"{slide:02d}.mp4", seconds)
        sheet.paste(picture, (place % 2 * (width + GAP), place // 2 * (height + GAP)))
    sheet.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
        OUT, optimize=True
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
