"""`deckcast serve`: the web server over the data folder, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import structlog
from rich.console import Console

from deckcast.api.guard import is_loopback
from deckcast.api.server import check_exposure, check_users, listen, serve
from deckcast.batches import webhooks
from deckcast.batches.context import Context
from deckcast.batches.scopes import SERVER, holder_of, worker_running
from deckcast.cli.worker import keep_working
from deckcast.kit import children
from deckcast.kit.errors import DeckcastError
from deckcast.kit.settings import Settings
from deckcast.kit.tasks import beside
from deckcast.people.service import any_user
from deckcast.wiring import open_context

log = structlog.get_logger(__name__)


def run_serve(settings: Settings, host: str, port: int, *, with_worker: bool) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status.

    Raises CallError address_unusable, public_url_missing, users_missing, settings_invalid; MachineError worker_running,
    and as open_context does.
    """
    check_exposure(host, settings.public_url)
    if with_worker and holder_of(settings.data_dir, SERVER) is not None:
        raise worker_running()
    with listen(host, port) as listener:
        asyncio.run(_serve(settings, listener, host, with_worker=with_worker))
    return 0


async def _serve(settings: Settings, listener: socket.socket, host: str, *, with_worker: bool) -> None:
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    async with open_context(settings, SERVER) as parts:
        await check_users(parts, host)

        async def once_up() -> None:
            console.print(f"Deckcast listens on {_address(listener)}. Ctrl-C stops it.")
            if not (settings.oidc.issuer or await any_user(parts.db)):
                console.print("It has no users: whoever is at this machine may use it without signing in.")
            await _know_voices(parts)
            await _register(parts, console)
            await children.warm_up()

        async with beside(keep_working(settings)) if with_worker else contextlib.nullcontext():
            await serve(parts, listener, once_up, with_worker=with_worker, local_allowed=is_loopback(host))


async def _know_voices(parts: Context) -> None:
    """Ask the engine that speaks where nobody names a voice for its voices: pages say what is stale without it."""
    try:
        await parts.engines.load(None)
    except DeckcastError as error:
        log.warning("voices.not_known", code=error.code)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _register(parts: Context, console: Console) -> None:
    """Have webhooks sent here; where that fails, the providers are asked regularly, as without webhooks."""
    for name in webhooks.to_register(parts):
        address = webhooks.address_of(parts, name)
        try:
            await webhooks.register(parts.providers[name], address)
        except DeckcastError as error:
            console.print(f"No webhooks of {name}, its videos are asked for instead: {error} ({error.code})")
        else:
            console.print(f"{name} sends its webhooks to {address}.")
