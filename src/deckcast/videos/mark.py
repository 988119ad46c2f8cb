"""The mark that says in a corner of the picture that it was made by a machine.

The words are kept as pictures beside this file, so that every machine draws the same, whatever fonts it has.
python -m deckcast.videos.mark   draws them anew, with the fonts of the machine that it runs on.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deckcast.videos.canvas import Rgb
from deckcast.videos.models import HEIGHT, WIDTH, Corner, PixelBox
from deckcast.videos.presenter import blend
from deckcast.videos.quiet import Ground
from deckcast.videos.still import Plane, planes_of

MARK_VERSION = 1  # raised where it would look different
WORDS = {
    "ar": "أُنشئ بالذكاء الاصطناعي",
    "da": "AI-genereret",
    "de": "KI-generiert",
    "en": "AI-generated",
    "es": "Generado por IA",
    "fr": "Généré par IA",
    "it": "Generato dall’IA",
    "ja": "AI生成",
    "ko": "AI 생성",
    "nb": "KI-generert",
    "nl": "AI-gegenereerd",
    "pl": "Wygenerowane przez AI",
    "pt": "Gerado por IA",
    "ru": "Создано ИИ",
    "sv": "AI-genererad",
    "tr": "Yapay zekâ ile üretildi",
    "zh": "AI 生成",
}
_EAST_ASIAN = "WenQuanYi Micro Hei"
_FONTS = {**dict.fromkeys(("ja", "ko", "zh"), _EAST_ASIAN), "ar": "DejaVu Sans:bold"}
_NORWEGIAN = {"no": "nb", "nn": "nb"}
_FOLDER = Path(__file__).parent / "marks"
_MARGIN, _HEIGHT, _PADDING, _STAR, _GAP = 24, 44, 16, 20, 9  # px of the 1920×1080 picture
_LETTERS_PX = 24
_SMOOTH = 4  # how much larger it is drawn than it is shown
_GROUND, _INK, _RIM = (16, 22, 34, 168), (255, 255, 255, 242), (255, 255, 255, 56)
_ORDER = (Corner.BOTTOM_LEFT, Corner.TOP_RIGHT, Corner.BOTTOM_RIGHT, Corner.TOP_LEFT)


def mark_language(tag: str) -> str:
    """The language that a mark is written in, for a BCP 47 tag: English where there are no words for it."""
    primary = tag.lower().replace("_", "-").partition("-")[0]
    primary = _NORWEGIAN.get(primary, primary)
    return primary if primary in WORDS else "en"


class Mark:
    """The mark over a picture's planes, in a corner that the presenter leaves free (in one of its own, where the
    presenter fills the picture)."""

    def __init__(self, language: str, still: Rgb, presenter: PixelBox | None) -> None:
        picture = mark_picture(language)
        self.box = place_mark(picture.width, picture.height, still, presenter)
        self._planes, self._shares = _yuv(picture)

    def lay(self, planes: Sequence[Plane]) -> None:
        """Lay it over the Y, U and V of a whole picture, in place."""
        for plane, moving, share, step in zip(planes, self._planes, self._shares, (1, 2, 2), strict=True):
            view = plane[
                self.box.y // step : (self.box.y + self.box.height) // step,
                self.box.x // step : (self.box.x + self.box.width) // step,
            ]
            still = (view * (256 - share) + 128).astype(np.uint16)
            blend(view, still, moving, share, np.empty_like(share))

    def meets(self, box: PixelBox) -> bool:
        """Whether it stands within a box, or partly so."""
        return _meets(self.box, box)


def place_mark(width: int, height: int, still: Rgb, presenter: PixelBox | None) -> PixelBox:
    """Where a mark of that size stands: the first corner that shows nothing but ground, else the emptiest; never one
    that the presenter is in, unless it is in all of them."""
    boxes = [_corner_box(corner, width, height) for corner in _ORDER]
    free = [box for box in boxes if presenter is None or not _meets(box, presenter)]
    if not free:
        return boxes[0]
    ground = Ground(still)
    quiet = next((box for box in free if ground.quiet(box)), None)
    return quiet or min(free, key=ground.busyness)


def _corner_box(corner: Corner, width: int, height: int) -> PixelBox:
    left = corner in (Corner.BOTTOM_LEFT, Corner.TOP_LEFT)
    lower = corner in (Corner.BOTTOM_LEFT, Corner.BOTTOM_RIGHT)
    x = _MARGIN if left else WIDTH - _MARGIN - width
    return PixelBox(x, HEIGHT - _MARGIN - height if lower else _MARGIN, width, height)


def _meets(one: PixelBox, other: PixelBox) -> bool:
    apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
    apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (apart_x or apart_y)


@cache
def mark_picture(language: str) -> Image.Image:
    """The mark as an RGBA picture with even sides: a dark pill that shows the picture through, light letters."""
    with Image.open(_FOLDER / f"{language}.png") as image:
        letters = image.convert("L")
    width = (_PADDING + _STAR + _GAP + letters.width + _PADDING + 1) // 2 * 2
    large = Image.new("RGBA", (width * _SMOOTH, _HEIGHT * _SMOOTH))
    pen = ImageDraw.Draw(large)
    edge = (0, 0, large.width - 1, large.height - 1)
    pen.rounded_rectangle(edge, large.height / 2, fill=_GROUND, outline=_RIM, width=_SMOOTH)
    pen.polygon(_star(_PADDING + _STAR / 2, _HEIGHT / 2, _STAR / 2), fill=_INK)
    pill = large.resize((width, _HEIGHT), Image.Resampling.BOX)
    ink = Image.new("RGBA", letters.size, _INK)
    ink.putalpha(letters.point(lambda level: level * _INK[3] // 255))
    pill.alpha_composite(ink, (_PADDING + _STAR + _GAP, (_HEIGHT - letters.height) // 2))
    return pill


def _star(x: float, y: float, reach: float) -> list[tuple[float, float]]:
    """A star of four points, its sides curved inwards."""
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    out = (np.abs(np.cos(angles)) ** 3, np.abs(np.sin(angles)) ** 3)
    across, down = (
        np.sign(turn) * part for turn, part in zip((np.cos(angles), np.sin(angles)), out, strict=True)
    )
    return [((x + reach * a) * _SMOOTH, (y + reach * b) * _SMOOTH) for a, b in zip(across, down, strict=True)]


def _yuv(picture: Image.Image) -> tuple[tuple[Plane, ...], tuple[np.ndarray, ...]]:
    """Y, U, V of an RGBA picture, and how much of each covers what is below, 0..256."""
    pixels = np.asarray(picture)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[..., :3]), format="rgb24")
    planes = planes_of(frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"))
    share = np.round(pixels[..., 3] * (256 / 255)).astype(np.uint16)
    height, width = share.shape
    half = np.round(share.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))).astype(np.uint16)
    return tuple(plane.copy() for plane in planes), (share, half, half)


def _draw_letters(language: str) -> None:
    """Draw a language's words, as wide as they are and as high as the line, with a font of this machine."""
    wanted = _FONTS.get(language, "Noto Sans Display:semibold")
    found = subprocess.run(["fc-match", "-f", "%{file}", wanted], capture_output=True, text=True, check=True)
    bolder = 2 if wanted == _EAST_ASIAN else 0  # px: that font is a light one
    font = ImageFont.truetype(found.stdout, _LETTERS_PX * _SMOOTH)
    left, _, right, _ = font.getbbox(WORDS[language])
    ascent, descent = font.getmetrics()
    size = (int(right - left) + 2 * _SMOOTH, ascent + descent)
    large = Image.new("L", size)
    pen = ImageDraw.Draw(large)
    pen.text((_SMOOTH - left, 0), WORDS[language], fill=255, font=font, stroke_width=bolder)
    top, bottom = _line_of(font)
    middle = (top + bottom) / 2
    half = _HEIGHT * _SMOOTH / 2
    line = large.crop((0, round(middle - half), large.width, round(middle + half)))
    _FOLDER.mkdir(exist_ok=True)
    small = line.resize((round(line.width / _SMOOTH), _HEIGHT), Image.Resampling.BOX)
    small.save(_FOLDER / f"{language}.png", optimize=True)


def _line_of(font: ImageFont.FreeTypeFont) -> tuple[float, float]:
    """Where capitals begin and end, which is what the eye takes for a line's middle."""
    box = font.getbbox("AI")
    return box[1], box[3]


if __name__ == "__main__":
    for each in WORDS:
        _draw_letters(each)
