"""Where providers send their webhooks. Anybody can call this: only a provider's signature makes it count."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from deckcast.api.parts import Parts
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches import webhooks
from deckcast.kit.errors import CallError

MAX_BODY_BYTES = 1 << 20
READ_WITHIN_S = 10.0

router = APIRouter(prefix="/api/webhooks")


class Received(Shape):
    """How many events of a webhook were new."""

    recorded: int


@router.post("/{provider}", operation_id="receiveWebhook", responses=problems(401, 404, 408, 413, 422))
async def receive(provider: str, request: Request, parts: Parts) -> Received:
    """Keep the events of a webhook, each once. No video changes by it: the provider is asked again."""
    taking = webhooks.provider_taking(parts, provider)
    return Received(recorded=await webhooks.record(parts.db, taking, request.headers, await _body(request)))


@router.options("/{provider}", operation_id="validateWebhook", status_code=204, responses=problems(404, 422))
async def validate(provider: str, parts: Parts) -> Response:
    """HeyGen looks with OPTIONS whether an address is there before it sends anything."""
    webhooks.provider_taking(parts, provider)
    return Response(status_code=204, headers={"Allow": "OPTIONS, POST"})


async def _body(request: Request) -> bytes:
    """The raw body, as it was signed. Raises CallError body_too_large, body_too_slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY_BYTES:
                    raise CallError("body_too_large", "A webhook has at most one megabyte.")
    except TimeoutError as error:
        raise CallError("body_too_slow", "The body did not come in time.", retryable=True) from error
    return bytes(body)
