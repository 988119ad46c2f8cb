"""Transparent videos: WebM with VP9 (or VP8), whose alpha is a second such picture beside each one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

DECODERS = {"vp9": "libvpx-vp9", "vp8": "libvpx"}
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def decode_with_alpha(container: InputContainer) -> Iterator[av.VideoFrame]:
    """The frames of a WebM's first video stream (a codec of DECODERS), yuva420p where it has alpha.

    By libvpx, since FFmpeg's own decoders, which are the default ones, leave alpha out. Raises av.FFmpegError.
    """
    stream = container.streams.video[0]
    name = DECODERS[stream.codec_context.name]
    decoder = cast("av.VideoCodecContext", av.CodecContext.create(name, "r"))
    decoder.thread_count = 1
    for packet in container.demux(stream):
        yield from decoder.decode(packet if packet.size else None)


def alpha_of(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """The alpha plane (height, width) of a yuva420p frame, without padding."""
    plane = frame.planes[3]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
    alpha: NDArray[np.uint8] = rows[: plane.height, : plane.width]
    return alpha


def elements_are_whole(path: Path) -> bool:
    """Whether a WebM file is as long as its header and its segment say (RFC 8794, 4 to 6)."""
    left = path.stat().st_size
    with path.open("rb") as file:
        for name in (_EBML, _SEGMENT):
            if file.read(len(name)) != name:
                return False
            first = file.read(1)
            if not first or not first[0]:
                return False
            more = 8 - first[0].bit_length()
            size = (first[0] - (0x80 >> more)) << 8 * more | int.from_bytes(file.read(more), "big")
            if size == (1 << 7 * (more + 1)) - 1:  # unknown: to the end of the file
                return True
            left -= len(name) + 1 + more + size
            if left < 0:
                return False
            file.seek(size, 1)
    return True
