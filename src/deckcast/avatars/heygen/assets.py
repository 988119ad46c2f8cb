"""Bringing a file to HeyGen as an asset, streamed from disk: small ones in one call, larger ones directly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deckcast.avatars.fetching import Outside
from deckcast.avatars.heygen.client import WRITE_TIMEOUT, HeyGenClient, Json
from deckcast.avatars.heygen.errors import UNREADABLE, call_failed
from deckcast.kit.errors import WorkError
from deckcast.kit.retry import Retries

MOST_IN_ONE_CALL_BYTES = 32_000_000
PIECE_BYTES = 1 << 18
ENDINGS = {"audio/wav": "wav", "image/png": "png", "image/jpeg": "jpg"}


class Assets:
    """The account's files. Nothing here is paid."""

    def __init__(self, client: HeyGenClient, outside: Outside, retries: Retries) -> None:
        self._client = client
        self._outside = outside
        self._retries = retries

    async def bring(self, path: Path, mime: str, name: str) -> str:
        """The asset id of a file brought over; it is called `name` there. Raises WorkError."""
        name = f"{name}.{ENDINGS[mime]}"
        size = (await asyncio.to_thread(path.stat)).st_size
        if size <= MOST_IN_ONE_CALL_BYTES:
            return await self._retries.run(lambda: self._in_one_call(path, mime, name))
        return await self._retries.run(lambda: self._directly(path, mime, name, size))

    async def _in_one_call(self, path: Path, mime: str, name: str) -> str:
        with path.open("rb") as file:  # read in pieces while it is sent
            files = {"file": (name, file, mime)}
            answer = await self._client.call("POST", "/v3/assets", files=files, timeout=WRITE_TIMEOUT)
        return _text(answer, "asset_id")

    async def _directly(self, path: Path, mime: str, name: str, size: int) -> str:
        begin = {"filename": name, "content_type": mime, "size_bytes": size}
        begun = await self._client.call("POST", "/v3/assets/direct-uploads", json=begin)
        asset_id = _text(begun, "asset_id")
        headers = begun["data"].get("upload_headers")
        await self._put(_text(begun, "upload_url"), path, {**_headers(headers), "Content-Length": str(size)})
        completed = await self._client.call(
            "POST", f"/v3/assets/{quote(asset_id, safe='')}/complete", json={}, timeout=WRITE_TIMEOUT
        )
        return str(_data(completed).get("asset_id") or asset_id)

    async def _put(self, url: str, path: Path, headers: dict[str, str]) -> None:
        try:
            async with self._outside.opened("PUT", url, headers=headers, content=_pieces(path)) as answer:
                status = answer.status_code
        except WorkError as error:
            raise call_failed(None) from error
        if status not in (200, 201, 204):
            raise call_failed(status if status >= 500 else None)  # an expired address: begin anew


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece
    finally:
        file.close()


def _headers(value: Any) -> dict[str, str]:
    return {str(name): str(said) for name, said in value.items()} if isinstance(value, dict) else {}


def _data(answer: Json) -> Json:
    data = answer.get("data")
    if not isinstance(data, dict):
        raise call_failed(200, meaning=UNREADABLE)
    return data


def _text(answer: Json, name: str) -> str:
    value = _data(answer).get(name)
    if not isinstance(value, str) or not value:
        raise call_failed(200, meaning=UNREADABLE)
    return value
