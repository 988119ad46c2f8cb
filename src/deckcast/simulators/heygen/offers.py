"""The routes that tell who can be hired, what is left on the account, and those of webhook endpoints."""

from __future__ import annotations

import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deckcast.simulators.heygen.answers import ApiError, data, invalid, page
from deckcast.simulators.heygen.calls import Simulator, answered, json_body, route, simulator
from deckcast.simulators.heygen.catalogue import LOOKS, VOICES, groups
from deckcast.simulators.heygen.models import Endpoint
from deckcast.simulators.heygen.webhooks import EVENT_TYPES, answers_options, described


async def looks(request: Request) -> Response:
    """GET /v3/avatars/looks."""
    query = request.query_params
    found = [
        look.described()
        for look in LOOKS.values()
        if query.get("group_id") in (None, f"group_{look.group}")
        and query.get("avatar_type") in (None, look.kind)
        and query.get("ownership") in (None, look.ownership)
    ]
    return await _listed(request, found, most=50, usual=20)


async def avatars(request: Request) -> Response:
    """GET /v3/avatars: the groups that looks belong to."""
    return await _listed(request, groups(), most=50, usual=20)


async def voices(request: Request) -> Response:
    """GET /v3/voices."""
    query = request.query_params
    wanted = {name: query[name] for name in ("type", "language", "gender") if name in query}
    found = [
        voice
        for voice in VOICES.values()
        if all(voice[name].lower() == value.lower() for name, value in wanted.items())
    ]
    return await _listed(request, found, most=100, usual=20)


async def me(request: Request) -> Response:
    """GET /v3/users/me: the wallet."""
    current = simulator(request)

    async def wallet() -> Response:
        left = round(current.switches.balance_usd - current.account.spent_usd(), 6)
        return data(
            {
                "username": "simulated",
                "email": "simulated@example.com",
                "billing_type": "wallet",
                "wallet": {"currency": "usd", "remaining_balance": left, "auto_reload": None},
                "subscription": None,
                "usage_based": None,
            }
        )

    return await answered(request, "catalogue", "me", wallet)


async def _listed(request: Request, items: list[dict[str, Any]], *, most: int, usual: int) -> Response:
    async def listing() -> Response:
        return page(items, request.query_params, most=most, usual=usual)

    return await answered(request, "catalogue", str(request.url.path), listing)


async def create_endpoint(request: Request) -> Response:
    """POST /v3/webhooks/endpoints; the only time but rotating that the secret is shown."""
    body = await json_body(request)
    url, events = str(body.get("url") or ""), _events(body)
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise invalid("url must be a public HTTPS address", "url")
    current = simulator(request)
    if current.switches.check_webhook_url and not await answers_options(url):
        raise invalid("url did not answer an OPTIONS request within 1 second", "url")
    endpoint = Endpoint(f"ep_{secrets.token_hex(12)}", url, _secret(), time.time(), events)
    current.account.save("endpoints", endpoint)
    return data(described(endpoint, secret=True))


def _secret() -> str:
    return f"whsec_{secrets.token_hex(24)}"


def _events(body: dict[str, Any]) -> list[str] | None:
    events = body.get("events")
    if events is not None and not (
        isinstance(events, list) and all(isinstance(item, str) for item in events)
    ):
        raise invalid("events must be a list of event types", "events")
    return events


async def list_endpoints(request: Request) -> Response:
    """GET /v3/webhooks/endpoints."""
    items = [described(item) for item in simulator(request).account.endpoints.values()]
    return await _listed(request, items, most=100, usual=10)


async def update_endpoint(request: Request) -> Response:
    """PATCH /v3/webhooks/endpoints/{id}."""
    body = await json_body(request)
    current = simulator(request)
    endpoint = _endpoint(request, current)
    endpoint.url = body.get("url") or endpoint.url
    if "events" in body:
        endpoint.events = _events(body)
    current.account.save("endpoints", endpoint)
    return data(described(endpoint))


async def delete_endpoint(request: Request) -> Response:
    """DELETE /v3/webhooks/endpoints/{id}."""
    current = simulator(request)
    current.account.forget("endpoints", _endpoint(request, current).id)
    return data({})


async def rotate_secret(request: Request) -> Response:
    """POST /v3/webhooks/endpoints/{id}/rotate-secret: the old one stops at once."""
    current = simulator(request)
    endpoint = _endpoint(request, current)
    endpoint.secret = _secret()
    current.account.save("endpoints", endpoint)
    return data({"endpoint_id": endpoint.id, "secret": endpoint.secret})


def _endpoint(request: Request, current: Simulator) -> Endpoint:
    endpoint = current.account.endpoints.get(request.path_params["endpoint_id"])
    if endpoint is None:
        raise ApiError("webhook_not_found", "Webhook endpoint not found")
    return endpoint


async def event_types(request: Request) -> Response:
    """GET /v3/webhooks/event-types."""
    kinds = [{"event_type": kind, "description": words} for kind, words in EVENT_TYPES.items()]
    return data(kinds, has_more=False, next_token=None)


async def events(request: Request) -> Response:
    """GET /v3/webhooks/events: everything that was announced, newest first, also what never arrived."""
    query = request.query_params
    found = [
        event
        for event in reversed(simulator(request).account.events)
        if query.get("event_type") in (None, event["event_type"])
        and query.get("entity_id") in (None, event["event_data"].get("video_id"))
    ]
    return await _listed(request, found, most=100, usual=10)


ROUTES = [
    route("GET", "/v3/avatars/looks", looks),
    route("GET", "/v3/avatars", avatars),
    route("GET", "/v3/voices", voices),
    route("GET", "/v3/users/me", me),
    route("POST", "/v3/webhooks/endpoints", create_endpoint),
    route("GET", "/v3/webhooks/endpoints", list_endpoints),
    route("PATCH", "/v3/webhooks/endpoints/{endpoint_id}", update_endpoint),
    route("DELETE", "/v3/webhooks/endpoints/{endpoint_id}", delete_endpoint),
    route("POST", "/v3/webhooks/endpoints/{endpoint_id}/rotate-secret", rotate_secret),
    route("GET", "/v3/webhooks/event-types", event_types),
    route("GET", "/v3/webhooks/events", events),
]
