"""Webhooks of the HeyGen simulator, received over HTTP and understood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deckcast.avatars.ports import Running, WebhookEvent
from deckcast.kit.errors import CallError
from heygen_simulated import run, simulated


class Receiver:
    """A server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.posts: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line]
        headers = dict(lines)
        length = next(int(value) for name, value in headers.items() if name.lower() == "content-length")
        self.posts.put_nowait((headers, await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[str, Receiver]]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", receiver
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("signature", ["heygen", "plain", "both"])
@pytest.mark.parametrize(("names", "fault"), [("new", None), ("old", None), ("new", "fail_silent")])
def test_webhooks_of_both_kinds_are_understood(
    signature: str, names: str, fault: str | None, tmp_path: Path
) -> None:
    async def story() -> None:
        rules = [{"call": "job", "fault": fault}] if fault else []
        async with (
            receiving() as (url, receiver),
            simulated(tmp_path, *rules, webhook_signature=signature, webhook_names=names) as it,
        ):
            await it.provider.register_webhook(url)
            await it.provider.register_webhook(url)  # again: the same endpoint, a new secret
            job_id = await it.submit()
            headers, body = await receiver.posts.get()
            (event,) = it.provider.parse_webhook(headers, body)
            assert event.job_id == job_id
            assert event == WebhookEvent(event.event_id, job_id)
            assert not isinstance(await it.provider.inspect(job_id), Running)

    run(story)


def test_a_forged_webhook_is_refused_and_a_repeated_one_is_the_same_event(tmp_path: Path) -> None:
    async def story() -> None:
        rules = (
            {"call": "webhook", "fault": "forged", "nth": 1},
            {"call": "webhook", "fault": "repeat", "nth": 2},
        )
        async with receiving() as (url, receiver), simulated(tmp_path, *rules) as it:
            await it.provider.register_webhook(url)
            await it.submit("key.1")
            with pytest.raises(CallError) as caught:
                it.provider.parse_webhook(*await receiver.posts.get())
            assert caught.value.code == "webhook_refused"
            await it.submit("key.2")
            events = [it.provider.parse_webhook(*await receiver.posts.get()) for _ in range(3)]
            assert events[0] == events[1] == events[2]

    run(story)
