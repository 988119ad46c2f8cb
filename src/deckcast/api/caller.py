"""Who calls: every route that touches an owner's things depends on this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from deckcast.api.guard import OWN_HOSTS, SESSION_COOKIE, is_loopback, name_called
from deckcast.batches.context import Context
from deckcast.batches.imports import OWNER
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.people import service, sessions

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")

SignedInBy = Literal["local", "token", "session"]


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who calls. `owner` is what rows of theirs name as their owner; `ends_at` is when their access ends by itself."""

    owner: str
    name: str
    signed_in_by: SignedInBy = "local"
    ends_at: datetime | None = None


def session_cookie(settings: Settings) -> str:
    """The name of the cookie of a session; browsers let no other host set one that begins with __Host-."""
    return f"__Host-{SESSION_COOKIE}" if is_https(settings) else SESSION_COOKIE


def is_https(settings: Settings) -> bool:
    """Whether browsers reach the server over https, so that cookies never travel without it."""
    return (settings.public_url or "").lower().startswith("https://")


async def identify(connection: HTTPConnection) -> CallerIdentity:
    """Who a request or a WebSocket's handshake comes from. Asked again later, it says whether access still holds.

    In this order: a token, a session, and the local user where nobody has to sign in. Raises CallError
    token_invalid, login_required.
    """
    parts = cast(Context, connection.app.state.parts)
    token = _bearer(connection)
    if token is not None:
        user, shown = await service.user_with_token(parts.db, token)
        return CallerIdentity(user.id, user.name, "token", shown.expires_at)
    cookie = connection.cookies.get(session_cookie(parts.settings))
    found = await sessions.user_with_session(parts.db, cookie) if cookie else None
    if found is not None:
        user, ends_at = found
        return CallerIdentity(user.id, user.name, "session", ends_at)
    if await _needs_no_login(connection, parts):
        return CallerIdentity(OWNER, "local")
    raise _login_required(parts.settings)


Caller = Annotated[CallerIdentity, Depends(identify)]


def _bearer(connection: HTTPConnection) -> str | None:
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


async def _needs_no_login(connection: HTTPConnection, parts: Context) -> bool:
    """Only a person at this machine, and only while there are no users. What a proxy passes on comes from elsewhere."""
    state = connection.app.state
    if not state.local_allowed or parts.settings.oidc.issuer is not None or state.has_users:
        return False
    near = connection.client is not None and is_loopback(connection.client.host)
    if not near or name_called(connection.scope) not in OWN_HOSTS:
        return False
    if any(name in connection.headers for name in FORWARDED):
        return False
    state.has_users = await service.any_user(parts.db)  # once there are users, there always are
    return not state.has_users


def _login_required(settings: Settings) -> CallError:
    facts = {"oidc_label": settings.oidc.label} if settings.oidc.issuer is not None else None
    return CallError(
        "login_required",
        "Sign in first.",
        next_step="Sign in on the page, or send a token: Authorization: Bearer dct_…",
        facts=facts,
    )
