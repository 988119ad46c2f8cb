"""What stands before every route: whom the server answers to, and the last net under every error."""

from __future__ import annotations

import ipaddress
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
SESSION_COOKIE = "deckcast_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BY_TOKEN = "/metrics"  # under any name: its reader shows a token, or calls this machine by its own name
SIGNED = "/api/webhooks/"  # what comes there counts by its signature alone
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:@\[\]/\s]+)(:[0-9]{1,5})?", re.IGNORECASE)
_USUAL_PORT = {"http": 80, "https": 443}


def hosts_for(public_url: str | None) -> frozenset[str]:
    """The names that the server answers to. Raises CallError settings_invalid for an address that is none."""
    if public_url is None:
        return OWN_HOSTS
    try:
        parts = urlsplit(public_url)
        host, usable = parts.hostname, parts.scheme in ("http", "https")
    except ValueError:
        host, usable = None, False
    if not host or not usable or origin_of(public_url) is None:
        raise CallError(
            "settings_invalid",
            "DECKCAST_PUBLIC_URL is no web address.",
            next_step="Write it like https://deckcast.example.org.",
        )
    return OWN_HOSTS | {f"[{host}]" if ":" in host else host}


def origin_of(url: str) -> str | None:
    """Scheme, host and port of an address, written in one way only; None where it has none."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None
    if not host or scheme not in _USUAL_PORT:
        return None
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{_USUAL_PORT[scheme] if port is None else port}"


def name_called(scope: Scope) -> str | None:
    """The name, without a port, that a request calls the server by; None where it says none, or several."""
    given = Headers(scope=scope).getlist("host")
    found = _HOST.fullmatch(given[0]) if len(given) == 1 else None
    return None if found is None else found[1].lower()


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Guard:
    """Lets no other web page use the server through somebody's browser: neither under a foreign name (DNS rebinding)
    nor with what the browser sends by itself (a session's cookie, or being on this machine). Lets no traceback out."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], public_url: str | None = None) -> None:
        self._app = app
        self._hosts = hosts
        self._public = origin_of(public_url) if public_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if scope["type"] == "http":
            app = problems.answer(refusal) if refusal else self._app
            await _answered(app, scope, receive, send)
        elif refusal:
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: HTTP 403
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> CallError | None:
        if name_called(scope) not in self._hosts and scope["path"] != BY_TOKEN:
            return CallError(
                "host_refused",
                "This server does not answer under that name.",
                next_step="Call it as localhost, or set DECKCAST_PUBLIC_URL to the address it is reached by.",
            )
        if _can_harm(scope) and not self._from_our_page(scope):
            return CallError(
                "cross_site",
                "A page of another site may not do this.",
                next_step="Programs send a token: Authorization: Bearer dct_…",
            )
        return None

    def _from_our_page(self, scope: Scope) -> bool:
        """Whether nothing says that another site's page sent this. Programs that are no browsers say nothing."""
        headers = Headers(scope=scope)
        if not set(headers.getlist("sec-fetch-site")) <= {"same-origin", "none"}:
            return False
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        ours = {origin_of(f"{scheme}://{headers['host']}"), self._public} - {None}
        return all(origin_of(each) in ours for each in headers.getlist("origin"))


def _can_harm(scope: Scope) -> bool:
    """Whether this does something, by what a browser sends unasked. It never sends a token unasked."""
    if scope["type"] == "websocket":
        return True
    if scope["method"] in SAFE_METHODS or scope["path"].startswith(SIGNED):
        return False
    headers = Headers(scope=scope)
    by_token = headers.get("authorization", "").lower().startswith("bearer ")
    by_cookie = any(f"{SESSION_COOKIE}=" in each for each in headers.getlist("cookie"))
    return by_cookie or not by_token


async def _answered(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    started = False

    async def sent(message: Message) -> None:
        nonlocal started
        if message["type"] == "http.response.start":
            started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    try:
        await app(scope, receive, sent)
    except ClientDisconnect:
        return
    except Exception as error:
        log.error("request.failed", route=_route(scope), exc_info=error)
        if not started:
            await problems.internal_error()(scope, receive, sent)


def _route(scope: Scope) -> str:
    """The template of the route that was called: a path may hold the secret of a share."""
    return str(getattr(scope.get("route"), "path", "unknown"))
