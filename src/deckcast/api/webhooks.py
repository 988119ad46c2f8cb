"""Where providers send their webhooks. Anybody can call this: only a provider's signature makes it count."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from deckcast.api.bodies import read_body
from deckcast.api.parts import Parts
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches import webhooks

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


class Received(Shape):
    """How many events of a webhook were new."""

    recorded: int


@router.post("/{provider}", operation_id="receiveWebhook", responses=problems(401, 404, 408, 413, 422))
async def receive(provider: str, request: Request, parts: Parts) -> Received:
    """Keep the events of a webhook, each once. No video changes by it: the provider is asked again."""
    taking = webhooks.provider_taking(parts, provider)
    return Received(
        recorded=await webhooks.record(parts.db, taking, request.headers, await read_body(request))
    )


@router.options("/{provider}", operation_id="validateWebhook", status_code=204, responses=problems(404, 422))
async def validate(provider: str, parts: Parts) -> Response:
    """HeyGen looks with OPTIONS whether an address is there before it sends anything."""
    webhooks.provider_taking(parts, provider)
    return Response(status_code=204, headers={"Allow": "OPTIONS, POST"})
