"""A receiver of hooks on this machine, which answers as it is told and remembers what came."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are given one after the other, the last one for ever: an HTTP head, `RESET`, `HOLD` or `ENDLESS`."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def until(self, path: str, times: int = 1) -> None:
        """Wait until a path has been called so often."""
        async with self.came:
            await self.came.wait_for(lambda: sum(each.path == path for each in self.received) >= times)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            got = await _request(reader)
            async with self.came:
                self.received.append(got)
                self.came.notify_all()
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if "/held" in got.path:
                answer = HOLD
            await self._give(answer, writer)
        writer.close()

    async def _give(self, answer: str, writer: asyncio.StreamWriter) -> None:
        if answer == RESET:
            writer.transport.abort()
        elif answer == HOLD:
            writer.write(b"HTTP/1.1 2")
            await self.released.wait()
        elif answer == ENDLESS:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                writer.write(bytes(1 << 16))
                await writer.drain()
        else:
            writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()


OK = "204 No Content"
RESET, HOLD, ENDLESS = "reset", "hold", "endless"


async def _request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    lines = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in lines}
    return Received(head[0].split()[1], headers, await reader.readexactly(int(headers["content-length"])))


@asynccontextmanager
async def receiving(*answers: str) -> AsyncIterator[Receiver]:
    """A receiver that listens for as long as the block lasts."""
    receiver = Receiver(answers=list(answers) or [OK])
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.close()
        await server.wait_closed()
