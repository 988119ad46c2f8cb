"""What every request to a simulated service goes through: its key, its place, its credit, its fault."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from starlette.requests import HTTPConnection

from deckcast.simulators.faults import FaultPlan, Faults, Rule
from deckcast.simulators.speech.faults import faults_of, plan_from
from deckcast.simulators.speech.ledger import Asked, Ledger
from deckcast.simulators.speech.switches import Switches

Json = dict[str, Any]


class Refused(Exception):
    """A refusal, as one of: key, access, credit, busy, voice, form, refused, failed. Each service has its own
    words for it."""

    def __init__(self, kind: str, message: str, *, param: str = "", rule: Rule | None = None) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message
        self.param = param
        self.rule = rule


@dataclass(slots=True)
class Simulator:
    """Everything that the routes work with."""

    switches: Switches
    faults: Faults
    books: Ledger = field(default_factory=Ledger)

    def ledger(self) -> Json:
        """What was asked and what it cost."""
        switches = self.switches
        return self.books.described(
            {
                "openai": switches.openai_usd_per_million_chars,
                "elevenlabs": switches.elevenlabs_usd_per_million_chars,
                "azure": switches.azure_usd_per_million_chars,
            }
        )

    async def reset(self) -> None:
        """Forget everything, and go wrong no more."""
        self.books = Ledger()
        self.faults = faults_of(FaultPlan())

    def planned(self, values: Mapping[str, Any]) -> Faults:
        """The faults of a table."""
        return faults_of(plan_from(values))

    def check_key(self, key: str) -> None:
        """Raises Refused for a key that is none."""
        if key.endswith("no-access") or not (key.startswith("sim-") or key in self.switches.api_keys):
            raise Refused("key", "Incorrect API key provided")

    def check_order(self, engine: str, key: str, text: str, chars: int) -> None:
        """Raises Refused where the text may not be spoken, or nobody pays for it."""
        if key.endswith("no-credit") or self.books.billed(engine) + chars > self.switches.credit_chars:
            raise Refused("credit", "You exceeded your current quota")
        if "[moderated]" in text:
            raise Refused("refused", "The text is against our policies")

    @contextmanager
    def place(self, engine: str) -> Iterator[None]:
        """A place among the requests that are answered at once; raises Refused."""
        if self.books.at_once(engine) >= self.switches.max_concurrent:
            raise Refused("busy", "Too many concurrent requests")
        with self.books.answering(engine):
            yield

    def drawn(self, engine: str, text: str, voice: str) -> Rule | None:
        """The fault of a request for speech."""
        return self.faults.draw("speech", f"{engine}:{text}", engine=engine, text=text, voice=voice)

    async def before(self, fault: Rule | None) -> None:
        """What happens before anything is done; raises Refused, and Hangup where there is no answer."""
        kind = fault.fault if fault else ""
        if kind == "rate_limit":
            raise Refused("busy", "Rate limit reached")
        if kind == "error_before":
            raise Refused("failed", "The server had an error", rule=fault)
        if kind == "refused":
            raise Refused("refused", "The text is against our policies")
        if fault is not None and kind == "hang_before":
            await asyncio.sleep(self.switches.scaled(fault.seconds))
        if kind in ("hang_before", "drop_before"):
            raise HangUp
        if fault is not None and kind == "slow":
            await asyncio.sleep(self.switches.scaled(fault.seconds))
        await asyncio.sleep(self.switches.scaled(self.switches.answer_s))

    async def after(self, fault: Rule | None) -> None:
        """What happens when all is done and billed."""
        kind = fault.fault if fault else ""
        if kind == "error_after":
            raise Refused("failed", "The server had an error", rule=fault)
        if fault is not None and kind == "hang_after":
            await asyncio.sleep(self.switches.scaled(fault.seconds))
        if kind in ("hang_after", "drop_after"):
            raise HangUp

    def bill(self, engine: str, voice: str, text: str, chars: int, fault: Rule | None, order: Json) -> str:
        """Write a request down that was spoken; returns its id."""
        self.books.asked.append(Asked(engine, voice, text, chars, fault.fault if fault else "", order))
        request_id = secrets.token_hex(10)
        self.books.request_ids.add(request_id)
        return request_id

    def refuse(self, engine: str, voice: str, text: str, fault: Rule | None, order: Json) -> None:
        """Write a request down that came to nothing."""
        self.books.asked.append(Asked(engine, voice, text, 0, fault.fault if fault else "refusal", order))

    def wait_headers(self) -> dict[str, str]:
        """What goes with too many requests."""
        wait_s = max(1, math.ceil(self.switches.scaled(self.switches.retry_after_s)))
        return {"Retry-After": str(wait_s)} if self.switches.tells_retry_after else {}


class HangUp(Exception):
    """There is no answer: the connection is closed."""


def simulator(connection: HTTPConnection) -> Simulator:
    """The simulator behind a request."""
    return cast(Simulator, connection.app.state.simulator)
