"""`deckcast avatars` and `deckcast voices`."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deckcast.avatars.local.provider import LocalProvider
from deckcast.avatars.local.render import preview_png
from deckcast.avatars.ports import Avatar, ProviderVoice
from deckcast.cli.request import provider_named
from deckcast.kit.errors import CallError
from deckcast.kit.files import disk_errors
from deckcast.kit.settings import Settings
from deckcast.speech.service import voices
from deckcast.wiring import open_context

PREVIEW_PX = 480


def list_avatars(
    settings: Settings, provider: str | None, search: str | None, save: Path | None, *, as_json: bool
) -> int:
    """Everybody who can present through a provider; of the local ones, a preview picture each.

    Raises CallError unknown_provider, provider_not_configured.
    """
    folder = save or settings.data_dir / "cache" / "previews"
    found = asyncio.run(_avatars(settings, provider or settings.avatar.provider, search))
    listed = [
        {**asdict(avatar), "preview": str(_preview(avatar, folder)) if _is_local(avatar) else avatar.preview}
        for avatar in found
    ]
    if as_json:
        return _print_items(listed)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "name", "provider", "description"):
        table.add_column(column, overflow="fold")
    for row in listed:
        table.add_row(*(Text(str(row[key])) for key in ("id", "name", "provider", "description")))
    console = Console(highlight=False)
    console.print(table)
    if any(_is_local(avatar) for avatar in found):
        console.print(Text(f"\nPictures of them: {folder}", "dim"), soft_wrap=True)
    return 0


async def _avatars(settings: Settings, name: str, search: str | None) -> list[Avatar]:
    async with open_context(settings) as parts:
        provider = provider_named(name, parts.providers)
        wanted = (search or "").lower()
        return [
            avatar
            for avatar in await provider.avatars()
            if wanted in f"{avatar.id} {avatar.name} {avatar.description}".lower()
        ]


def _is_local(avatar: Avatar) -> bool:
    return avatar.provider == LocalProvider.name


def _preview(avatar: Avatar, folder: Path) -> Path:
    path = folder / f"{avatar.id}.png"
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(preview_png(avatar.id, PREVIEW_PX))
    return path


def list_voices(settings: Settings, provider: str | None, language: str | None, *, as_json: bool) -> int:
    """Every voice of Deckcast's, or of an avatar provider's own, or those of one language.

    Raises CallError language_not_spoken, unknown_provider, provider_not_configured.
    """
    if provider is None:
        return _list_our_voices(language, as_json=as_json)
    found = asyncio.run(_provider_voices(settings, provider))
    listed = [voice for voice in found if language is None or _is_in(voice, language)]
    if not listed:
        lacks = f"no voice that speaks {language!r}" if found else "no voices of its own"
        raise CallError(
            "language_not_spoken" if found else "unknown_voice",
            f"The provider {provider} has {lacks}.",
            next_step="`deckcast voices` lists those of Deckcast.",
        )
    rows = [{**asdict(voice), "id": f"{provider}:{voice.id}", "provider": provider} for voice in listed]
    if as_json:
        return _print_items(rows)
    return _print_voices("gender", [(row["id"], row["language"], row["name"], row["gender"]) for row in rows])


async def _provider_voices(settings: Settings, name: str) -> tuple[ProviderVoice, ...]:
    async with open_context(settings) as parts:
        provider = provider_named(name, parts.providers)
        return await provider.voices() if provider.capabilities.takes_text else ()


def _is_in(voice: ProviderVoice, language: str) -> bool:
    """Whether a voice speaks a language: the provider writes it as a tag, or by its English name."""
    wanted, written = language.lower(), voice.language.lower()
    names = {
        re.split(r"[ ,(]", ours.name)[0].lower()
        for ours in voices()
        if ours.language.lower().split("-")[0] == wanted.split("-")[0]
    }
    return written == wanted or written.startswith(f"{wanted}-") or re.split(r"[ ,(]", written)[0] in names


def _list_our_voices(language: str | None, *, as_json: bool) -> int:
    wanted = language.lower() if language else None
    listed = [
        voice
        for voice in voices()
        if wanted is None
        or voice.language.lower() == wanted
        or voice.language.lower().startswith(f"{wanted}-")
    ]
    if not listed:
        raise CallError(
            "language_not_spoken",
            f"No voice speaks {language!r}.",
            next_step="`deckcast voices` lists every language.",
        )
    if as_json:
        return _print_items([asdict(voice) for voice in listed])
    marks = {True: "limited", False: ""}
    return _print_voices(
        "quality", [(each.id, each.language, each.name, marks[each.quality_limited]) for each in listed]
    )


def _print_items(items: Sequence[Mapping[str, Any]]) -> int:
    sys.stdout.write(json.dumps({"items": items}, ensure_ascii=False) + "\n")
    return 0


def _print_voices(last: str, rows: Sequence[Sequence[str | None]]) -> int:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "language", "name", last):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell or "") for cell in row))
    Console().print(table)
    return 0
