"""The part of a clip's picture that does not move, and the mask through which the presenter is seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from deckcast.kit.errors import WorkError
from deckcast.videos import canvas
from deckcast.videos.models import HEIGHT, WIDTH, Layout, PixelBox, Placement, Shape

Plane = NDArray[np.uint8]
Mask = NDArray[np.uint16]  # 0..256

RING = 5  # px of white around a presenter in a corner
FADING = 0.2  # how much of a cut-out's height fades away where it does not stand on the picture's lower edge
CORNER_ZOOM = 1.2  # how much closer than the whole video a presenter in a corner is seen


@dataclass(frozen=True, slots=True)
class Window:
    """Where the presenter is seen: the video's box in the picture, its masks for Y and for U, V, and how much
    closer than the whole video it is."""

    box: PixelBox
    luma: Mask
    chroma: Mask
    zoom: float = 1.0


def load_picture(path: Path) -> Image.Image:
    """A picture as RGB, transparency on white. Raises WorkError `image_unreadable`."""
    try:
        with Image.open(path) as image:
            if image.mode in ("RGB", "L"):
                plain: Image.Image = image.convert("RGB")
                return plain
            clear = image.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError) as error:
        raise WorkError(
            "image_unreadable",
            f"The slide picture {path.name} cannot be read.",
            next_step="Import the deck again to make the slide pictures anew.",
        ) from error
    white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
    flat: Image.Image = Image.alpha_composite(white, clear).convert("RGB")
    return flat


def draw_still(image: Path | None, placement: Placement, background: str) -> canvas.Rgb:
    """Canvas, slide, shadows, ring and card as (1080, 1920, 3) RGB."""
    slide, presenter = placement.slide, placement.presenter
    picture = load_picture(image) if image is not None and slide is not None else None
    framed = presenter is not None and placement.shape is not Shape.CUT_OUT
    beside = placement.layout is Layout.BESIDE and framed
    if slide == (0, 0, WIDTH, HEIGHT) and picture is not None and picture.size == (WIDTH, HEIGHT):
        ground = np.array(picture)
    else:
        ground = canvas.canvas(background)
        if beside and presenter is not None:
            _lift(ground, presenter)
        if slide is not None and picture is not None:
            _lay_slide(ground, slide, picture)
    if beside and presenter is not None:
        card = canvas.outline(presenter.width, presenter.height, Shape.ROUNDED)
        canvas.paint(ground, presenter, canvas.parse_colour(background), card)
    elif placement.layout is Layout.CORNER and framed and presenter is not None:
        canvas.cast_shadow(ground, presenter, placement.shape, canvas.CORNER_SHADOW)
        rim = canvas.outline(presenter.width, presenter.height, placement.shape)
        canvas.paint(ground, presenter, (255.0, 255.0, 255.0), rim)
    return ground


def _lay_slide(ground: canvas.Rgb, box: PixelBox, picture: Image.Image) -> None:
    """The slide within its box, as large as its proportions allow; a card where it does not fill all."""
    scale = min(box.width / picture.width, box.height / picture.height)
    width = min(box.width, round(picture.width * scale / 2) * 2)
    height = min(box.height, round(picture.height * scale / 2) * 2)
    place = PixelBox(
        box.x + (box.width - width) // 4 * 2, box.y + (box.height - height) // 4 * 2, width, height
    )
    card = (box.width, box.height) != (WIDTH, HEIGHT)
    if card:
        _lift(ground, place)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    shape = Shape.ROUNDED if card else Shape.SQUARE
    canvas.paint(ground, place, np.array(picture, np.float32), canvas.outline(width, height, shape))


def _lift(ground: canvas.Rgb, box: PixelBox) -> None:
    canvas.cast_shadow(ground, box, Shape.ROUNDED, canvas.CARD_SHADOW)
    canvas.cast_shadow(ground, box, Shape.ROUNDED, canvas.CONTACT_SHADOW)


def window_for(placement: Placement) -> Window | None:
    """The presenter's window: in a corner within the ring, else the whole box."""
    box = placement.presenter
    if box is None:
        return None
    if placement.shape is Shape.CUT_OUT:
        return _window(box, _foot(box))
    ringed = placement.layout is Layout.CORNER
    mask = canvas.outline(box.width, box.height, placement.shape, float(RING) if ringed else 0.0)
    return _window(box, mask, CORNER_ZOOM if ringed else 1.0)


def _foot(box: PixelBox) -> NDArray[np.float32]:
    """A cut-out is seen whole, but where it does not stand on the picture's lower edge its foot fades away."""
    mask = np.ones((box.height, box.width), np.float32)
    if box.y + box.height < HEIGHT:
        rows = round(box.height * FADING)
        slope = np.linspace(1, 0, rows, dtype=np.float32)
        mask[-rows:] = (slope * slope * (3 - 2 * slope))[:, None]
    return mask


def _window(box: PixelBox, mask: NDArray[np.float32], zoom: float = 1.0) -> Window:
    quarter = mask.reshape(box.height // 2, 2, box.width // 2, 2).mean(axis=(1, 3))
    return Window(box, _fixed_point(mask), _fixed_point(quarter), zoom)


def _fixed_point(mask: NDArray[np.float32]) -> Mask:
    return np.round(mask * 256).astype(np.uint16)


def to_yuv(picture: canvas.Rgb) -> av.VideoFrame:
    """RGB to a yuv420p frame: BT.709, limited range."""
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")


def planes_of(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """The Y, U and V planes of a yuv420p frame as writable views without padding."""
    views = [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]  # type: ignore[call-overload]
        for plane in frame.planes
    ]
    return views[0], views[1], views[2]
