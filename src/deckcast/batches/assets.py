"""Rows name assets by their keys; this turns them into files on this machine when they are used."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from deckcast.avatars.local.provider import request_from_json
from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest
from deckcast.batches.context import current


async def put_measured(path: Path, key: str) -> int:
    """Publish a file under its key; returns its size in bytes. Raises as AssetStore.put."""
    size_bytes = await asyncio.to_thread(_size_bytes, path)
    await current().store.put(path, key)
    return size_bytes


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


async def request_at_hand(stored: dict[str, Any]) -> AvatarVideoRequest:
    """The request of an avatar video's row, its speech and its picture behind the presenter as files.

    Raises WorkError storage_lost; MachineError storage_unreachable, storage_refused.
    """
    store, request = current().store, request_from_json(stored)
    if request.audio_key:
        request = replace(request, audio=await store.local(request.audio_key))
    if request.background_key:
        request = replace(request, background=str(await store.local(request.background_key)))
    return request


def picture_key(background: str) -> str | None:
    """The asset key of the picture that a background is; None for a colour, or none."""
    return None if background.startswith("#") or background == TRANSPARENT else background
