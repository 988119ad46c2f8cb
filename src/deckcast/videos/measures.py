"""How large a presenter is and where its box stands, in px of the 1920×1080 picture."""

from __future__ import annotations

from dataclasses import dataclass

from deckcast.videos.models import HEIGHT, WIDTH, Corner, Layout, PixelBox, Placement, Shape, Size


@dataclass(frozen=True, slots=True)
class Measures:
    """A presenter's size in px: sides of its box in a corner, best first; width of its card beside the slide;
    side of the avatar video to order, enough for both."""

    corner_px: tuple[int, ...]
    card_px: int
    video_px: int


MEASURES = {
    None: Measures((400, 360, 320), 384, 480),  # as large as fits
    Size.SMALL: Measures((280, 240), 256, 480),
    Size.MEDIUM: Measures((360, 320, 280), 384, 480),
    Size.LARGE: Measures((480, 440, 400, 360, 320), 448, 600),
}
CUT_OUT_GROWTH = 1.2  # how much larger the box of a cut-out is, which is seen whole and not from closer
MARGIN = 40  # from the picture's edges
CLEARANCE = 20  # kept free around the presenter, so that it crowds nothing
CORNERS = (Corner.BOTTOM_RIGHT, Corner.BOTTOM_LEFT, Corner.TOP_RIGHT, Corner.TOP_LEFT)
LOWER = CORNERS[:2]  # where a cut-out stands

BESIDE_MARGIN, BESIDE_GAP = 48, 32  # px around and between slide and presenter, beside each other


def avatar_size(layout: Layout, size: Size | None = None) -> tuple[int, int]:
    """Width and height in px of the presenter video to order for a layout."""
    side = MEASURES[size].video_px
    return (WIDTH, HEIGHT) if layout is Layout.FULL else (side, side)


def corner_box(corner: Corner, size: int, shape: Shape = Shape.CIRCLE) -> PixelBox:
    """The square box of `size` px in a corner of the picture. A cut-out has clear room around it already: its box
    reaches to the sides, and in a lower corner it stands on the picture's edge."""
    left = corner in (Corner.BOTTOM_LEFT, Corner.TOP_LEFT)
    margin = 0 if shape is Shape.CUT_OUT else MARGIN
    x = margin if left else WIDTH - margin - size
    y = HEIGHT - margin - size if corner in LOWER else MARGIN
    return PixelBox(x, y, size, size)


def beside(size: Size | None, cut_out: bool) -> Placement:
    """Slide and presenter's card beside each other, their middles level. A cut-out has no card: it stands on the
    picture's lower edge, in all the room beside the slide."""
    card = MEASURES[size].card_px
    width = WIDTH - 2 * BESIDE_MARGIN - BESIDE_GAP - card
    height = width * HEIGHT // WIDTH // 4 * 4
    slide = PixelBox(BESIDE_MARGIN, (HEIGHT - height) // 2, width, height)
    if cut_out:
        left = slide.x + slide.width
        room = WIDTH - left
        return Placement(Layout.BESIDE, slide, PixelBox(left, HEIGHT - room, room, room), Shape.CUT_OUT)
    tall = card * 4 // 3 // 4 * 4
    presenter = PixelBox(WIDTH - BESIDE_MARGIN - card, (HEIGHT - tall) // 2, card, tall)
    return Placement(Layout.BESIDE, slide, presenter, Shape.ROUNDED)
