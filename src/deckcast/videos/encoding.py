"""How Deckcast encodes. Every clip has the same parameters, so that a film joins them without re-encoding.

A clip is a still with a small moving part, which is what these settings are for: constant quantiser, so that
x264 needs neither look-ahead nor rate control (a third of its time); key pictures so much finer than the rest
that no later one corrects them, so that text is sharp at once and never stirs; no B-frames, so that packets
come in order of showing and cuts fall on any frame.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

import av
from av.container import OutputContainer

from deckcast.videos.models import FRAME_RATE, HEIGHT, SAMPLE_RATE, WIDTH, PixelBox
from deckcast.videos.sound import Samples

VideoPackets = list["av.Packet[av.VideoStream]"]
FRAME_TIME = Fraction(1, FRAME_RATE)
SAMPLE_TIME = Fraction(1, SAMPLE_RATE)
MP4_OPTIONS = {"movflags": "+faststart"}

_X264 = {
    "threads": 1, "sliced-threads": 0, "qp": 21, "ipratio": 2.2, "keyint": 250, "scenecut": 0,
    "bframes": 0, "rc-lookahead": 0, "sync-lookahead": 0, "mbtree": 0, "weightp": 0, "aq-mode": 0,
    "cabac": 1, "deblock": "0,0", "ref": 1,
    "colorprim": "bt709", "transfer": "bt709", "colormatrix": "bt709", "force-cfr": 1,
}  # fmt: skip


def add_picture(container: OutputContainer) -> av.VideoStream:
    """Add the H.264 stream: 1920×1080, yuv420p, 25 fps, BT.709 limited range."""
    stream = container.add_stream("libx264", rate=FRAME_RATE, options=picture_options())
    prepare(stream.codec_context, WIDTH, HEIGHT)
    return stream


class Pictures(Protocol):
    """Encodes a clip's pictures, in order of showing."""

    def encode(self, frame: av.VideoFrame, changed: bool) -> VideoPackets:
        """The next picture's packets; `changed` where the presenter is not as in the picture before."""
        ...

    def close(self) -> VideoPackets:
        """The packets still held back."""
        ...


class WholePictures:
    """Encodes each picture as a whole, wherever the presenter stands."""

    def __init__(self, stream: av.VideoStream, presenter: PixelBox | None) -> None:
        self._stream = stream

    def encode(self, frame: av.VideoFrame, changed: bool) -> VideoPackets:
        """The next picture's packets."""
        return self._stream.encode(frame)

    def close(self) -> VideoPackets:
        """The packets still held back."""
        return self._stream.encode(None)


def picture_options(**changes: object) -> dict[str, str]:
    """libx264's options, with changes of x264's own parameters ("_" for "-")."""
    values = {**_X264, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {
        "preset": "ultrafast",
        "qp": str(values["qp"]),
        "x264-params": ":".join(f"{name}={value}" for name, value in values.items()),
    }


def prepare(context: av.VideoCodecContext, width: int, height: int) -> None:
    """Tell an encoder what its pictures are: yuv420p, 25 fps, BT.709 limited range."""
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = FRAME_TIME
    context.framerate = Fraction(FRAME_RATE)
    context.thread_count = 1
    context.colorspace = context.color_primaries = context.color_trc = 1
    context.color_range = 1


class Sound:
    """An AAC stream (mono, 48 kHz) fed with samples in order; an edit list hides the encoder's delay.
    `language` has three letters."""

    def __init__(self, container: OutputContainer, bit_rate: int = 128_000, language: str = "und") -> None:
        self._container = container
        self._stream = container.add_stream("aac", rate=SAMPLE_RATE, options={"aac_coder": "fast"})
        self._stream.bit_rate = bit_rate
        self._stream.metadata["language"] = language
        self._stream.codec_context.layout = "mono"
        self._stream.codec_context.format = "fltp"
        self._written = 0

    def write(self, samples: Samples) -> None:
        """Append samples, encoding and writing what is complete."""
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, SAMPLE_TIME, self._written
        self._written += len(samples)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Encode what is left."""
        self._container.mux(self._stream.encode(None))
