"""Draws the simulated presenter: plainly a stand-in, with a mouth in five positions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from deckcast.simulators.heygen.catalogue import Colour, Look

MOUTHS = 5
_FINE = 3  # drawn larger and reduced, for smooth edges
_INK = (46, 36, 40)


@lru_cache(maxsize=4)
def pictures(
    look: Look, width: int, height: int, background: Colour | Path | None
) -> tuple[Image.Image, ...]:
    """The presenter with each mouth, from shut to wide open, before a colour or a picture that fills the field.

    On no background they are RGBA, transparent around. Raises OSError for a background that is no picture.
    """
    if isinstance(background, Path):
        plain = ImageOps.fit(Image.open(background).convert("RGBA"), (width, height))
    else:
        plain = Image.new("RGBA", (width, height), (*background, 255) if background else (0, 0, 0, 0))
    side = min(width, height)
    label = _label(side)
    label_at = ((width - label.width) // 2, height - label.height - round(side * 0.03))
    result = []
    for figure in _figures(look, side):
        picture = plain.copy()
        picture.alpha_composite(figure, ((width - side) // 2, height - side))
        picture.alpha_composite(label, label_at)
        result.append(picture if background is None else picture.convert("RGB"))
    return tuple(result)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(part * factor)) for part in colour)
    return red, green, blue


class _Pencil:
    """Draws in hundredths of the figure's side."""

    def __init__(self, canvas: Image.Image) -> None:
        self._draw = ImageDraw.Draw(canvas)
        self._unit = canvas.width / 100

    def _scaled(self, numbers: Iterable[float]) -> list[float]:
        return [number * self._unit for number in numbers]

    def oval(self, x: float, y: float, half_width: float, half_height: float, fill: Colour) -> None:
        self._draw.ellipse(
            self._scaled((x - half_width, y - half_height, x + half_width, y + half_height)), fill=fill
        )

    def block(
        self, left: float, top: float, right: float, bottom: float, radius: float, fill: Colour
    ) -> None:
        self._draw.rounded_rectangle(self._scaled((left, top, right, bottom)), radius * self._unit, fill=fill)

    def shape(self, points: Iterable[tuple[float, float]], fill: Colour) -> None:
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=fill)

    def arc(self, box: tuple[float, ...], first: float, last: float, fill: Colour, width: float) -> None:
        self._draw.arc(self._scaled(box), first, last, fill=fill, width=max(1, round(width * self._unit)))


def _figures(look: Look, side: int) -> list[Image.Image]:
    """Head and shoulders with each mouth, `side` pixels square, standing on the lower edge."""
    canvas = Image.new("RGBA", (side * _FINE, side * _FINE))
    _body(_Pencil(canvas), look)
    _head(_Pencil(canvas), look)
    result = []
    for mouth in range(MOUTHS):
        speaking = canvas.copy()
        _mouth(_Pencil(speaking), look, mouth)
        result.append(speaking.resize((side, side), Image.Resampling.LANCZOS))
    return result


def _body(pencil: _Pencil, look: Look) -> None:
    if look.long_hair:
        pencil.block(30.5, 24, 69.5, 75, 18, _shade(look.hair, 0.86))
    pencil.block(16, 73, 84, 130, 21, look.top)
    pencil.block(43, 56, 57, 80, 6, _shade(look.skin, 0.84))
    pencil.shape(((40.5, 73), (59.5, 73), (50, 88)), _shade(look.skin, 0.92))
    for way in (-1, 1):
        pencil.shape(((50 + way * 9, 72), (50 + way * 14.5, 76), (50, 95), (50, 87)), _shade(look.top, 1.35))


def _head(pencil: _Pencil, look: Look) -> None:
    for way in (-1, 1):
        pencil.oval(50 + way * 17, 45.5, 2.6, 4, _shade(look.skin, 0.9))
    pencil.oval(50, 36.5, 18.4, 21.5, look.hair)
    pencil.oval(50, 44.5, 16.6, 20.5, look.skin)
    pencil.shape(_hairline(58 if look.gender == "female" else 40), look.hair)
    for way in (-1, 1):
        eye = 50 + way * 6.6
        pencil.oval(eye, 43.6, 2.9, 2.1, (250, 250, 250))
        pencil.oval(eye, 43.6, 1.7, 1.9, _INK)
        pencil.oval(eye + 0.55, 43.0, 0.5, 0.5, (250, 250, 250))
        pencil.arc((eye - 3.6, 38.2, eye + 3.6, 44), 205, 335, _shade(look.hair, 0.75), 1.0)
        if sum(look.skin) > 500:
            pencil.oval(50 + way * 10.2, 50.2, 2.6, 1.6, _blend(look.skin, (226, 120, 110), 0.22))
    pencil.arc((47.6, 44.6, 52.4, 51.2), 30, 150, _shade(look.skin, 0.72), 0.9)


def _blend(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (
        round(first + (second - first) * share) for first, second in zip(one, other, strict=True)
    )
    return red, green, blue


def _hairline(parting: float) -> list[tuple[float, float]]:
    """Over the top of the head, then back along a fringe swept from the parting to both temples."""
    crown = [(50 + 18.4 * cos(turn), 36.5 - 21.5 * sin(turn)) for turn in _turns(-0.22, pi + 0.22)]
    left, right = crown[-1], crown[0]
    top = (parting, 27.0)
    return [*crown, *_curve(left, (35.5, 30.5), top), *_curve(top, (64.5, 30.5), right)]


def _turns(first: float, last: float) -> list[float]:
    return [first + (last - first) * step / 48 for step in range(49)]


def _curve(
    first: tuple[float, float], pull: tuple[float, float], last: tuple[float, float]
) -> list[tuple[float, float]]:
    points = []
    for share in _turns(0, 1):
        weights = ((1 - share) ** 2, 2 * share * (1 - share), share**2)
        x, y = (
            sum(w * p[axis] for w, p in zip(weights, (first, pull, last), strict=True)) for axis in (0, 1)
        )
        points.append((x, y))
    return points


def _mouth(pencil: _Pencil, look: Look, mouth: int) -> None:
    lips = _shade((192, 88, 88), 0.78 if sum(look.skin) < 350 else 1.0)
    if mouth == 0:
        pencil.arc((44, 50.4, 56, 57.2), 25, 155, lips, 1.1)
        return
    half_width, half_height = 5.7 - 0.3 * mouth, 0.8 + 0.66 * mouth
    middle = 55.4 + 0.25 * mouth
    pencil.oval(50, middle, half_width + 0.8, half_height + 0.8, lips)
    pencil.oval(50, middle, half_width, half_height, (94, 28, 36))
    if mouth >= 2:
        top = middle - half_height + 0.3
        teeth = half_width * 0.62
        pencil.block(50 - teeth, top, 50 + teeth, top + 0.3 + 0.3 * half_height, 0.5, (248, 246, 242))


@cache
def _label(side: int) -> Image.Image:
    size = max(10, round(side * 0.042))
    font = ImageFont.load_default(size)
    text = "SIMULATED"
    left, top, right, bottom = font.getbbox(text)
    across, down = round(right - left + 1.3 * size), round(bottom - top + size)
    label = Image.new("RGBA", (across, down))
    draw = ImageDraw.Draw(label)
    draw.rounded_rectangle([0, 0, across - 1, down - 1], down / 2, fill=(24, 28, 38, 215))
    draw.text((across / 2, down / 2), text, font=font, fill=(255, 255, 255, 255), anchor="mm")
    return label
