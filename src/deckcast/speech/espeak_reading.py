"""The built-in voice reading a text aloud: figures in words, sentence by sentence, each script by who reads it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from deckcast.speech import espeak_voices, mastering, phonemes
from deckcast.speech.espeak_library import SAMPLE_RATE, Utterance, library
from deckcast.speech.scripts import by_script
from deckcast.speech.sentences import Piece, pieces
from deckcast.speech.spoken import Spoken, speakable, spoken
from deckcast.speech.track import Stretch, Track, trimmed

_SLOWEST_WPM, _FASTEST_WPM = 80, 400
_ESPEAK_WPM = (
    0.91  # espeak speaks faster than it says: at 165 it was measured to say 181 English words a minute
)
_PITCH_RANGE = {"": 66, "f": 80, "m": 66}  # measured: pitch then spreads by 2 to 3 semitones, as people speak


def read_aloud(
    track: Track,
    said: str,
    source: Sequence[int],
    voice: str,
    words_per_minute: int,
    pause_s: float,
    emphases: Sequence[tuple[int, int]] = (),
) -> bool:
    """Add the voice's reading of `said` to the track (22,050 Hz) after a pause; false where nothing was heard.

    `source` holds for each character of `said` its character of the plain text, `emphases` are the characters
    of `said` (start, end) that are stressed. Raises CallError
    `unknown_voice`, WorkError `speech_failed`.
    """
    code, variant = espeak_voices.parts(voice)
    speed = round(_ESPEAK_WPM * min(_FASTEST_WPM, max(_SLOWEST_WPM, words_per_minute)))
    text = spoken(said, code)
    heard = False
    for piece, reader in _runs(text, code):
        words = text.text[piece.start : piece.end]
        if any(speakable(character) for character in words):
            name = espeak_voices.engine_name(reader, variant)
            utterance = library().synthesize(
                name, words, speed, _PITCH_RANGE[variant[:1]], _stressed(text, piece, emphases)
            )
            stretch = trimmed(_stretch(utterance, piece, text, source), SAMPLE_RATE)
            if stretch is not None:
                track.rest(pause_s)
                track.add(replace(stretch, samples=mastering.toned(stretch.samples, SAMPLE_RATE)))
                pause_s, heard = piece.pause_s, True
                continue
        pause_s = max(pause_s, piece.pause_s)
    return heard


def _runs(text: Spoken, code: str) -> Iterator[tuple[Piece, str]]:
    for piece in pieces(text.text):
        yield from by_script(text.text, piece, code)


def _stressed(text: Spoken, piece: Piece, emphases: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stressed parts of a piece, in its own characters."""
    found = []
    for start, end in emphases:
        first = max(bisect_left(text.source, start), piece.start)
        last = min(bisect_left(text.source, end), piece.end)
        if first < last:
            found.append((first - piece.start, last - piece.start))
    return found


def _stretch(utterance: Utterance, piece: Piece, text: Spoken, source: Sequence[int]) -> Stretch:
    last = len(text.source) - 1

    def written(position: int) -> int:
        return source[text.source[min(last, position)]]

    return Stretch(
        samples=utterance.samples,
        start=written(piece.start),
        end=written(piece.end - 1) + 1,
        marks=tuple(
            (written(piece.start + max(0, mark.position)), mark.start / SAMPLE_RATE)
            for mark in utterance.marks
        ),
        visemes=tuple(phonemes.visemes(utterance.phones, len(utterance.samples), 0.0)),
    )
