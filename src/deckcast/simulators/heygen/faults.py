"""Which call goes wrong, and how. Drawn by seed, call and count, so that the same run has the same faults."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from deckcast.simulators.heygen.tables import checked

_BEFORE = ("rate_limit", "error_before", "drop_before", "hang_before")  # nothing happened at the server
_AFTER = ("error_after", "drop_after", "hang_after")  # all happened, the answer is lost
_ANSWERS = _BEFORE + _AFTER
FAULTS: dict[str, tuple[str, ...]] = {
    "submit": _ANSWERS,
    "upload": _ANSWERS,
    "status": _ANSWERS,
    "detail": (*_ANSWERS, "expired_url"),
    "list": _ANSWERS,
    "catalogue": _ANSWERS,
    "download": (*_BEFORE, "expired", "truncated", "short", "html", "wrong_length", "foreign"),
    "job": ("slow", "stall", "fail", "fail_silent"),
    "webhook": ("late", "repeat", "reorder", "missing", "forged"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault for some calls of a kind. All that is given has to hold.

    `nth` counts the calls that match `title` and `audio`, from 1; `rate` is a share of them; `times` is the most
    per call key (a submission's key, a video, an uploaded file). `title` and `audio` are patterns with * and ?,
    or a part of the text. `seconds` is for hang, late and slow; `code` and `message` for fail and errors.
    """

    call: str
    fault: str
    rate: float = 1.0
    nth: tuple[int, ...] = ()
    title: str = ""
    audio: str = ""
    times: int | None = None
    seconds: float = 60.0
    status: int = 500
    code: str = ""
    message: str = ""

    def concerns(self, call: str, title: str, audio: str) -> bool:
        """Whether a call is of the kind this rule is for."""
        return self.call == call and _matches(self.title, title) and _matches(self.audio, audio)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """All faults of a run. `rate` makes that share of all calls fail in every way that a client can get over:
    at most `in_a_row` times in a row per call key, and no job is lost. `ways` keeps it to some faults.

    `lose_all_creates` drops the answer of the first create under every key; `lose_replays` that many repeats too.
    """

    seed: int = 1
    rate: float = 0.0
    in_a_row: int = 2
    ways: tuple[str, ...] = ()
    lose_all_creates: bool = False
    lose_replays: int = 0
    rules: tuple[Rule, ...] = ()


def plan_from(values: Mapping[str, Any]) -> FaultPlan:
    """A plan from the table of a faults file; raises ValueError in words for what cannot be."""
    rest = {name: value for name, value in values.items() if name != "rules"}
    rules = tuple(_rule_from(item) for item in values.get("rules", ()))
    plan = FaultPlan(rules=rules, **checked(FaultPlan, rest, "A fault plan"))
    if strange := set(plan.ways) - {way for group in FAULTS.values() for way in group}:
        raise ValueError(f"There is no fault {', '.join(sorted(strange))}; see docs/simulator.md.")
    if not 0 <= plan.rate <= 1:
        raise ValueError(f"A rate is between 0 and 1, not {plan.rate}.")
    return plan


def _rule_from(values: Mapping[str, Any]) -> Rule:
    call, fault = values.get("call"), values.get("fault")
    if not isinstance(call, str) or fault not in FAULTS.get(call, ()):
        raise ValueError(f"There is no fault {fault!r} for {call!r}; see docs/simulator.md.")
    rule = Rule(**checked(Rule, values, "A fault rule"))
    if not 0 <= rule.rate <= 1:
        raise ValueError(f"A rate is between 0 and 1, not {rule.rate}.")
    return rule


def _matches(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern) if "*" in pattern or "?" in pattern else pattern in text


class Faults:
    """Draws the fault of each call and counts what has gone wrong. Not thread-safe: one event loop owns it."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self.fired: Counter[str] = Counter()
        self._matched: Counter[int] = Counter()
        self._fired_by_key: Counter[tuple[int, str]] = Counter()
        self._calls: Counter[tuple[str, str]] = Counter()
        self._in_a_row: Counter[tuple[str, str]] = Counter()

    def draw(self, call: str, key: str, *, title: str = "", audio: str = "") -> Rule | None:
        """The fault of the next call of a kind under a key, or None."""
        self._calls[call, key] += 1
        rule = (
            self._lost_create(call, key) or self._by_rule(call, key, title, audio) or self._by_rate(call, key)
        )
        self._in_a_row[call, key] = self._in_a_row[call, key] + 1 if rule else 0
        if rule:
            self.fired[f"{call}:{rule.fault}"] += 1
        return rule

    def _lost_create(self, call: str, key: str) -> Rule | None:
        lost = self.plan.lose_all_creates and call == "submit"
        return (
            Rule(call, "drop_after")
            if lost and self._calls[call, key] <= 1 + self.plan.lose_replays
            else None
        )

    def _by_rule(self, call: str, key: str, title: str, audio: str) -> Rule | None:
        found = None
        for index, rule in enumerate(self.plan.rules):
            if not rule.concerns(call, title, audio):
                continue  # every rule counts all calls that concern it, also those that another one spoils
            self._matched[index] += 1
            count = self._matched[index]
            spent = rule.times is not None and self._fired_by_key[index, key] >= rule.times
            due = count in rule.nth if rule.nth else self._chance(f"{index}:{key}:{count}") < rule.rate
            if due and not spent and found is None:
                self._fired_by_key[index, key] += 1
                found = rule
        return found

    def _by_rate(self, call: str, key: str) -> Rule | None:
        ways = [way for way in FAULTS[call] if not self.plan.ways or way in self.plan.ways]
        if call == "job" or not ways or self._in_a_row[call, key] >= self.plan.in_a_row:
            return None
        draw = random.Random(f"{self.plan.seed}:{call}:{key}:{self._calls[call, key]}")
        if draw.random() >= self.plan.rate:
            return None
        return Rule(call, draw.choice(ways))

    def _chance(self, what: str) -> float:
        return random.Random(f"{self.plan.seed}:{what}").random()

    def described(self) -> dict[str, Any]:
        """The plan and how often each fault has come, as JSON values."""
        return {"plan": asdict(self.plan), "fired": dict(self.fired)}
