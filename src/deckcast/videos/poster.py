"""The picture that stands for a film before it plays."""

from __future__ import annotations

from pathlib import Path

import av
from PIL import Image

from deckcast.kit.errors import WorkError
from deckcast.kit.files import written_whole
from deckcast.videos.probe import open_video
from deckcast.videos.still import load_picture

SIZE = (1280, 720)
_VIDEO_SUFFIXES = {".mp4", ".m4v", ".mov"}


def write_poster(source: Path, out: Path) -> None:
    """Write a JPEG of at most 1280×720 from a film's first picture, or from an image.

    Raises WorkError `image_unreadable` or `result_not_video`.
    """
    picture = _first_picture(source) if source.suffix.lower() in _VIDEO_SUFFIXES else load_picture(source)
    picture.thumbnail(SIZE, Image.Resampling.LANCZOS)
    with written_whole(out) as temporary:
        picture.save(temporary, format="JPEG", quality=88, optimize=True, progressive=True)
        temporary.chmod(0o644)


def _first_picture(path: Path) -> Image.Image:
    with open_video(path) as container:
        try:
            frame = next(container.decode(video=0))
        except (av.FFmpegError, StopIteration, IndexError) as error:
            raise WorkError(
                "result_not_video",
                f"{path.name} holds no picture that can be decoded.",
                next_step="Make the film again.",
            ) from error
        rgb = frame.reformat(format="rgb24", src_colorspace=1, src_color_range=1)
        return Image.fromarray(rgb.to_ndarray())
