"""A simulator as a server: `serve` for the command line, `running` for tests. Any ASGI application will do."""

from __future__ import annotations

import json
import socket
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from deckcast.simulators.wire import Connected

_OPTIONS: dict[str, Any] = {"access_log": False, "timeout_keep_alive": 60, "timeout_graceful_shutdown": 1}


def read_table(file: Path) -> dict[str, Any]:
    """What a TOML or JSON file holds; raises ValueError and OSError for a file that cannot be read."""
    text = file.read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    return table


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until stopped."""
    uvicorn.run(cast(Any, Connected(app)), host=host, port=port, log_level="warning", **_OPTIONS)


@contextmanager
def running(app: ASGIApp, name: str, port: int = 0) -> Iterator[str]:
    """The application in a thread of this process, on a free port or `port`; yields its base URL."""
    # The protocol is named because asyncio else leaves Nagle's algorithm on: 40 ms for every call.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        server = _Announced(uvicorn.Config(cast(Any, Connected(app)), log_level="critical", **_OPTIONS))
        thread = threading.Thread(target=server.run, args=([listener],), name=name, daemon=True)
        thread.start()
        try:
            if not server.ready.wait(10):
                raise RuntimeError("The simulator did not start.")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class _Announced(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
