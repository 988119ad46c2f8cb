"""One picture of what a slide's clip would look like, composed as the clip is, but with a still presenter."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from deckcast.videos.canvas import parse_colour
from deckcast.videos.compose import Scene
from deckcast.videos.cutout import CutoutFit
from deckcast.videos.models import HEIGHT, WIDTH, ClipRequest, Placement, Shape
from deckcast.videos.presenter import Fit, Presenter
from deckcast.videos.still import load_picture, window_for

PREVIEW_PX = 960
_QUALITY = 88
_SMOOTH = 3  # how much larger a silhouette is drawn than it is shown
_HEAD, _BODY = "#A9B6C9", "#8F9FB6"


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What to show. `presenter` is a picture's bytes, None for a silhouette; `alone`: it stands on nothing, as those of
    our own characters do. `video_size` is width and height in px of the avatar video that would be ordered, `behind`
    what is behind the presenter in it: "#RRGGBB", the path of a picture, or "transparent". `mark` as in ClipRequest."""

    slide_image: Path | None
    placement: Placement
    presenter: bytes | None
    alone: bool
    video_size: tuple[int, int]
    behind: str | Path
    background: str
    mark: str | None = None


def draw_preview(request: PreviewRequest) -> bytes:
    """The picture as a JPEG, `PREVIEW_PX` wide. Blocks: run it in a child process. Raises WorkError
    `image_unreadable` where the slide's picture cannot be read."""
    placement = request.placement
    window = window_for(placement)
    clip = ClipRequest(
        request.slide_image, placement, None, None, background=request.background, mark=request.mark
    )
    if window is None:
        scene = Scene(clip, None, None)
    else:
        fit = Fit(window.box.width, window.box.height, window.zoom)
        if placement.shape is Shape.CUT_OUT:
            fit = CutoutFit(window.box.width, window.box.height)
        presenter = Presenter(iter([_presenter_frame(request)]), Path("presenter"), fit)
        scene = Scene(clip, presenter, window)
    rgb = scene.frame.reformat(format="rgb24", src_colorspace=1, src_color_range=1)
    picture = Image.fromarray(rgb.to_ndarray()).resize(
        (PREVIEW_PX, PREVIEW_PX * HEIGHT // WIDTH), Image.Resampling.LANCZOS
    )
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()


def _presenter_frame(request: PreviewRequest) -> av.VideoFrame:
    """A frame of the avatar video, as it would come."""
    clear = request.placement.shape is Shape.CUT_OUT
    picture = _opened(request.presenter) if request.presenter is not None else None
    if picture is not None and not request.alone:
        if not clear:
            return _frame(picture.convert("RGB"), clear=False)
        picture = None  # nobody can tell the presenter from what is behind
    width, height = request.video_size
    bust = min(width, height)
    picture = silhouette(bust) if picture is None else picture.resize((bust, bust), Image.Resampling.LANCZOS)
    stage = Image.new("RGBA", (width, height)) if clear else _behind(request)
    stage.alpha_composite(picture.convert("RGBA"), ((width - bust) // 4 * 2, (height - bust) // 2 * 2))
    return _frame(stage if clear else stage.convert("RGB"), clear=clear)


def _opened(data: bytes) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (WIDTH, HEIGHT))
            image.load()
            return image.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        return None


def _behind(request: PreviewRequest) -> Image.Image:
    if isinstance(request.behind, Path):
        picture = ImageOps.fit(load_picture(request.behind), request.video_size, Image.Resampling.LANCZOS)
        whole: Image.Image = picture.convert("RGBA")
        return whole
    red, green, blue = (round(part) for part in parse_colour(request.behind))
    return Image.new("RGBA", request.video_size, (red, green, blue, 255))


def _frame(picture: Image.Image, *, clear: bool) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgba" if clear else "rgb24")
    drawn = frame.reformat(
        width=frame.width // 2 * 2,
        height=frame.height // 2 * 2,
        format="yuva420p" if clear else "yuv420p",
        dst_colorspace=1,
        dst_color_range=1,
    )
    drawn.colorspace = drawn.color_range = 1
    return drawn


def silhouette(size: int) -> Image.Image:
    """Somebody, nobody in particular: head and shoulders as an RGBA picture of `size` × `size` px, on nothing."""
    large = Image.new("RGBA", (size * _SMOOTH, size * _SMOOTH))
    pen, unit = ImageDraw.Draw(large), size * _SMOOTH / 100
    pen.ellipse((12 * unit, 63 * unit, 88 * unit, 150 * unit), fill=_BODY)
    pen.rounded_rectangle((41 * unit, 48 * unit, 59 * unit, 74 * unit), 9 * unit, fill=_BODY)
    pen.ellipse((32 * unit, 15 * unit, 68 * unit, 60 * unit), fill=_HEAD)
    return large.resize((size, size), Image.Resampling.LANCZOS)
