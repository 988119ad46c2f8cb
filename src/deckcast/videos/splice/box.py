"""The presenter's box as a small stream of its own, whose slices mean the same in the big picture."""

from __future__ import annotations

import av
from av.codec.context import Flags
from av.video.frame import PictureType

from deckcast.videos.encoding import FRAME_TIME, picture_options, prepare
from deckcast.videos.models import PixelBox
from deckcast.videos.splice.bits import split_units
from deckcast.videos.splice.motion import MotionWatch
from deckcast.videos.splice.slices import Parameters, SpliceError, is_slice, read_parameters
from deckcast.videos.still import Plane, planes_of

# Nothing smooths the edges of blocks here, so motion is followed by parts of a pixel, which leaves less to be
# coarse, and quantised one step finer than in whole pictures.
QUALITY = {"qp": 20, "subme": 1, "no_deblock": 1}


class BoxEncoder:
    """Encodes the box with one slice per row of macroblocks: a slice knows nothing of its left, upper and right
    neighbours, and so is decoded alike wherever it stands (6.4.8, availability).

    What could differ is only what motion fetches from beyond the box: x264 repeats the box's edge there, the big
    picture goes on. The ring of still picture around the presenter makes that rare, and a decoder that tells the
    motion makes it known: such a picture is encoded again without motion.
    """

    def __init__(self, box: PixelBox, big: Parameters) -> None:
        self._box = box
        columns, rows = box.width // 16, box.height // 16
        self._encoder = av.CodecContext.create("libx264", "w")
        prepare(self._encoder, box.width, box.height)
        self._encoder.options = picture_options(
            **QUALITY, slice_max_mbs=columns, level=big.level, keyint="infinite"
        )
        self._encoder.flags |= Flags.global_header
        self._encoder.open()
        self.headers = self._encoder.extradata or b""
        self.parameters = read_parameters(split_units(self.headers))
        found = self.parameters
        if (found.columns, found.rows) != (columns, rows) or found.rest != big.rest:
            raise SpliceError("the box is encoded in another way than the whole picture")
        self._watch = MotionWatch(box, self.headers)
        self._frame = av.VideoFrame(box.width, box.height, "yuv420p")
        self._planes = planes_of(self._frame)
        self._count = 0

    def encode(self, picture: tuple[Plane, Plane, Plane], intra: bool) -> list[bytes]:
        """The box of a picture's Y, U and V as one slice per row; `intra` where the picture before is another than
        the one encoded last."""
        for target, plane, step in zip(self._planes, picture, (1, 2, 2), strict=True):
            x, y = self._box.x // step, self._box.y // step
            seen = plane[y : y + target.shape[0], x : x + target.shape[1]]
            target[: len(seen)], target[len(seen) :] = seen, seen[-1]
        packet = self._encode(intra)
        if self._watch.reaches_out(packet):
            packet = self._encode(True)
            self._watch.reaches_out(packet)
        return [unit for unit in split_units(bytes(packet)) if is_slice(unit)]

    def _encode(self, intra: bool) -> av.Packet[av.VideoStream]:
        self._frame.pts, self._frame.time_base = self._count, FRAME_TIME
        self._frame.pict_type = PictureType.I if intra else PictureType.NONE
        self._count += 1
        packets = self._encoder.encode(self._frame)
        if len(packets) != 1:
            raise SpliceError("the encoder holds pictures back")
        return packets[0]
