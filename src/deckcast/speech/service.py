"""Speaking: the engine is chosen by the voice id's prefix."""

from __future__ import annotations

from pathlib import Path

from deckcast.kit.errors import CallError
from deckcast.speech.espeak import EspeakEngine
from deckcast.speech.ports import Speech, SpeechEngine, SpeechRequest, Voice

_ESPEAK = EspeakEngine()
_ENGINES: dict[str, SpeechEngine] = {_ESPEAK.name: _ESPEAK}

ENGINE_VERSION = ",".join(engine.version for engine in _ENGINES.values())
"""Part of a speech's fingerprint: changes when the same request would sound different."""


def voices() -> tuple[Voice, ...]:
    """Every voice of every engine."""
    return tuple(voice for engine in _ENGINES.values() for voice in engine.voices())


def default_voice(language: str, gender: str | None = None) -> Voice:
    """The voice for a BCP 47 tag; `gender` "female" or "male" lets it match the presenter.

    Raises CallError `language_not_spoken`.
    """
    return _ESPEAK.default_voice(language, gender)


def speak(request: SpeechRequest, out: Path) -> Speech:
    """Speak to the WAV file `out` (48 kHz, mono, 16 bit, −16 LUFS); blocks, run it in a child process.

    Raises CallError `unknown_voice`, WorkError `nothing_to_say` or `speech_failed`.
    """
    engine = _ENGINES.get(request.voice.partition(":")[0].strip().lower())
    if engine is None:
        raise CallError(
            "unknown_voice",
            f"There is no voice “{request.voice}”.",
            next_step="`deckcast voices` lists the voices; write one of its ids, such as espeak:en-us.",
        )
    return engine.speak(request, out)
