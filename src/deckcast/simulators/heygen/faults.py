"""The faults of the HeyGen simulator: which calls there are, and what can go wrong with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deckcast.simulators import faults
from deckcast.simulators.faults import ANSWERS, BEFORE

FAULTS: dict[str, tuple[str, ...]] = {
    "submit": ANSWERS,
    "upload": ANSWERS,
    "status": ANSWERS,
    "detail": (*ANSWERS, "expired_url"),
    "list": ANSWERS,
    "catalogue": ANSWERS,
    "download": (*BEFORE, "expired", "truncated", "short", "html", "wrong_length", "foreign"),
    "job": ("slow", "stall", "fail", "fail_silent"),
    "webhook": ("late", "repeat", "reorder", "missing", "forged"),
}
_BY_RATE = {call: ways for call, ways in FAULTS.items() if call != "job"}  # by rate, no job is lost


@dataclass(frozen=True, slots=True)
class Rule(faults.Rule):
    """A rule that can be about a video's `title` and the file name of its speech, `audio`. Its key is a
    submission's key, a video or an uploaded file."""

    title: str = ""
    audio: str = ""


@dataclass(frozen=True, slots=True)
class FaultPlan(faults.FaultPlan):
    """`lose_all_creates` drops the answer of the first create under every key; `lose_replays` that many repeats
    too."""

    lose_all_creates: bool = False
    lose_replays: int = 0


def plan_from(values: Mapping[str, Any]) -> FaultPlan:
    """A plan from the table of a faults file; raises ValueError in words for what cannot be."""
    return faults.plan_of(values, FAULTS, FaultPlan, Rule, "docs/simulator.md")


class Faults(faults.Faults):
    """Draws the faults of a HeyGen plan."""

    def __init__(self, plan: FaultPlan) -> None:
        super().__init__(plan, _BY_RATE)
        self._lost = 1 + plan.lose_replays if plan.lose_all_creates else 0

    def special(self, call: str, count: int) -> faults.Rule | None:
        """The lost answers of creates."""
        return faults.Rule(call, "drop_after") if call == "submit" and count <= self._lost else None
