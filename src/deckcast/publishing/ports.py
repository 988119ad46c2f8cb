"""Where assets live: what every store promises, whether it is a folder or a bucket.

Keys are relative paths made by Deckcast, never by a user: `slides/sli_1/clp_2.mp4`. Whoever makes a file gives
it a key of its own, so that a second attempt never meets what the first one left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from deckcast.kit.errors import MachineError, WorkError

_PART = r"[A-Za-z0-9_\-][A-Za-z0-9_\-.]*"
_KEY = re.compile(rf"{_PART}(/{_PART})+")
_PREFIX = re.compile(rf"({_PART}(/{_PART})*)?")
_MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".wav": "audio/wav",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """One asset of a listing; `modified_at` is in UTC."""

    key: str
    size_bytes: int
    modified_at: datetime


class AssetStore(Protocol):
    """Puts finished files under keys and opens them again. An asset appears whole or not at all, and never changes.

    Every call raises ValueError for a key that Deckcast would not make, and a remote store raises MachineError
    storage_unreachable (a retry may help) or storage_refused (wrong keys, bucket or rights).
    """

    async def put(self, source: Path, key: str) -> None:
        """Take a finished file over; the same content under the same key is no error.

        Raises WorkError asset_exists where other content has the key; MachineError disk_full, not_writable,
        asset_lost (`source` is not there).
        """

    async def has(self, key: str | None) -> bool:
        """Whether there is an asset under the key."""

    async def local(self, key: str) -> Path:
        """A file on this machine that holds the asset: to be read soon, never changed or removed.

        Raises WorkError storage_lost where the asset is gone or damaged; MachineError disk_full, not_writable.
        """

    async def remove(self, key: str) -> None:
        """Remove an asset; no error where there is none."""

    async def link(
        self, key: str, expires_s: float, *, filename: str | None = None, media_type: str | None = None
    ) -> str | None:
        """An address that opens the asset for `expires_s` seconds, to be handed out at once and never stored
        or logged; `filename` makes a browser save it under that name. None: the app serves it from `local`."""

    async def check(self) -> None:
        """Whether assets can be put there at all; nothing is written. Raises MachineError not_writable where it is a
        folder that cannot be written."""

    async def list(self, prefix: str = "") -> Sequence[StoredAsset]:
        """The assets below a prefix of whole path parts ("slides/sli_1"; "" for all), in order of their keys."""


def checked_key(key: str) -> str:
    """The key itself. Raises ValueError for one that Deckcast would not make."""
    if not _KEY.fullmatch(key) or ".." in key:
        raise ValueError(f"not an asset key: {key!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """The prefix itself. Raises ValueError for one that no key of Deckcast's begins with."""
    if not _PREFIX.fullmatch(prefix) or ".." in prefix:
        raise ValueError(f"not a prefix of asset keys: {prefix!r}")
    return prefix


def media_type_of(key: str) -> str:
    """The media type (MIME) that a key's suffix stands for."""
    return _MEDIA_TYPES.get(Path(key).suffix.lower(), "application/octet-stream")


def asset_exists(key: str) -> WorkError:
    """Something else is published under the key: it is never overwritten."""
    return WorkError(
        "asset_exists",
        f"Another file is already published as {key}; it was not overwritten.",
        next_step="Run the same command again.",
        retryable=True,
    )


def storage_damaged(key: str) -> WorkError:
    """The asset is not what was put there."""
    return WorkError(
        "storage_lost",
        f"A published file is damaged in the storage: {key}.",
        next_step="Remove it there, then run the same command again: it is made anew.",
    )


def storage_lost(key: str) -> WorkError:
    """The asset is gone."""
    return WorkError(
        "storage_lost",
        f"A published file is not in the storage any more: {key}.",
        next_step="Run the same command again: it is made anew.",
        retryable=True,
    )


def source_lost(source: Path) -> MachineError:
    """The file that should be published is not there."""
    return MachineError("asset_lost", f"A finished file vanished: {source.name}.")
