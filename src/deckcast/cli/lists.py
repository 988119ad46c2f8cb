"""`deckcast avatars`: who can present."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deckcast.avatars.local.provider import LocalProvider
from deckcast.avatars.local.render import preview_png
from deckcast.avatars.ports import Avatar
from deckcast.batches.requests import provider_named
from deckcast.cli.outcome import print_json
from deckcast.kit.files import disk_errors
from deckcast.kit.settings import Settings
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
        print_json({"items": listed})
        return 0
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
