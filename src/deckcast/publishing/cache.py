"""Copies of remote assets on this machine: fetched once, whole or not at all, and never growing for ever."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from weakref import WeakValueDictionary

from deckcast.kit.files import disk_errors, placed_new, written_whole

IN_USE_S = 3600.0


class AssetCache:
    """A folder of files by asset key, of which the least recently used go first.

    It may outgrow `size_bytes` by what was asked for within `in_use_s`: somebody may be reading it. Any number
    of threads and processes may share the folder; within one process a file is fetched once at a time.
    """

    def __init__(self, folder: Path, size_bytes: int, in_use_s: float = IN_USE_S) -> None:
        self._folder = folder
        self._size_bytes = size_bytes
        self._in_use_s = in_use_s
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._locks_lock = threading.Lock()

    def get(self, key: str, fetch: Callable[[Path], datetime]) -> Path:
        """The cached file of a key, which must be a checked one; where there is none, `fetch` writes it to the
        path that it is given and returns when it was published.

        Raises MachineError disk_full, not_writable, and whatever `fetch` does.
        """
        path = self._folder / key
        with self._lock_of(key):
            if not _used(path):
                with written_whole(path) as temporary:
                    published_at = fetch(temporary)
                    _date(temporary, published_at)
                self.trim()
        return path

    def take(self, source: Path, key: str, published_at: datetime) -> None:
        """Move a file that was just published into the cache: it is about to be used."""
        path = self._folder / key
        with self._lock_of(key), disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            placed_new(source, path)
            _date(path, published_at)
            source.unlink()
            self.trim()

    def drop(self, key: str) -> None:
        """Forget the copy of a key."""
        path = self._folder / key
        with disk_errors(path):
            path.unlink(missing_ok=True)

    def trim(self) -> None:
        """Remove the least recently used files until the rest fits, or is in use."""
        files = []
        for path in self._folder.rglob("*"):
            if not path.name.startswith(".") and (state := _state(path)):
                files.append((state.st_atime, state.st_size, path))
        size, oldest = sum(size for _, size, _ in files), time.time() - self._in_use_s
        for used_at, size_bytes, path in sorted(files):
            if size <= self._size_bytes or used_at > oldest:
                return
            path.unlink(missing_ok=True)
            size -= size_bytes

    def _lock_of(self, key: str) -> threading.Lock:
        with self._locks_lock:
            return self._locks.setdefault(key, threading.Lock())


def _used(path: Path) -> bool:
    """Note that a file is used now, in its time of access; False where it is not there."""
    try:
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    except FileNotFoundError:
        return False
    return True


def _date(path: Path, published_at: datetime) -> None:
    """A copy's time of change is that of the asset, so that a second fetch gives an equal file."""
    os.utime(path, (time.time(), published_at.timestamp()))


def _state(path: Path) -> os.stat_result | None:
    try:
        return path.stat() if path.is_file() else None
    except FileNotFoundError:  # another process was faster
        return None
