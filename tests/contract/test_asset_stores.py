"""What every asset store promises, asked of a folder and of a bucket."""

from __future__ import annotations

import asyncio
import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from awaited import awaited
from deckcast.kit.errors import MachineError, WorkError
from deckcast.kit.settings import Settings, StorageSettings
from deckcast.publishing.ports import AssetStore
from deckcast.publishing.service import open_store, try_store

LARGE_BYTES = (20 << 20) + 7


@dataclass
class Place:
    """A storage of its own; each `open` is another process's view of it."""

    folder: Path
    settings: Callable[[Path], Settings]
    is_remote: bool

    def open(self, name: str = "one") -> AssetStore:
        return open_store(self.settings(self.folder / name))

    def file(self, content: bytes, name: str = "made.mp4") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        url = (tmp_path / "assets").as_uri()
        return Place(tmp_path, lambda data: Settings(_env_file=None, data_dir=data, storage_url=url), False)
    given = request.getfixturevalue("bucket_settings")
    storage = StorageSettings(
        endpoint=given["STORAGE__ENDPOINT"],
        access_key_id=given["STORAGE__ACCESS_KEY_ID"],
        secret_access_key=given["STORAGE__SECRET_ACCESS_KEY"],
    )
    url = f"s3://videos/{tmp_path.name}"
    return Place(
        tmp_path, lambda data: Settings(_env_file=None, data_dir=data, storage_url=url, storage=storage), True
    )


@awaited
async def test_what_is_put_can_be_used_anywhere_and_removed(place: Place) -> None:
    store, source = place.open(), place.file(b"a film")
    await store.put(source, "slides/sli_1/a.mp4")
    assert not source.exists()
    for each in (store, place.open("elsewhere")):
        assert await each.has("slides/sli_1/a.mp4")
        assert (await each.local("slides/sli_1/a.mp4")).read_bytes() == b"a film"
    assert not await store.has("slides/sli_1/b.mp4")
    assert not await store.has(None)
    await store.remove("slides/sli_1/a.mp4")
    await store.remove("slides/sli_1/a.mp4")
    assert not await store.has("slides/sli_1/a.mp4")
    with pytest.raises(WorkError) as caught:
        await store.local("slides/sli_1/a.mp4")
    assert (caught.value.code, caught.value.retryable) == ("storage_lost", True)


@pytest.mark.parametrize("size", [0, 5, LARGE_BYTES])
@awaited
async def test_what_is_published_is_never_overwritten(place: Place, size: int) -> None:
    store, key = place.open(), "slides/sli_1/a.mp4"
    content = os.urandom(size)
    await store.put(place.file(content), key)
    await store.put(place.file(content), key)
    other = place.file(content[:-1] + b"?" if size else b"?")
    with pytest.raises(WorkError) as caught:
        await store.put(other, key)
    assert caught.value.code == "asset_exists"
    assert other.exists()
    assert (await place.open("elsewhere").local(key)).read_bytes() == content


@awaited
async def test_a_listing_holds_whole_parts_of_the_way(place: Place) -> None:
    store = place.open()
    keys = ["presentations/p/film.mp4", "slides/s1/a.wav", "slides/s1/b.mp4", "slides/s10/a.wav"]
    for key in reversed(keys):
        await store.put(place.file(key.encode()), key)
    assert [asset.key for asset in await store.list()] == keys
    assert [asset.key for asset in await store.list("slides/s1")] == keys[1:3]
    assert list(await store.list("nothing")) == []
    for asset in await store.list():
        assert asset.size_bytes == len(asset.key)
        assert abs(asset.modified_at - datetime.now(UTC)) < timedelta(minutes=10)


@awaited
async def test_a_link_opens_the_very_asset_in_a_browser(place: Place) -> None:
    store, content = place.open(), os.urandom(300_000)
    await store.put(place.file(content), "slides/sli_1/a.mp4")
    link = await store.link("slides/sli_1/a.mp4", 900, filename="Größe & Ziel.mp4")
    assert (link is not None) == place.is_remote
    if link is not None:
        with urllib.request.urlopen(link) as answer:
            assert answer.read() == content
            assert answer.headers["content-type"] == "video/mp4"
            assert "Gr%C3%B6%C3%9Fe%20%26%20Ziel.mp4" in answer.headers["content-disposition"]
        with urllib.request.urlopen(urllib.request.Request(link, headers={"Range": "bytes=5-9"})) as answer:
            assert (answer.status, answer.read()) == (206, content[5:10])


@awaited
async def test_the_content_type_is_that_of_the_file(place: Place) -> None:
    store = place.open()
    await store.put(place.file(b"WEBVTT\n"), "presentations/p/film.vtt")
    link = await store.link("presentations/p/film.vtt", 60, media_type="text/plain")
    if link is not None:
        with urllib.request.urlopen(link) as answer:
            assert answer.headers["content-type"] == "text/plain"


@pytest.mark.parametrize("key", ["", "a", "/a/b", "a//b", "a/../b", "../a/b", "a/.b", "a/b/", "a/b\n", "a/ü"])
@awaited
async def test_keys_that_deckcast_would_not_make_are_refused(place: Place, key: str) -> None:
    store = place.open()
    for call in (
        store.put(place.file(b"x"), key), store.has(key), store.local(key), store.remove(key), store.link(key, 9)
    ):  # fmt: skip
        with pytest.raises(ValueError, match="not an asset key"):
            await call


@awaited
async def test_a_file_that_vanished_publishes_nothing(place: Place) -> None:
    store = place.open()
    with pytest.raises(MachineError) as caught:
        await store.put(place.folder / "gone.mp4", "slides/sli_1/a.mp4")
    assert caught.value.code == "asset_lost"
    assert not await store.has("slides/sli_1/a.mp4")


@awaited
async def test_many_who_want_a_file_at_once_all_get_it(place: Place) -> None:
    content = os.urandom(LARGE_BYTES)
    await place.open().put(place.file(content), "slides/sli_1/a.mp4")
    store = place.open("elsewhere")
    paths = await asyncio.gather(*(store.local("slides/sli_1/a.mp4") for _ in range(12)))
    assert len(set(paths)) == 1
    assert paths[0].read_bytes() == content
    assert list(place.folder.rglob("*.part")) == []


@awaited
async def test_the_trial_of_the_doctor_leaves_nothing(place: Place) -> None:
    await try_store(place.settings(place.folder / "data"))
    assert list(await place.open().list()) == []
