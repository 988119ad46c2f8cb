"""The routes of uploaded files: speech, pictures, captions."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from deckcast.simulators.heygen.account import Account
from deckcast.simulators.heygen.answers import ApiError, data, invalid
from deckcast.simulators.heygen.calls import answered_once, json_body, route, simulator
from deckcast.simulators.heygen.models import Asset
from deckcast.simulators.heygen.sound import SAMPLE_RATE, read_sound

MAX_UPLOAD_BYTES = 32 * 1024 * 1024
MAX_DIRECT_BYTES = 500 * 1024 * 1024
MAX_AUDIO_BYTES = 50 * 1024 * 1024
_UPLOAD_WITHIN_S = 3600.0
_STARTS = (
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"\x89PNG", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"%PDF", "application/pdf"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
)


async def upload(request: Request) -> Response:
    """POST /v3/assets: multipart, field "file", at most 32 MB."""
    if int(request.headers.get("content-length", 0)) > MAX_UPLOAD_BYTES + 4096:
        raise ApiError("invalid_parameter", "file is larger than 32 MB", param="file", status=413)
    async with request.form() as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise invalid("file is required", "file")
        content, name = await file.read(), file.filename or "file"
    current = simulator(request)

    async def make() -> Response:
        asset = await _kept(current.account, name, content)
        url = f"{str(request.base_url).rstrip('/')}/assets/{asset.id}"
        return data(_described(asset, url))

    return await answered_once(request, "upload", make, audio=name)


async def _kept(account: Account, name: str, content: bytes, asset_id: str | None = None) -> Asset:
    """A stored file, looked at; raises ApiError for a kind that is not taken."""
    mime = _kind(name, content)
    asset_id = asset_id or secrets.token_hex(16)
    path = account.folder / "assets" / asset_id
    await asyncio.to_thread(path.write_bytes, content)
    length = await asyncio.to_thread(_length, path) if mime.startswith("audio/") else None
    if mime.startswith("image/"):
        await asyncio.to_thread(_check_picture, path)
    digest = hashlib.sha256(content).hexdigest()
    asset = Asset(asset_id, name, mime, len(content), digest, length)
    account.save("assets", asset)
    return asset


def _kind(name: str, content: bytes) -> str:
    for offset, start, mime in _STARTS:
        if content[offset : offset + len(start)] == start:
            return mime
    if name.lower().endswith(".srt") and b"-->" in content:
        return "application/x-subrip"
    raise invalid("file type is not supported: png, jpeg, mp4, webm, mp3, wav, pdf or srt", "file")


def _length(path: Path) -> float:
    try:
        return len(read_sound(path)) / SAMPLE_RATE
    except ValueError as error:
        path.unlink()
        raise invalid(str(error), "file") from error


def _check_picture(path: Path) -> None:
    try:
        with Image.open(path) as picture:
            picture.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        path.unlink()
        raise invalid("the picture cannot be read", "file") from error


def _described(asset: Asset, url: str) -> dict[str, Any]:
    return {"asset_id": asset.id, "url": url, "mime_type": asset.mime_type, "size_bytes": asset.size_bytes}


async def fetch_audio(account: Account, url: str) -> Asset:
    """The sound behind an `audio_url`, kept as an asset; raises ApiError download_failed."""
    content = b""
    try:
        async with (
            httpx2.AsyncClient(timeout=30, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > MAX_AUDIO_BYTES:
                    raise invalid("audio is larger than 50 MB", "audio_url")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ApiError("download_failed", "audio_url could not be downloaded", param="audio_url") from error
    asset = await _kept(account, url.rsplit("/", 1)[-1].split("?")[0], content)
    if not asset.mime_type.startswith("audio/"):
        raise invalid("audio_url is not audio", "audio_url")
    return asset


async def start_direct_upload(request: Request) -> Response:
    """POST /v3/assets/direct-uploads: an address to PUT a large file to."""
    body = await json_body(request)
    current = simulator(request)
    size = body.get("size_bytes")
    if not isinstance(size, int) or not 0 < size <= MAX_DIRECT_BYTES:
        raise invalid(f"size_bytes must be between 1 and {MAX_DIRECT_BYTES}", "size_bytes")
    for name in ("filename", "content_type"):
        if not body.get(name):
            raise invalid(f"{name} is required", name)

    async def make() -> Response:
        asset = Asset(
            secrets.token_hex(16),
            body["filename"],
            body["content_type"],
            size,
            body.get("checksum_sha256") or "",
        )
        asset.waiting = True
        current.account.save("assets", asset)
        return data(
            {
                "asset_id": asset.id,
                "upload_url": f"{str(request.base_url).rstrip('/')}/uploads/{asset.id}",
                "upload_headers": {"Content-Type": body["content_type"]},
                "expires_in_seconds": _UPLOAD_WITHIN_S,
                "max_bytes": MAX_DIRECT_BYTES,
                "status": "pending",
            }
        )

    return await answered_once(request, "upload", make, audio=str(body["filename"]))


async def put_upload(request: Request) -> Response:
    """PUT to the address of a direct upload; its random id is what allows it."""
    account = simulator(request).account
    asset = account.assets.get(request.path_params["asset_id"])
    if asset is None or not asset.waiting:
        raise ApiError("asset_not_found", "Not found")
    content = await request.body()
    await asyncio.to_thread((account.folder / "assets" / asset.id).write_bytes, content)
    return Response()


async def get_asset(request: Request) -> Response:
    """GET /assets/{id}: the address that an upload answers with."""
    account = simulator(request).account
    asset = account.assets.get(request.path_params["asset_id"])
    if asset is None or asset.waiting:
        raise ApiError("asset_not_found", "Not found")
    return FileResponse(account.folder / "assets" / asset.id, media_type=asset.mime_type)


async def complete_upload(request: Request) -> Response:
    """POST /v3/assets/{id}/complete: the file is checked against what was announced."""
    current = simulator(request)
    asset = current.account.assets.get(request.path_params["asset_id"])
    if asset is None:
        raise ApiError("asset_not_found", "Asset not found")
    path = current.account.folder / "assets" / asset.id
    url = f"{str(request.base_url).rstrip('/')}/assets/{asset.id}"

    async def make() -> Response:
        if not asset.waiting:
            return data({**_described(asset, url), "status": "completed"})
        if not path.exists():
            raise ApiError("resource_not_ready", "Nothing was uploaded yet")
        content = await asyncio.to_thread(path.read_bytes)
        digest = hashlib.sha256(content).hexdigest()
        if len(content) != asset.size_bytes or asset.sha256 not in ("", digest):
            raise invalid("the uploaded file is not the one announced", "size_bytes")
        kept = await _kept(current.account, asset.filename, content, asset.id)
        return data({**_described(kept, url), "status": "completed"})

    return await answered_once(request, "upload", make, audio=asset.filename)


ROUTES = [
    route("POST", "/v3/assets", upload),
    route("POST", "/v3/assets/direct-uploads", start_direct_upload),
    route("POST", "/v3/assets/{asset_id}/complete", complete_upload),
    route("GET", "/assets/{asset_id}", get_asset, keyed=False),
    route("PUT", "/uploads/{asset_id}", put_upload, keyed=False),
]
