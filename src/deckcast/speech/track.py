"""A speech as it grows, stretch by stretch: sound, words and mouth shapes in step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from deckcast.kit.errors import WorkError
from deckcast.kit.timing import SpeechTimings, Viseme, VisemeTiming
from deckcast.speech import mastering, phonemes
from deckcast.speech.loudness import FILE_RATE
from deckcast.speech.mastering import Samples
from deckcast.speech.ports import Speech
from deckcast.speech.words import Heard, word_timings


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound for the characters `start..end` of the plain text. `marks` are (character of the plain text, second
    in `samples`); `visemes` cover the samples without gaps."""

    samples: Samples
    start: int
    end: int
    marks: tuple[tuple[int, float], ...]
    visemes: tuple[VisemeTiming, ...]


def trimmed(stretch: Stretch, rate: int) -> Stretch | None:
    """Without the silence at both ends; None where all of it is silent."""
    start, end = mastering.edges(stretch.samples, rate)
    if start == end:
        return None

    def second(at_s: float) -> float:
        return (min(max(at_s * rate, start), end) - start) / rate

    moved = [
        VisemeTiming(each.viseme, second(each.start_s), second(each.end_s), each.stressed)
        for each in stretch.visemes
    ]
    return replace(
        stretch,
        samples=stretch.samples[start:end],
        marks=tuple((position, second(at_s)) for position, at_s in stretch.marks),
        visemes=tuple(each for each in moved if each.end_s > each.start_s),
    )


@dataclass(slots=True)
class Track:
    """Mono sound at `rate` and its timings."""

    rate: int
    parts: list[Samples] = field(default_factory=list)
    count: int = 0
    heard: list[Heard] = field(default_factory=list)
    visemes: list[VisemeTiming] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        """How long the track is."""
        return self.count / self.rate

    def rest(self, pause_s: float) -> None:
        """Add silence, with the mouth closed."""
        start_s = self.now_s
        if pause_s > 0 and self.parts:
            self._append(np.zeros(round(pause_s * self.rate), np.float32))
            self.visemes.append(VisemeTiming(Viseme.SIL, start_s, self.now_s))

    def add(self, stretch: Stretch) -> None:
        """Add a trimmed stretch, its ends faded."""
        begin_s = self.now_s
        self._append(mastering.faded(stretch.samples, self.rate))
        shapes = [
            VisemeTiming(each.viseme, each.start_s + begin_s, each.end_s + begin_s, each.stressed)
            for each in stretch.visemes
        ]
        self.visemes += shapes
        self.heard.append(
            Heard(
                stretch.start,
                stretch.end,
                begin_s,
                self.now_s,
                tuple((position, at_s + begin_s) for position, at_s in stretch.marks),
                tuple((each.start_s, each.end_s) for each in shapes if each.viseme is Viseme.SIL),
            )
        )

    def finished(self, text: str, out: Path) -> Speech:
        """Level it and write it as a 48 kHz WAV file; `text` is the plain text.

        Raises WorkError `speech_failed` where nothing was added.
        """
        if not self.count:
            raise WorkError("speech_failed", "The speech engine made no sound of this text.")
        samples = mastering.resampled(np.concatenate(self.parts), self.rate)
        self.parts.clear()
        samples = mastering.faded(mastering.levelled(samples), FILE_RATE)
        mastering.write_wav(samples, out)
        duration_s = len(samples) / FILE_RATE
        timings = SpeechTimings(
            duration_s=duration_s,
            words=tuple(word_timings(text, self.heard)),
            visemes=tuple(sealed(self.visemes, duration_s)),
        )
        return Speech(out, duration_s, timings)

    def _append(self, samples: Samples) -> None:
        self.parts.append(samples)
        self.count += len(samples)


def covering(timings: Iterable[VisemeTiming], duration_s: float) -> tuple[VisemeTiming, ...]:
    """From 0 to the end: a closed mouth in every gap, what overlaps cut short."""
    found: list[VisemeTiming] = []
    now_s = 0.0
    for each in sorted(timings, key=lambda timing: timing.start_s):
        start_s, end_s = max(each.start_s, now_s), min(each.end_s, duration_s)
        if end_s <= start_s:
            continue
        if start_s > now_s:
            found.append(VisemeTiming(Viseme.SIL, now_s, start_s))
        found.append(VisemeTiming(each.viseme, start_s, end_s, each.stressed))
        now_s = end_s
    if now_s < duration_s:
        found.append(VisemeTiming(Viseme.SIL, now_s, duration_s))
    return tuple(phonemes.merged(found))


def sealed(timings: list[VisemeTiming], duration_s: float) -> list[VisemeTiming]:
    """Without gaps or overlaps from 0 to the end, whatever rounding did."""
    joined = phonemes.merged(timings)
    if not joined and duration_s > 0:
        return [VisemeTiming(Viseme.SIL, 0.0, duration_s)]
    found: list[VisemeTiming] = []
    for index, timing in enumerate(joined):
        start_s = found[-1].end_s if found else 0.0
        end_s = joined[index + 1].start_s if index + 1 < len(joined) else duration_s
        if end_s > start_s:
            found.append(VisemeTiming(timing.viseme, start_s, end_s, timing.stressed))
    return found
