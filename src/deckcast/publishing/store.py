"""Where assets live: a folder on this machine. Keys are relative paths made by Deckcast, never by a user."""

from __future__ import annotations

import re
from pathlib import Path

from deckcast.kit.errors import MachineError
from deckcast.kit.files import copy_whole, disk_errors

_KEY = re.compile(r"[A-Za-z0-9_\-]+(/[A-Za-z0-9_\-.]+)+")


class AssetStore:
    """Puts files under keys and opens them again. A file appears whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where the asset lies; raises ValueError for a key that Deckcast would not make."""
        if not _KEY.fullmatch(key) or ".." in key:
            raise ValueError(f"not an asset key: {key!r}")
        return self.root / key

    def has(self, key: str | None) -> bool:
        """Whether there is an asset under the key."""
        return key is not None and self.path(key).is_file()

    def put(self, source: Path, key: str) -> Path:
        """Move a finished file into the store (same disk: no copy); the same key twice is the same asset.

        Raises MachineError disk_full or not_writable.
        """
        target = self.path(key)
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                source.replace(target)
            except OSError as error:
                if not source.exists():
                    raise MachineError("asset_lost", f"A finished file vanished: {source.name}.") from error
                copy_whole(source, target)
        return target

    def remove(self, key: str) -> None:
        """Remove an asset; no error where there is none."""
        self.path(key).unlink(missing_ok=True)
