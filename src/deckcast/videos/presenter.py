"""The presenter's frames, decoded as they are needed and scaled to the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from deckcast.kit.errors import WorkError
from deckcast.videos.probe import open_video
from deckcast.videos.still import Plane, Window, planes_of

Planes = tuple[Plane, ...]
_HALF_FRAME_S = 0.02
_HEADROOM = 0.25  # how much of what a zoom cuts off is above the head
_BT601 = {5, 6}
_LIMITED = 1
_FULL = 2


class Presenter:
    """A presenter video played forward: ask for the frame of ever later times.

    Before the first frame the first one holds, after the last the last. `fit` makes of a frame what is shown.
    """

    def __init__(
        self, frames: Iterator[av.VideoFrame], path: Path, fit: Callable[[av.VideoFrame], Planes]
    ) -> None:
        self._frames, self._path, self._fit = frames, path, fit
        first = self._decode()
        if first is None:
            raise unreadable(path)
        self._shown = first
        self._next: av.VideoFrame | None = self._decode()
        self._planes = fit(first)

    @property
    def first(self) -> Planes:
        """The first frame's planes at the window's size."""
        return self._planes

    def at(self, time_s: float) -> Planes | None:
        """The planes to show at a time of the video; None where they are the same as before."""
        latest = self._shown
        while self._next is not None and (self._next.time or 0.0) < time_s + _HALF_FRAME_S - 1e-6:
            latest, self._next = self._next, self._decode()
        if latest is self._shown:
            return None
        self._shown = latest
        self._planes = self._fit(latest)
        return self._planes

    def _decode(self) -> av.VideoFrame | None:
        try:
            return next(self._frames, None)
        except av.FFmpegError as error:
            raise unreadable(self._path) from error


class Fit:
    """Scales frames to cover a window, `zoom` times as large as they must be for that, and crops what is too much:
    of what is too wide both sides, of what is too tall the foot, since the head is above. Nothing is squashed."""

    def __init__(self, width: int, height: int, zoom: float = 1.0) -> None:
        self._width, self._height, self._zoom = width, height, zoom
        self.reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> Planes:
        """Y, U and V of the window."""
        width, height, left, top = self.place(frame)
        return self.cropped(planes_of(self.coloured(frame, width, height, "yuv420p")), left, top)

    def place(self, frame: av.VideoFrame) -> tuple[int, int, int, int]:
        """Width and height in px to scale the frame to, and the window's left and upper edge in it; all even."""
        scale = max(self._width / frame.width, self._height / frame.height) * self._zoom
        width = max(self._width, round(frame.width * scale / 2) * 2)
        height = max(self._height, round(frame.height * scale / 2) * 2)
        return (
            width,
            height,
            (width - self._width) // 4 * 2,
            int(height * (1 - 1 / self._zoom) * _HEADROOM) // 2 * 2,
        )

    def coloured(self, frame: av.VideoFrame, width: int, height: int, pixel_format: str) -> av.VideoFrame:
        """The frame at that size, BT.709 and limited range."""
        source_range = _FULL if frame.color_range == _FULL or frame.format.name == "yuvj420p" else _LIMITED
        source_space = frame.colorspace if frame.colorspace in _BT601 else 1
        if (frame.format.name, frame.width, frame.height, source_range, source_space) == (
            pixel_format, width, height, _LIMITED, 1,
        ):  # fmt: skip
            return frame
        return self.reformatter.reformat(
            frame, width, height, pixel_format,
            src_colorspace=source_space, dst_colorspace=1,
            src_color_range=source_range, dst_color_range=_LIMITED,
            interpolation="BICUBIC" if width > frame.width else "BILINEAR",
        )  # fmt: skip

    def cropped(self, planes: Planes, left: int, top: int) -> Planes:
        """The window's part of Y, U, V, and of alpha where there is one."""
        whole = (slice(top, top + self._height), slice(left, left + self._width))
        half = (
            slice(top // 2, (top + self._height) // 2),
            slice(left // 2, (left + self._width) // 2),
        )
        return tuple(plane[part] for plane, part in zip(planes, (whole, half, half, whole), strict=False))


@contextmanager
def open_presenter(path: Path, width: int, height: int, zoom: float = 1.0) -> Iterator[Presenter]:
    """Open a presenter video for a window of that size. Raises WorkError `avatar_video_unreadable`."""
    with open_video(path) as container:
        if not container.streams.video:
            raise unreadable(path)
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        yield Presenter(container.decode(stream), path, Fit(width, height, zoom))


def unreadable(path: Path) -> WorkError:
    """What is raised where an avatar video cannot be decoded."""
    return WorkError(
        "avatar_video_unreadable",
        f"The avatar video {path.name} cannot be decoded.",
        next_step="Generate this slide's avatar video again.",
    )


class WindowLayer:
    """Lays a presenter's planes over the picture's `views` (Y, U, V of the window) where the mask is, in place."""

    def __init__(self, views: Sequence[Plane], window: Window) -> None:
        self._views = tuple(views)
        self._masks = (window.luma, window.chroma, window.chroma)
        self._stills = [
            (view * (256 - mask) + 128).astype(np.uint16)
            for view, mask in zip(self._views, self._masks, strict=True)
        ]
        self._work = [np.empty_like(mask) for mask in self._masks]

    def show(self, planes: Planes) -> None:
        """Show these planes within the window's outline."""
        parts = zip(self._views, self._stills, planes, self._masks, self._work, strict=True)
        for view, still, plane, mask, work in parts:
            blend(view, still, plane, mask, work)


def blend(ground: Plane, still: np.ndarray, moving: Plane, mask: np.ndarray, work: np.ndarray) -> None:
    """`ground` = still·(256 − mask) + moving·mask, in place; `still` holds its product plus a half."""
    np.multiply(moving, mask, out=work)
    np.add(work, still, out=work)
    np.right_shift(work, 8, out=work)
    np.copyto(ground, work, casting="unsafe")
