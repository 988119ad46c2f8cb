"""What `deckcast doctor` says of who writes, speaks and presents. The model and the speech services are not called."""

from __future__ import annotations

import asyncio
import ctypes
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from deckcast.cli.check import Check, fault_of, not_set_up
from deckcast.kit.errors import DeckcastError
from deckcast.kit.settings import Settings
from deckcast.llm.service import INSTALL, choose
from deckcast.speech.ports import SpeechEngine
from deckcast.speech.service import open_engines
from deckcast.wiring import PaidProvider, paid_providers

_TITLES = {
    "piper": "Piper",
    "openai": "OpenAI speech",
    "elevenlabs": "ElevenLabs",
    "azure": "Azure speech",
    "heygen": "HeyGen",
}


def model_check(settings: Settings) -> Check:
    """Which language model is set up, whether its package is here and its key given."""
    name = "Language model"
    installed = find_spec("pydantic_ai") is not None
    try:
        chosen = choose(settings.llm)
    except DeckcastError as error:
        return Check(name, False, True, error.message, error.next_step)
    if chosen is None:
        lacks = "" if installed else ". Its package is not installed: " + INSTALL
        return not_set_up(
            name, f"none; the built-in rules analyse and write. DECKCAST_LLM__MODEL names one{lacks}"
        )
    if not installed:
        return Check(name, False, True, f"{chosen.name}, but its package is not installed", INSTALL)
    where = "on this machine" if chosen.offline else f"at {chosen.provider.name}"
    return Check(name, True, True, f"{chosen.name}, {where}; not called now")


def speech_checks(settings: Settings) -> list[Check]:
    """The built-in voice; then every other engine: set up, or what it lacks."""
    try:
        engines = open_engines(settings)
    except DeckcastError as error:
        return [_built_in(), Check("Speech services", False, True, error.message, error.next_step)]
    others = [
        *(_engine(settings, engine) for name, engine in engines.configured.items() if name != "espeak"),
        *_lacking(settings, engines.not_configured),
    ]
    asyncio.run(engines.close())
    return [_built_in(), *sorted(others, key=lambda check: list(_TITLES.values()).index(check.name))]


def _built_in() -> Check:
    mend = "Run scripts/setup.sh again; the package espeakng-loader brings the library."
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_Info.restype = ctypes.c_char_p
        version = library.espeak_Info(None).decode()
    except (ImportError, OSError, AttributeError) as error:
        return Check("Speech", False, True, f"espeak-ng does not load: {error}", mend)
    return Check("Speech", True, True, f"espeak-ng {version.split()[0]}, offline")


def _engine(settings: Settings, engine: SpeechEngine) -> Check:
    title = _TITLES[engine.name]
    speaks = "; speaks where no voice is named" if engine.name == settings.speech.engine else ""
    if not engine.capabilities.offline:
        return Check(title, True, False, f"set up; not called now{speaks}")
    voices = asyncio.run(engine.voices())
    if not voices:
        return not_set_up(title, "no voice yet; deckcast voices --install piper:en_US-lessac-medium")
    return Check(title, True, False, f"{len(voices)} voice{'s' * (len(voices) > 1)}, offline{speaks}")


def _lacking(settings: Settings, not_configured: Mapping[str, str]) -> list[Check]:
    done = []
    for name, lack in not_configured.items():
        if name == settings.speech.engine:
            mend = f"{lack} Or take another engine with DECKCAST_SPEECH__ENGINE."
            done.append(Check(_TITLES[name], False, True, "is to speak, but is not set up", mend))
        else:
            done.append(not_set_up(_TITLES[name], f"not set up: {lack}"))
    return done


def provider_checks(settings: Settings) -> list[Check]:
    """Whether the paid avatar providers can be used; nobody needs one."""
    found, lacking = paid_providers(settings, Path(tempfile.gettempdir()))
    done = [
        not_set_up(_TITLES.get(name, name), lack.removeprefix(f"{_TITLES.get(name, name)} "))
        for name, lack in lacking.items()
    ]
    return done + [_answers(provider) for provider in found.values()]


def _answers(provider: PaidProvider) -> Check:
    said: list[str] = []

    async def ask() -> None:
        try:
            balance = await provider.balance()
        finally:
            await provider.close()
        said.append(f"answers, {balance.amount:.2f} {balance.unit} left" if balance else "answers")

    fault = fault_of(lambda: asyncio.run(ask()))
    title = _TITLES.get(provider.name, provider.name)
    return Check(title, not fault, False, fault or said[0], "Check its key and address.")
