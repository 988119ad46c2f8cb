"""The faults of the speech simulator: which calls there are, and what can go wrong with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deckcast.simulators import faults
from deckcast.simulators.faults import ANSWERS, BEFORE, FaultPlan, plan_of

FAULTS: dict[str, tuple[str, ...]] = {
    "voices": ANSWERS,
    "connect": BEFORE,  # Azure's socket is not opened
    "speech": (
        *ANSWERS,
        "truncated",  # breaks off in the middle
        "short",  # half of the sound, and says that this is all
        "not_audio",
        "wrong_timings",
        "no_timings",
        "slow",
        "refused",
    ),
}
_BY_RATE = {call: tuple(way for way in ways if way != "refused") for call, ways in FAULTS.items()}


@dataclass(frozen=True, slots=True)
class Rule(faults.Rule):
    """A rule that can be about one `engine` (openai, elevenlabs, azure), a part of the `text`, a `voice`. Its key
    is the engine and the text."""

    engine: str = ""
    text: str = ""
    voice: str = ""


def plan_from(values: Mapping[str, Any]) -> FaultPlan:
    """A plan from the table of a faults file; raises ValueError in words for what cannot be."""
    return plan_of(values, FAULTS, FaultPlan, Rule, "docs/speech.md")


def faults_of(plan: FaultPlan) -> faults.Faults:
    """Draws the faults of a plan; by rate comes whatever a client can get over."""
    return faults.Faults(plan, _BY_RATE)
