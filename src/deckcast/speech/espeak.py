"""The built-in engine: espeak-ng, offline, 120 languages, with exact phoneme times for the lips."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deckcast.kit.errors import WorkError
from deckcast.kit.timing import SpeechTimings, Viseme, VisemeTiming
from deckcast.speech import espeak_voices, mastering, phonemes
from deckcast.speech.espeak_library import SAMPLE_RATE, Utterance, library
from deckcast.speech.loudness import FILE_RATE
from deckcast.speech.ports import Speech, SpeechRequest, Voice
from deckcast.speech.scripts import by_script
from deckcast.speech.sentences import Piece, pieces
from deckcast.speech.spoken import Spoken, speakable, spoken
from deckcast.speech.words import Heard, word_timings

_SLOWEST_WPM, _FASTEST_WPM = 80, 400
_ESPEAK_WPM = (
    0.91  # espeak speaks faster than it says: at 165 it was measured to say 181 English words a minute
)
_PITCH_RANGE = {"": 66, "f": 80, "m": 66}  # measured: pitch then spreads by 2 to 3 semitones, as people speak


@dataclass(slots=True)
class _Track:
    """Sound and timings as they grow, piece by piece."""

    parts: list[mastering.Samples] = field(default_factory=list)
    count: int = 0
    heard: list[Heard] = field(default_factory=list)
    visemes: list[VisemeTiming] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        return self.count / SAMPLE_RATE

    def add(self, samples: mastering.Samples) -> None:
        self.parts.append(samples)
        self.count += len(samples)

    def rest(self, pause_s: float) -> None:
        start = self.now_s
        if pause_s:
            self.add(np.zeros(round(pause_s * SAMPLE_RATE), np.float32))
            self.visemes.append(VisemeTiming(Viseme.SIL, start, self.now_s))


class EspeakEngine:
    """espeak-ng behind the speech port. Its state is global: run `speak` in a child process."""

    name = espeak_voices.PREFIX
    version = "espeak-ng-1.52/1"

    def voices(self) -> tuple[Voice, ...]:
        """A man's and a woman's voice per language."""
        return espeak_voices.voices()

    def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """The voice for a BCP 47 tag and, if wished, "female" or "male"; CallError `language_not_spoken`."""
        return espeak_voices.default_voice(language, gender)

    def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to a 48 kHz WAV file.

        Raises CallError `unknown_voice`, WorkError `nothing_to_say` (no letter or number in the text) or
        `speech_failed`.
        """
        code, variant = espeak_voices.parts(request.voice)
        say = spoken(request.text, code)
        if not any(character.isalnum() for character in say.text):
            raise WorkError(
                "nothing_to_say",
                "The narrative holds no words that could be spoken.",
                next_step="Write a narrative for this slide, or leave it silent.",
            )
        track = _Track()
        speed = round(_ESPEAK_WPM * min(_FASTEST_WPM, max(_SLOWEST_WPM, request.words_per_minute)))
        pause_s = 0.0
        runs = [run for piece in pieces(say.text) for run in by_script(say.text, piece, code)]
        for piece, reader in runs:
            text = say.text[piece.start : piece.end]
            if any(speakable(character) for character in text):
                name = espeak_voices.engine_name(reader, variant)
                utterance = library().synthesize(name, text, speed, _PITCH_RANGE[variant[:1]])
                pause_s = _append(track, utterance, piece, say, pause_s)
            else:
                pause_s = max(pause_s, piece.pause_s)
        if not track.count:
            raise WorkError("speech_failed", "The speech engine made no sound of this text.")
        return _finished(track, request.text, out)


def _append(track: _Track, utterance: Utterance, piece: Piece, say: Spoken, pause_s: float) -> float:
    """Add one trimmed utterance after its pause; returns the pause that is to follow."""
    start, end = mastering.edges(utterance.samples, SAMPLE_RATE)
    if start == end:
        return max(pause_s, piece.pause_s)
    track.rest(pause_s)
    begin_s = track.now_s
    samples = mastering.toned(utterance.samples[start:end], SAMPLE_RATE)
    track.add(mastering.faded(samples, SAMPLE_RATE))

    def second(sample: int) -> float:
        return begin_s + (min(max(sample, start), end) - start) / SAMPLE_RATE

    shifted = phonemes.visemes(utterance.phones, len(utterance.samples), 0.0)
    for timing in shifted:
        moved_start, moved_end = (
            second(round(timing.start_s * SAMPLE_RATE)),
            second(round(timing.end_s * SAMPLE_RATE)),
        )
        if moved_end > moved_start:
            track.visemes.append(VisemeTiming(timing.viseme, moved_start, moved_end, timing.stressed))
    last = len(say.source) - 1
    marks = tuple(
        (say.source[min(last, piece.start + max(0, mark.position))], second(mark.start))
        for mark in utterance.marks
    )
    pauses = tuple(
        (timing.start_s + begin_s - start / SAMPLE_RATE, timing.end_s + begin_s - start / SAMPLE_RATE)
        for timing in shifted
        if timing.viseme is Viseme.SIL
    )
    stretch = Heard(
        say.source[piece.start], say.source[piece.end - 1] + 1, begin_s, track.now_s, marks, pauses
    )
    track.heard.append(stretch)
    return piece.pause_s


def _finished(track: _Track, text: str, out: Path) -> Speech:
    samples = mastering.resampled(np.concatenate(track.parts), SAMPLE_RATE)
    samples = mastering.faded(mastering.levelled(samples), FILE_RATE)
    mastering.write_wav(samples, out)
    duration_s = len(samples) / FILE_RATE
    timings = SpeechTimings(
        duration_s=duration_s,
        words=tuple(word_timings(text, track.heard)),
        visemes=tuple(_sealed(track.visemes, duration_s)),
    )
    return Speech(out, duration_s, timings)


def _sealed(timings: list[VisemeTiming], duration_s: float) -> list[VisemeTiming]:
    """Without gaps or overlaps from 0 to the end, whatever rounding did."""
    joined = phonemes.merged(timings)
    sealed: list[VisemeTiming] = []
    for index, timing in enumerate(joined):
        start_s = sealed[-1].end_s if sealed else 0.0
        end_s = joined[index + 1].start_s if index + 1 < len(joined) else duration_s
        if end_s > start_s:
            sealed.append(VisemeTiming(timing.viseme, start_s, end_s, timing.stressed))
    return sealed
