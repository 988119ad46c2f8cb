"""Webhooks: providers are told where to send them, and each event is kept once, as a hint for whoever waits.

A webhook never changes a video. It makes the watch of its account (watch.py), in whatever process, ask sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from deckcast.avatars.ports import AvatarProvider, WebhookEvent
from deckcast.batches import repository
from deckcast.batches.context import Context
from deckcast.db.database import Database, insert_missing
from deckcast.db.models import WebhookEventRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, DeckcastError, WorkError

log = structlog.get_logger(__name__)

KEPT = timedelta(days=3)  # as long as the most patient providers repeat a webhook
MAX_ID_CHARS = 300
PATH = "/api/webhooks/"


def taking(parts: Context) -> list[str]:
    """The providers whose webhooks are taken, by name."""
    return [name for name, provider in parts.providers.items() if provider.capabilities.webhooks]


def provider_taking(parts: Context, name: str) -> AvatarProvider:
    """The provider of this name. Raises CallError unknown_provider, provider_not_configured."""
    provider = parts.providers.get(name)
    if provider is None and name not in parts.not_configured:
        raise CallError("unknown_provider", "There is no avatar provider of this name.")
    if provider is None or not provider.capabilities.webhooks:
        raise CallError(
            "provider_not_configured",
            "No webhooks of this provider are expected here.",
            next_step="Set its key and DECKCAST_PUBLIC_URL, if it sends any.",
        )
    return provider


async def record(db: Database, provider: AvatarProvider, headers: Mapping[str, str], body: bytes) -> int:
    """Keep the events of a webhook that are new; returns how many were. Old ones are forgotten.

    Raises CallError webhook_refused where it is not the provider's.
    """
    events = provider.parse_webhook(headers, body)
    for event in events:
        _check(event)
    if not events:
        return 0
    async with db.write() as session:
        new = 0
        for event in events:
            values = {"provider": provider.name, "event_id": event.event_id, "job_id": event.job_id}
            new += await insert_missing(session, WebhookEventRow, received_at=now(), **values)
        # Only ever beside a newer row: readers go by the rows' numbers, and SQLite gives free ones again.
        if new:
            await repository.forget_webhook_events(session, before=now() - KEPT)
    log.info("webhook.recorded", provider=provider.name, events=len(events), new=new)
    return new


def _check(event: WebhookEvent) -> None:
    """Names that a database may not take are refused, whoever signed them."""
    for text in (event.event_id, event.job_id):
        if len(text) > MAX_ID_CHARS or not text.isprintable():
            raise CallError("webhook_refused", "This webhook is not taken. It names no video.")


def to_register(parts: Context) -> list[str]:
    """The providers that are still to be told where to send webhooks: where a secret is among the settings,
    a person has set them up."""
    by_hand = {"heygen"} if parts.settings.heygen.webhook_secret else set()
    return [name for name in taking(parts) if name not in by_hand]


def address_of(parts: Context, name: str) -> str:
    """Where a provider sends its webhooks."""
    return f"{(parts.settings.public_url or '').rstrip('/')}{PATH}{name}"


async def register(provider: AvatarProvider, address: str) -> None:
    """Have a provider send its webhooks to an address that answers already. Raises DeckcastError."""
    try:
        await provider.register_webhook(address)
    except DeckcastError:
        raise
    except Exception as error:
        raise WorkError("internal_error", "The provider's answer could not be understood.") from error
    log.info("webhook.registered", provider=provider.name)
