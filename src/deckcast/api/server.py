"""The server itself: it listens, serves the application, and stops when it is asked to."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator

import uvicorn

from deckcast.api.app import create_app
from deckcast.api.guard import is_loopback as is_loopback
from deckcast.api.sockets import CLIENT_MESSAGE_BYTES, ClientSocket
from deckcast.batches.context import Context
from deckcast.kit.errors import CallError
from deckcast.kit.tasks import beside
from deckcast.people.service import any_user

STOP_WITHIN_S = 5
WAITING_CALLS = 2048


def listen(host: str, port: int) -> socket.socket:
    """A socket that callers already reach; port 0 takes a free one. Raises CallError address_unusable."""
    try:
        # The protocol is named because asyncio else leaves Nagle's algorithm on: 40 ms for every answer.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _, address = found[0]
        with contextlib.ExitStack() as undone:
            listener = undone.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(WAITING_CALLS)
            undone.pop_all()
    except OSError as error:
        raise CallError(
            "address_unusable",
            f"Deckcast cannot listen on {host}, port {port}: {error.strerror or error}.",
            next_step="Choose another one with --port or --host.",
        ) from error
    return listener


def check_exposure(host: str, public_url: str | None) -> None:
    """Only who says by which name the server is reached may open it to others. Raises CallError
    public_url_missing."""
    if public_url is None and not is_loopback(host):
        raise CallError(
            "public_url_missing",
            f"{host} can be reached from other machines.",
            next_step="Set DECKCAST_PUBLIC_URL to the address that they use, or listen on 127.0.0.1.",
        )


async def check_users(parts: Context, host: str) -> None:
    """Where others can reach it, nobody may be let in without being known. Raises CallError users_missing."""
    if is_loopback(host) or parts.settings.oidc.issuer is not None or await any_user(parts.db):
        return
    raise CallError(
        "users_missing",
        f"{host} can be reached from other machines, and Deckcast has no users yet.",
        next_step="Add one: deckcast user add NAME. Or listen on 127.0.0.1.",
    )


async def serve(
    parts: Context,
    listener: socket.socket,
    once_up: Callable[[], Coroutine[None, None, None]],
    *,
    with_worker: bool = False,
    local_allowed: bool = True,
) -> None:
    """Serve until SIGINT or SIGTERM; calls under way are answered first. `once_up` runs beside it from the
    moment that calls are answered. `with_worker`: it is not ready while no worker is at work; `local_allowed` as in
    `create_app`. Raises CallError settings_invalid.
    """
    app = create_app(parts, local_allowed=local_allowed)
    app.state.with_worker = with_worker
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws=ClientSocket,
        ws_max_size=CLIENT_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="critical",
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    server = _Server(config)
    async with beside(server.then(once_up)):
        await server.serve([listener])


class _Server(uvicorn.Server):
    """uvicorn ends its own process by the signal that stopped it; here, what is open is closed first."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up.set()

    async def then(self, once_up: Callable[[], Coroutine[None, None, None]]) -> None:
        await self._up.wait()
        await once_up()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
