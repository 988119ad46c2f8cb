"""Reading a text aloud with a Piper voice: sentence by sentence, with the times that the voice tells."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from deckcast.kit.errors import CallError
from deckcast.kit.marks import parse
from deckcast.speech import espeak_voices, mastering, phonemes
from deckcast.speech.alignment import timed
from deckcast.speech.espeak_library import SAMPLE_RATE, Phone
from deckcast.speech.espeak_reading import read_aloud
from deckcast.speech.loudness import FILE_RATE
from deckcast.speech.piper_model import load, sound_of
from deckcast.speech.piper_voices import config_in, files_of, name_of, speaker_number, unknown_voice
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest, TimingSource
from deckcast.speech.script import lines
from deckcast.speech.sentences import Piece, pieces
from deckcast.speech.spoken import Spoken, speakable, spoken
from deckcast.speech.track import Stretch, Track, covering, trimmed
from deckcast.speech.words import tokens

if TYPE_CHECKING:
    from piper import PiperVoice

CAPABILITIES = SpeechCapabilities(offline=True, timing=TimingSource.PHONEMES)
_NATURAL_WPM = 165
_LEAST_SCALE, _MOST_SCALE = 0.4, 2.5
_LEAST_PACE, _MOST_PACE = 0.6, 1.6
_FIGURES = "12 345 678"  # said in every language, and long enough to hear how fast a voice speaks
_BEGIN, _PAD, _END = "^", "_", "$"
_STRESS = frozenset("ˈˌ")
_SHORT_S = 0.08  # a gap between words that is shorter shuts no mouth
_NEAR = 2  # sounds between where a word should begin and where Piper leaves a space


def speak(request: SpeechRequest, folder: Path, out: Path) -> Speech:
    """Speak to the 48 kHz WAV file `out` with a voice in `folder`; blocks, run it in a child.

    Raises CallError unknown_voice; MachineError piper_missing; WorkError nothing_to_say, speech_failed,
    voice_unusable.
    """
    script = lines(request, CAPABILITIES)
    name = name_of(request.voice)
    model, config_file = files_of(folder, name)
    if not (model.is_file() and config_file.is_file()):
        raise unknown_voice(request.voice)
    speaker = speaker_number(config_in(config_file), name)
    reader = _Reader(load(model, config_file), request, speaker, f"{name.language}-{name.region}")
    track = Track(FILE_RATE)
    pause_s = 0.0
    for line in script:
        pause_s = reader.read(track, line.said, line.source, pause_s, line.pause_s)
    return track.finished(parse(request.text).text, out)


class _Reader:
    """A loaded voice at the pace and by the speaker that a request asks for."""

    def __init__(self, voice: PiperVoice, request: SpeechRequest, speaker: int | None, language: str) -> None:
        self.voice = voice
        self._language = request.language
        self._speaker = speaker
        scale = own_pace(voice, speaker, language) * _NATURAL_WPM / request.words_per_minute
        self._scale = min(max(scale, _LEAST_SCALE), _MOST_SCALE)

    def read(self, track: Track, said: str, source: Sequence[int], pause_s: float, after_s: float) -> float:
        """Add a line to the track after a pause; returns the pause that is to follow."""
        text = spoken(said, self.voice.config.espeak_voice)
        for piece in pieces(text.text):
            words = text.text[piece.start : piece.end]
            stretch = self._stretch(words, piece, text, source) if any(map(speakable, words)) else None
            if stretch is None:
                pause_s = max(pause_s, piece.pause_s)
                continue
            track.rest(pause_s)
            track.add(stretch)
            pause_s = piece.pause_s
        return after_s

    def _stretch(self, words: str, piece: Piece, text: Spoken, source: Sequence[int]) -> Stretch | None:
        voice, rate = self.voice, FILE_RATE
        sounds = [sound for sentence in voice.phonemize(words) for sound in sentence]
        samples, lasting = sound_of(voice, voice.phonemes_to_ids(sounds), self._scale, self._speaker)
        starts = _starts(sounds, voice.config.phoneme_id_map, lasting) if lasting else None
        starts = [round(start * rate / voice.config.sample_rate) for start in starts] if starts else None
        samples = mastering.resampled(samples, voice.config.sample_rate)
        if starts is None or voice.config.phoneme_type != "espeak":
            marks, shapes = timed(samples, rate, words, self._language)
        else:
            phones = phones_of(sounds, starts, rate)
            marks = word_marks(words, sounds, [start / rate for start in starts], self._sounds_in)
            shapes = tuple(phonemes.visemes(phones, round(len(samples) * SAMPLE_RATE / rate), 0.0))

        def written(position: int) -> int:
            return source[text.source[min(piece.start + position, len(text.source) - 1)]]

        whole = Stretch(
            samples=samples,
            start=written(0),
            end=written(len(words) - 1) + 1,
            marks=tuple((written(position), at_s) for position, at_s in marks),
            visemes=covering(shapes, len(samples) / rate),
        )
        return trimmed(whole, rate)

    def _sounds_in(self, word: str) -> int:
        return sum(1 for sentence in self.voice.phonemize(word) for sound in sentence if _is_heard(sound))


def own_pace(voice: PiperVoice, speaker: int | None, language: str) -> float:
    """How much longer our own voice takes for the same words at 165 words a minute: voices differ by a third,
    each for all that it says. 1 in a language that we do not speak."""
    try:
        ours = Track(SAMPLE_RATE)
        ours_id = espeak_voices.default_voice(language).id
        read_aloud(ours, _FIGURES, range(len(_FIGURES)), ours_id, _NATURAL_WPM, 0.0)
    except CallError:
        return 1.0
    sounds = [sound for sentence in voice.phonemize(_FIGURES) for sound in sentence]
    samples, _ = sound_of(voice, voice.phonemes_to_ids(sounds), 1.0, speaker)
    start, end = mastering.edges(samples, voice.config.sample_rate)
    theirs_s = (end - start) / voice.config.sample_rate
    return min(max(ours.now_s / theirs_s, _LEAST_PACE), _MOST_PACE) if theirs_s > 0 else 1.0


def _starts(
    sounds: Sequence[str], ids: Mapping[str, Sequence[int]], lasting: Sequence[int]
) -> list[int] | None:
    """The sample at which each sound begins, from how long each id lasts; None where they do not fit."""
    pad = len(ids[_PAD])
    counts = [len(ids[_BEGIN]) + pad, *(len(ids[each]) + pad if each in ids else 0 for each in sounds)]
    if sum(counts) + len(ids[_END]) != len(lasting):
        return None
    at = [0, *accumulate(lasting)]
    return [at[place] for place in accumulate(counts)][:-1]


def phones_of(sounds: Sequence[str], starts: Sequence[int], rate: int) -> list[Phone]:
    """Piper's sounds, which are single letters and marks of IPA, as espeak's phonemes: a mark of stress goes with
    the sound after it, every other mark with the sound before it, and punctuation is a pause."""
    found: list[Phone] = []
    for index, (sound, start) in enumerate(zip(sounds, starts, strict=True)):
        at = round(start * SAMPLE_RATE / rate)
        ends = starts[index + 1] if index + 1 < len(starts) else start + rate
        before = found[-1].ipa if found else ""
        if before and (_is_mark(sound) or all(each in _STRESS for each in before)):
            found[-1] = Phone(found[-1].start, found[-1].ipa + sound)
        elif _is_heard(sound) or sound in _STRESS:
            found.append(Phone(at, sound))
        elif sound != " " or ends - start >= _SHORT_S * rate:
            found.append(Phone(at, ""))
    return found


def word_marks(
    text: str, sounds: Sequence[str], starts_s: Sequence[float], sounds_in: Callable[[str], int]
) -> tuple[tuple[int, float], ...]:
    """(character, second) of every word: espeak runs short words together, so that a word begins where as many
    sounds have gone by as the words before it have by themselves, or at a space near there."""
    heard = [index for index, sound in enumerate(sounds) if _is_heard(sound)]
    words = tokens(text)
    counts = [sounds_in(text[word.start : word.end]) for word in words]
    if not heard or not sum(counts):
        return ()
    firsts = [
        number
        for number, index in enumerate(heard)
        if number == 0 or " " in sounds[heard[number - 1] : index]
    ]
    marks: list[tuple[int, float]] = []
    before = -1
    for word, gone in zip(words, accumulate([0, *counts[:-1]]), strict=True):
        place = min(round(gone * len(heard) / sum(counts)), len(heard) - 1)
        near = min(firsts, key=lambda first: abs(first - place))
        if sum(counts) != len(heard) and before < near and abs(near - place) <= _NEAR:
            place = near
        index, before = heard[place], place
        while index > 0 and sounds[index - 1] in _STRESS:  # it stands before the sound
            index -= 1
        marks.append((word.start, starts_s[index]))
    return tuple(marks)


def _is_heard(sound: str) -> bool:
    return unicodedata.category(sound[0]) in ("Ll", "Lo", "Lu")


def _is_mark(sound: str) -> bool:
    return unicodedata.category(sound[0]) in ("Mn", "Lm", "Sk") and sound not in _STRESS
