"""The `deckcast` command, stopped (SIGSTOP) at the last moment before its first paid call goes out: everything is
written down, nothing is sent. Woken, it sends the call. That it stands still is written to the file REACHED."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import httpx2

from deckcast.cli import main

REACHED = Path(os.environ["REACHED"])
real = httpx2.AsyncClient.request


async def late(self: httpx2.AsyncClient, method: str, url: Any, **options: Any) -> httpx2.Response:
    """The real request; the first that costs money comes late."""
    if method == "POST" and str(url).endswith("/v3/videos") and not REACHED.exists():
        REACHED.touch()
        os.kill(os.getpid(), signal.SIGSTOP)
    return await real(self, method, url, **options)


if __name__ == "__main__":
    httpx2.AsyncClient.request = late  # type: ignore[method-assign]
    main()
