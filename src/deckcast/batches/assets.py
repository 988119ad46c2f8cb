"""Rows name assets by their keys; this turns them into files on this machine when they are used."""

from __future__ import annotations

from typing import Any

from deckcast.avatars.local.provider import request_from_json
from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest
from deckcast.batches.context import current


async def request_at_hand(stored: dict[str, Any]) -> AvatarVideoRequest:
    """The request of an avatar video's row, its speech and its picture behind the presenter as files.

    Raises WorkError storage_lost; MachineError storage_unreachable, storage_refused.
    """
    store, audio, background = current().store, stored["audio"], stored["background"]
    if audio is not None:
        audio = str(await store.local(audio))
    if is_picture(background):
        background = str(await store.local(background))
    return request_from_json({**stored, "audio": audio, "background": background})


def is_picture(background: str) -> bool:
    """Whether a background is the key of a picture, not a colour or none."""
    return not background.startswith("#") and background != TRANSPARENT
