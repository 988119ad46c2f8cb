"""What was asked of the simulated services, how much at once, and what it would have cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for speech. `billed_chars` is 0 where it was refused or came to nothing; `order` is what was
    sent besides the text."""

    engine: str
    voice: str
    text: str
    billed_chars: int
    fault: str
    order: dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """All requests so far. One event loop owns it."""

    calls: Counter[str] = field(default_factory=Counter)
    asked: list[Asked] = field(default_factory=list)
    request_ids: set[str] = field(default_factory=set)
    _now: Counter[str] = field(default_factory=Counter)
    _most: Counter[str] = field(default_factory=Counter)

    def billed(self, engine: str) -> int:
        """Characters billed by a service."""
        return sum(each.billed_chars for each in self.asked if each.engine == engine)

    def at_once(self, engine: str) -> int:
        """How many requests a service is answering now."""
        return self._now[engine]

    @contextmanager
    def answering(self, engine: str) -> Iterator[None]:
        """Count a request among those that are answered at once."""
        self._now[engine] += 1
        self._most[engine] = max(self._most[engine], self._now[engine])
        try:
            yield
        finally:
            self._now[engine] -= 1

    def described(self, prices: dict[str, float]) -> dict[str, Any]:
        """As JSON values; `prices` are USD per million characters."""
        engines = {
            name: {
                "requests": sum(each.engine == name for each in self.asked),
                "billed_chars": self.billed(name),
                "cost_usd": round(self.billed(name) * price / 1e6, 6),
                "max_at_once": self._most[name],
            }
            for name, price in prices.items()
        }
        return {
            "calls": dict(self.calls),
            "engines": engines,
            "billed_chars": sum(each.billed_chars for each in self.asked),
            "cost_usd": round(sum(engine["cost_usd"] for engine in engines.values()), 6),
            "requests": [asdict(each) for each in self.asked],
        }
