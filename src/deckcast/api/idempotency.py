"""`Idempotency-Key`: a repeated click or a retried request starts nothing twice.

A router of POSTs with JSON bodies takes `route_class=OnceRoute` and gives its routes `dependencies=ONCE`; a route that
reads its body itself calls `answered_once`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from deckcast.api import problems
from deckcast.api.bodies import BoundedRoute, read_body, with_body
from deckcast.api.caller import identify
from deckcast.batches import idempotency
from deckcast.batches.context import Context
from deckcast.batches.idempotency import Answered
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.fingerprint import fingerprint

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
TOO_MANY = 429
FAULTS_FROM = 500
REFUSALS_FROM = 400
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("Content-Type", "Location")

Answer = Callable[[], Awaitable[Response]]


async def _described(
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Names this call: sent again with the same key within 24 hours it is answered as the first "
            "time, with the header Idempotent-Replayed, and starts nothing. 1 to 255 visible ASCII characters.",
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
        ),
    ] = None,
) -> None:
    """Only for the description of the API: the route class has looked at the key already."""


ONCE = [Depends(_described)]
"""`dependencies=` of every route that a key can name."""


class OnceRoute(BoundedRoute):
    """A route whose POSTs are done once per key; its bodies are at most a megabyte, and come in time."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, behind the key."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            if request.method != "POST":
                return await handle(request)
            body = await read_body(request)
            request = with_body(request, body)
            if HEADER not in request.headers:
                return await handle(request)
            caller = await identify(request)
            sha256 = hashlib.sha256(body).hexdigest()
            return await answered_once(request, caller.owner, sha256, lambda: handle(request))

        return handled


async def answered_once(request: Request, owner: str, body_sha256: str, answer: Answer) -> Response:
    """What `answer` answers, or what it answered before under the request's key; without a key simply that.

    A fault, a 429 and what may be tried again are not kept. Raises CallError idempotency_key_invalid,
    idempotency_key_reused, idempotency_in_progress.
    """
    key = key_of(request)
    if key is None:
        return await answer()
    db = cast(Context, request.app.state.parts).db
    call = fingerprint(
        "call/1",
        method=request.method,
        path=request.url.path,
        query=request.url.query,
        body=body_sha256,
    )
    claim = await idempotency.claim(db, owner, key, call)
    if isinstance(claim, Answered):
        return JSONResponse(claim.body, claim.status, {**claim.headers, REPLAYED: "true"})
    request.state.once_token = claim.token
    try:
        response = await answer()
    except DeckcastError as error:
        response = problems.answer(error)
    except Exception:
        await idempotency.give_back(db, claim)
        raise
    kept = _kept(response)
    if kept is None:
        await idempotency.give_back(db, claim)
    else:
        await idempotency.keep(db, claim, kept)
    return response


def key_of(request: Request) -> str | None:
    """The request's key. Raises CallError idempotency_key_invalid."""
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    if len(given) > 1 or not _VISIBLE.fullmatch(given[0]):
        raise CallError(
            "idempotency_key_invalid",
            "The Idempotency-Key is none.",
            next_step="Send 1 to 255 visible ASCII characters, such as a new UUID, once.",
        )
    return given[0]


def once_token(request: Request) -> str | None:
    """What the call's key stands for inside: the same in every try of it; None without a key."""
    return getattr(request.state, "once_token", None)


OnceToken = Annotated[str | None, Depends(once_token)]


def _kept(response: Response) -> Answered | None:
    status = response.status_code
    if status >= FAULTS_FROM or status == TOO_MANY:
        return None
    body = json.loads(bytes(response.body)) if response.body else None
    if status >= REFUSALS_FROM and isinstance(body, dict) and body.get("retryable"):
        return None
    found = {name: response.headers.get(name) for name in _KEPT_HEADERS}
    return Answered(status, body, {name: value for name, value in found.items() if value})
