"""The speech in a video whose words somebody else spoke: its sound, and about when each word is heard."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np

from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.timing import SpeechTimings, Viseme, VisemeTiming, WordTiming
from deckcast.speech import espeak, espeak_voices, mastering, phonemes
from deckcast.speech.alignment import timed
from deckcast.speech.cues import Anchor, Cue, between, moved_along, parse_srt
from deckcast.speech.loudness import FILE_RATE
from deckcast.speech.mastering import Samples
from deckcast.speech.ports import Speech, SpeechRequest
from deckcast.speech.track import covering
from deckcast.speech.words import Heard, word_timings

_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": "mov"}
_BLOCK = FILE_RATE // 100
_HEARD = 10 ** (-36 / 20)  # of the loudest 10 ms; a voice's softest consonants are louder, its room is not
_NOTHING = 10 ** (-60 / 20)


def take_speech(video: Path, text: str, language: str, out: Path, captions: str | None = None) -> Speech:
    """Write an MP4's whole sound track to the WAV file `out` (48 kHz, mono, 16 bit, −16 LUFS), from the
    video's start to its end, so that it stays in time with the lips.

    The times of words and mouth shapes are those of our own voice saying `text` in `language` (BCP 47): moved to
    where the track sounds alike, or, where `captions` (SRT) say when parts of the text are heard, stretched
    between those times. Blocks, run it in a child process. Raises WorkError `speech_unreadable`,
    `result_silent`.
    """
    samples = mastering.levelled(_track(video))
    start_s, end_s = spoken_part(samples)
    mastering.write_wav(samples, out)
    duration_s = len(samples) / FILE_RATE
    cues = parse_srt(captions or "")
    timings = _between_cues(cues, text, language, start_s, end_s, duration_s, out) if cues else None
    return Speech(out, duration_s, timings or _aligned(samples, text, language, start_s, end_s))


def _aligned(samples: Samples, text: str, language: str, start_s: float, end_s: float) -> SpeechTimings:
    duration_s = len(samples) / FILE_RATE
    marks, shapes = timed(samples, FILE_RATE, text, language)
    pauses = tuple((each.start_s, each.end_s) for each in shapes if each.viseme is Viseme.SIL)
    words = word_timings(text, [Heard(0, len(text), start_s, end_s, marks, pauses)])
    return SpeechTimings(duration_s, tuple(words), covering(shapes, duration_s))


def _between_cues(
    cues: tuple[Cue, ...],
    text: str,
    language: str,
    start_s: float,
    end_s: float,
    duration_s: float,
    out: Path,
) -> SpeechTimings | None:
    """None where the captions tell nothing of this sound."""
    model, model_start_s, model_end_s = _model(text, language, out.with_name(f"{out.stem}-model.wav"))
    first, last = Anchor(model_start_s, start_s), Anchor(model_end_s, end_s, begins=False)
    anchors = between(first, last, cues, model.words)
    if not anchors:
        return None
    path = (first, *anchors, last)

    def second(of_model: float, ends: bool = False) -> float:
        return min(max(moved_along(path, of_model, ends=ends), 0.0), duration_s)

    words = tuple(
        WordTiming(word.text, second(word.start_s), second(word.end_s, True), word.offset, word.length)
        for word in model.words
    )
    moved = [
        VisemeTiming(each.viseme, second(each.start_s), second(each.end_s, True), each.stressed)
        for each in model.visemes
    ]
    return SpeechTimings(duration_s, words, _from_end_to_end(moved, duration_s))


def spoken_part(samples: Samples) -> tuple[float, float]:
    """When the first sound begins and the last one ends, in seconds, of 48 kHz samples.

    Raises WorkError `result_silent`.
    """
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    level = np.sqrt(np.mean(blocks * blocks, axis=1))
    loudest = float(level.max(initial=0.0))
    if loudest < _NOTHING:
        raise WorkError(
            "result_silent",
            "Nothing is heard in the avatar video.",
            next_step="Generate this slide's avatar video again.",
        )
    heard = np.flatnonzero(level >= loudest * _HEARD)
    return int(heard[0]) * _BLOCK / FILE_RATE, (int(heard[-1]) + 1) * _BLOCK / FILE_RATE


def _track(video: Path) -> Samples:
    """The sound track as 48 kHz mono, cut or filled to the picture's length."""
    parts: list[Samples] = []
    try:
        with av.open(f"file:{video.resolve()}", format="mov", options=dict(_OPTIONS)) as container:
            picture, sound = container.streams.video[0], container.streams.audio[0]
            wanted = round(float((picture.duration or 0) * (picture.time_base or 0)) * FILE_RATE)
            resampler = av.AudioResampler(format="flt", layout="mono", rate=FILE_RATE)
            count = 0
            for frame in container.decode(sound):
                if not parts:
                    parts.append(np.zeros(round(max(0.0, frame.time or 0.0) * FILE_RATE), np.float32))
                    count = len(parts[0])
                for piece in resampler.resample(frame):
                    parts.append(piece.to_ndarray()[0])
                    count += len(parts[-1])
                if count >= wanted:
                    break
            parts += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise WorkError(
            "speech_unreadable",
            "The sound of the avatar video cannot be read.",
            next_step="Generate this slide's avatar video again.",
        ) from error
    samples = np.concatenate([np.zeros(0, np.float32), *parts])[:wanted]
    return np.pad(samples, (0, wanted - len(samples))).astype(np.float32)


def _model(text: str, language: str, scratch: Path) -> tuple[SpeechTimings, float, float]:
    """Our own voice's timings of the text, and when its first sound begins and its last one ends. In a
    language that we do not speak, the words are spread by their length."""
    try:
        voice = espeak_voices.default_voice(language)
        speech = espeak.speak(SpeechRequest(text, language, voice.id), scratch)
        with wave.open(str(scratch), "rb") as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        return speech.timings, *spoken_part(samples / np.float32(32768))
    except (CallError, WorkError):
        words = tuple(word_timings(text, [Heard(0, len(text), 0.0, 1.0, ())]))
        return SpeechTimings(1.0, words), 0.0, 1.0
    finally:
        scratch.unlink(missing_ok=True)


def _from_end_to_end(moved: list[VisemeTiming], duration_s: float) -> tuple[VisemeTiming, ...]:
    """With a closed mouth before the first sound, in pauses and after the last sound: nothing is left out."""
    whole, at = [], 0.0
    for each in moved:
        whole += [VisemeTiming(Viseme.SIL, at, each.start_s), each]
        at = each.end_s
    whole.append(VisemeTiming(Viseme.SIL, at, duration_s))
    return tuple(phonemes.merged([each for each in whole if each.end_s > each.start_s]))
