"""The real server in this process, on a free port, and webhooks signed as HeyGen signs them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from command import keep_presenters, lend_presenters
from databases import put_newest
from deckcast.api.server import listen, serve
from deckcast.batches import repository
from deckcast.batches.context import Context
from deckcast.kit.clock import now
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context

SECRET = "whsec_of_the_test"
HEYGEN = {"api_key": "sim-test", "webhook_secret": SECRET}
PATH = "/api/webhooks/heygen"


class Server:
    """A running server: its parts, its port, a client that talks to it, and the task that ends with it."""

    def __init__(
        self, parts: Context, port: int, client: httpx2.AsyncClient, task: asyncio.Task[None]
    ) -> None:
        self.parts = parts
        self.task = task
        self.port = port
        self.client = client

    async def send(
        self, body: bytes, secret: str = SECRET, *, at: Any = None, **headers: str
    ) -> httpx2.Response:
        """Post a webhook, signed with `secret`, sent at a time (in seconds; now)."""
        signed = {
            "Heygen-Signature": signature(body, secret),
            "Heygen-Timestamp": str(at or stamp()),
            **headers,
        }
        return await self.client.post(PATH, content=body, headers=signed)

    async def events(self) -> list[tuple[str, str]]:
        """What is recorded, in the order of its coming: event and job."""
        async with self.parts.db.read() as session:
            rows = await repository.webhook_events_after(session, "heygen", 0)
        return [(row.event_id, row.job_id) for row in rows]

    async def raw(self, text: bytes) -> bytes:
        """Send bytes as they are; returns all that comes until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(text)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


def stamp() -> int:
    return int(now().timestamp())


def signature(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def event(event_id: str = "evt_1", job_id: str = "job_1", kind: str = "avatar_video.success") -> bytes:
    return json.dumps({"event_id": event_id, "event_type": kind, "event_data": {"video_id": job_id}}).encode()


@asynccontextmanager
async def serving(folder: Path, **settings: Any) -> AsyncIterator[Server]:
    """A server over a data folder; stopped as a person stops it, by a signal."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        given = {"public_url": address, "heygen": HEYGEN, **settings}
        if "database_url" not in given:
            put_newest(folder / "data" / "deckcast.db")
        lend_presenters(folder / "data")
        async with open_context(Settings(data_dir=folder / "data", **given)) as parts:
            up = asyncio.Event()

            async def once_up() -> None:
                up.set()

            task = asyncio.create_task(serve(parts, listener, once_up))
            await up.wait()
            try:
                async with httpx2.AsyncClient(base_url=address, trust_env=False, timeout=30) as client:
                    yield Server(parts, port, client, task)
            finally:
                if not task.done():
                    signal.raise_signal(signal.SIGTERM)
                await task
                keep_presenters(folder / "data")


def story(folder: Path, told: Callable[[Server], Awaitable[None]], **settings: Any) -> None:
    async def run() -> None:
        async with serving(folder, **settings) as server:
            await told(server)

    asyncio.run(run())
