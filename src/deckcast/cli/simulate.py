"""`deckcast simulate heygen`: an imitated provider on this machine, until it is stopped."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console

from deckcast.api.server import listen
from deckcast.kit.errors import CallError
from deckcast.simulators.heygen.server import read_plan, run


def run_simulate(
    provider: str, host: str, port: int, faults: Path | None, speed: float, folder: Path | None
) -> int:
    """Imitate until SIGINT or SIGTERM; returns the exit status. Raises CallError faults_invalid,
    address_unusable."""
    if faults is not None:
        _check(faults)
    listen(host, port).close()
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(
        f"An imitated {provider} account listens on {address}. Nothing here costs money. Use it with:\n"
        f"  DECKCAST_HEYGEN__BASE_URL={address} DECKCAST_HEYGEN__API_KEY=sim-anything "
        f"deckcast make DECK --provider {provider}\n"
        f"What was ordered and what it would have cost: {address}/_ledger. Ctrl-C stops it."
    )
    signal.signal(signal.SIGTERM, _stop)
    run(port, host, faults, speed, folder)
    return 0


def _check(faults: Path) -> None:
    try:
        read_plan(faults)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CallError(
            "faults_invalid",
            f"{faults} describes no faults: {error}",
            next_step="docs/simulator.md says how such a file is written.",
        ) from error


def _stop(_number: int, _frame: FrameType | None) -> None:
    """The server hands the signal on when it has ended; leaving in order removes what is temporary."""
    sys.exit(0)
