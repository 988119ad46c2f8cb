"""The HeyGen simulator as a server: `run` for the command line, `running` for tests."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deckcast.simulators import serving
from deckcast.simulators.heygen import assets, batches, control, downloads, offers, videos
from deckcast.simulators.heygen.account import Account
from deckcast.simulators.heygen.answers import ApiError
from deckcast.simulators.heygen.calls import Simulator
from deckcast.simulators.heygen.faults import FaultPlan, Faults, plan_from
from deckcast.simulators.heygen.files import Files
from deckcast.simulators.heygen.switches import Switches, switches_from
from deckcast.simulators.heygen.webhooks import Announcer


def app(
    folder: Path, *, switches: Switches | None = None, plan: FaultPlan | None = None, keep: bool = True
) -> ASGIApp:
    """The simulator as an ASGI application; with `keep`, what `folder` holds of an earlier run goes on."""

    @asynccontextmanager
    async def lifespan(starlette: Starlette) -> AsyncIterator[None]:
        account = Account(folder, keep=keep)
        files = Files(account)

        def current() -> Simulator:
            return cast(Simulator, starlette.state.simulator)

        announcer = Announcer(account, files, lambda: current().switches, lambda: current().faults)
        starlette.state.simulator = Simulator(
            account, files, announcer, switches or Switches(), Faults(plan or FaultPlan())
        )
        announcer.resume()
        yield
        await announcer.close()
        account.close()

    served = Starlette(
        routes=[
            *batches.ROUTES,
            *videos.ROUTES,
            *assets.ROUTES,
            *offers.ROUTES,
            *downloads.ROUTES,
            *control.ROUTES,
        ],
        lifespan=lifespan,
        exception_handlers={404: _no_such_route, 405: _no_such_route},
    )
    return Numbered(served)


async def _no_such_route(request: Request, error: Exception) -> Response:
    return ApiError("resource_not_found", f"There is no {request.method} {request.url.path}").response()


class Numbered:
    """Gives every answer an X-Request-Id."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = secrets.token_hex(16)
            await send(message)

        await self._inner(scope, receive, numbered)


def read_plan(file: Path) -> tuple[FaultPlan, dict[str, Any]]:
    """The faults and the switches of a TOML or JSON file; raises ValueError for what cannot be."""
    table = serving.read_table(file)
    given = table.pop("switches", {})
    switches_from(given)
    return plan_from(table), given


def run(
    port: int,
    host: str = "127.0.0.1",
    faults: Path | None = None,
    speed: float = 1.0,
    folder: Path | None = None,
) -> None:
    """Serve until stopped. `faults` is a file (docs/simulator.md), `folder` keeps the account for the next start.

    Raises ValueError and OSError for a file that cannot be used.
    """
    plan, given = read_plan(faults) if faults else (FaultPlan(), {})
    switches = switches_from({"speed": speed, **given})
    place = folder or Path(tempfile.mkdtemp(prefix="deckcast-heygen-"))
    try:
        served = app(place, switches=switches, plan=plan, keep=folder is not None)
        serving.serve(served, host, port)
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def running(
    *,
    folder: Path | None = None,
    port: int = 0,
    faults: Mapping[str, Any] | None = None,
    switches: Switches | None = None,
    **some_switches: Any,
) -> Iterator[str]:
    """A simulator in a thread of this process, on a free port; yields its base URL.

    `faults` is a table as in a faults file; switches can be given by name: `running(speed=600, queue_s=0)`.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="deckcast-heygen-"))
    served = app(
        place,
        switches=switches_from(some_switches, switches),
        plan=plan_from(faults or {}),
        keep=folder is not None,
    )
    try:
        with serving.running(served, "heygen-simulator", port) as base_url:
            yield base_url
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
