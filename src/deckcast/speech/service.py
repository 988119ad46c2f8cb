"""Speaking: every engine that is configured, their voices, and which of them speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from deckcast.kit.errors import CallError, DeckcastError, WorkError
from deckcast.kit.settings import Settings
from deckcast.speech import espeak, espeak_voices
from deckcast.speech.choice import fits, suited
from deckcast.speech.ports import Speech, SpeechEngine, SpeechRequest, Voice

_ENGINES = {
    "piper": ("deckcast.speech.piper", "PiperEngine"),
    "openai": ("deckcast.speech.openai", "OpenAiEngine"),
    "elevenlabs": ("deckcast.speech.elevenlabs", "ElevenLabsEngine"),
    "azure": ("deckcast.speech.azure", "AzureEngine"),
}
"""Where each engine beside the built-in one is: imported only where it is asked for."""
_TITLES = {"piper": "Piper", "openai": "OpenAI", "elevenlabs": "ElevenLabs", "azure": "Azure"}
_PATIENCE_S = 30.0  # for a list of voices


def open_engines(settings: Settings) -> SpeechEngines:
    """The engines of these settings; nothing is called yet."""
    configured: dict[str, SpeechEngine] = {"espeak": espeak.EspeakEngine()}
    not_configured: dict[str, str] = {}
    for name, (module, kind) in _ENGINES.items():
        part = _part(settings, name)
        engine = getattr(import_module(module), kind)
        lacking = engine.missing(part)
        if lacking is None:
            configured[name] = engine(part)
        else:
            not_configured[name] = lacking
    return SpeechEngines(configured, not_configured, settings.speech.engine, settings.speech.voice)


def _part(settings: Settings, name: str) -> Any:
    if name == "piper":
        folder = settings.speech.piper.voices_dir or settings.data_dir / "voices" / "piper"
        return settings.speech.piper.model_copy(update={"voices_dir": folder})
    return getattr(settings.speech, name)


class SpeechEngines:
    """The engines that are configured, and for those that are not what is missing, in words. After `load` every
    question about voices is answered from memory."""

    def __init__(
        self,
        configured: Mapping[str, SpeechEngine],
        not_configured: Mapping[str, str],
        default: str = "espeak",
        default_voice: str | None = None,
    ) -> None:
        self.configured = configured
        self.not_configured = not_configured
        self._default = default
        self._default_voice = _with_engine(default_voice, default)
        self._voices: dict[str, tuple[Voice, ...]] = {"espeak": espeak_voices.voices()}
        self.failed: dict[str, DeckcastError] = {}
        """What those answered that could not say which voices they have."""
        self._before: Mapping[str, Sequence[str]] = {}

    @property
    def default(self) -> SpeechEngine:
        """The engine that speaks where no voice is named; raises CallError engine_not_configured."""
        return self._engine(self._default)

    async def load(self, *voice_ids: str | None) -> None:
        """Ask engines for their voices: those of the settings and of the voices named here (None: no more than
        those); where nothing is named, every configured one. One that cannot answer now is asked again by the next
        `load`; until then naming a voice of it raises what it answered."""
        asked = {self._default, *(_engine_name(each) for each in (*voice_ids, self._default_voice) if each)}
        names = [
            name for name in self.configured if name not in self._voices and (name in asked or not voice_ids)
        ]
        await asyncio.gather(*(self._load(name) for name in names))

    async def _load(self, name: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                self._voices[name] = await self.configured[name].voices()
            self.failed.pop(name, None)
        except TimeoutError:
            self.failed[name] = WorkError(
                "speech_unreachable",
                f"{_TITLES.get(name, name)} does not say which voices it has.",
                next_step="Try again later, or choose a voice of another engine.",
                retryable=True,
            )
        except DeckcastError as error:
            self.failed[name] = error

    def go_on_with(self, voices: Mapping[str, Sequence[str]]) -> None:
        """Who has spoken before, by language, speaks again where nobody is named: a service's list grows and changes
        its order, and with another voice everything would be made, and paid, anew."""
        self._before = voices

    def voices(self) -> tuple[Voice, ...]:
        """Every voice that is known, the default engine's first."""
        names = sorted(self._voices, key=lambda name: name != self._default)
        return tuple(voice for name in names for voice in self._voices[name])

    def voice(self, voice_id: str | None, language: str, gender: str | None = None) -> Voice:
        """The voice asked for; else the one in the settings, where it speaks the language; else the default
        engine's for the language, "female" or "male" where asked, the one of `go_on_with` before others; else, with a
        `note`, the built-in engine's.

        Raises CallError unknown_voice, engine_not_configured, language_not_spoken; what the engine answered
        where its voices could not be loaded (`load`).
        """
        if voice_id is not None:
            return self._named(voice_id)
        if self._default_voice is not None:
            voice = self._named(self._default_voice)
            if fits(voice, language):
                return voice
        engine = self.default.name
        if engine == "espeak":
            return espeak_voices.default_voice(language, gender)
        found = suited(self._voices_of(engine), language, gender, self._before.get(language, ()))
        if found is not None:
            return found
        note = f"{_TITLES[engine]} has no voice for “{language}”: the built-in voice speaks."
        return replace(espeak_voices.default_voice(language, gender), note=note)

    def engine_of(self, voice: Voice) -> SpeechEngine:
        """The engine of a voice; raises CallError engine_not_configured."""
        return self._engine(voice.engine)

    def version_of(self, voice: Voice) -> str:
        """Part of a speech's fingerprint: it changes when the same request would sound different."""
        return self.engine_of(voice).version

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to the WAV file `out` by the engine whose voice is asked for; raises as `SpeechEngine.speak`, and
        CallError engine_not_configured."""
        return await self._engine(_engine_name(request.voice)).speak(request, out)

    async def close(self) -> None:
        """Close every engine's connections."""
        for engine in self.configured.values():
            await engine.close()

    def _engine(self, name: str) -> SpeechEngine:
        if name in self.configured:
            return self.configured[name]
        if name in self.not_configured:
            raise CallError(
                "engine_not_configured",
                f"The speech engine {_TITLES.get(name, name)} is not configured: {self.not_configured[name]}",
                next_step="Set it, or choose another voice: `deckcast voices` lists those that can speak now, and "
                "`--voice auto` takes the one that suits the presenter.",
            )
        raise unknown_voice(name)

    def _named(self, voice_id: str) -> Voice:
        voice_id = voice_id.strip()
        name = _engine_name(voice_id)
        if ":" not in voice_id:
            raise unknown_voice(voice_id)
        if name == "espeak":
            return espeak_voices.voice(voice_id)
        wanted = voice_id.partition(":")[2]
        for voice in self._voices_of(name):
            if voice.id.partition(":")[2] == wanted:
                return voice
        raise unknown_voice(voice_id)

    def _voices_of(self, name: str) -> tuple[Voice, ...]:
        engine = self._engine(name)
        if name not in self._voices:
            if name in self.failed:
                raise self.failed[name]
            raise WorkError(
                "voices_not_known",
                f"Nobody has asked {engine.name} for its voices yet.",
                next_step="Try again in a moment.",
                retryable=True,
            )
        return self._voices[name]


def unknown_voice(voice_id: str) -> CallError:
    """The error for a voice that nobody has."""
    return CallError(
        "unknown_voice",
        f"There is no voice “{voice_id}”.",
        next_step="`deckcast voices` lists the voices; write one of its ids, such as espeak:en-us.",
    )


def _engine_name(voice_id: str) -> str:
    return voice_id.partition(":")[0].strip().lower()


def _with_engine(voice: str | None, engine: str) -> str | None:
    """A voice's full id, where the settings name the voice alone."""
    if voice is None or _engine_name(voice) in ("espeak", *_ENGINES):
        return voice
    return f"{engine}:{voice.strip()}"
