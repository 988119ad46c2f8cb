"""Assets on disk: a folder as a store, and the copies of remote assets."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from awaited import awaited
from deckcast.kit.errors import MachineError
from deckcast.publishing.cache import AssetCache
from deckcast.publishing.folder import FolderStore
from deckcast.publishing.retention import remove_expired

KEY = "slides/sli_1/a.mp4"
THEN = datetime(2026, 11, 22, 10, tzinfo=UTC)


def made(folder: Path, content: bytes = b"a film", name: str = "made.mp4") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@awaited
async def test_on_one_disk_a_file_is_moved_and_not_copied(tmp_path: Path) -> None:
    source = made(tmp_path)
    inode = source.stat().st_ino
    store = FolderStore(tmp_path / "assets")
    await store.put(source, KEY)
    assert (await store.local(KEY)).stat().st_ino == inode
    assert (await store.local(KEY)).stat().st_nlink == 1


@awaited
async def test_from_another_disk_it_is_copied_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    def half(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:3])
        raise OSError(errno.ENOSPC, "full")

    store, source = FolderStore(tmp_path / "assets"), made(tmp_path)
    monkeypatch.setattr(os, "link", no_link)
    with monkeypatch.context() as full:
        full.setattr(shutil, "copyfile", half)
        with pytest.raises(MachineError) as caught:
            await store.put(source, KEY)
    assert caught.value.code == "disk_full"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [source]
    await store.put(source, KEY)
    assert (await store.local(KEY)).read_bytes() == b"a film"
    assert not source.exists()


@awaited
async def test_of_many_who_publish_at_once_one_wins_and_the_file_is_whole(tmp_path: Path) -> None:
    contents = [bytes([number]) * 100_000 for number in range(6)]
    files = [made(tmp_path, content, f"{number}.mp4") for number, content in enumerate(contents)]
    put = (FolderStore(tmp_path / "assets").put(file, KEY) for file in files)
    ended = await asyncio.gather(*put, return_exceptions=True)
    assert [getattr(one, "code", one) for one in ended].count("asset_exists") == 5
    assert (tmp_path / "assets" / KEY).read_bytes() == contents[ended.index(None)]


@awaited
async def test_old_files_that_nothing_uses_are_removed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "assets")
    for name in ("used", "left", "young", "taken_up"):
        await store.put(made(tmp_path), f"slides/sli_1/{name}.mp4")
        if name != "young":
            os.utime(await store.local(f"slides/sli_1/{name}.mp4"), (0, 0))
    await store.put(made(tmp_path), "slides/sli_2/left.mp4")
    os.utime(await store.local("slides/sli_2/left.mp4"), (0, 0))

    async def in_use() -> set[str]:
        return {"slides/sli_1/used.mp4", "slides/sli_1/taken_up.mp4"}

    assert await remove_expired(store, "slides/sli_1", in_use, 30) == ["slides/sli_1/left.mp4"]
    left = [asset.key for asset in await store.list()]
    assert left == [f"slides/sli_1/{name}.mp4" for name in ("taken_up", "used", "young")] + [
        "slides/sli_2/left.mp4"
    ]


def test_a_copy_is_fetched_once_however_many_want_it(tmp_path: Path) -> None:
    cache, fetched, together = AssetCache(tmp_path, 1000), [], threading.Barrier(8)

    def fetch(path: Path) -> datetime:
        fetched.append(path)
        path.write_bytes(b"a film")
        return THEN

    def want(_: int) -> Path:
        together.wait()
        return cache.get(KEY, fetch)

    with ThreadPoolExecutor(8) as threads:
        paths = set(threads.map(want, range(8)))
    assert len(fetched) == 1
    assert [path.read_bytes() for path in paths] == [b"a film"]
    assert paths.pop().stat().st_mtime == THEN.timestamp()


def test_the_least_recently_used_copies_go_first(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path, 25, in_use_s=0)
    keys = [f"slides/s/{number}.mp4" for number in range(3)]

    def fetch(path: Path) -> datetime:
        path.write_bytes(b"ten bytes.")
        return THEN

    cache.get(keys[0], fetch)
    cache.get(keys[1], fetch)
    cache.get(keys[0], fetch)
    cache.get(keys[2], fetch)
    assert sorted(path.name for path in tmp_path.rglob("*.mp4")) == ["0.mp4", "2.mp4"]
    cache.take(made(tmp_path.parent, b"ten bytes."), "slides/s/3.mp4", THEN)
    assert sorted(path.name for path in tmp_path.rglob("*.mp4")) == ["2.mp4", "3.mp4"]


def test_what_may_still_be_read_stays_beyond_the_bound(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path, 0)

    def fetch(path: Path) -> datetime:
        path.write_bytes(b"ten bytes.")
        return THEN

    paths = [cache.get(f"slides/s/{number}.mp4", fetch) for number in range(3)]
    assert all(path.is_file() for path in paths)
    os.utime(paths[1], (0, 0))
    cache.trim()
    assert [path.is_file() for path in paths] == [True, False, True]


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path / "cache", 1000)

    def fetch(path: Path) -> datetime:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(MachineError) as caught:
        cache.get(KEY, fetch)
    assert caught.value.code == "disk_full"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
