"""The real server with its worker beside it, as `deckcast serve` runs them, and decks that are uploaded to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from deckcast.worker import work
from serving import Server, serving

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@asynccontextmanager
async def at_work(folder: Path, **settings: Any) -> AsyncIterator[Server]:
    """A server that also works on what is ordered."""
    async with serving(folder, allow_unsandboxed=True, **settings) as server:
        server.parts.scope = "server"
        stop = asyncio.Event()
        task = asyncio.create_task(work(server.parts, stop, stop))
        try:
            yield server
        finally:
            stop.set()
            await task


def told_at_work(folder: Path, story: Callable[[Server], Awaitable[None]], **settings: Any) -> None:
    """Tell a story of a server that works."""

    async def run() -> None:
        async with at_work(folder, **settings) as server:
            await story(server)

    asyncio.run(run())


async def upload(server: Server, deck: Path, name: str = "deck.pptx") -> httpx2.Response:
    """Upload a deck under a name."""
    return await server.client.post("/api/presentations", files={"file": (name, deck.read_bytes(), PPTX)})


async def imported(server: Server, presentation_id: str) -> dict[str, Any]:
    """The presentation once nothing is read any more."""
    while True:
        answer = await server.client.get(f"/api/presentations/{presentation_id}")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        if shown["state"] != "importing":
            return shown
        await asyncio.sleep(0.05)


async def ready(server: Server, deck: Path, name: str = "deck.pptx") -> dict[str, Any]:
    """A presentation made of a deck, imported."""
    answer = await upload(server, deck, name)
    assert answer.status_code == 202, answer.text
    shown = await imported(server, answer.json()["id"])
    assert shown["state"] == "ready", shown
    return shown
