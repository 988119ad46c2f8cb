"""Azure's speech socket: turns of text, each answered by sound, words and mouth shapes as they are spoken.

The messages are those that Microsoft's own Speech SDKs exchange; REST has no mouth shapes.
"""

from __future__ import annotations

import asyncio
import html
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from deckcast import __version__
from deckcast.kit.errors import DeckcastError
from deckcast.kit.files import disk_errors
from deckcast.speech.remote import Account
from deckcast.speech.remote_errors import Trouble, by_status, failure

RATE = 48_000
_FORMAT = "raw-48khz-16bit-mono-pcm"
_TICKS_PER_S = 10_000_000
_LARGEST_MESSAGE = 16 << 20
_OPEN_S, _CLOSE_S = 10.0, 2.0
_WAV_HEADER = 44
_WANTED = {
    "wordBoundaryEnabled": True,
    "visemeEnabled": True,
    "bookmarkEnabled": False,
    "punctuationBoundaryEnabled": False,
    "sentenceBoundaryEnabled": False,
    "sessionEndEnabled": True,
}


@dataclass(slots=True)
class Turn:
    """What came for one text: bytes of sound, words and mouth shapes with the second at which they begin."""

    sound_bytes: int = 0
    words: list[tuple[str, float]] = field(default_factory=list)
    visemes: list[tuple[int, float]] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """How long the sound is."""
        return self.sound_bytes // 2 / RATE

    def take(self, told: dict[str, Any]) -> None:
        """Take in one audio.metadata message; kinds that are not known are passed over."""
        for item in told.get("Metadata", ()):
            data = item.get("Data", {})
            second = float(data.get("Offset", 0)) / _TICKS_PER_S
            if item.get("Type") == "WordBoundary":
                self.words.append((html.unescape(str(data["text"]["Text"])), second))
            elif item.get("Type") == "Viseme":
                self.visemes.append((int(data["VisemeId"]), second))


class AzureSocket:
    """A connection that is opened when it is first used, and again where it broke."""

    def __init__(self, account: Account, address: str) -> None:
        self._account = account
        self._address = address
        self._connection: ClientConnection | None = None

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def say(self, document: str, sound: Path) -> Turn:
        """One turn: the SSML document in, its sound into a WAV file. Whatever breaks closes the connection."""
        try:
            connection = self._connection or await self._open()
            self._connection = connection
            return await self._turn(connection, document, sound)
        except BaseException:
            await asyncio.shield(self.close())
            raise

    async def _open(self) -> ClientConnection:
        headers = {**self._account.headers(), "X-ConnectionId": uuid4().hex}
        agent = headers.pop("User-Agent")
        try:
            connection = await connect(
                self._address,
                additional_headers=headers,
                user_agent_header=agent,
                max_size=_LARGEST_MESSAGE,
                open_timeout=_OPEN_S,
                close_timeout=_CLOSE_S,
                compression=None,
            )
        except InvalidStatus as error:
            raise self._not_opened(error) from error
        except (OSError, WebSocketException, TimeoutError, ValueError) as error:
            raise failure(self._account.service, Trouble.UNREACHABLE) from error
        try:
            system = {"name": "deckcast", "version": __version__, "build": "Python", "lang": "Python"}
            await connection.send(
                _message("speech.config", uuid4().hex, _json({"context": {"system": system}}))
            )
        except ConnectionClosed as error:
            raise self._closed(error) from error
        return connection

    async def _turn(self, connection: ClientConnection, document: str, sound: Path) -> Turn:
        request_id = uuid4().hex
        context = {
            "synthesis": {
                "audio": {"metadataOptions": _WANTED, "outputFormat": _FORMAT},
                "language": {"autoDetection": False},
            }
        }
        try:
            await connection.send(_message("synthesis.context", request_id, _json(context)))
            await connection.send(_message("ssml", request_id, document, "application/ssml+xml"))
            with disk_errors(sound), sound.open("wb") as file:
                return await self._answered(connection, request_id, file)
        except ConnectionClosed as error:
            raise self._closed(error) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise failure(self._account.service, Trouble.UNREADABLE) from error

    async def _answered(self, connection: ClientConnection, request_id: str, file: BinaryIO) -> Turn:
        turn = Turn()
        file.write(b"\0" * _WAV_HEADER)
        while True:
            headers, body = _parted(await connection.recv())
            if headers.get("x-requestid", "").lower() != request_id:
                continue
            path = headers.get("path", "").lower()
            if path == "audio" and isinstance(body, bytes):
                turn.sound_bytes += file.write(body)
            elif path == "audio.metadata":
                turn.take(json.loads(body))
            elif path == "turn.end":
                file.seek(0)
                file.write(_wav_header(turn.sound_bytes))
                return turn

    def _not_opened(self, error: InvalidStatus) -> DeckcastError:
        response = error.response
        said = (response.body or b"").decode("utf-8", "replace")
        trouble = by_status(response.status_code)
        if "quota" in said.lower() and response.status_code in (401, 403, 429):
            trouble = Trouble.CREDIT
        elif response.status_code == 404:
            trouble = Trouble.REQUEST
        wait_s = self._account.retry_after_s(response.headers.get("Retry-After"))
        return failure(self._account.service, trouble, said, wait_s)

    def _closed(self, error: ConnectionClosed) -> DeckcastError:
        close = error.rcvd
        code, said = (close.code, close.reason) if close else (1006, "")
        return failure(self._account.service, _by_close(code, said), said)


def _by_close(code: int, reason: str) -> Trouble:
    """What the reason of a closed connection means: the service says most errors so."""
    words = reason.lower()
    if "quota" in words:
        return Trouble.CREDIT
    if code in (4429, 1013) or "throttl" in words or "too many" in words or "concurren" in words:
        return Trouble.BUSY
    if code in (4401, 4403) or "authenti" in words or "unauthori" in words or "subscription key" in words:
        return Trouble.KEY
    if "voice" in words and code in (1007, 1008, 4400):
        return Trouble.VOICE
    if code in (1007, 1008, 4400):
        return Trouble.REQUEST
    return Trouble.FAULT if code >= 1011 else Trouble.LOST


def _message(path: str, request_id: str, body: str, kind: str = "application/json") -> str:
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    headers = f"Path: {path}\r\nX-RequestId: {request_id}\r\nX-Timestamp: {stamp}\r\nContent-Type: {kind}"
    return f"{headers}\r\n\r\n{body}"


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _parted(message: str | bytes) -> tuple[dict[str, str], str | bytes]:
    """Headers, by their names in small letters, and body. A binary message says first how long its headers are."""
    body: str | bytes
    if isinstance(message, str):
        head, _, body = message.partition("\r\n\r\n")
    else:
        length = int.from_bytes(message[:2], "big")
        head, body = message[2 : 2 + length].decode("utf-8"), message[2 + length :]
    lines = (line.partition(":") for line in head.split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}, body


def _wav_header(size: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", size + 36, b"WAVE") + form + struct.pack("<4sI", b"data", size)
