"""A simulated language model for tests of the real command, and what it knows of the calls made to it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from command import Machine
from deckcast.simulators.llm import running

INPUT_USD, OUTPUT_USD = 2.0, 10.0  # a million tokens


@contextmanager
def language_model(machine: Machine, **faults: Any) -> Iterator[str]:
    """The simulator, and the machine set to use it; its calls cost something."""
    with running(faults) as url:
        machine.settings.update(
            DECKCAST_LLM__MODEL="openai:gpt-5.2",
            DECKCAST_LLM__API_KEY="sim-tests",
            DECKCAST_LLM__BASE_URL=url,
            DECKCAST_LLM__USD_PER_MILLION_INPUT_TOKENS=str(INPUT_USD),
            DECKCAST_LLM__USD_PER_MILLION_OUTPUT_TOKENS=str(OUTPUT_USD),
        )
        yield url


def ledger(url: str) -> dict[str, Any]:
    """All calls, and their sums."""
    with urllib.request.urlopen(f"{url}/_ledger") as answer:
        return dict(json.load(answer))


def charged_usd(url: str) -> float:
    """What all answers have cost, those too that were of no use."""
    seen = ledger(url)
    return (seen["input_tokens"] * INPUT_USD + seen["output_tokens"] * OUTPUT_USD) / 1e6


def set_faults(url: str, **faults: Any) -> None:
    """From now on these calls go wrong; an empty plan mends everything."""
    body, headers = json.dumps(faults).encode(), {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/_faults", body, headers, method="PUT")):
        pass
