"""What every call goes through: counting, the key, idempotency, and the faults around the work."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deckcast.simulators.faults import Rule
from deckcast.simulators.heygen.account import Account
from deckcast.simulators.heygen.answers import ApiError, invalid
from deckcast.simulators.heygen.faults import FaultPlan, Faults, plan_from
from deckcast.simulators.heygen.files import Files
from deckcast.simulators.heygen.models import Reply
from deckcast.simulators.heygen.switches import Switches
from deckcast.simulators.heygen.webhooks import Announcer
from deckcast.simulators.wire import Around, Dropped

Handler = Callable[[Request], Awaitable[Response]]
Work = Callable[[], Awaitable[Response]]


@dataclass(slots=True)
class Simulator:
    """Everything that the routes work with."""

    account: Account
    files: Files
    announcer: Announcer
    switches: Switches
    faults: Faults
    in_flight: set[str] = field(default_factory=set)

    def ledger(self) -> dict[str, Any]:
        """What was made, what it cost, which calls came."""
        return self.account.ledger()

    async def reset(self) -> None:
        """An empty account and no faults; switches stay."""
        await self.announcer.forget()
        self.account.clear()
        self.faults = Faults(FaultPlan())

    def planned(self, values: Mapping[str, Any]) -> Faults:
        """The faults of a table; raises ValueError."""
        return Faults(plan_from(values))


def simulator(request: Request) -> Simulator:
    """The simulator behind a request."""
    return cast(Simulator, request.app.state.simulator)


def route(method: str, path: str, handler: Handler, *, keyed: bool = True) -> Route:
    """A counted route that asks for the API key and turns a refusal into its answer."""

    async def guarded(request: Request) -> Response:
        current = simulator(request)
        current.account.count(f"{method} {path}")
        try:
            if keyed:
                _check_key(request, current.switches)
            return await handler(request)
        except ApiError as refusal:
            return refusal.response()

    return Route(path, guarded, methods=[method])


def api_key(request: Request) -> str:
    """The key sent with the call."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return request.headers.get("x-api-key") or bearer


def _check_key(request: Request, switches: Switches) -> None:
    key = api_key(request)
    if key.endswith("no-access"):
        raise ApiError("forbidden", "This key may not use the API")
    if not (key.startswith("sim-") or key in switches.api_keys):
        raise ApiError("unauthorized", "Unauthorized")


def check_credit(request: Request) -> None:
    """Raises the refusals of making videos that a key's name asks for."""
    key = api_key(request)
    if key.endswith("no-credit"):
        raise ApiError("insufficient_credit", "Insufficient credit")
    if key.endswith("no-quota"):
        raise ApiError("quota_exceeded", "Quota exceeded")
    if key.endswith("no-plan"):
        raise ApiError("plan_upgrade_required", "Upgrade your plan to use the API")


async def json_body(request: Request) -> dict[str, Any]:
    """The body as an object; raises ApiError invalid_parameter."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise invalid("the body must be a JSON object")
    return body


def too_many(switches: Switches) -> ApiError:
    """429 with Retry-After."""
    wait = max(1, math.ceil(switches.scaled(switches.retry_after_s)))
    after = formatdate(time.time() + wait, usegmt=True) if switches.retry_after_date else str(wait)
    return ApiError("rate_limit_exceeded", "Too many requests", headers={"Retry-After": after})


async def answered(request: Request, call: str, key: str, work: Work, *, title: str = "") -> Response:
    """The answer to a reading call, with the fault that is due."""
    return await answered_with(request, simulator(request).faults.draw(call, key, title=title), work)


async def answered_with(request: Request, fault: Rule | None, work: Work) -> Response:
    """The answer to a reading call, with a fault that was drawn already."""
    current = simulator(request)
    early = await _around(current).before(fault)
    return early or await _around(current).after(fault, await _refused_or_done(work))


async def answered_once(
    request: Request, call: str, work: Work, *, obeys: bool = True, title: str = "", audio: str = ""
) -> Response:
    """The answer to a making call: the same one again under the same Idempotency-Key where the call `obeys` it.

    `audio` is the name of the speech that it is about, for fault rules.
    """
    current = simulator(request)
    key = idempotency_key(request)
    place = f"{request.method} {request.url.path} {key}" if key and obeys else None
    fault = current.faults.draw(call, key or title or audio, title=title, audio=audio)
    early = await _around(current).before(fault)
    if early is not None:
        if place and not isinstance(early, Dropped):
            _keep(current, place, early)
        return early
    if place is None:
        return await _around(current).after(fault, await _refused_or_done(work))
    if place in current.in_flight:
        raise ApiError("request_in_progress", "The original request is still in progress")
    current.in_flight.add(place)
    try:
        return await _first_or_again(current, place, fault, work)
    finally:
        current.in_flight.discard(place)


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key; raises ApiError where it is malformed."""
    key = request.headers.get("idempotency-key")
    if key is not None and not re.fullmatch(r"[A-Za-z0-9_\-:.]{1,255}", key):
        raise invalid("Idempotency-Key must be 1-255 characters of A-Z a-z 0-9 _ - : .", "Idempotency-Key")
    return key


async def _first_or_again(current: Simulator, place: str, fault: Rule | None, work: Work) -> Response:
    reply = _earlier(current, place)
    if reply is not None:
        again = Response(reply.body, reply.status, media_type="application/json")
        return await _around(current).after(fault, again)
    response = await _refused_or_done(work)
    if fault is not None and fault.fault == "error_after" and current.switches.replay_refusals:
        response = _error(fault)
    _keep(current, place, response)
    return await _around(current).after(fault, response)


def _earlier(current: Simulator, place: str) -> Reply | None:
    reply = current.account.replies.get(place)
    if reply is None or time.time() - reply.at >= current.switches.replay_window_s:
        return None
    video = current.account.videos.get(reply.video_id or "")
    if video is not None and not current.switches.replay_ended:
        gone = video.deleted_at is not None or video.status(time.time()) == "failed"
        return None if gone else reply
    return reply


def _keep(current: Simulator, place: str, response: Response) -> None:
    """The first answer under a key stays; refusals only where the switch says so."""
    refused = response.status_code >= 400
    if refused and (not current.switches.replay_refusals or _earlier(current, place) is not None):
        return
    body = bytes(response.body).decode()
    video_id = None if refused else json.loads(body)["data"].get("video_id")
    current.account.save("replies", Reply(place, time.time(), response.status_code, body, video_id))


async def _refused_or_done(work: Work) -> Response:
    try:
        return await work()
    except ApiError as refusal:
        return refusal.response()


def _around(current: Simulator) -> Around:
    return Around(lambda: too_many(current.switches).response(), _error, current.switches.scaled)


def _error(fault: Rule) -> Response:
    code = fault.code or ("gateway_timeout" if fault.status == 504 else "internal_error")
    return ApiError(code, fault.message or "Internal error", status=fault.status).response()
