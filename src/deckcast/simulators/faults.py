"""Which call goes wrong, and how. Drawn by seed, call and count, so that the same run has the same faults.

What every simulator shares; each one names its own calls, its own faults, and what its rules can be about.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from deckcast.simulators.tables import checked

BEFORE = ("rate_limit", "error_before", "drop_before", "hang_before")  # nothing happened at the server
AFTER = ("error_after", "drop_after", "hang_after")  # all happened, the answer is lost
ANSWERS = BEFORE + AFTER

Kinds = Mapping[str, tuple[str, ...]]  # call → its faults


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault for some calls of a kind. All that is given has to hold.

    `nth` counts the calls that the rule concerns, from 1; `rate` is a share of them; `times` is the most per call
    key. `seconds` is for what hangs or is late; `status`, `code` and `message` for errors. A simulator adds
    text fields that say which calls a rule is about: patterns with * and ?, or a part of the text.
    """

    call: str
    fault: str
    rate: float = 1.0
    nth: tuple[int, ...] = ()
    times: int | None = None
    seconds: float = 60.0
    status: int = 500
    code: str = ""
    message: str = ""

    def concerns(self, call: str, about: Mapping[str, str]) -> bool:
        """Whether a call is of the kind this rule is for; `about` has texts by the names of the added fields."""
        added = {item.name for item in fields(self)} - {item.name for item in fields(Rule)}
        return self.call == call and all(_matches(getattr(self, name), about.get(name, "")) for name in added)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """All faults of a run. `rate` makes that share of all calls fail in every way that a client can get over:
    at most `in_a_row` times in a row per call key. `ways` keeps it to some faults."""

    seed: int = 1
    rate: float = 0.0
    in_a_row: int = 2
    ways: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


Plan = TypeVar("Plan", bound=FaultPlan)


def plan_of(values: Mapping[str, Any], kinds: Kinds, plan: type[Plan], rule: type[Rule], page: str) -> Plan:
    """A plan from the table of a faults file; raises ValueError in words for what cannot be.

    `page` is where the faults are told.
    """
    rest = {name: value for name, value in values.items() if name != "rules"}
    rules = tuple(_rule_from(item, kinds, rule, page) for item in values.get("rules", ()))
    result = plan(rules=rules, **checked(plan, rest, "A fault plan"))
    if strange := set(result.ways) - {way for group in kinds.values() for way in group}:
        raise ValueError(f"There is no fault {', '.join(sorted(strange))}; see {page}.")
    _check_rate(result.rate)
    return result


def _rule_from(values: Mapping[str, Any], kinds: Kinds, rule: type[Rule], page: str) -> Rule:
    call, fault = values.get("call"), values.get("fault")
    if not isinstance(call, str) or fault not in kinds.get(call, ()):
        raise ValueError(f"There is no fault {fault!r} for {call!r}; see {page}.")
    result = rule(**checked(rule, values, "A fault rule"))
    _check_rate(result.rate)
    return result


def _check_rate(rate: float) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"A rate is between 0 and 1, not {rate}.")


def _matches(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern) if "*" in pattern or "?" in pattern else pattern in text


class Faults:
    """Draws the fault of each call and counts what has gone wrong. Not thread-safe: one event loop owns it.

    `by_rate` holds the faults that the plan's rate may choose from, by call.
    """

    def __init__(self, plan: FaultPlan, by_rate: Kinds) -> None:
        self.plan = plan
        self.fired: Counter[str] = Counter()
        self._by_rate_kinds = by_rate
        self._matched: Counter[int] = Counter()
        self._fired_by_key: Counter[tuple[int, str]] = Counter()
        self._calls: Counter[tuple[str, str]] = Counter()
        self._in_a_row: Counter[tuple[str, str]] = Counter()

    def draw(self, call: str, key: str, **about: str) -> Rule | None:
        """The fault of the next call of a kind under a key, or None."""
        self._calls[call, key] += 1
        rule = (
            self.special(call, self._calls[call, key])
            or self._by_rule(call, key, about)
            or self._by_rate(call, key)
        )
        self._in_a_row[call, key] = self._in_a_row[call, key] + 1 if rule else 0
        if rule:
            self.fired[f"{call}:{rule.fault}"] += 1
        return rule

    def special(self, call: str, count: int) -> Rule | None:
        """What a simulator's own kind of plan asks for before all rules; `count` is of calls under the key."""
        return None

    def _by_rule(self, call: str, key: str, about: Mapping[str, str]) -> Rule | None:
        found = None
        for index, rule in enumerate(self.plan.rules):
            if not rule.concerns(call, about):
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
        plan = self.plan
        ways = [way for way in self._by_rate_kinds.get(call, ()) if not plan.ways or way in plan.ways]
        if not ways or self._in_a_row[call, key] >= plan.in_a_row:
            return None
        draw = random.Random(f"{plan.seed}:{call}:{key}:{self._calls[call, key]}")
        if draw.random() >= plan.rate:
            return None
        return Rule(call, draw.choice(ways))

    def _chance(self, what: str) -> float:
        return random.Random(f"{self.plan.seed}:{what}").random()

    def described(self) -> dict[str, Any]:
        """The plan and how often each fault has come, as JSON values."""
        return {"plan": asdict(self.plan), "fired": dict(self.fired)}
