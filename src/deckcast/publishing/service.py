"""Opens the storage that the settings name, and tries whether it answers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deckcast.kit.errors import MachineError
from deckcast.kit.ids import new_id
from deckcast.kit.settings import Settings
from deckcast.publishing.address import bucket_address, invalid
from deckcast.publishing.cache import AssetCache
from deckcast.publishing.folder import FolderStore
from deckcast.publishing.ports import AssetStore


def open_store(settings: Settings, cache: Path | None = None, retries: int | None = None) -> AssetStore:
    """The store behind STORAGE_URL: a folder of the data folder where it is not set. Nothing is asked of it yet.

    `cache` is where copies of remote assets go (default: in the data folder), `retries` how often a remote
    store is asked again. Raises CallError storage_url_invalid, naming what is wrong.
    """
    url = settings.storage_url
    if not url:
        return FolderStore(settings.data_dir / "assets")
    scheme = url.partition("://")[0]
    if scheme == "file":
        return FolderStore(_folder(url))
    if scheme != "s3":
        step = "Write it as s3://bucket/prefix or file:///folder, or leave it out."
        raise invalid("DECKCAST_STORAGE_URL begins neither with s3:// nor with file://", step)
    address = bucket_address(url, settings.storage)
    from deckcast.publishing.s3 import RETRIES, ObjectStore  # 20 ms that nobody else should wait for

    copies = AssetCache(cache or settings.data_dir / "cache" / "assets", settings.storage.cache_size_bytes)
    return ObjectStore(address, copies, RETRIES if retries is None else retries)


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    path = Path(unquote(parts.path))
    if parts.netloc not in ("", "localhost") or path == Path("/") or not path.is_absolute():
        raise invalid("DECKCAST_STORAGE_URL names no folder", "Write it as file:///folder.")
    return path


async def try_store(settings: Settings) -> None:
    """Write a small file, read it back, find it in the list and remove it.

    Raises CallError storage_url_invalid; MachineError storage_unreachable, storage_refused, disk_full,
    not_writable; WorkError storage_lost.
    """
    content, key = b"Deckcast was here for a moment.", f"doctor/{new_id('try')}.txt"
    with tempfile.TemporaryDirectory(prefix="deckcast-") as name:
        folder = Path(name)
        writing = open_store(settings, folder / "written", retries=1)
        reading = open_store(settings, folder / "read", retries=1)
        source = folder / "try.txt"
        source.write_bytes(content)
        await writing.put(source, key)
        try:
            if (await reading.local(key)).read_bytes() != content:
                raise MachineError("storage_refused", "The storage gave back other bytes than it was given.")
            if key not in {asset.key for asset in await reading.list("doctor")}:
                raise MachineError("storage_refused", "The storage does not list what it was given.")
        finally:
            await writing.remove(key)
