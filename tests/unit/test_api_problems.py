"""Every error as problem details: the status from one table, the code that stays, and no word of the inside."""

from __future__ import annotations

import asyncio
from typing import Annotated

import httpx2
import pytest
from fastapi import FastAPI, Query

from deckcast.api.guard import OWN_HOSTS, Guard
from deckcast.api.problems import handle_errors, status_of
from deckcast.kit.errors import (
    AnswerLost,
    CallError,
    DeckcastError,
    DeckError,
    MachineError,
    SubmissionRefused,
    WorkError,
)


def app_with(error: Exception | None = None) -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    app.add_middleware(Guard, hosts=OWN_HOSTS)
    handle_errors(app)

    @app.get("/api/raises")
    async def raises() -> None:
        if error:
            raise error

    @app.get("/api/counts")
    async def counts(most: Annotated[int, Query(ge=1)]) -> int:
        return most

    return app


def get(app: FastAPI, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
    async def call() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(call())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallError("webhook_refused", "No."), 401),
        (CallError("unknown_provider", "No."), 404),
        (CallError("anything_new", "No."), 422),
        (DeckError("deck_broken", "No."), 422),
        (MachineError("disk_full", "No."), 503),
        (WorkError("speech_failed", "No."), 502),
        (SubmissionRefused("insufficient_credit", "No."), 502),
        (AnswerLost("answer_lost", "No."), 502),
        (DeckcastError("internal_error", "No."), 500),
    ],
)
def test_the_status_is_that_of_the_code_or_else_of_the_kind(error: DeckcastError, status: int) -> None:
    assert status_of(error) == status
    answer = get(app_with(error), "/api/raises")
    assert answer.status_code == status
    assert answer.json()["code"] == error.code


def test_a_problem_has_all_that_a_person_and_a_program_need() -> None:
    error = MachineError(
        "disk_full", "The disk is full.", next_step="Free some.", retryable=True, retry_after_s=1.2
    )
    answer = get(app_with(error), "/api/raises")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "disk_full",
        "detail": "The disk is full.",
        "nextStep": "Free some.",
        "retryable": True,
    }


def test_what_nobody_foresaw_shows_nothing_of_the_inside() -> None:
    answer = get(app_with(ValueError("a secret of the inside")), "/api/raises")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_an_unknown_path_is_a_problem_for_browsers_too(accept: str) -> None:
    for path in ("/api/nothing", "/api/", "/api/raises/", "/api/../etc/passwd", "/api/%00"):
        answer = get(app_with(), path, Accept=accept)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_another_method_is_told_which_are_there() -> None:
    answer = get(app_with(), "/api/raises", "DELETE")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


def test_wrong_values_are_named_and_not_repeated() -> None:
    answer = get(app_with(), "/api/counts?most=-77")
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert [wrong["at"] for wrong in answer.json()["errors"]] == ["query.most"]
    assert "-77" not in answer.text
