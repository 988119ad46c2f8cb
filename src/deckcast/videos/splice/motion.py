"""Whether a small picture, set into a large one, would be decoded alike: only motion across its edges tells."""

from __future__ import annotations

from math import inf

import av
import numpy as np
from av.sidedata.sidedata import SideDataContainer
from numpy.typing import NDArray

from deckcast.videos.models import HEIGHT, WIDTH, PixelBox
from deckcast.videos.splice.slices import SpliceError

_TAPS = 3  # px by which interpolation reaches beyond a moved block (8.4.2.2.1)
_QUARTERS = 4
_NOTHING = av.VideoFrame(16, 16, "gray")


class MotionWatch:
    """Follows the box's stream and tells of pictures that fetch pixels from beyond the box."""

    def __init__(self, box: PixelBox, headers: bytes) -> None:
        self._across = _limits(box.x, box.width, WIDTH)
        self._down = _limits(box.y, box.height, HEIGHT)
        self._decoder = av.CodecContext.create("h264", "r")
        self._decoder.extradata = headers
        self._decoder.thread_count = 1
        # Where blocks come from is asked for, not what they look like.
        self._decoder.options = {"flags2": "+export_mvs", "skip_idct": "all"}

    def reaches_out(self, packet: av.Packet[av.VideoStream]) -> bool:
        """Whether the next picture's motion needs pixels from beyond the box. Raises SpliceError."""
        frames = self._decoder.decode(packet)
        if len(frames) != 1:
            raise SpliceError("the decoder holds pictures back")
        side_data = frames[0].side_data
        told = side_data.get("MOTION_VECTORS")
        if told is None:
            return False
        blocks = told.to_ndarray()
        # A frame and its side data hold each other: without this, hundreds would wait for the garbage collector.
        SideDataContainer.__init__(side_data, _NOTHING)  # type: ignore[call-arg]
        return _beyond(blocks["dst_x"], blocks["w"], blocks["motion_x"], self._across) or _beyond(
            blocks["dst_y"], blocks["h"], blocks["motion_y"], self._down
        )


def _limits(start: int, length: int, whole: int) -> tuple[float, float]:
    """Where motion must end along an axis: nowhere at the picture's own edge, which goes on alike in both."""
    return (-inf if start == 0 else 0.0), (inf if start + length >= whole else float(length))


def _beyond(
    middle: NDArray[np.int16], size: NDArray[np.uint8], motion: NDArray[np.int32], limits: tuple[float, float]
) -> bool:
    """Whether blocks around `middle` px, moved by `motion` quarters of a pixel, reach beyond the limits."""
    moved = motion != 0
    lengths = size[moved].astype(np.int32)
    starts = middle[moved] - lengths // 2 + motion[moved] / _QUARTERS
    return bool(((starts < limits[0] + _TAPS) | (starts + lengths > limits[1] - _TAPS)).any())
