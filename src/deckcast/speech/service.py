"""Speaking: the engine is chosen by the voice id's prefix."""

from __future__ import annotations

from pathlib import Path

from deckcast.speech import espeak, espeak_voices
from deckcast.speech.ports import Speech, SpeechRequest, Voice

ENGINE_VERSION = espeak.VERSION
"""Part of a speech's fingerprint: changes when the same request would sound different."""


def voices() -> tuple[Voice, ...]:
    """Every voice of the built-in engine."""
    return espeak_voices.voices()


def default_voice(language: str, gender: str | None = None) -> Voice:
    """The voice for a BCP 47 tag; `gender` "female" or "male" lets it match the presenter.

    Raises CallError `language_not_spoken`.
    """
    return espeak_voices.default_voice(language, gender)


def speak(request: SpeechRequest, out: Path) -> Speech:
    """Speak to the WAV file `out` (48 kHz, mono, 16 bit, −16 LUFS); blocks, run it in a child process.

    Raises CallError `unknown_voice`, WorkError `nothing_to_say` or `speech_failed`.
    """
    return espeak.speak(request, out)
