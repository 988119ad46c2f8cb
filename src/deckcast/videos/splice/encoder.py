"""One stream of whole pictures, of which only the presenter's box is encoded."""

from __future__ import annotations

from typing import cast

import av
from av.video.frame import PictureType

from deckcast.videos.encoding import FRAME_TIME, VideoPackets
from deckcast.videos.models import HEIGHT, WIDTH, PixelBox
from deckcast.videos.splice.bits import split_units
from deckcast.videos.splice.box import BoxEncoder
from deckcast.videos.splice.slices import read_parameters
from deckcast.videos.splice.weaver import Weaver, still_picture
from deckcast.videos.still import planes_of

KEY_EVERY = 250  # pictures: every ten seconds one is encoded whole, for seeking
RING = 16  # px of still picture encoded around the presenter
_BLOCK = 16


def ringed(presenter: PixelBox) -> PixelBox:
    """The presenter's box with its ring, in whole macroblocks, within the picture (of 1088 coded lines)."""
    left, top = (max(0, (edge - RING) // _BLOCK * _BLOCK) for edge in (presenter.x, presenter.y))
    right, bottom = (
        min(-(-(edge + RING) // _BLOCK), -(-whole // _BLOCK)) * _BLOCK
        for edge, whole in (
            (presenter.x + presenter.width, WIDTH), (presenter.y + presenter.height, HEIGHT)
        )
    )  # fmt: skip
    return PixelBox(left, top, right - left, bottom - top)


class SplicedPictures:
    """Encodes pictures that change in one box only, or nowhere.

    Every KEY_EVERY-th picture is encoded whole, as an IDR picture, by the stream's own encoder. The others are
    laid together: the box's slices as its own encoder made them under new headers, skipped macroblocks around.
    After a key picture the box begins with I slices, since its encoder remembers other pixels than were shown.
    """

    def __init__(self, stream: av.VideoStream, presenter: PixelBox | None) -> None:
        """Raises SpliceError where box and whole picture would not be encoded alike."""
        self._stream = stream
        if not stream.codec_context.is_open:
            stream.codec_context.open()
        self._big = read_parameters(split_units(stream.codec_context.extradata or b""))
        self._box: BoxEncoder | None = None
        if presenter is not None:
            box = ringed(presenter)
            self._box = BoxEncoder(box, self._big)
            self._weaver = Weaver(self._big, self._box.parameters, box)
        self._number = 0
        self._fresh = True

    def encode(self, frame: av.VideoFrame, changed: bool) -> VideoPackets:
        """The next picture; `changed` where its box is not as in the picture before. Raises SpliceError."""
        place = self._number % KEY_EVERY
        self._number += 1
        if place == 0:
            frame.pict_type = PictureType.I
            self._fresh = True
            return self._stream.encode(frame)
        if self._box is not None and changed:
            rows = self._box.encode(planes_of(frame), intra=self._fresh)
            picture = self._weaver.picture(place, rows)
            self._fresh = False
        else:
            picture = still_picture(place, self._big)
        packet = cast("av.Packet[av.VideoStream]", av.Packet(picture))
        packet.stream = self._stream
        packet.time_base = FRAME_TIME
        packet.pts = packet.dts = self._number - 1
        packet.duration = 1
        return [packet]

    def close(self) -> VideoPackets:
        """The packets still held back."""
        return self._stream.encode(None)
