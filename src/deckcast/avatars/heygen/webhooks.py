"""HeyGen's webhooks: whose they are, what they say, and where they are sent."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from deckcast.avatars.heygen.client import HeyGenClient, Json
from deckcast.avatars.heygen.errors import UNREADABLE, call_failed
from deckcast.avatars.ports import WebhookEvent
from deckcast.kit.errors import CallError

SIGNATURES = ("heygen-signature", "signature")  # HeyGen's own pages do not agree on the name
TIMESTAMP = "heygen-timestamp"
AT_MOST_AWAY_S = 300.0
MAX_BODY_BYTES = 1 << 20
EVENTS = ("avatar_video.success", "avatar_video.fail")
ENDPOINTS = "/v3/webhooks/endpoints"


def events_in(
    headers: Mapping[str, str], body: bytes, secrets: Collection[str], now: datetime
) -> Sequence[WebhookEvent]:
    """The events of a webhook: of an avatar video's end, one; of anything else, none.

    Raises CallError webhook_refused where it is not signed with one of the secrets, is stale, or unreadable.
    """
    said = {name.lower(): value.strip() for name, value in headers.items()}
    if len(body) > MAX_BODY_BYTES:
        raise _refused("It is too large.")
    if not _is_signed(said, body, secrets):
        raise _refused("Its signature is not HeyGen's.")
    if TIMESTAMP in said and not _is_recent(said[TIMESTAMP], now):
        raise _refused("It is not of this time.")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _refused("It cannot be read.") from error
    if not isinstance(event, dict):
        raise _refused("It cannot be read.")
    return _events(event)


def _events(event: Json) -> Sequence[WebhookEvent]:
    kind, data = event.get("event_type"), event.get("event_data")
    if kind not in EVENTS or not isinstance(data, dict):
        return ()
    job_id = data.get("video_id")
    if not isinstance(job_id, str) or not job_id:
        return ()
    event_id = event.get("event_id")
    return (WebhookEvent(event_id if isinstance(event_id, str) and event_id else f"{job_id}:{kind}", job_id),)


def _is_signed(headers: Mapping[str, str], body: bytes, secrets: Collection[str]) -> bool:
    given = next((headers[name] for name in SIGNATURES if headers.get(name)), "")
    given_bytes = given.lower().removeprefix("sha256=").encode()
    signed = False
    for secret in secrets:
        wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
        signed |= hmac.compare_digest(wanted, given_bytes)
    return signed


def _is_recent(text: str, now: datetime) -> bool:
    try:
        sent = float(text) if not ("-" in text or ":" in text) else datetime.fromisoformat(text).timestamp()
    except ValueError:
        return False
    sent_s = sent / 1000 if sent > 1e11 else sent  # milliseconds
    return abs(now.timestamp() - sent_s) <= AT_MOST_AWAY_S


async def register(client: HeyGenClient, url: str) -> str:
    """Have the ends of avatar videos told to `url`; returns the secret they are signed with.

    HeyGen shows a secret only when it is made, so that of an endpoint that is there already is made anew.
    Raises WorkError.
    """
    async for page in client.pages(ENDPOINTS, limit=100):
        for endpoint in page:
            if endpoint.get("url") == url and isinstance(endpoint.get("endpoint_id"), str):
                path = f"{ENDPOINTS}/{quote(endpoint['endpoint_id'], safe='')}/rotate-secret"
                return _secret(await client.call("POST", path))
    return _secret(await client.call("POST", ENDPOINTS, json={"url": url, "events": list(EVENTS)}))


def _secret(answer: Json) -> str:
    data: Any = answer.get("data")
    secret = data.get("secret") if isinstance(data, dict) else None
    if not isinstance(secret, str) or not secret:
        raise call_failed(200, meaning=UNREADABLE)
    return secret


def _refused(reason: str) -> CallError:
    return CallError("webhook_refused", f"This webhook is not taken. {reason}")
