"""A presenter that stands on the slide itself, blended with the alpha of a transparent video.

Colours are multiplied by their alpha before they are scaled: what a provider left under clear pixels, black or
green, can then not come to the edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from deckcast.videos.alpha import DECODERS, alpha_of, decode_with_alpha
from deckcast.videos.presenter import Fit, Planes, Presenter, unreadable
from deckcast.videos.probe import open_video
from deckcast.videos.still import Mask, Plane, Window, planes_of

Share = NDArray[np.uint16]  # 0..256

_HAZE = 5  # alpha that encoding adds to what is clear, or takes from what is not
_WHOLE = 250  # share from which on a pixel counts as whole
_LEVELS = np.arange(256)
_CLEANED = np.clip((_LEVELS - _HAZE) * 255 / (255 - 2 * _HAZE) + 0.5, 0, 255).astype(np.uint8)
_SHARES = np.round(_LEVELS * 256 / 255).astype(np.uint16)


@contextmanager
def open_cutout(path: Path, width: int, height: int) -> Iterator[Presenter]:
    """Open a transparent video for a window of that size; its planes are Y, U, V, each times alpha, and alpha.

    Raises WorkError `result_not_video`, `avatar_video_unreadable`.
    """
    with open_video(path, transparent=True) as container:
        streams = container.streams.video
        if not streams or streams[0].codec_context.name not in DECODERS:
            raise unreadable(path)
        yield Presenter(decode_with_alpha(container), path, CutoutFit(width, height))


class CutoutFit(Fit):
    """Scales and crops a frame with alpha (without: opaque) as `Fit` does one without."""

    def __call__(self, frame: av.VideoFrame) -> Planes:
        width, height, left, top = self.place(frame)
        multiplied = _multiplied(self.coloured(frame, frame.width, frame.height, "yuva420p"))
        if (width, height) != (frame.width, frame.height):
            multiplied = self.reformatter.reformat(multiplied, width, height, interpolation="BILINEAR")
        planes = (*planes_of(multiplied), alpha_of(multiplied))
        return self.cropped(planes, left, top)


def _multiplied(frame: av.VideoFrame) -> av.VideoFrame:
    """A new frame: alpha without haze, colours times alpha."""
    out = av.VideoFrame(frame.width, frame.height, "yuva420p")
    alpha = _CLEANED.take(alpha_of(frame))
    share = _SHARES.take(alpha)
    quarter = halved(share)
    luma, *colours = planes_of(frame)
    colours = [_own(colour, quarter) for colour in colours]
    for target, plane, part in zip(planes_of(out), (luma, *colours), (share, quarter, quarter), strict=True):
        target[:] = (plane * part + 128) >> 8
    alpha_of(out)[:] = alpha
    return out


def _own(colour: Plane, share: Share) -> Plane:
    """Colour samples at the outline stand for clear pixels too: there the mean of the whole ones around is taken."""
    rows, columns = np.nonzero((share > 0) & (share < _WHOLE))
    total = np.zeros(len(rows), np.uint32)
    count = np.zeros(len(rows), np.uint32)
    for down, across in product((-1, 0, 1), repeat=2):
        y = np.clip(rows + down, 0, share.shape[0] - 1)
        x = np.clip(columns + across, 0, share.shape[1] - 1)
        whole = share[y, x] >= _WHOLE
        total += colour[y, x] * whole
        count += whole
    known = count > 0
    own = colour.copy()
    own[rows[known], columns[known]] = total[known] // count[known]
    return own


def halved(share: Share) -> Share:
    """Means of two by two, as colours are stored; an odd last line is doubled."""
    height, width = share.shape
    even = np.pad(share, ((0, height % 2), (0, width % 2)), mode="edge")
    rows = even[::2] + even[1::2]
    return ((rows[:, ::2] + rows[:, 1::2] + 2) >> 2).astype(np.uint16)


class CutoutLayer:
    """Lays a cut-out's planes over the picture's `views` (Y, U, V of the window), in place.

    The window's mask lets the foot of one that does not stand on the picture's lower edge fade away.
    """

    def __init__(self, views: Sequence[Plane], window: Window) -> None:
        self._views = tuple(views)
        self._grounds = [view.astype(np.uint16) for view in views]
        self._masks = (window.luma, window.chroma, window.chroma)
        self._whole = int(window.luma.min()) == 256

    def show(self, planes: Planes) -> None:
        """Show these planes over the still ground."""
        share = _SHARES.take(planes[3])
        quarter = halved(share)
        parts = (share, quarter, quarter)
        for view, ground, plane, part, mask in zip(
            self._views, self._grounds, planes[:3], parts, self._masks, strict=True
        ):
            if self._whole:
                _lay(view, ground, plane, part)
            else:
                _lay(view, ground, _through(plane, mask), _through(part, mask))


def _lay(view: Plane, ground: Share, colour: NDArray[Any], share: Share) -> None:
    shown = ((ground * (256 - share) + 128) >> 8) + colour
    np.copyto(view, np.minimum(shown, 255), casting="unsafe")


def _through(values: NDArray[Any], mask: Mask) -> Share:
    return ((values * mask.astype(np.uint32) + 128) >> 8).astype(np.uint16)
