"""Reading sound: 48 kHz mono samples and 25 Hz envelopes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from deckcast.kit.errors import WorkError
from deckcast.videos.models import FRAME_RATE, SAMPLE_RATE

Samples = NDArray[np.int16]
Envelope = NDArray[np.float32]
SAMPLES_PER_FRAME = SAMPLE_RATE // FRAME_RATE
_OPTIONS = {"protocol_whitelist": "file"}


def read_samples(path: Path, container: InputContainer | None = None) -> Samples:
    """The whole sound of a WAV file (or of an opened container) as mono 16 bit at 48 kHz.

    Raises WorkError `speech_unreadable`. A minute takes 6 MB.
    """
    try:
        with contextlib.ExitStack() as stack:
            if container is None:
                container = stack.enter_context(
                    av.open(f"file:{path.resolve()}", format="wav", options=dict(_OPTIONS))
                )
            parts = [np.zeros(0, np.int16), *_decoded(container)]
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise WorkError(
            "speech_unreadable",
            f"The sound of {path.name} cannot be read.",
            next_step="Generate this slide's audio again.",
        ) from error
    return np.concatenate(parts)


def _decoded(container: InputContainer) -> Iterator[Samples]:
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    for frame in container.decode(stream):
        for piece in resampler.resample(frame):
            yield piece.to_ndarray()[0]
    for piece in resampler.resample(None):
        yield piece.to_ndarray()[0]


def envelope_of(path: Path, container: InputContainer | None = None) -> Envelope:
    """Loudness (RMS) of each 1/25 s of a sound."""
    samples = read_samples(path, container).astype(np.float32)
    frames = len(samples) // SAMPLES_PER_FRAME
    blocks = samples[: frames * SAMPLES_PER_FRAME].reshape(frames, SAMPLES_PER_FRAME)
    loudness: Envelope = np.sqrt((blocks * blocks).mean(axis=1))
    return loudness
