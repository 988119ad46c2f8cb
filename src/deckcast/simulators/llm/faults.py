"""The faults of the language model simulator: what can go wrong with a question, or with the repair of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deckcast.simulators import faults
from deckcast.simulators.faults import ANSWERS, BEFORE

FORM = ("malformed_json", "wrong_form")  # an answer that has to be repaired
REFUSALS = ("wrong_key", "no_credit", "unknown_model", "context_too_long", "rejected")
ENDS = ("refusal", "cut_off")  # the model itself does not answer to the end
NARRATIVES = ("markdown", "wrong_language", "invented_number", "too_long", "repeats_opening", "empty")
_ALL = (*ANSWERS, "slow", "malformed_body", *FORM, *REFUSALS, *ENDS, *NARRATIVES)
FAULTS: dict[str, tuple[str, ...]] = {"ask": _ALL, "repair": _ALL}

_QUICK = tuple(way for way in ANSWERS if not way.startswith("hang"))
_BY_RATE = {"ask": (*_QUICK, "malformed_body", *FORM), "repair": (*BEFORE[:3], "malformed_body")}


@dataclass(frozen=True, slots=True)
class Rule(faults.Rule):
    """A rule that can be about the `text` of a question (a slide's title, say) and the `provider`. Its key is the
    question: repeats and repairs of it count as one."""

    text: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True)
class FaultPlan(faults.FaultPlan):
    """`busy_for_s`: from the first call on, everything is refused for so long (429 with Retry-After
    `retry_after_s`). `max_concurrent`: calls at once, one more is refused (0: no limit). `answer_s`: how long
    an answer takes."""

    busy_for_s: float = 0.0
    retry_after_s: float = 1.0
    max_concurrent: int = 0
    answer_s: float = 0.0


def plan_from(values: Mapping[str, Any]) -> FaultPlan:
    """A plan from the table of a faults file; raises ValueError in words for what cannot be."""
    return faults.plan_of(values, FAULTS, FaultPlan, Rule, "docs/models.md")


def faults_of(plan: FaultPlan) -> faults.Faults:
    """The draws of a plan."""
    return faults.Faults(plan, _BY_RATE)
