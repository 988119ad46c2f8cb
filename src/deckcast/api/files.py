"""Answers with a published file: a short-lived link to the storage where that can sign one, else the file itself, or
the part of it that is asked for (RFC 9110, ranges)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from deckcast.api import problems
from deckcast.batches.context import current
from deckcast.batches.media import MediaFile
from deckcast.kit.errors import CallError
from deckcast.publishing.ports import media_type_of
from deckcast.publishing.signing import saved_as

LINK_S = 15 * 60.0
PIECE_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)

Download = Annotated[
    bool, Query(description="Have a browser save the file under a good name instead of playing it.")
]

_ASKED = ("Range", "If-Range", "If-None-Match")


def gives(*media_types: str, asks_login: bool = True) -> dict[str, Any]:
    """What the description of a route says that gives a file of one of these types."""
    content: dict[str, Any] = {each: {} for each in media_types}
    responses: dict[int | str, dict[str, Any]] = {
        200: {"description": "The file.", "content": content},
        206: {"description": "The part of the file that was asked for.", "content": content},
        304: {"description": "The file is the one that is known already."},
        307: {"description": "A link to the file that is valid for a short while."},
        **problems.problems(404, 410, 416, 422, 502, 503),
        **(problems.problems(401) if asks_login else {}),
    }
    asked = [{"name": name, "in": "header", "schema": {"type": "string"}} for name in _ASKED]
    return {"response_class": Response, "responses": responses, "openapi_extra": {"parameters": asked}}


async def file_answer(
    request: Request, file: MediaFile, *, download: bool = False, direct: bool = False
) -> Response:
    """The answer with a published file; with `direct` never a link (another site's page may not read what is behind
    it). Raises CallError asset_gone; MachineError storage_unreachable, storage_refused."""
    store = current().store
    if not await store.has(file.key):
        raise file.gone()
    name = file.name if download else None
    link = None
    if not direct:
        link = await store.link(file.key, LINK_S + 2 * file.duration_s, filename=name)
    if link is not None:
        return RedirectResponse(link, 307, {"Cache-Control": "private, no-store"})
    path = await store.local(file.key)
    try:
        opened = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError as error:
        raise file.gone() from error
    return _answer(request, opened, path, file, name)


def _answer(request: Request, opened: BinaryIO, path: Path, file: MediaFile, name: str | None) -> Response:
    size = path.stat().st_size
    tag = f'"{sha256(file.key.encode()).hexdigest()[:32]}"'  # what is under a key never changes
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if name is not None:
        headers["Content-Disposition"] = saved_as(name)
    media_type = media_type_of(file.key)
    if _knows(request, tag):
        opened.close()
        return Response(status_code=304, headers=headers)
    part = _part(request, size, tag)
    if part is None:
        opened.close()
        error = CallError("range_not_satisfiable", "The file is not that long.")
        return problems.answer(error, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Length"] = str(part.length)
    if part.length < size or part.asked:
        headers["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
    status = 206 if part.asked else 200
    if request.method == "HEAD":
        opened.close()
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_pieces(opened, part), status, headers, media_type)


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes of a file; `asked`: they are a range that was asked for."""

    start: int
    length: int
    asked: bool


def _part(request: Request, size: int, tag: str) -> _Part | None:
    """What to send; None where nothing of the range is in the file. A range that is no single one, or of another
    version of the file, is not looked at."""
    whole = _Part(0, size, asked=False)
    if request.headers.get("if-range", tag) != tag:
        return whole
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if found is None or not any(found.groups()):
        return whole
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return _Part(size - length, length, asked=True) if length else None
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return whole
    return _Part(start, end - start + 1, asked=True) if start < size else None


def _knows(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match")
    return known is not None and (known.strip() == "*" or tag in known)


async def _pieces(opened: BinaryIO, part: _Part) -> AsyncIterator[bytes]:
    left = part.length
    with opened:
        await asyncio.to_thread(opened.seek, part.start)
        while left:
            piece = await asyncio.to_thread(opened.read, min(PIECE_BYTES, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
