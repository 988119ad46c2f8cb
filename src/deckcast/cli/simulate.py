"""`deckcast simulate`: an imitated provider, model or speech service on this machine, until it is stopped."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console

from deckcast.api.server import listen
from deckcast.kit.errors import CallError
from deckcast.simulators.heygen import server as heygen
from deckcast.simulators.llm import server as llm
from deckcast.simulators.speech import server as speech


@dataclass(frozen=True, slots=True)
class Imitation:
    """What can be imitated: `use` says how it is used, given its address; `page` where it is explained; `options`
    which of --speed and --folder it has."""

    title: str
    port: int
    use: str
    page: str
    read_plan: Callable[[Path], Any]
    options: tuple[str, ...] = ()


_SPEECH: dict[str, Any] = {
    "port": 8092,
    "page": "docs/speech.md",
    "read_plan": speech.read_plan,
    "options": ("speed",),
}
IMITATIONS = {
    "heygen": Imitation(
        "HeyGen account",
        8090,
        "DECKCAST_HEYGEN__BASE_URL={address} DECKCAST_HEYGEN__API_KEY=sim-anything "
        "deckcast make DECK --provider heygen",
        "docs/simulator.md",
        heygen.read_plan,
        ("speed", "folder"),
    ),
    "llm": Imitation(
        "language model",
        8091,
        "DECKCAST_LLM__MODEL=openai:gpt-5.2 DECKCAST_LLM__BASE_URL={address} "
        "DECKCAST_LLM__API_KEY=sim-anything deckcast narrate DECK",
        "docs/models.md",
        llm.read_plan,
    ),
    "openai-speech": Imitation(
        "OpenAI speech service",
        use="DECKCAST_SPEECH__OPENAI__BASE_URL={address}/v1 DECKCAST_SPEECH__OPENAI__API_KEY=sim-anything "
        "deckcast speak DECK --voice openai:nova",
        **_SPEECH,
    ),
    "elevenlabs": Imitation(
        "ElevenLabs account",
        use="DECKCAST_SPEECH__ELEVENLABS__BASE_URL={address} DECKCAST_SPEECH__ELEVENLABS__API_KEY=sim-anything "
        "deckcast speak DECK --voice elevenlabs:21m00Tcm4TlvDq8ikWAM",
        **_SPEECH,
    ),
    "azure-speech": Imitation(
        "Azure Speech resource",
        use="DECKCAST_SPEECH__AZURE__BASE_URL={address} DECKCAST_SPEECH__AZURE__API_KEY=sim-anything "
        "deckcast speak DECK --voice azure:en-US-AvaNeural",
        **_SPEECH,
    ),
}


def run_simulate(
    name: str,
    host: str,
    port: int | None = None,
    faults: Path | None = None,
    speed: float | None = None,
    folder: Path | None = None,
) -> int:
    """Imitate until SIGINT or SIGTERM; returns the exit status. Raises CallError simulate_call_invalid,
    faults_invalid, address_unusable."""
    imitation = IMITATIONS[name]
    for option, value in (("speed", speed), ("folder", folder)):
        if value is not None and option not in imitation.options:
            raise CallError(
                "simulate_call_invalid",
                f"The imitated {imitation.title} has no --{option}.",
                next_step=f"Leave it out; {imitation.page} says what can be set.",
            )
    if faults is not None:
        _check(faults, imitation)
    port = port or imitation.port
    listen(host, port).close()
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(
        f"An imitated {imitation.title} listens on {address}. Nothing here costs money. Use it with:\n"
        f"  {imitation.use.format(address=address)}\n"
        f"What it was asked and what it would bill: {address}/_ledger. Ctrl-C stops it."
    )
    signal.signal(signal.SIGTERM, _stop)
    if name == "heygen":
        heygen.run(port, host, faults, speed or 1.0, folder)
    elif name == "llm":
        llm.run(port, host, faults)
    else:
        speech.run(port, host, faults, speed or 1.0)
    return 0


def _check(faults: Path, imitation: Imitation) -> None:
    try:
        imitation.read_plan(faults)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CallError(
            "faults_invalid",
            f"{faults} describes no faults: {error}",
            next_step=f"{imitation.page} says how such a file is written.",
        ) from error


def _stop(_number: int, _frame: FrameType | None) -> None:
    """The server hands the signal on when it has ended; leaving in order removes what is temporary."""
    sys.exit(0)
