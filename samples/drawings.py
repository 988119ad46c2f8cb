"""The sample deck's pictures, drawn as SVG and turned into PNG."""

from __future__ import annotations

import resvg_py
from look import ACCENT, CARD, INK, LINE, MUTED, PAPER, TINT

STEP = 440  # pixels from the middle of one step to the next


def png(svg: str) -> bytes:
    """Render an SVG at its own size."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg))


def _svg(width: int, height: int, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{body}</svg>'
    )


def _rect(
    x: float, y: float, w: float, h: float, r: float, fill: str, stroke: str = "", width: int = 6
) -> str:
    edge = f'stroke="#{stroke}" stroke-width="{width}"' if stroke else ""
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="#{fill}" {edge}/>'


def _slide(x: float, y: float, w: float, h: float) -> str:
    """A small slide with a heading, two lines and a bar chart."""
    parts = [_rect(x, y, w, h, 14, CARD, INK)]
    parts.append(_rect(x + w * 0.1, y + h * 0.15, w * 0.5, h * 0.1, h * 0.05, ACCENT))
    parts += [
        _rect(x + w * 0.1, y + h * (0.4 + 0.18 * i), w * 0.36, h * 0.07, h * 0.035, LINE) for i in range(3)
    ]
    for index, part in enumerate((0.22, 0.36, 0.48)):
        left = x + w * (0.58 + 0.12 * index)
        parts.append(_rect(left, y + h * (0.84 - part), w * 0.08, h * part, 4, INK if index < 2 else ACCENT))
    return "".join(parts)


def _read(x: float, y: float) -> str:
    return _rect(x - 78, y - 82, 190, 124, 14, PAPER, MUTED) + _slide(x - 112, y - 46, 190, 124)


def _narrate(x: float, y: float) -> str:
    lines = "".join(
        _rect(x - 66, y - 58 + 34 * i, width, 14, 7, ACCENT if i == 0 else LINE)
        for i, width in enumerate((96, 132, 112, 132))
    )
    pen = (
        f'<g transform="translate({x + 66},{y + 44}) rotate(40)">'
        f'{_rect(-13, -86, 26, 92, 6, ACCENT, INK)}<path d="M-13 6 L13 6 L0 36 Z" fill="#{INK}"/></g>'
    )
    return _rect(x - 96, y - 92, 192, 184, 16, CARD, INK) + lines + pen


def _speak(x: float, y: float) -> str:
    heights = (44, 92, 148, 196, 120, 168, 84, 40)
    return "".join(
        _rect(x - 110 + index * 29, y - height / 2, 17, height, 8.5, ACCENT if index in (2, 3, 4, 5) else INK)
        for index, height in enumerate(heights)
    )


def _present(x: float, y: float) -> str:
    return (
        f'<defs><clipPath id="round"><circle cx="{x}" cy="{y}" r="104"/></clipPath></defs>'
        f'<circle cx="{x}" cy="{y}" r="104" fill="#{TINT}"/><g clip-path="url(#round)">'
        f'<path d="M{x - 100} {y + 130} C{x - 96} {y + 48} {x - 44} {y + 36} {x} {y + 36} '
        f'C{x + 44} {y + 36} {x + 96} {y + 48} {x + 100} {y + 130} Z" fill="#{ACCENT}"/>'
        f'<path d="M{x - 26} {y + 10} h52 v34 a26 22 0 0 1 -52 0 Z" fill="#D99C7C"/>'
        f'<ellipse cx="{x}" cy="{y - 16}" rx="47" ry="55" fill="#F0B896"/>'
        f'<path d="M{x - 51} {y - 12} C{x - 62} {y - 88} {x - 14} {y - 92} {x + 2} {y - 84} '
        f"C{x + 48} {y - 88} {x + 58} {y - 44} {x + 51} {y - 12} C{x + 44} {y - 34} {x + 34} {y - 46} "
        f'{x + 14} {y - 48} C{x - 14} {y - 44} {x - 42} {y - 46} {x - 51} {y - 12} Z" fill="#{INK}"/>'
        f'<circle cx="{x - 18}" cy="{y - 16}" r="5" fill="#{INK}"/>'
        f'<circle cx="{x + 18}" cy="{y - 16}" r="5" fill="#{INK}"/>'
        f'<path d="M{x - 17} {y + 11} Q{x} {y + 31} {x + 17} {y + 11} Z" fill="#8C2F1B"/></g>'
        f'<circle cx="{x}" cy="{y}" r="104" fill="none" stroke="#{INK}" stroke-width="6"/>'
    )


def _film(x: float, y: float) -> str:
    return (
        _rect(x - 130, y - 84, 260, 168, 20, INK)
        + f'<path d="M{x - 26} {y - 48} L{x + 46} {y - 8} L{x - 26} {y + 32} Z" fill="#{CARD}" '
        f'stroke="#{CARD}" stroke-width="10" stroke-linejoin="round"/>'
        + _rect(x - 104, y + 54, 208, 8, 4, MUTED)
        + _rect(x - 104, y + 54, 92, 8, 4, ACCENT)
        + f'<circle cx="{x - 12}" cy="{y + 58}" r="11" fill="#{ACCENT}"/>'
    )


def pipeline() -> bytes:
    """Five steps from deck to film, 2080 x 240 pixels: read, narrate, speak, present, join."""
    middle = 120
    parts = []
    for index, draw in enumerate((_read, _narrate, _speak, _present, _film)):
        x = 160 + index * STEP
        parts.append(draw(x, middle))
        if index < 4:
            a, b = x + 176, x + STEP - 176
            parts.append(
                f'<path d="M{a} {middle} H{b} m-20 -18 l20 18 l-20 18" fill="none" stroke="#{MUTED}" '
                'stroke-width="7" stroke-linecap="round" stroke-linejoin="round"/>'
            )
    return png(_svg(160 * 2 + STEP * 4, 240, "".join(parts)))


def silent_slide() -> bytes:
    """A slide beside an empty speech bubble, 520 x 400 pixels."""
    bubble = (
        f'<path d="M250 20 H470 a34 34 0 0 1 34 34 V150 a34 34 0 0 1 -34 34 H372 L316 236 V184 H250 '
        f'a34 34 0 0 1 -34 -34 V54 a34 34 0 0 1 34 -34 Z" fill="#{TINT}" stroke="#{ACCENT}" stroke-width="6" '
        'stroke-linejoin="round"/>'
    )
    dots = "".join(f'<circle cx="{308 + 52 * i}" cy="102" r="12" fill="#{ACCENT}"/>' for i in range(3))
    return png(_svg(520, 400, _slide(16, 150, 370, 234) + bubble + dots))


def title_art() -> bytes:
    """Slides that fan out into a film frame, for the dark title slide, 1000 x 640 pixels."""
    cards = "".join(
        f'<g transform="translate({300 + 70 * i},{330 - 18 * i}) rotate({-14 + 9 * i})" '
        f'opacity="{0.35 + 0.2 * i}">'
        f"{_rect(-250, -150, 500, 300, 22, '2C3848', '566273', 4)}</g>"
        for i in range(3)
    )
    front = (
        '<g transform="translate(570,290) rotate(7)">'
        + _rect(-280, -175, 560, 350, 24, CARD)
        + _rect(-230, -125, 240, 34, 17, ACCENT)
        + "".join(_rect(-230, -55 + 46 * i, width, 20, 10, LINE) for i, width in enumerate((190, 150, 190)))
        + _rect(-230, 115, 460, 12, 6, LINE)
        + _rect(-230, 115, 170, 12, 6, ACCENT)
        + f'<circle cx="-60" cy="121" r="17" fill="#{ACCENT}"/>'
        f'<circle cx="120" cy="-5" r="86" fill="#{INK}"/>'
        f'<path d="M94 -47 L174 -5 L94 37 Z" fill="#{CARD}" stroke="#{CARD}" stroke-width="12" '
        'stroke-linejoin="round"/></g>'
    )
    return png(_svg(1000, 640, cards + front))
