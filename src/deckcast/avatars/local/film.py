"""Writes the presenter's video frame by frame; nothing is held in memory but the present frame.

MP4 with H.264 and AAC, or, for a presenter on nothing, WebM with VP9, its alpha, and Opus.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
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
# The same of VP9; alpha is a second VP9 stream within. https://www.webmproject.org/docs/encoder-parameters/
_VP9 = {
    "deadline": "realtime", "cpu-used": 8, "crf": 14, "qmin": 14, "qmax": 14, "b": 0,
    "auto-alt-ref": 0, "lag-in-frames": 0, "g": 10 * FPS,
}  # fmt: skip
_SOUND_BIT_RATE = 64_000  # for the ear of a check: composing takes the speech itself
Plane = NDArray[np.uint8]


@contextmanager
def open_film(path: Path, width: int, height: int, transparent: bool = False) -> Iterator[Film]:
    """A film to write to; complete when the block ends without an error."""
    kind, options = ("webm", {}) if transparent else ("mp4", {"movflags": "+faststart"})
    with av.open(f"file:{path}", "w", format=kind, options=options) as container:
        add = _add_vp9 if transparent else _add_h264
        film = Film(container, add(container, width, height), "libopus" if transparent else "aac")
        yield film
        film.finish()


def _add_h264(container: OutputContainer, width: int, height: int) -> VideoStream:
    video = container.add_stream("libx264", rate=FPS)
    video.width, video.height, video.pix_fmt = width, height, "yuv420p"
    parameters = ":".join(f"{name}={value}" for name, value in _X264.items())
    video.codec_context.options = {
        "preset": "ultrafast",
        "qp": str(_X264["qp"]),
        "x264-params": parameters,
    }
    return video


def _add_vp9(container: OutputContainer, width: int, height: int) -> VideoStream:
    video = container.add_stream("libvpx-vp9", rate=FPS)
    video.width, video.height, video.pix_fmt = width, height, "yuva420p"
    video.codec_context.options = {name: str(value) for name, value in _VP9.items()}
    video.metadata["alpha_mode"] = "1"
    return video


class Film:
    """A video stream of 25 frames a second and a sound stream of 48 kHz, mono."""

    def __init__(self, container: OutputContainer, video: VideoStream, sound: str) -> None:
        self._container = container
        video.time_base = Fraction(1, FPS)
        context = video.codec_context
        context.thread_count = 1
        context.color_range = context.colorspace = context.color_primaries = context.color_trc = 1
        self._video, self._pixels = video, str(video.pix_fmt)
        self._audio: AudioStream = container.add_stream(sound, rate=SAMPLE_RATE, layout="mono")  # type: ignore[assignment]
        self._audio.bit_rate = _SOUND_BIT_RATE
        if sound == "aac":
            self._audio.codec_context.options = {"aac_coder": "fast"}
        self._frames = 0
        self._samples = 0

    def add_frame(self, planes: tuple[Plane, ...]) -> None:
        """Append one picture: Y, Cb, Cr as they are shown, and alpha where the film has it."""
        frame = av.VideoFrame(self._video.width, self._video.height, self._pixels)
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
