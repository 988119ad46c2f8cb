"""What every HTTP request leaves behind: a count by route, method and class of status, a span, and a line in the log
where it failed. Routes are named by their templates, never by what was called."""

from __future__ import annotations

import time

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deckcast.kit.tracing import span

log = structlog.get_logger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
HUNG_UP = 499  # who called went before the answer began: nobody's fault here


class Traffic:
    """The counters of one server process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "deckcast_http_requests",
            "HTTP requests that this process has answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "deckcast_http_request_seconds",
            "How long this process took to answer, from the request's head to the end of the answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.sockets = Gauge(
            "deckcast_sockets_open", "WebSockets that are open at this process.", registry=self.registry
        )


class Watched:
    """Counts and traces what passes through; it stands outside of everything else."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            with self._traffic.sockets.track_inprogress():
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = HUNG_UP

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "other"
        began = time.monotonic()
        with span(method, http__request__method=method) as traced:
            try:
                await self._app(scope, receive, sent)
            except Exception:
                status = 500
                raise
            finally:
                route = _route(scope)
                traced.rename(f"{method} {route}")
                traced.set(http__route=route, http__response__status_code=status)
                if status >= 500:
                    traced.fail(str(status))
                    log.warning("request.answered_badly", method=method, route=route, status=status)
                self._traffic.requests.labels(method, route, f"{status // 100}xx").inc()
                self._traffic.seconds.labels(route).observe(time.monotonic() - began)


def _route(scope: Scope) -> str:
    """The template of the route that answered, such as /api/batches/{batch_id}/cancel."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) and path else NO_ROUTE
