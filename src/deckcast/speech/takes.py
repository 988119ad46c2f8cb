"""From what an engine gave for each line to one finished speech: joined, levelled, every word and mouth shape timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from deckcast.kit.errors import WorkError
from deckcast.kit.timing import VisemeTiming
from deckcast.speech.alignment import timed
from deckcast.speech.loudness import FILE_RATE
from deckcast.speech.mastering import Samples
from deckcast.speech.ports import Speech
from deckcast.speech.script import Line
from deckcast.speech.track import Stretch, Track, covering, trimmed

_OPTIONS = {"protocol_whitelist": "file"}


@dataclass(frozen=True, slots=True)
class Take:
    """What an engine made of one line: `audio`, any file that PyAV reads, and what the engine told.

    `marks` are (character of `line.said`, second in this take) where it told when a word or a character is
    heard; `visemes` the mouth shapes in this take's seconds. Both may be empty: what is missing is found.
    """

    line: Line
    audio: Path
    marks: tuple[tuple[int, float], ...] = ()
    visemes: tuple[VisemeTiming, ...] = ()


def finish(takes: Sequence[Take], text: str, language: str, out: Path) -> Speech:
    """Join the takes to the WAV file `out` (48 kHz, mono, 16 bit, −16 LUFS), with each line's pause after it.

    `text` is the plain text (`kit.marks.parse`), `language` a BCP 47 tag. Times that no engine told are found by
    our own voice's reading of the same words. Blocks, run it in a child process. Raises WorkError
    `speech_failed` where a take cannot be read or nothing is heard.
    """
    track = Track(FILE_RATE)
    pause_s = 0.0
    for take in takes:
        stretch = trimmed(_stretch(take, language), FILE_RATE)
        if stretch is None:
            pause_s = max(pause_s, take.line.pause_s)
            continue
        track.rest(pause_s)
        track.add(stretch)
        pause_s = take.line.pause_s
    return track.finished(text, out)


def _stretch(take: Take, language: str) -> Stretch:
    samples, line = decoded(take.audio), take.line
    marks, visemes = take.marks, take.visemes
    if not marks or not visemes:
        found, shapes = timed(samples, FILE_RATE, line.said, language, marks)
        marks, visemes = marks or found, visemes or shapes
    last = len(line.source) - 1
    return Stretch(
        samples=samples,
        start=line.start,
        end=line.end,
        marks=tuple((line.source[min(max(at, 0), last)], at_s) for at, at_s in marks),
        visemes=covering(visemes, len(samples) / FILE_RATE),
    )


def decoded(audio: Path) -> Samples:
    """The first sound track of a file as 48 kHz mono; raises WorkError `speech_failed`."""
    parts: list[Samples] = [np.zeros(0, np.float32)]
    try:
        with av.open(f"file:{audio.resolve()}", options=dict(_OPTIONS)) as container:
            resampler = av.AudioResampler(format="flt", layout="mono", rate=FILE_RATE)
            for frame in container.decode(audio=0):
                parts += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
            parts += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise WorkError(
            "speech_failed",
            "The speech engine's answer is not a sound file that can be read.",
            next_step="Generate this slide's audio again.",
            retryable=True,
        ) from error
    return np.concatenate(parts).astype(np.float32)
