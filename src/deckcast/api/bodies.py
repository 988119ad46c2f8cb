"""The bodies of requests: none is read into memory whole unless it is small, and none is waited for for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from deckcast.kit.errors import CallError

MAX_BODY_BYTES = 1 << 20
HEARD_OUT_BYTES = 8 << 20  # who is cut off while sending more seldom hears why
READ_WITHIN_S = 10.0


class BoundedRoute(APIRoute):
    """A route whose JSON body is at most a megabyte, and comes in time: the framework reads it, whatever its size,
    before anybody has looked at who calls."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, behind the bound."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handled(request: Request) -> Response:
            return await handle(with_body(request, await read_body(request)))

        return handled


async def read_body(request: Request) -> bytes:
    """The body. Raises CallError body_too_large, body_too_slow."""
    body, size_bytes = bytearray(), 0
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for piece in request.stream():
                size_bytes += len(piece)
                if size_bytes <= MAX_BODY_BYTES:
                    body += piece
                elif size_bytes > HEARD_OUT_BYTES:
                    break
    except TimeoutError as error:
        raise CallError("body_too_slow", "The body did not come in time.", retryable=True) from error
    if size_bytes > MAX_BODY_BYTES:
        raise CallError("body_too_large", "A request has at most one megabyte.")
    return bytes(body)


def with_body(request: Request, body: bytes) -> Request:
    """The same request, whose body is this one."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)
