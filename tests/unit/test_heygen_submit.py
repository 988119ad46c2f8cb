"""The paid call to HeyGen: a job, a definite no, or an answer that was lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deckcast.avatars.heygen.orders import idempotency_key
from deckcast.kit.errors import AnswerLost, SubmissionRefused
from heygen_answers import API_KEY, KEY, HeyGen, refusal


@pytest.fixture
def heygen(tmp_path: Path) -> HeyGen:
    return HeyGen(tmp_path)


def test_a_job_is_submitted_once_under_its_key(heygen: HeyGen) -> None:
    heygen.say("POST", "/v3/videos", {"data": {"video_id": "vid_1", "status": "waiting"}})
    assert heygen.run(heygen.provider.submit({"type": "avatar"}, KEY)) == "vid_1"
    (request,) = heygen.sent
    assert request.headers["Idempotency-Key"] == KEY
    assert request.headers["X-Api-Key"] == API_KEY
    assert request.headers["User-Agent"].startswith("deckcast/")
    assert json.loads(request.content) == {"type": "avatar"}
    assert request.extensions["timeout"]["read"] == 120.0


@pytest.mark.parametrize(
    ("status", "said", "code", "retryable", "account"),
    [
        (400, refusal("invalid_parameter"), "provider_request_refused", False, False),
        (400, refusal("something_new"), "provider_request_refused", False, False),
        (400, "<html>", "provider_request_refused", False, False),
        (400, refusal("content_policy_violation"), "content_refused", False, False),
        (401, refusal("unauthorized"), "provider_key_refused", False, True),
        (401, "", "provider_key_refused", False, True),
        (402, refusal("insufficient_credit"), "provider_no_credit", False, True),
        (402, "", "provider_no_credit", False, True),
        (403, refusal("plan_upgrade_required"), "provider_plan_too_small", False, True),
        (404, refusal("avatar_not_found"), "unknown_avatar", False, False),
        (404, refusal("asset_not_found"), "provider_upload_lost", True, False),
        (429, refusal("rate_limit_exceeded"), "provider_busy", True, False),
        (429, "", "provider_busy", True, False),
        (429, refusal("quota_exceeded"), "provider_no_credit", False, True),
    ],
)
def test_a_definite_no(
    heygen: HeyGen, status: int, said: Any, code: str, retryable: bool, account: bool
) -> None:
    heygen.say("POST", "/v3/videos", said, status=status)
    error = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(error, SubmissionRefused)
    assert (error.code, error.retryable, error.account) == (code, retryable, account)
    assert len(heygen.sent) == 1
    assert error.next_step


@pytest.mark.parametrize("header", ["45", "Sun, 01 Nov 2026 12:00:45 GMT"])
def test_the_time_to_wait_is_handed_on(heygen: HeyGen, header: str) -> None:
    said = refusal("rate_limit_exceeded")
    heygen.say("POST", "/v3/videos", said, status=429, headers={"Retry-After": header})
    assert heygen.problem(heygen.provider.submit({}, KEY)).retry_after_s == 45.0


@pytest.mark.parametrize(
    "error", [httpx2.ConnectError("no"), httpx2.ConnectTimeout("no"), httpx2.PoolTimeout("no")]
)
def test_what_never_went_out_made_nothing(heygen: HeyGen, error: Exception) -> None:
    heygen.say("POST", "/v3/videos", error)
    problem = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(problem, SubmissionRefused)
    assert (problem.code, problem.retryable) == ("provider_unreachable", True)
    assert len(heygen.sent) == 1


@pytest.mark.parametrize("key", [None, "", "  ", "schlüssel", "one\ntwo"])
def test_without_a_key_nothing_is_sent(tmp_path: Path, key: str | None) -> None:
    heygen = HeyGen(tmp_path, api_key=key)
    problem = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(problem, SubmissionRefused)
    assert problem.account
    assert problem.code == ("provider_key_refused" if (key or "").strip() else "provider_key_missing")
    assert heygen.sent == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "not JSON"),
        (200, []),
        (200, {}),
        (200, {"data": None}),
        (200, {"data": {"status": "waiting"}}),
        (200, {"data": {"video_id": 7}}),
        (200, {"data": {"video_id": ""}}),
        (200, refusal("invalid_parameter")),
        (202, ""),
        (302, ""),
        (408, ""),
        (409, refusal("request_in_progress")),
        (409, refusal("conflict")),
        (409, ""),
        (429, refusal("request_in_progress")),
        (500, refusal("internal_error")),
        (500, refusal("invalid_parameter")),
        (502, "<html>"),
        (504, refusal("gateway_timeout")),
        (200, httpx2.ReadTimeout("no")),
        (200, httpx2.WriteTimeout("no")),
        (200, httpx2.ReadError("no")),
        (200, httpx2.WriteError("no")),
        (200, httpx2.RemoteProtocolError("no")),
        (200, httpx2.DecodingError("no")),
    ],
)
def test_a_lost_answer_is_no_refusal_and_is_not_repeated(heygen: HeyGen, status: int, said: Any) -> None:
    heygen.say("POST", "/v3/videos", said, status=status)
    error = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(error, AnswerLost)
    assert error.retryable
    assert error.retry_after_s
    assert len(heygen.sent) == 1


def test_a_key_in_other_characters_still_is_one_key() -> None:
    assert idempotency_key("a_b-c:d.e9") == "a_b-c:d.e9"
    for odd in ("two words", "ü", "", "x" * 256):
        assert idempotency_key(odd) == idempotency_key(odd) != idempotency_key(odd + "1")
        assert idempotency_key(odd).isalnum()
        assert len(idempotency_key(odd)) == 64
