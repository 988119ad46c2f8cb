"""Piper: neural voices that speak on this machine, without a network; each is fetched when a person asks for it."""

from __future__ import annotations

import asyncio
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from deckcast.kit.children import run_in_child
from deckcast.kit.errors import CallError, MachineError
from deckcast.kit.files import disk_errors
from deckcast.kit.settings import PiperSettings
from deckcast.speech import piper_reading, piper_voices
from deckcast.speech.choice import suited
from deckcast.speech.piper_fetching import Progress, fetch_voice
from deckcast.speech.piper_model import INSTALL, is_there, need_piper
from deckcast.speech.ports import Speech, SpeechRequest, Voice

_DEFAULT_FOLDER = Path("voices/piper")


class PiperEngine:
    """Piper behind the speech port. Its voices are files in `settings.voices_dir`; a model is loaded for one
    speech, in a child of its own, with one thread."""

    name = piper_voices.PREFIX
    capabilities = piper_reading.CAPABILITIES

    def __init__(self, settings: PiperSettings) -> None:
        self._base_url = settings.base_url
        self._folder = settings.voices_dir or _DEFAULT_FOLDER
        self.version = f"piper-{_version()}/1"

    @staticmethod
    def missing(settings: PiperSettings) -> str | None:
        """What is not there, in words; None where all is."""
        return None if is_there() else f"the package is not installed ({INSTALL})."

    async def voices(self) -> tuple[Voice, ...]:
        """Every installed voice."""
        return await asyncio.to_thread(piper_voices.installed, self._folder)

    async def installed(self) -> tuple[Voice, ...]:
        """The same as `voices`."""
        return await self.voices()

    async def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """The installed voice that suits a BCP 47 tag best; raises CallError `language_not_spoken`."""
        found = suited(await self.voices(), language, gender)
        if found is None:
            raise CallError(
                "language_not_spoken",
                f"No installed Piper voice speaks the language “{language}”.",
                next_step="Install one, as `deckcast voices --install piper:de_DE-thorsten-medium` does.",
            )
        return found

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to a 48 kHz WAV file; raises as `piper_reading.speak`."""
        return await run_in_child(piper_reading.speak, request, self._folder, out)

    async def install(self, voice_id: str, progress: Progress = lambda so_far, total: None) -> Voice:
        """Fetch a voice (`piper:de_DE-thorsten-medium`) unless it is there, and try it; about 60 MB.

        Raises CallError unknown_voice, settings_invalid; WorkError voice_unreachable, voice_unusable;
        MachineError piper_missing, disk_full, not_writable.
        """
        name = piper_voices.name_of(voice_id)
        need_piper()
        if not await self._of(name):
            await fetch_voice(self._base_url, name, self._folder, progress)
        found = await self._of(name)
        if not found:
            raise MachineError("not_writable", f"The voice {name.file} was removed while it was installed.")
        return next((voice for voice in found if voice.id == voice_id.strip()), found[0])

    async def remove(self, voice_id: str) -> None:
        """Remove an installed voice's files. Raises CallError unknown_voice; MachineError not_writable."""
        name = piper_voices.name_of(voice_id)
        files = piper_voices.files_of(self._folder, name)
        if not any(file.exists() for file in files):
            raise piper_voices.unknown_voice(voice_id)
        with disk_errors(self._folder / "voices"):
            for file in reversed(files):
                await asyncio.to_thread(file.unlink, missing_ok=True)

    async def close(self) -> None:
        """There is nothing to close."""

    async def _of(self, name: piper_voices.VoiceName) -> list[Voice]:
        base = f"{piper_voices.PREFIX}:{name.file}"
        return [voice for voice in await self.voices() if voice.id.partition("#")[0] == base]


def _version() -> str:
    try:
        return version("piper-tts")
    except PackageNotFoundError:
        return "none"
