"""What a speech engine is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from deckcast.kit.timing import SpeechTimings


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine. `id` (`<engine>:<name>`) is what a person writes after --voice; `language` a BCP 47
    tag, empty where the voice speaks every language. `gender` is "female", "male" or None (not known).
    `quality_limited` says that the voice is known to be poor for its language, `note` what the person should know
    about this choice, where there is something."""

    id: str
    name: str
    language: str
    engine: str
    quality_limited: bool = False
    gender: str | None = None
    note: str = ""


class TimingSource(StrEnum):
    """What an engine tells about when a text is heard; what it does not tell is found by alignment."""

    PHONEMES = "phonemes"
    VISEMES = "visemes"
    WORDS = "words"
    CHARACTERS = "characters"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SpeechCapabilities:
    """What an engine can do. `max_chars` bounds one request (longer texts are cut at sentences);
    `max_concurrent` is how many requests the account allows at once, None where the cores are the limit.
    `stitches` says that it hears what stands before and after a piece; `pauses` and `emphasis` that it
    understands these marks itself. `usd_per_million_chars` is what it charges."""

    offline: bool
    timing: TimingSource
    max_chars: int | None = None
    max_concurrent: int | None = None
    stitches: bool = False
    pauses: bool = False
    emphasis: bool = False
    usd_per_million_chars: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What to say: the narrative with its marks (kit.marks), its language (BCP 47), a voice id of the engine, and
    how words are to be pronounced: (written, said as), whole words, the longest first."""

    text: str
    language: str
    voice: str
    words_per_minute: int = 165
    pronunciations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Speech:
    """A spoken narrative: a WAV file (48 kHz, mono, 16 bit, −16 LUFS, no leading or trailing silence beyond
    50 ms) and its timings from the file's start; offsets are those of the plain text (kit.marks.parse).
    `billed_chars` is what a paid engine counts."""

    audio: Path
    duration_s: float
    timings: SpeechTimings
    billed_chars: int = 0


class SpeechEngine(Protocol):
    """Turns text into sound with timings. `version` is part of a speech's fingerprint: it changes when the same
    request would sound different."""

    name: str
    version: str
    capabilities: SpeechCapabilities

    async def voices(self) -> tuple[Voice, ...]:
        """Every voice the engine has now. Raises WorkError speech_unreachable, CallError speech_key_invalid."""
        ...

    async def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """The engine's voice for a BCP 47 tag, "female" or "male" where asked; CallError language_not_spoken."""
        ...

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to the WAV file `out`, whose folder takes temporary files; heavy work happens in a child.

        Raises WorkError nothing_to_say, speech_failed, speech_refused, speech_busy, speech_unreachable;
        CallError unknown_voice, speech_key_invalid, speech_no_credit.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
