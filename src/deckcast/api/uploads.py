"""Takes an uploaded deck in: to disk as it comes, never into memory, and not more of it than is allowed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from deckcast.batches.context import Context
from deckcast.batches.uploaded_decks import Upload
from deckcast.kit.errors import CallError, DeckError, InputError
from deckcast.kit.files import disk_errors, scratch_dir

FIELD = "file"
IDLE_S = 30.0  # at most, until more of the body comes
GRACE_S = 60.0  # before the whole is expected to come at a pace
SLOWEST_BYTES_PER_S = 4096
AROUND_BYTES = 64 * 1024  # for all that stands around the file in the form
LINGER_S = 3.0  # how long a refused body is read on
WRITE_BYTES = 1 << 20
LONGEST_NAME = 200

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {
                        FIELD: {
                            "type": "string",
                            "format": "binary",
                            "description": "The deck: PowerPoint, OpenDocument or PDF.",
                        }
                    },
                }
            }
        },
    }
}
"""What such a route's `openapi_extra` says of its body."""


@asynccontextmanager
async def received_deck(request: Request, parts: Context) -> AsyncIterator[Upload]:
    """The deck in the form field `file`, as a temporary file that is gone after the block, whatever happens.

    Raises DeckError deck_too_large, deck_unknown_format, deck_broken; CallError upload_invalid, body_too_slow;
    MachineError disk_full.
    """
    limit = parts.settings.limits.deck_size_bytes
    with scratch_dir(parts.scratch, "upload") as folder:
        path = folder / "deck"
        with disk_errors(path), path.open("wb") as file:
            pieces = request.stream()
            try:
                form = _Form(request.headers.get("content-type", ""), file, limit)
                await _read(request, pieces, form)
            except InputError as error:
                if error.code != "body_too_slow":
                    await _let_run_out(pieces, limit)
                raise
        yield form.upload(path)


async def _read(request: Request, pieces: AsyncIterator[bytes], form: _Form) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > form.limit + AROUND_BYTES:
        raise too_large(form.limit)
    began, received = time.monotonic(), 0
    while True:
        try:
            async with asyncio.timeout(IDLE_S):
                piece = await anext(pieces, None)
        except TimeoutError as error:
            raise _too_slow() from error
        if piece is None:
            break
        received += len(piece)
        if received < SLOWEST_BYTES_PER_S * (time.monotonic() - began - GRACE_S):
            raise _too_slow()
        form.take(piece)
        if form.waiting > WRITE_BYTES:
            await asyncio.to_thread(form.write)
    form.end()
    await asyncio.to_thread(form.write)


async def _let_run_out(pieces: AsyncIterator[bytes], most_bytes: int) -> None:
    """Throw away what still comes, within bounds: a connection that is closed while its body is on the way is reset,
    and the caller never reads why."""
    left = most_bytes
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            async for piece in pieces:
                left -= len(piece)
                if left < 0:
                    return


class _Form:
    """A multipart form that is being read; only the file's content is kept, in the file."""

    def __init__(self, content_type: str, file: BinaryIO, limit: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise _invalid("The body is no multipart form.")
        self.limit = limit
        self._file = file
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._size_bytes = self._around_bytes = 0
        self._head = b""
        self._name: str | None = None
        self._in_file = False
        self._whole = False
        self._header: tuple[bytes, bytes] = (b"", b"")
        callbacks: Any = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._end_header,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(options[b"boundary"], callbacks)
        except FormParserError as error:
            raise _invalid("The form's boundary cannot be used.") from error

    @property
    def waiting(self) -> int:
        """Bytes that are not written yet."""
        return len(self._buffer)

    def take(self, piece: bytes) -> None:
        """Parse the next piece. Raises DeckError deck_too_large; CallError upload_invalid."""
        before = self._size_bytes
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _invalid("The multipart form is broken.") from error
        self._around_bytes += len(piece) - (self._size_bytes - before)
        if self._size_bytes > self.limit:
            raise too_large(self.limit)
        if self._around_bytes > AROUND_BYTES:
            raise _invalid("There is too much beside the file in the form.")

    def end(self) -> None:
        """The body has ended. Raises CallError upload_invalid where the form has not."""
        if not self._whole:
            raise _invalid("The multipart form has no end.")
        if self._name is None:
            raise _invalid(f"The form has no file in its field {FIELD!r}.")

    def write(self) -> None:
        """Write down what is waiting."""
        self._digest.update(self._buffer)
        self._file.write(self._buffer)
        self._buffer = bytearray()

    def upload(self, path: Path) -> Upload:
        """The file that came. Raises DeckError deck_unknown_format, deck_broken."""
        if not self._size_bytes:
            raise DeckError("deck_broken", "The file is empty.", next_step="Upload the deck itself.")
        return Upload(
            path, self._name or "deck", _suffix(self._head), self._size_bytes, self._digest.hexdigest()
        )

    def _begin_part(self) -> None:
        self._in_file = False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], b"")

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _end_header(self) -> None:
        (name, value), self._header = self._header, (b"", b"")
        if name.lower() != b"content-disposition":
            return
        _, options = parse_options_header(value)
        if options.get(b"name") != FIELD.encode() or b"filename" not in options:
            return
        if self._name is not None:
            raise _invalid("The form has more than one file.")
        self._name, self._in_file = cleaned_name(options[b"filename"].decode(errors="replace")), True

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._size_bytes += end - start
            if len(self._head) < _HEAD_BYTES:
                self._head += data[start:end][:_HEAD_BYTES]
            self._buffer += data[start:end]

    def _end(self) -> None:
        self._whole = True


_HEAD_BYTES = 1024


def _suffix(head: bytes) -> str:
    """The suffix for a file that begins like this. Raises DeckError deck_unknown_format."""
    if head.startswith(b"PK\x03\x04"):
        return ".pptx"
    if b"%PDF-" in head:
        return ".pdf"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return ".ppt"
    raise DeckError(
        "deck_unknown_format",
        "This file is not a deck that Deckcast knows.",
        next_step="Save it as a PowerPoint (.pptx) or PDF file and try again.",
    )


def cleaned_name(given: str) -> str:
    """What a person called a file, safe to show: no folders, no control or direction signs, 200 characters."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if not unicodedata.category(sign).startswith("C"))
    name = " ".join(unicodedata.normalize("NFC", shown).split())
    stem, dot, suffix = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(suffix) < 10:
        name = stem[: LONGEST_NAME - len(suffix) - 1] + dot + suffix
    name = name[:LONGEST_NAME]
    return name if name.strip(". ") else "deck"


def too_large(limit: int) -> DeckError:
    """The upload is larger than is read."""
    return DeckError(
        "deck_too_large",
        f"The file is too large: at most {limit / 1024**2:,.0f} MB are read.",
        next_step="Compress its pictures, or split it.",
    )


def _too_slow() -> CallError:
    return CallError(
        "body_too_slow",
        "The upload did not come in time.",
        next_step="Try again over a better connection.",
        retryable=True,
    )


def _invalid(message: str) -> CallError:
    return CallError(
        "upload_invalid", message, next_step=f"Send the deck as multipart/form-data, in the field {FIELD!r}."
    )
