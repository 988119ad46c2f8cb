"""Answers that go wrong on the wire, and the faults around a call that every simulator has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from deckcast.simulators.faults import Rule


@dataclass(frozen=True, slots=True)
class Around:
    """The faults around a call, in one API's words: its answer to too many calls, its answer of an error, and
    real seconds for simulated ones."""

    too_many: Callable[[], Response]
    failed: Callable[[Rule], Response]
    scaled: Callable[[float], float]

    async def before(self, fault: Rule | None) -> Response | None:
        """The answer where the fault keeps the work from being done."""
        if fault is None:
            return None
        if fault.fault == "rate_limit":
            return self.too_many()
        if fault.fault == "error_before":
            return self.failed(fault)
        if fault.fault == "hang_before":
            await asyncio.sleep(self.scaled(fault.seconds))
        return Dropped() if fault.fault in ("drop_before", "hang_before") else None

    async def after(self, fault: Rule | None, response: Response) -> Response:
        """What becomes of the answer when all was done."""
        if fault is None:
            return response
        if fault.fault == "error_after":
            return self.failed(fault)
        if fault.fault == "hang_after":
            await asyncio.sleep(self.scaled(fault.seconds))
        return Dropped() if fault.fault in ("drop_after", "hang_after") else response


class Dropped(Response):
    """No answer: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _hang_up(scope, receive)


class CutShort(Response):
    """Promises the whole length, sends half, closes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _hang_up(scope, receive)


class Connected:
    """Gives the routes their connection, so that they can break it."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # uvicorn hands over a method of its request cycle; ASGI itself has no way to drop a connection.
            scope["connection"] = cast(Any, send).__self__.transport
        await self._inner(scope, receive, send)


async def _hang_up(scope: Scope, receive: Receive) -> None:
    cast(asyncio.Transport, scope["connection"]).close()
    while (await receive())["type"] != "http.disconnect":
        continue
