"""Writes the presenter's MP4: H.264 and AAC, frame by frame; nothing is held in memory but the present frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from deckcast.avatars.local.mouth import FPS
from deckcast.kit.errors import WorkError

SAMPLE_RATE = 48_000
_CHUNK = 1024

# What is written here is decoded once, to be composed: cheap to write and to read comes before small. A constant
# quantiser so fine that it shows nothing (51 dB) needs neither look-ahead nor rate control nor deblocking, and
# nothing cuts here.
_X264 = {
    "qp": 16, "keyint": 10 * FPS, "scenecut": 0, "bframes": 0, "rc-lookahead": 0, "sync-lookahead": 0,
    "mbtree": 0, "weightp": 0, "aq-mode": 0, "ref": 1, "threads": 1,
}  # fmt: skip
_SOUND_BIT_RATE = 64_000  # for the ear of a check: composing takes the speech itself
Plane = NDArray[np.uint8]


@contextmanager
def open_film(path: Path, width: int, height: int) -> Iterator[Film]:
    """A film to write to; complete when the block ends without an error."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        film = Film(container, width, height)
        yield film
        film.finish()


class Film:
    """A video stream of 25 frames a second and a sound stream of 48 kHz, mono."""

    def __init__(self, container: Any, width: int, height: int) -> None:
        self._container = container
        video: VideoStream = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.time_base = Fraction(1, FPS)
        parameters = ":".join(f"{name}={value}" for name, value in _X264.items())
        video.codec_context.options = {
            "preset": "ultrafast",
            "qp": str(_X264["qp"]),
            "x264-params": parameters,
        }
        video.codec_context.thread_count = 1
        video.codec_context.color_range = 1
        video.codec_context.colorspace = 1
        video.codec_context.color_primaries = 1
        video.codec_context.color_trc = 1
        self._video = video
        self._audio: AudioStream = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        self._audio.bit_rate = _SOUND_BIT_RATE
        self._audio.codec_context.options = {"aac_coder": "fast"}
        self._frames = 0
        self._samples = 0

    def add_frame(self, planes: tuple[Plane, ...]) -> None:
        """Append one picture: Y, Cb, Cr as they are shown."""
        frame = av.VideoFrame(self._video.width, self._video.height, "yuv420p")
        for target, source in zip(frame.planes, planes, strict=True):
            lines = np.frombuffer(memoryview(target), dtype=np.uint8).reshape(target.height, target.line_size)
            lines[:, : source.shape[1]] = source
        frame.pts, frame.time_base = self._frames, Fraction(1, FPS)
        frame.color_range = 1
        frame.colorspace = 1
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def add_sound(self, samples: NDArray[np.float32]) -> None:
        """Append mono samples, -1 to 1."""
        for start in range(0, len(samples), _CHUNK):
            part = np.ascontiguousarray(samples[None, start : start + _CHUNK], dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = (
                SAMPLE_RATE,
                self._samples,
                Fraction(1, SAMPLE_RATE),
            )
            self._samples += part.shape[1]
            self._container.mux(self._audio.encode(frame))

    def finish(self) -> None:
        """Flush what the encoders hold back."""
        self._container.mux(self._video.encode(None))
        self._container.mux(self._audio.encode(None))


def read_sound(path: Path) -> Iterator[NDArray[np.float32]]:
    """The sound of a file as mono samples at 48 kHz, in pieces. Raises WorkError `audio_unreadable`."""
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    yield part.to_ndarray()[0]
            for part in resampler.resample(None):
                yield part.to_ndarray()[0]
    except (av.FFmpegError, IndexError) as error:
        raise WorkError(
            "audio_unreadable",
            f"The speech file {path.name} cannot be read as sound.",
            next_step="Make the speech of this slide again.",
        ) from error


def sound_length_s(path: Path) -> float:
    """How long a file sounds, by counting its samples. Raises WorkError `audio_unreadable`."""
    return sum(len(part) for part in read_sound(path)) / SAMPLE_RATE
