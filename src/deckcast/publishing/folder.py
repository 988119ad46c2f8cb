"""Assets in a folder of this machine, or of a file server. Same disk: a move, no copy."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from deckcast.kit.errors import MachineError
from deckcast.kit.files import disk_errors, placed_new, synced
from deckcast.kit.fingerprint import file_sha256
from deckcast.publishing.ports import (
    StoredAsset,
    asset_exists,
    checked_key,
    checked_prefix,
    source_lost,
    storage_lost,
)


class FolderStore:
    """An AssetStore over a folder; the app serves its files, so that they have no links."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, source: Path, key: str) -> None:
        """See AssetStore."""
        await asyncio.to_thread(self._put, source, key)

    def _put(self, source: Path, key: str) -> None:
        target = self._path(key)
        if not source.is_file():
            raise source_lost(source)
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            synced(source)
            if not placed_new(source, target) and not _are_equal(source, target):
                raise asset_exists(key)
            source.unlink()

    async def has(self, key: str | None) -> bool:
        """See AssetStore."""
        return key is not None and self._path(key).is_file()

    async def local(self, key: str) -> Path:
        """See AssetStore."""
        path = self._path(key)
        if not path.is_file():
            raise storage_lost(key)
        return path

    async def remove(self, key: str) -> None:
        """See AssetStore."""
        path = self._path(key)
        with disk_errors(path):
            path.unlink(missing_ok=True)

    async def link(
        self, key: str, expires_s: float, *, filename: str | None = None, media_type: str | None = None
    ) -> str | None:
        """None: the app serves the file."""
        checked_key(key)
        return None

    async def check(self) -> None:
        """See AssetStore."""
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        there = next(each for each in (self._root, *self._root.parents) if each.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            raise MachineError(
                "not_writable",
                "Deckcast may not write into the folder of finished files.",
                next_step="Check its rights (DECKCAST_STORAGE_URL).",
                retryable=True,
            )

    async def list(self, prefix: str = "") -> Sequence[StoredAsset]:
        """See AssetStore."""
        return await asyncio.to_thread(self._list, checked_prefix(prefix))

    def _list(self, prefix: str) -> Sequence[StoredAsset]:
        found = []
        for path in sorted((self._root / prefix).rglob("*")):
            if path.is_file() and not path.name.startswith("."):  # such names are files still being written
                state = path.stat()
                modified_at = datetime.fromtimestamp(state.st_mtime, UTC)
                found.append(StoredAsset(path.relative_to(self._root).as_posix(), state.st_size, modified_at))
        return found

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)


def _are_equal(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and file_sha256(one) == file_sha256(other)
