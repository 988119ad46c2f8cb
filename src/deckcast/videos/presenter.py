"""The presenter's frames, decoded as they are needed and scaled to the window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from deckcast.kit.errors import WorkError
from deckcast.videos.probe import open_video
from deckcast.videos.still import Plane, planes_of

Planes = tuple[Plane, Plane, Plane]
_HALF_FRAME_S = 0.02
_HEADROOM = 0.25  # how much of what a zoom cuts off is above the head
_BT601 = {5, 6}
_LIMITED = 1
_FULL = 2


class Presenter:
    """A presenter video played forward: ask for the frame of ever later times.

    Before the first frame the first one holds, after the last the last. The video covers the window, `zoom`
    times as large as it must be for that, and is cropped in the middle where proportions differ.
    """

    def __init__(
        self, container: av.container.InputContainer, path: Path, width: int, height: int, zoom: float
    ) -> None:
        self._stream = container.streams.video[0]
        self._frames = container.decode(self._stream)
        self._path = path
        self._width, self._height, self._zoom = width, height, zoom
        self._reformatter = VideoReformatter()
        first = self._decode()
        if first is None:
            raise _unreadable(path)
        self._shown = first
        self._next: av.VideoFrame | None = self._decode()
        self._planes = self._fit(first)

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
            raise _unreadable(self._path) from error

    def _fit(self, frame: av.VideoFrame) -> Planes:
        """Scale to cover the window, as BT.709 limited-range yuv420p, and crop the middle."""
        scale = max(self._width / frame.width, self._height / frame.height) * self._zoom
        width = max(self._width, round(frame.width * scale / 2) * 2)
        height = max(self._height, round(frame.height * scale / 2) * 2)
        source_range = _FULL if frame.color_range == _FULL or frame.format.name == "yuvj420p" else _LIMITED
        source_space = frame.colorspace if frame.colorspace in _BT601 else 1
        if (frame.format.name, frame.width, frame.height, source_range, source_space) != (
            "yuv420p", width, height, _LIMITED, 1,
        ):  # fmt: skip
            frame = self._reformatter.reformat(
                frame, width, height, "yuv420p",
                src_colorspace=source_space, dst_colorspace=1,
                src_color_range=source_range, dst_color_range=_LIMITED,
                interpolation="BICUBIC" if scale > 1 else "BILINEAR",
            )  # fmt: skip
        left = (width - self._width) // 4 * 2
        y, u, v = planes_of(frame)
        # What is too wide loses both sides; what is too tall its foot, since the head is above.
        top = int(height * (1 - 1 / self._zoom) * _HEADROOM) // 2 * 2
        half = (
            slice(top // 2, (top + self._height) // 2),
            slice(left // 2, (left + self._width) // 2),
        )
        return y[top : top + self._height, left : left + self._width], u[half], v[half]


@contextmanager
def open_presenter(path: Path, width: int, height: int, zoom: float = 1.0) -> Iterator[Presenter]:
    """Open a presenter video for a window of that size. Raises WorkError `avatar_video_unreadable`."""
    with open_video(path) as container:
        if not container.streams.video:
            raise _unreadable(path)
        container.streams.video[0].codec_context.thread_count = 1
        yield Presenter(container, path, width, height, zoom)


def _unreadable(path: Path) -> WorkError:
    return WorkError(
        "avatar_video_unreadable",
        f"The avatar video {path.name} cannot be decoded.",
        next_step="Generate this slide's avatar video again.",
    )


def blend(ground: Plane, still: np.ndarray, moving: Plane, mask: np.ndarray, work: np.ndarray) -> None:
    """`ground` = still·(256 − mask) + moving·mask, in place; `still` holds its product plus a half."""
    np.multiply(moving, mask, out=work)
    np.add(work, still, out=work)
    np.right_shift(work, 8, out=work)
    np.copyto(ground, work, casting="unsafe")
