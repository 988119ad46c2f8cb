"""`deckcast serve`: the web server over the data folder, until it is stopped."""

from __future__ import annotations

import asyncio
import socket

from rich.console import Console

from deckcast.api.server import check_exposure, listen, serve
from deckcast.batches import webhooks
from deckcast.batches.context import Context
from deckcast.kit.errors import DeckcastError
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context


def run_serve(settings: Settings, host: str, port: int) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status.

    Raises CallError address_unusable, public_url_missing, settings_invalid; MachineError as open_context does.
    """
    check_exposure(host, settings.public_url)
    with listen(host, port) as listener:
        asyncio.run(_serve(settings, listener))
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    async with open_context(settings) as parts:

        async def once_up() -> None:
            console.print(f"Deckcast listens on {_address(listener)}: {_task(parts)} Ctrl-C stops it.")
            await _register(parts, console)

        await serve(parts, listener, once_up)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _task(parts: Context) -> str:
    names = webhooks.taking(parts)
    if names:
        return f"it takes webhooks of {' and '.join(names)} for videos that `deckcast make` waits for."
    return "it takes no webhooks, since DECKCAST_PUBLIC_URL or a provider's key is not set."


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
