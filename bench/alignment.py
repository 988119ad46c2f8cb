"""How far the times of words are from the truth where no engine told them: stretched over the sound, and aligned.

The truth of other voices of the built-in engine is what it tells of them; pauses are put in where our own reading has
none. That of a Piper voice, which is a neural one, are its phonemes' lengths.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.machine import keep

TEXTS = {
    "en": "Good morning everybody, and thank you for coming today. Our revenue grew by twelve percent, thanks to "
    "new customers in Asia and Europe. What does that mean for us? We keep going, step by step, and we listen "
    "carefully. First, we open three offices near our largest customers. Second, we hire engineers whom our "
    "teams urgently need. Costs rose more slowly than sales, which surprised many people. Margins improved every "
    "quarter, because suppliers lowered their prices. Customers told us that delivery times matter most. So we "
    "built a second warehouse outside Chicago. Finally, I want to thank everybody who made this possible. Next "
    "year looks promising, but competition grows quickly. Please ask questions whenever something seems unclear.",
    "de": "Guten Tag und herzlich willkommen zu unserer Präsentation. Im letzten Jahr ist der Umsatz um zwölf "
    "Prozent gestiegen, vor allem durch neue Kunden. Was bedeutet das? Wir öffnen drei Büros, stellen Leute ein "
    "und bauen, was unsere Kunden brauchen.",
    "fr": "Bonjour à tous, voici les résultats de l’année. Nous avons ouvert trois bureaux, engagé de nouvelles "
    "personnes et gagné beaucoup de clients. Que faut-il en penser ? Nous continuons, pas à pas.",
}
VOICES = {
    "en": ("espeak:en-us+f2", "espeak:en-gb", "espeak:en-us+m3", "espeak:en-gb+f4"),
    "de": ("espeak:de+f2", "espeak:de+m7"),
    "fr": ("espeak:fr-be+f3", "espeak:fr+f2"),
}
PACES_WPM = (130, 165, 220)
LONG_S = 1200.0

Mark = tuple[int, float]


@dataclass(frozen=True)
class Heard:
    """A sound, its words and when they truly begin."""

    samples: np.ndarray
    rate: int
    text: str
    language: str
    truth: tuple[Mark, ...]

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class Errors:
    """How far words' beginnings are from the truth, in milliseconds, and what finding them took."""

    what: str
    words: int
    sound_s: float
    stretched_median_ms: float
    stretched_p95_ms: float
    aligned_median_ms: float
    aligned_p95_ms: float
    aligned_most_ms: float
    cpu_s: float


def other_voices() -> Iterator[Heard]:
    """Other voices of the built-in engine, at other paces, with pauses at odd places and a little noise."""
    from deckcast.speech.espeak_library import SAMPLE_RATE
    from deckcast.speech.espeak_reading import read_aloud
    from deckcast.speech.track import Track

    chance = np.random.default_rng(1)
    for language, voices in VOICES.items():
        for voice in voices:
            for pace in PACES_WPM:
                text = TEXTS[language]
                track = Track(SAMPLE_RATE)
                read_aloud(track, text, range(len(text)), voice, pace, 0.0)
                marks = [mark for heard in track.heard for mark in heard.marks]
                samples, truth = _with_pauses(np.concatenate(track.parts), SAMPLE_RATE, marks, chance)
                yield Heard(samples, SAMPLE_RATE, text, language, truth)


def _with_pauses(
    samples: np.ndarray, rate: int, marks: list[Mark], chance: np.random.Generator
) -> tuple[np.ndarray, tuple[Mark, ...]]:
    before = set((chance.choice(len(marks) - 1, max(1, len(marks) // 12), replace=False) + 1).tolist())
    parts, truth, done, later_s = [], [], 0, 0.0
    for number, (position, at_s) in enumerate(marks):
        if number in before:
            pause_s = float(chance.uniform(0.2, 0.8))
            parts += [samples[done : round(at_s * rate)], np.zeros(round(pause_s * rate), np.float32)]
            done, later_s = round(at_s * rate), later_s + pause_s
        truth.append((position, at_s + later_s))
    whole = np.concatenate([*parts, samples[done:]])
    noise = chance.normal(0, 0.001, len(whole)).astype(np.float32)
    return whole + noise, tuple(truth)


def piper_voice(model: Path) -> Iterator[Heard]:
    """A Piper voice that tells its phonemes' lengths, at three paces; sentences whose phonemes are not parted into
    as many words as their letters are left out."""
    from piper import PiperVoice
    from piper.config import SynthesisConfig

    voice = PiperVoice.load(str(model))
    for scale in (0.8, 1.0, 1.3):
        parts, truth, text, now = [], [], "", 0
        rate = voice.config.sample_rate
        for sentence in TEXTS["en"].replace("? ", "?|").replace(". ", ".|").split("|"):
            (chunk,) = voice.synthesize(
                sentence, SynthesisConfig(length_scale=scale), include_alignments=True
            )
            starts = _starts(chunk.phoneme_alignments or [])
            words = [at for at in range(len(sentence)) if at == 0 or sentence[at - 1] == " "]
            if len(starts) != len(words):
                continue
            offset = len(text) + bool(text)
            text = f"{text} {sentence}".strip()
            truth += [(offset + at, (now + start) / rate) for at, start in zip(words, starts, strict=True)]
            parts += [chunk.audio_float_array, np.zeros(rate // 4, np.float32)]
            now += len(parts[-2]) + len(parts[-1])
        yield Heard(np.concatenate(parts), rate, text, "en", tuple(truth))


def _starts(phonemes: list) -> list[int]:
    """Where words begin, in samples."""
    starts, at, between = [], 0, True
    for each in phonemes:
        if each.phoneme == " ":
            between = True
        elif between and each.phoneme not in "^$.,?!;:":
            starts.append(at)
            between = False
        at += int(each.num_samples)
    return starts


def long_speech() -> Heard:
    """Twenty minutes of one voice, to see what that costs."""
    first = next(other_voices())
    times = -(-int(LONG_S) // int(first.duration_s))
    step = len(first.text) + 1
    truth = tuple(
        (position + step * n, at_s + first.duration_s * n)
        for n in range(times)
        for position, at_s in first.truth
    )
    text = " ".join([first.text] * times)
    return Heard(np.tile(first.samples, times), first.rate, text, first.language, truth)


def measure(what: str, sounds: Iterator[Heard]) -> Errors:
    """Stretch and align each sound."""
    from deckcast.speech.alignment import timed

    stretched, aligned, sound_s, cpu_s = [], [], 0.0, 0.0
    for sound in sounds:
        began = time.process_time()
        marks, _ = timed(sound.samples, sound.rate, sound.text, sound.language)
        cpu_s += time.process_time() - began
        sound_s += sound.duration_s
        aligned.append(_errors(sound, marks))
        stretched.append(_errors(sound, _stretched(sound)))
    before, after = np.concatenate(stretched) * 1000, np.concatenate(aligned) * 1000
    return Errors(
        what, len(after), sound_s, float(np.median(before)), float(np.percentile(before, 95)),
        float(np.median(after)), float(np.percentile(after, 95)), float(after.max()), cpu_s,
    )  # fmt: skip


def _stretched(sound: Heard) -> list[Mark]:
    from deckcast.speech.alignment import reading
    from deckcast.speech.espeak_voices import default_voice

    ours = reading(sound.text, default_voice(sound.language).id)
    share = sound.duration_s / ours.now_s
    return [(position, at_s * share) for heard in ours.heard for position, at_s in heard.marks]


def _errors(sound: Heard, marks: list[Mark] | tuple[Mark, ...]) -> np.ndarray:
    return np.abs(np.array(_word_starts(sound, marks)) - np.array(_word_starts(sound, sound.truth)))


def _word_starts(sound: Heard, marks: list[Mark] | tuple[Mark, ...]) -> list[float]:
    from deckcast.speech.words import Heard as Stretch
    from deckcast.speech.words import word_timings

    stretch = Stretch(0, len(sound.text), 0.0, sound.duration_s, tuple(marks))
    return [word.start_s for word in word_timings(sound.text, [stretch])]


def run(piper: str, *, kept: bool) -> None:
    """Measure, print and keep."""
    results = [measure("other voices of the built-in engine", other_voices())]
    if piper:
        results.append(measure(f"Piper, {Path(piper).stem}", piper_voice(Path(piper))))
    results.append(measure("twenty minutes at once", iter([long_speech()])))
    print("voice: words, stretched median / 95 %, aligned median / 95 % in ms, CPU-s for s of sound")
    for each in results:
        print(
            f"{each.what}: {each.words}, {each.stretched_median_ms:.0f} / {each.stretched_p95_ms:.0f}, "
            f"{each.aligned_median_ms:.0f} / {each.aligned_p95_ms:.0f}, {each.cpu_s:.1f} for {each.sound_s:.0f}"
        )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak_mb:.0f} MB")
    if kept:
        print(keep("alignment", {"peak_mb": peak_mb, "errors": [asdict(each) for each in results]}))
