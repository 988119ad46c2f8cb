"""The speech simulator as a server: `run` for the command line, `running` for tests, `app` to mount elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from deckcast.simulators import control, serving
from deckcast.simulators.faults import FaultPlan
from deckcast.simulators.speech import azure, elevenlabs, openai
from deckcast.simulators.speech.calls import Simulator, simulator
from deckcast.simulators.speech.faults import faults_of, plan_from
from deckcast.simulators.speech.switches import Switches, switches_from


def app(*, switches: Switches | None = None, plan: FaultPlan | None = None) -> ASGIApp:
    """The simulator as an ASGI application: OpenAI's calls below /v1, and the others' own paths."""
    served = Starlette(
        routes=[
            *openai.ROUTES,
            *elevenlabs.ROUTES,
            *azure.ROUTES,
            *control.routes(simulator, _refusal),
            Route("/_switches", _switches, methods=["GET", "PUT"]),
        ]
    )
    served.state.simulator = Simulator(switches or Switches(), faults_of(plan or FaultPlan()))
    return _Connected(served)


async def _switches(request: Request) -> Response:
    """GET /_switches: how the services behave. PUT: changes the ones given."""
    current = simulator(request)
    if request.method == "PUT":
        try:
            current.switches = switches_from(await request.json(), current.switches)
        except (ValueError, TypeError) as error:
            return _refusal(str(error))
    return JSONResponse(asdict(current.switches))


def _refusal(said: str) -> Response:
    return JSONResponse({"error": {"message": said}}, 400)


class _Connected:
    """Gives the socket's route its connection, so that it can break it."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            scope["connection"] = cast(Any, send).__self__.transport
        await self._inner(scope, receive, send)


def read_plan(file: Path) -> tuple[FaultPlan, dict[str, Any]]:
    """The faults and the switches of a TOML or JSON file; raises ValueError for what cannot be."""
    table = serving.read_table(file)
    given = table.pop("switches", {})
    switches_from(given)
    return plan_from(table), given


def run(port: int, host: str = "127.0.0.1", faults: Path | None = None, speed: float = 1.0) -> None:
    """Serve until stopped. `faults` is a file (docs/speech.md).

    Raises ValueError and OSError for a file that cannot be used.
    """
    plan, given = read_plan(faults) if faults else (FaultPlan(), {})
    serving.serve(app(switches=switches_from({"speed": speed, **given}), plan=plan), host, port)


@contextmanager
def running(
    *,
    port: int = 0,
    faults: Mapping[str, Any] | None = None,
    switches: Switches | None = None,
    **some_switches: Any,
) -> Iterator[str]:
    """A simulator in a thread of this process, on a free port; yields its base URL.

    `faults` is a table as in a faults file; switches can be given by name: `running(speed=600)`.
    """
    served = app(switches=switches_from(some_switches, switches), plan=plan_from(faults or {}))
    with serving.running(served, "speech-simulator", port) as base_url:
        yield base_url
