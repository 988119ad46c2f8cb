"""What was asked of the simulated models: one entry per call, and how many were asked at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from deckcast.simulators.faults import Faults
from deckcast.simulators.llm.faults import FaultPlan, faults_of, plan_from


@dataclass(slots=True)
class Call:
    """One call. `fault` and `status` say how it ended; tokens are zero where nothing was answered."""

    provider: str
    model: str
    question: str  # its digest
    title: str
    repair: bool
    pictures: int
    input_tokens: int = 0
    output_tokens: int = 0
    fault: str = ""
    status: int = 200


@dataclass(slots=True)
class Account:
    """All state of the simulator. One event loop owns it."""

    plan: FaultPlan
    faults: Faults = field(init=False)
    calls: list[Call] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    first_call_at: float | None = None

    def __post_init__(self) -> None:
        self.faults = faults_of(self.plan)

    def arrives(self) -> bool:
        """Count a call; whether it is refused because the account is busy."""
        now = time.monotonic()
        self.first_call_at = self.first_call_at or now
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        crowded = 0 < self.plan.max_concurrent < self.at_once
        return crowded or now - self.first_call_at < self.plan.busy_for_s

    def leaves(self) -> None:
        """A call has ended."""
        self.at_once -= 1

    def ledger(self) -> dict[str, Any]:
        """All calls and their sums, as JSON values."""
        answered = [call for call in self.calls if call.output_tokens]
        return {
            "calls": [asdict(call) for call in self.calls],
            "asked": len(self.calls),
            "answered": len(answered),
            "questions": len({call.question for call in self.calls}),
            "input_tokens": sum(call.input_tokens for call in self.calls),
            "output_tokens": sum(call.output_tokens for call in self.calls),
            "most_at_once": self.most_at_once,
        }

    async def reset(self) -> None:
        """Forget everything, and go wrong no more."""
        self.calls.clear()
        self.most_at_once, self.first_call_at = self.at_once, None
        self.plan = FaultPlan()
        self.faults = faults_of(self.plan)

    def planned(self, values: Mapping[str, Any]) -> Faults:
        """The faults of a table; raises ValueError."""
        self.plan = plan_from(values)
        return faults_of(self.plan)
