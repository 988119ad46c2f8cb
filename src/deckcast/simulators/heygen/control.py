"""The simulator's own routes: the ledger, and changing faults and switches while it runs. Not part of HeyGen."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deckcast.simulators import control
from deckcast.simulators.heygen.answers import ApiError, invalid
from deckcast.simulators.heygen.calls import json_body, simulator
from deckcast.simulators.heygen.switches import switches_from


async def switches(request: Request) -> Response:
    """GET /_switches: how the account behaves. PUT: changes the ones given."""
    current = simulator(request)
    if request.method == "PUT":
        try:
            current.switches = switches_from(await json_body(request), current.switches)
        except (ApiError, ValueError, TypeError) as error:
            return invalid(str(error)).response()
    return JSONResponse(asdict(current.switches))


ROUTES = [
    *control.routes(simulator, lambda said: invalid(said).response()),
    Route("/_switches", switches, methods=["GET", "PUT"]),
]
