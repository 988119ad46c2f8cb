"""What stands before every route: whom the server answers to, and the last net under every error."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deckcast.api import problems
from deckcast.kit.errors import CallError

log = structlog.get_logger(__name__)

OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:@\[\]/\s]+)(:[0-9]{1,5})?", re.IGNORECASE)


def hosts_for(public_url: str | None) -> frozenset[str]:
    """The names that the server answers to. Raises CallError settings_invalid for an address that is none."""
    if public_url is None:
        return OWN_HOSTS
    try:
        parts = urlsplit(public_url)
        host, usable = parts.hostname, parts.scheme in ("http", "https")
    except ValueError:
        host, usable = None, False
    if not host or not usable:
        raise CallError(
            "settings_invalid",
            "DECKCAST_PUBLIC_URL is no web address.",
            next_step="Write it like https://deckcast.example.org.",
        )
    return OWN_HOSTS | {f"[{host}]" if ":" in host else host}


class Guard:
    """Refuses calls under a foreign name, so that no web page can reach a local server by renaming itself
    (DNS rebinding), and lets no traceback out."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        called = scope["type"] in ("http", "websocket")
        app = _refuse if called and not self._is_for_us(scope) else self._app
        if scope["type"] == "http":
            await _answered(app, scope, receive, send)
        else:
            await app(scope, receive, send)

    def _is_for_us(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        found = _HOST.fullmatch(given[0]) if len(given) == 1 else None
        return found is not None and found[1].lower() in self._hosts


async def _answered(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    started = False

    async def sent(message: Message) -> None:
        nonlocal started
        if message["type"] == "http.response.start":
            started = True
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("X-Content-Type-Options", "nosniff")
        await send(message)

    try:
        await app(scope, receive, sent)
    except ClientDisconnect:
        return
    except Exception as error:
        log.error("request.failed", path=scope["path"], exc_info=error)
        if not started:
            await problems.internal_error()(scope, receive, sent)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    error = CallError(
        "host_refused",
        "This server does not answer under that name.",
        next_step="Call it as localhost, or set DECKCAST_PUBLIC_URL to the address it is reached by.",
    )
    await problems.answer(error)(scope, receive, send)
