"""Draws the simulated presenter: plainly a stand-in, with a mouth in five positions."""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageDraw, ImageFont

from deckcast.simulators.heygen.catalogue import Colour, Look

MOUTHS = 5
_FINE = 3  # drawn larger and reduced, for smooth edges
_INK = (46, 36, 40)


def pictures(look: Look, width: int, height: int, background: Colour | None) -> list[Image.Image]:
    """The presenter with each mouth, from shut to wide open; on no background: RGBA, transparent around."""
    field = (*background, 255) if background else (0, 0, 0, 0)
    plain = Image.new("RGBA", (width, height), field)
    result = []
    for mouth in range(MOUTHS):
        picture = plain.copy()
        figure = _figure(look, min(height, round(width * 1.1)), mouth)
        picture.alpha_composite(figure, ((width - figure.width) // 2, height - figure.height))
        picture.alpha_composite(_label(height), (round(height * 0.04), round(height * 0.04)))
        result.append(picture if background is None else picture.convert("RGB"))
    return result


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(part * factor)) for part in colour)
    return red, green, blue


def _figure(look: Look, side: int, mouth: int) -> Image.Image:
    """Head and shoulders, `side` pixels square, standing on its lower edge."""
    unit = side * _FINE / 100
    canvas = Image.new("RGBA", (side * _FINE, side * _FINE))
    draw = ImageDraw.Draw(canvas)

    def oval(x: float, y: float, half_width: float, half_height: float, fill: Colour) -> None:
        edges = (x - half_width, y - half_height, x + half_width, y + half_height)
        draw.ellipse([edge * unit for edge in edges], fill=fill)

    if look.long_hair:
        draw.rounded_rectangle([31 * unit, 24 * unit, 69 * unit, 74 * unit], 17 * unit, fill=look.hair)
    draw.rounded_rectangle([17 * unit, 73 * unit, 83 * unit, 130 * unit], 20 * unit, fill=look.top)
    draw.rounded_rectangle(
        [43.5 * unit, 58 * unit, 56.5 * unit, 80 * unit], 6 * unit, fill=_shade(look.skin, 0.86)
    )
    draw.polygon(
        [(x * unit, y * unit) for x, y in ((41, 73), (59, 73), (50, 87))], fill=_shade(look.skin, 0.92)
    )
    for way in (-1, 1):
        lapel = ((50 + way * 9.5, 72), (50 + way * 14, 76), (50, 93), (50, 86.5))
        draw.polygon([(x * unit, y * unit) for x, y in lapel], fill=_shade(look.top, 1.3))
        oval(50 + way * 17, 45, 2.6, 4, _shade(look.skin, 0.9))
    oval(50, 34, 18.6, 20, look.hair)
    oval(50, 44, 16.5, 20.5, look.skin)
    draw.pieslice([32.5 * unit, 16 * unit, 67.5 * unit, 50 * unit], 180, 360, fill=look.hair)
    draw.rectangle([36 * unit, 31 * unit, 64 * unit, 34 * unit], fill=look.skin)
    draw.pieslice([34 * unit, 26 * unit, 66 * unit, 41 * unit], 180, 360, fill=look.hair)
    for way in (-1, 1):
        oval(50 + way * 6.6, 43, 2.9, 2.1, (250, 250, 250))
        oval(50 + way * 6.6, 43, 1.5, 1.7, _INK)
        arch = [(50 + way * 6.6 - 3.4) * unit, 37.4 * unit, (50 + way * 6.6 + 3.4) * unit, 43 * unit]
        draw.arc(arch, 205, 335, fill=_shade(look.hair, 0.8), width=round(0.9 * unit))
    draw.arc([47.6 * unit, 44 * unit, 52.4 * unit, 50.6 * unit], 30, 150, fill=_shade(look.skin, 0.72),
             width=round(0.8 * unit))  # fmt: skip
    _mouth(draw, unit, mouth, look)
    return canvas.resize((side, side), Image.Resampling.LANCZOS)


def _mouth(draw: ImageDraw.ImageDraw, unit: float, mouth: int, look: Look) -> None:
    lips = _shade((190, 84, 84), 0.75 if sum(look.skin) < 350 else 1.0)
    if mouth == 0:
        draw.arc(
            [44 * unit, 49.5 * unit, 56 * unit, 56.5 * unit], 25, 155, fill=lips, width=round(1.1 * unit)
        )
        return
    half_width, half_height = 5.6 - 0.4 * mouth, 0.9 + 0.85 * mouth
    top = 54 - half_height * 0.6
    box = [50 - half_width, top, 50 + half_width, top + 2 * half_height]
    draw.ellipse(
        [edge * unit for edge in (box[0] - 0.8, box[1] - 0.8, box[2] + 0.8, box[3] + 0.8)], fill=lips
    )
    draw.ellipse([edge * unit for edge in box], fill=(94, 28, 36))
    if mouth >= 2:
        teeth = [
            50 - half_width * 0.66,
            top + 0.35,
            50 + half_width * 0.66,
            top + 0.35 + 0.3 * half_height + 0.5,
        ]
        draw.rounded_rectangle([edge * unit for edge in teeth], 0.5 * unit, fill=(248, 246, 242))


@cache
def _label(height: int) -> Image.Image:
    size = max(10, round(height * 0.042))
    font = ImageFont.load_default(size)
    text = "SIMULATED"
    left, top, right, bottom = font.getbbox(text)
    across, down = round(right - left + 1.3 * size), round(bottom - top + size)
    label = Image.new("RGBA", (across, down))
    draw = ImageDraw.Draw(label)
    draw.rounded_rectangle([0, 0, across - 1, down - 1], down / 2, fill=(24, 28, 38, 215))
    draw.text((across / 2, down / 2), text, font=font, fill=(255, 255, 255, 255), anchor="mm")
    return label
