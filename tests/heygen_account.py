"""A simulated HeyGen account for tests, what it knows of paid jobs, and the command that uses it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from command import Machine, Ran
from deckcast.simulators.heygen import running

NOTES = [f"This is what slide number {number} has to say." for number in range(1, 21)]
FAST = {"speed": 300.0, "render_from_s": 300.0, "render_to_s": 600.0}


@contextmanager
def heygen(machine: Machine, **options: Any) -> Iterator[str]:
    """The simulator, and the machine set to use it."""
    with running(**{**FAST, **options}) as url:
        machine.settings.update(DECKCAST_HEYGEN__BASE_URL=url, DECKCAST_HEYGEN__API_KEY="sim-tests")
        yield url


def ledger(url: str) -> dict[str, Any]:
    """What the provider knows of paid jobs."""
    with urllib.request.urlopen(f"{url}/_ledger") as answer:
        return dict(json.load(answer))


def make(machine: Machine, deck: Path, *options: str) -> Ran:
    return machine.make(deck, "--provider", "heygen", *options)


def assert_paid_once(url: str, slides: int) -> None:
    """One paid job per slide, whatever else was tried."""
    paid = [job for job in ledger(url)["jobs"] if job["charged_usd"] > 0]
    assert len(paid) == slides
    assert len({job["audio"] for job in paid}) == slides


def assert_every_slide_completed(ran: Ran, slides: int) -> None:
    assert ran.status == 0, ran.stderr
    assert [slide["status"] for slide in ran.result["slides"]] == ["completed"] * slides


def set_faults(url: str, faults: dict[str, Any]) -> None:
    """From now on these calls go wrong; an empty plan mends everything."""
    body = json.dumps(faults).encode()
    request = urllib.request.Request(
        f"{url}/_faults", body, {"Content-Type": "application/json"}, method="PUT"
    )
    with urllib.request.urlopen(request):
        pass
