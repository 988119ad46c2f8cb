"""What a speech engine is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deckcast.kit.timing import SpeechTimings


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine. `id` is what a person writes after --voice; `language` a BCP 47 tag.
    `quality_limited` says that the voice is known to be poor for its language."""

    id: str
    name: str
    language: str
    engine: str
    quality_limited: bool = False


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What to say: the narrative's text, its language (BCP 47) and a voice id of the engine."""

    text: str
    language: str
    voice: str
    words_per_minute: int = 165


@dataclass(frozen=True, slots=True)
class Speech:
    """A spoken narrative: a WAV file (48 kHz, mono, 16 bit, −16 LUFS, no leading or trailing silence
    beyond 50 ms) and its timings from the file's start."""

    audio: Path
    duration_s: float
    timings: SpeechTimings


class SpeechEngine(Protocol):
    """Turns text into sound with timings. `speak` blocks: run it in a child process."""

    name: str
    version: str

    def voices(self) -> tuple[Voice, ...]:
        """Every voice the engine has now."""
        ...

    def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """The engine's voice for a language, "female" or "male" where asked; raises CallError `language_not_spoken`."""
        ...

    def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to the file `out`; raises WorkError `speech_failed`, CallError `unknown_voice`."""
        ...
