"""Errors as problem details (RFC 9457) with Deckcast's stable code, and the only table of HTTP statuses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from deckcast.api.next_steps import next_step_of
from deckcast.api.shapes import Shape
from deckcast.kit.errors import CallError, DeckcastError, DeckError, InputError, MachineError, WorkError

STATUSES: dict[str | type[DeckcastError], int] = {
    "webhook_refused": 401,
    "login_required": 401,
    "token_invalid": 401,
    "metrics_refused": 401,
    "over_cap": 402,
    "provider_no_credit": 402,
    "cross_site": 403,
    "sign_in_failed": 403,
    "sign_in_not_allowed": 403,
    "user_disabled": 403,
    "not_found": 404,
    "sample_missing": 404,
    "oidc_not_configured": 404,
    "feature_off": 404,
    "avatar_video_not_found": 404,
    "unknown_provider": 404,
    "provider_not_configured": 404,
    "method_not_allowed": 405,
    "body_too_slow": 408,
    "quota_exceeded": 403,
    "tokens_need_a_user": 409,
    "too_many_tokens": 409,
    "user_exists": 409,
    "too_many_hooks": 409,
    "hook_disabled": 409,
    "batch_running": 409,
    "narrative_changed": 409,
    "too_many_shares": 409,
    "unresolved_left": 409,
    "batch_ended": 409,
    "presentation_busy": 409,
    "presentation_not_ready": 409,
    "nothing_failed": 409,
    "not_unresolved": 409,
    "idempotency_in_progress": 409,
    "asset_gone": 410,
    "body_too_large": 413,
    "deck_too_large": 413,
    "range_not_satisfiable": 416,
    "host_refused": 421,
    "too_many_requests": 429,
    "paid_work_off": 503,
    DeckError: 422,
    CallError: 422,
    InputError: 422,
    WorkError: 502,
    MachineError: 503,
    DeckcastError: 500,
}
"""From an error's code, else its nearest class, to the HTTP status."""

MEDIA_TYPE = "application/problem+json"


class Wrong(Shape):
    """A value of a request that cannot be used: where it stands, and why."""

    at: str
    message: str


class Problem(Shape):
    """Why a call failed. `code` never changes its meaning (docs/errors.md); `detail` is for a person."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    next_step: str | None = None
    retryable: bool = False
    errors: tuple[Wrong, ...] | None = None
    facts: dict[str, Any] | None = None


def status_of(error: DeckcastError) -> int:
    """The HTTP status that an error is answered with."""
    return next(STATUSES[key] for key in (error.code, *type(error).__mro__) if key in STATUSES)


def answer(
    error: DeckcastError, *, headers: Mapping[str, str] | None = None, errors: tuple[Wrong, ...] | None = None
) -> Response:
    """The error as problem details; with Retry-After where the error knows it."""
    status = status_of(error)
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=error.code,
        detail=error.message,
        next_step=next_step_of(error),
        retryable=error.retryable,
        errors=errors,
        facts={to_camel(name): value for name, value in error.facts.items()} or None,
    )
    said = dict(headers or {})
    if error.retry_after_s is not None:
        said["Retry-After"] = str(math.ceil(error.retry_after_s))
    if status == HTTPStatus.UNAUTHORIZED:
        said["WWW-Authenticate"] = "Bearer"
    if status in (408, 413):  # what is left of the body is not read
        said["Connection"] = "close"
    content = problem.model_dump(mode="json", by_alias=True, exclude_none=True)
    return JSONResponse(content, status, said, MEDIA_TYPE)


def internal_error() -> Response:
    """The answer to what nobody foresaw: it says nothing of the inside."""
    return answer(
        DeckcastError(
            "internal_error",
            "Something went wrong inside Deckcast.",
            next_step="Try again. If it happens again, look into the server's log.",
            retryable=True,
        )
    )


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers that a route can give, for FastAPI's `responses=`."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def handle_errors(app: FastAPI) -> None:
    """Have an app answer every expected error with problem details."""
    app.add_exception_handler(DeckcastError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_framework)


def _ours(_request: Request, error: Exception) -> Response:
    return answer(error) if isinstance(error, DeckcastError) else internal_error()


def _invalid(_request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    wrong = tuple(
        Wrong(at=_sendable(".".join(map(str, each["loc"]))), message=_sendable(each["msg"])) for each in found
    )
    return answer(CallError("request_invalid", "The request cannot be used as it is."), errors=wrong)


def _sendable(text: str) -> str:
    """Without half characters, which a name in a request's JSON can have and an answer cannot."""
    return text.encode(errors="replace").decode()


def _of_framework(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: an unknown path, another method."""
    if not isinstance(error, HTTPException):
        return internal_error()
    said = {
        404: CallError("not_found", "There is nothing at this address."),
        405: CallError("method_not_allowed", "This address cannot be called like that."),
    }
    known = said.get(error.status_code)
    if known is None:
        known = CallError("request_invalid", "The request cannot be used as it is.")
    headers = {"Allow": _methods_at(request)} if error.status_code == 405 else error.headers
    return answer(known, headers=headers)


def _methods_at(request: Request) -> str:
    """Every method that an address takes, whichever route does."""
    found = {
        method
        for route in _each_of(request.app.routes)
        if route.matches(request.scope)[0] is not Match.NONE
        for method in getattr(route, "methods", None) or ()
    }
    return ", ".join(sorted(found))


def _each_of(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """The routes, those of included routers too, which FastAPI keeps as routers."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _each_of(included.routes)
