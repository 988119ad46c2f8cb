"""Assets in a bucket that speaks S3: Amazon's, Cloudflare R2, MinIO and others.

The library's synchronous calls run in threads of their own: its asynchronous ones can abort the process at its
end, and the loop's threads are busy with children.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store

from deckcast.kit.clock import now
from deckcast.kit.errors import MachineError
from deckcast.kit.fingerprint import file_sha256
from deckcast.publishing.address import BucketAddress
from deckcast.publishing.cache import AssetCache
from deckcast.publishing.faults import is_unsupported, said_in_words
from deckcast.publishing.ports import (
    StoredAsset,
    asset_exists,
    checked_key,
    checked_prefix,
    media_type_of,
    source_lost,
    storage_damaged,
    storage_lost,
)
from deckcast.publishing.signing import saved_as, signed_link

if TYPE_CHECKING:
    from obstore.store import S3Credential

R = TypeVar("R")
Ts = TypeVarTuple("Ts")

THREADS = 8
PART_BYTES = 8 << 20  # all parts but the last are equal: R2 asks for it
MOST_PARTS = 10_000
PARTS_AT_ONCE = 3
RETRIES = 6  # of one request, within about eleven seconds where nobody answers
NOTHING = "health"  # a prefix with no assets below it
SHA256 = "sha256"  # the name of the object's metadata


@dataclass(frozen=True, slots=True)
class _Known:
    """What the bucket says of an object; `sha256` is None where somebody else put it there."""

    size_bytes: int
    sha256: str | None
    modified_at: datetime

    def is_file(self, size_bytes: int, sha256: str) -> bool:
        return self.size_bytes == size_bytes and self.sha256 in (None, sha256)


class ObjectStore:
    """An AssetStore over a bucket. Files are streamed from and to disk, a few parts in memory at once."""

    def __init__(self, address: BucketAddress, cache: AssetCache, retries: int = RETRIES) -> None:
        self._address = address
        self._cache = cache
        self._store = _open(address, retries)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
        self._refuses_existing = True  # until the store says that it does not know conditional writes

    async def put(self, source: Path, key: str) -> None:
        """See AssetStore."""
        await self._run(self._put, source, checked_key(key))

    async def has(self, key: str | None) -> bool:
        """See AssetStore."""
        return key is not None and await self._run(self._look, checked_key(key)) is not None

    async def local(self, key: str) -> Path:
        """See AssetStore."""
        checked_key(key)
        return await self._run(self._cache.get, key, lambda path: self._fetch(key, path))

    async def remove(self, key: str) -> None:
        """See AssetStore."""
        await self._run(self._remove, checked_key(key))

    async def link(
        self, key: str, expires_s: float, *, filename: str | None = None, media_type: str | None = None
    ) -> str | None:
        """See AssetStore; nothing is asked of the bucket, and 7 days are the most."""
        headers = {"response-content-type": media_type or media_type_of(key)}
        if filename is not None:
            headers["response-content-disposition"] = saved_as(filename)
        path = f"{self._address.prefix}/{checked_key(key)}".lstrip("/")
        return signed_link(self._address, path, expires_s, now(), headers)

    async def check(self) -> None:
        """See AssetStore; a bucket that is not there is named by a listing only."""
        await self._run(self._list, NOTHING)

    async def list(self, prefix: str = "") -> Sequence[StoredAsset]:
        """See AssetStore."""
        return await self._run(self._list, checked_prefix(prefix))

    async def _run(self, work: Callable[[*Ts], R], *args: *Ts) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def _put(self, source: Path, key: str) -> None:
        if not source.is_file():
            raise source_lost(source)
        size_bytes, sha256 = source.stat().st_size, file_sha256(source)
        there = self._look(key)
        if there is None:
            self._upload(source, key, size_bytes, sha256)
            there = self._look(key)
        if there is None:
            raise storage_lost(key)
        if not there.is_file(size_bytes, sha256):
            raise asset_exists(key)
        self._cache.take(source, key, there.modified_at)

    def _upload(self, source: Path, key: str, size_bytes: int, sha256: str) -> None:
        """Write the object; a broken-off answer is no failure where the object is there."""
        try:
            with said_in_words(self._address.bucket):
                self._write(source, key, size_bytes, sha256)
        except AlreadyExistsError:
            return
        except MachineError as error:
            if not error.retryable or self._look(key) is None:
                raise

    def _write(self, source: Path, key: str, size_bytes: int, sha256: str) -> None:
        attributes = {"Content-Type": media_type_of(key), SHA256: sha256}
        if size_bytes > PART_BYTES:
            part_bytes = max(PART_BYTES, math.ceil(size_bytes / MOST_PARTS))
            obstore.put(
                self._store, key, source, attributes=attributes,
                use_multipart=True, chunk_size=part_bytes, max_concurrency=PARTS_AT_ONCE,
            )  # fmt: skip
            return
        content = source.read_bytes()
        if self._refuses_existing:
            try:
                obstore.put(self._store, key, content, attributes=attributes, mode="create")
            except Exception as error:
                if not is_unsupported(error):
                    raise
                self._refuses_existing = False
            else:
                return
        obstore.put(self._store, key, content, attributes=attributes, use_multipart=False)

    def _look(self, key: str) -> _Known | None:
        try:
            with said_in_words(self._address.bucket, may_miss=True):
                found = obstore.get(self._store, key, options={"head": True})
        except FileNotFoundError:
            return None
        return _Known(found.meta["size"], found.attributes.get(SHA256), found.meta["last_modified"])

    def _fetch(self, key: str, path: Path) -> datetime:
        known = self._look(key)
        if known is None:
            raise storage_lost(key)
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for start in range(0, known.size_bytes, PART_BYTES):
                end = min(start + PART_BYTES, known.size_bytes)
                try:
                    with said_in_words(self._address.bucket, may_miss=True):
                        piece = obstore.get_range(self._store, key, start=start, end=end)
                except FileNotFoundError as error:
                    raise storage_lost(key) from error
                digest.update(piece)
                file.write(piece)
            written = file.tell()
        if not known.is_file(written, digest.hexdigest()):
            raise storage_damaged(key)
        return known.modified_at

    def _remove(self, key: str) -> None:
        with said_in_words(self._address.bucket):
            obstore.delete(self._store, key)
        self._cache.drop(key)

    def _list(self, prefix: str) -> Sequence[StoredAsset]:
        with said_in_words(self._address.bucket):
            found = [each for some in obstore.list(self._store, prefix or None) for each in some]
        assets = [StoredAsset(each["path"], each["size"], each["last_modified"]) for each in found]
        return sorted(assets, key=lambda asset: asset.key)


def _open(address: BucketAddress, retries: int) -> S3Store:
    """The library's store; what it would else read from the environment is said here."""
    credential: S3Credential = {
        "access_key_id": address.access_key_id,
        "secret_access_key": address.secret_access_key,
        "token": None,
        "expires_at": None,
    }
    return S3Store(
        address.bucket,
        prefix=address.prefix or None,
        endpoint=address.endpoint,
        aws_endpoint_url_s3=address.endpoint,
        region=address.region,
        virtual_hosted_style_request=False,
        disable_bulk_delete=True,
        credential_provider=lambda: credential,
        # Closing a large upload can take minutes; the library would ask again after 30 s.
        client_options={"timeout": "300s", "connect_timeout": "10s", "allow_http": not address.is_encrypted},
        retry_config={
            "max_retries": retries,
            "retry_timeout": timedelta(seconds=60),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=5),
                "base": 2,
            },
        },
    )
