"""How messages to hooks are signed: as Standard Webhooks 1.0 says, so that receivers can use its libraries."""

from __future__ import annotations

import base64
import hmac

from deckcast.kit.secrets import derived

PREFIX = "whsec_"


def secret_of(key: bytes, hook_id: str) -> str:
    """The secret of a hook, as its owner is shown it; it is derived from the server's key and kept nowhere."""
    return PREFIX + base64.b64encode(derived(key, f"hook/{hook_id}")).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature of a message sent at a time (seconds since 1970)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
