"""The `deckcast` command with its step boundaries announced: at the one named in AT it says so and stands
still, so that a test can kill it from outside at just that moment."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from dbos import DBOS

from deckcast.cli import main


def announce(boundary: str) -> None:
    """Stand still here for ever if this boundary is the one asked for."""
    if os.environ.get("AT") == boundary:
        Path(os.environ["REACHED"]).write_text(boundary)
        time.sleep(3600)


def announcing(run_step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Steps with three boundaries: before, done (but not recorded yet), and after."""

    async def run(options: dict[str, Any], work: Callable[[], Awaitable[Any]]) -> Any:
        name = options["name"]

        async def body() -> Any:
            result = await work()
            announce(f"{name}.done")
            return result

        announce(f"{name}.before")
        result = await run_step(options, body)
        announce(f"{name}.after")
        return result

    return run


if __name__ == "__main__":
    DBOS.run_step_async = announcing(DBOS.run_step_async)  # type: ignore[method-assign]
    main()
