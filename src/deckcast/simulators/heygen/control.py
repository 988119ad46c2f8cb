"""The simulator's own routes: the ledger, and changing faults and switches while it runs. Not part of HeyGen."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deckcast.simulators.heygen.answers import ApiError, invalid
from deckcast.simulators.heygen.calls import json_body, simulator
from deckcast.simulators.heygen.faults import FaultPlan, Faults, plan_from
from deckcast.simulators.heygen.switches import switches_from


async def ledger(request: Request) -> Response:
    """GET /_ledger: what was made, what it cost, which calls came."""
    return JSONResponse(simulator(request).account.ledger())


async def reset(request: Request) -> Response:
    """POST /_reset: an empty account and no faults; switches stay."""
    current = simulator(request)
    await current.announcer.forget()
    current.account.clear()
    current.faults = Faults(FaultPlan())
    return JSONResponse({})


async def faults(request: Request) -> Response:
    """GET /_faults: the plan and what has come of it. PUT: a new plan, counted from the beginning."""
    current = simulator(request)
    if request.method == "PUT":
        try:
            current.faults = Faults(plan_from(await json_body(request)))
        except (ApiError, ValueError, TypeError) as error:
            return invalid(str(error)).response()
    return JSONResponse(current.faults.described())


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
    Route("/_ledger", ledger),
    Route("/_reset", reset, methods=["POST"]),
    Route("/_faults", faults, methods=["GET", "PUT"]),
    Route("/_switches", switches, methods=["GET", "PUT"]),
]
