"""`deckcast voices`: who can speak, and Piper's voices installed and removed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deckcast.avatars.ports import ProviderVoice
from deckcast.batches.catalogue import is_in, speaks
from deckcast.batches.requests import provider_named
from deckcast.cli.outcome import print_json
from deckcast.cli.piper import install_voice, remove_voice
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.settings import Settings
from deckcast.speech.ports import Voice
from deckcast.speech.service import SpeechEngines, open_engines
from deckcast.wiring import open_context


@dataclass(frozen=True, slots=True)
class EngineState:
    """What became of the question for an engine's voices: `lacks` says what is not configured, `error` why it gave
    no answer."""

    name: str
    voices: tuple[Voice, ...] = ()
    lacks: str | None = None
    error: DeckcastError | None = None


@dataclass(frozen=True, slots=True)
class VoicesOptions:
    """What was written after `deckcast voices`."""

    engine: str | None = None
    provider: str | None = None
    language: str | None = None
    install: str | None = None
    remove: str | None = None
    json: bool = False


def run_voices(settings: Settings, options: VoicesOptions) -> int:
    """List, install or remove voices; returns the exit status.

    Raises CallError voices_call_invalid; as `list_voices`, `install_voice`, `remove_voice`.
    """
    told = [options.install, options.remove]
    others = [options.engine, options.provider, options.language]
    if sum(each is not None for each in told) > 1 or (any(told) and (any(others) or options.json)):
        raise CallError(
            "voices_call_invalid",
            "--install and --remove stand alone.",
            next_step="Write for example: deckcast voices --install piper:de_DE-thorsten-medium",
        )
    if options.engine is not None and options.provider is not None:
        raise CallError(
            "voices_call_invalid",
            "The voices are either those of a speech engine or those of an avatar provider.",
            next_step="Give --engine or --provider, not both.",
        )
    if options.install is not None:
        return install_voice(settings, options.install)
    if options.remove is not None:
        return remove_voice(settings, options.remove)
    return list_voices(settings, options.provider, options.engine, options.language, as_json=options.json)


def list_voices(
    settings: Settings, provider: str | None, engine: str | None, language: str | None, *, as_json: bool
) -> int:
    """Every voice of the speech engines, or of one, or an avatar provider's own; or those of one language.

    Raises CallError engine_not_configured, language_not_spoken, unknown_provider, provider_not_configured; what
    the engine asked for answers instead of its voices.
    """
    if provider is not None:
        return _list_provider_voices(settings, provider, language, as_json=as_json)
    states = [
        state for state in asyncio.run(_states(settings, engine)) if engine is None or state.name == engine
    ]
    if engine is not None:
        _check_answer(states[0])
    listed = [voice for state in states for voice in state.voices if speaks(voice, language)]
    if not listed and any(state.voices for state in states):
        raise CallError(
            "language_not_spoken",
            f"No voice {f'of {engine} ' if engine else ''}speaks {language!r}.",
            next_step="`deckcast voices` lists every language.",
        )
    if as_json:
        print_json(
            {"items": [asdict(voice) for voice in listed], "engines": [_plain(each) for each in states]}
        )
        return 0
    if listed:
        _print_ours(listed)
    _print_others(states)
    return 0


async def _states(settings: Settings, only: str | None) -> list[EngineState]:
    """Every engine, the one that speaks by default first; where `only` one is wanted, no other is asked."""
    engines = open_engines(settings)
    try:
        await engines.load(*([f"{only}:"] if only else []))
        known = engines.voices()
        states = [_state(engines, name, known) for name in (*engines.configured, *engines.not_configured)]
        return sorted(states, key=lambda each: each.name != settings.speech.engine)
    finally:
        await engines.close()


def _state(engines: SpeechEngines, name: str, known: Sequence[Voice]) -> EngineState:
    found = tuple(voice for voice in known if voice.engine == name)
    return EngineState(name, found, engines.not_configured.get(name), engines.failed.get(name))


def _check_answer(state: EngineState) -> None:
    if state.error is not None:
        raise state.error
    if state.lacks is not None:
        raise CallError(
            "engine_not_configured",
            f"The speech engine {state.name} is not configured: {state.lacks}",
            next_step="Set it; docs/speech.md says how.",
        )


def _plain(state: EngineState) -> dict[str, Any]:
    error = state.error
    return {
        "name": state.name,
        "configured": state.lacks is None,
        "lacks": state.lacks,
        "voices": len(state.voices),
        "error": {"code": error.code, "message": error.message} if error else None,
    }


def _print_ours(listed: Sequence[Voice]) -> None:
    rows = []
    for voice in listed:
        notes = [
            *(["poor in this language"] if voice.quality_limited else []),
            *([voice.note] if voice.note else []),
        ]
        name = re.sub(r", (fe)?male$", "", voice.name)
        rows.append((voice.id, voice.language or "every", name, voice.gender or "", "; ".join(notes)))
    _print_table(("id", "language", "name", "gender", "note"), rows)


def _print_others(states: Sequence[EngineState]) -> None:
    """What is not in the list, and why."""
    console = Console(highlight=False)
    for state in states:
        line = None
        if state.error is not None:
            line = Text(
                f"{state.name} gives no answer: {state.error.message} {state.error.next_step}", "yellow"
            )
        elif state.lacks is not None:
            line = Text(f"{state.name} is not set up: {state.lacks}", "dim")
        elif not state.voices:
            example = "deckcast voices --install piper:en_US-lessac-medium"
            line = Text(f"{state.name} has no voice yet. Install one: {example}", "dim")
        if line is not None:
            console.print(line, soft_wrap=not console.is_terminal)


def _list_provider_voices(settings: Settings, provider: str, language: str | None, *, as_json: bool) -> int:
    found = asyncio.run(_provider_voices(settings, provider))
    listed = [voice for voice in found if is_in(voice, language)]
    if not listed:
        lacks = f"no voice that speaks {language!r}" if found else "no voices of its own"
        raise CallError(
            "language_not_spoken" if found else "unknown_voice",
            f"The provider {provider} has {lacks}.",
            next_step="`deckcast voices` lists those of Deckcast.",
        )
    rows = [{**asdict(voice), "id": f"{provider}:{voice.id}", "provider": provider} for voice in listed]
    if as_json:
        print_json({"items": rows})
        return 0
    columns = ("id", "language", "name", "gender")
    _print_table(columns, [tuple(str(row[column] or "") for column in columns) for row in rows])
    return 0


async def _provider_voices(settings: Settings, name: str) -> tuple[ProviderVoice, ...]:
    async with open_context(settings) as parts:
        provider = provider_named(name, parts.providers)
        return await provider.voices() if provider.capabilities.takes_text else ()


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; a column in which nothing stands is left out."""
    shown = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index in shown:
        table.add_column(columns[index], overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*(Text(row[index]) for index in shown))
    Console(highlight=False).print(table)
