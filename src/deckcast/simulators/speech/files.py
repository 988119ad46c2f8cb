"""Sound as the services send it: WAV, FLAC, MP3, raw."""

from __future__ import annotations

import io
import struct
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from deckcast.simulators.speech.speaking import RATE

_UNKNOWN = 0xFFFFFFFF
_CODECS = {"mp3": "libmp3lame", "flac": "flac"}
_SAMPLES = {"mp3": "s16p", "flac": "s16"}


def wav(samples: NDArray[np.int16], *, tells_length: bool) -> bytes:
    """A WAV file at 48 kHz; one that is streamed does not tell how long it is."""
    data = samples.astype("<i2").tobytes()
    size, riff = (len(data), len(data) + 36) if tells_length else (_UNKNOWN, _UNKNOWN)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + form + struct.pack("<4sI", b"data", size) + data


def encoded(samples: NDArray[np.int16], kind: str, rate: int) -> bytes:
    """An MP3 (128 kbit a second) or FLAC file at a rate."""
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as container:
        stream: Any = container.add_stream(_CODECS[kind], rate=rate)
        stream.layout = "mono"
        if kind == "mp3":
            stream.bit_rate = 128_000
        resampler = av.AudioResampler(format=_SAMPLES[kind], layout="mono", rate=rate)
        for start in range(0, len(samples), 1 << 16):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + (1 << 16)], "s16", "mono")
            frame.sample_rate = RATE
            for piece in resampler.resample(frame):
                container.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return target.getvalue()
