"""The own routes of every simulator: its ledger, and changing its faults while it runs. Not part of any API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deckcast.simulators.faults import Faults


class Controlled(Protocol):
    """What a simulator lets its own routes do."""

    faults: Any

    def ledger(self) -> dict[str, Any]:
        """What was asked and what it cost, as JSON values."""
        ...

    async def reset(self) -> None:
        """Forget everything, and go wrong no more."""
        ...

    def planned(self, values: Mapping[str, Any]) -> Faults:
        """The faults of a table; raises ValueError or TypeError for what cannot be."""
        ...


def routes(simulator: Callable[[Request], Controlled], refusal: Callable[[str], Response]) -> list[Route]:
    """GET /_ledger; POST /_reset; GET /_faults (the plan and what has come of it), PUT (another plan, counted
    from the beginning). `refusal` is the answer to a table that cannot be used."""

    async def ledger(request: Request) -> Response:
        return JSONResponse(simulator(request).ledger())

    async def reset(request: Request) -> Response:
        await simulator(request).reset()
        return JSONResponse({})

    async def faults(request: Request) -> Response:
        current = simulator(request)
        if request.method == "PUT":
            try:
                current.faults = current.planned(await _table(request))
            except (ValueError, TypeError) as error:
                return refusal(str(error))
        return JSONResponse(current.faults.described())

    return [
        Route("/_ledger", ledger),
        Route("/_reset", reset, methods=["POST"]),
        Route("/_faults", faults, methods=["GET", "PUT"]),
    ]


async def _table(request: Request) -> dict[str, Any]:
    table = await request.json()
    if not isinstance(table, dict):
        raise ValueError("The body is not a JSON object.")
    return table
