"""Every error code of the API has one meaning, and every meaning is explained."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from deckcast.avatars.heygen.errors import (
    ALL_MEANINGS,
    MEANINGS,
    CallFailed,
    call_failed,
    of_paid_call,
    with_quote,
)
from deckcast.kit.errors import AnswerLost, SubmissionRefused

DOCS = Path(__file__).parents[2] / "docs"
WORDS = """
unauthorized authentication_failed forbidden resource_access_denied ai_vendor_access_restricted voice_not_usable
voice_unavailable rate_limit_exceeded quota_exceeded insufficient_credit trial_limit_exceeded
plan_upgrade_required video_not_found avatar_not_found voice_not_found template_not_found asset_not_found
asset_not_available webhook_not_found resource_not_found invalid_parameter conflict resource_not_ready
request_in_progress content_policy_violation avatar_consent_required resource_limit_reached script_too_short
tts_text_invalid download_failed video_delete_failed internal_error gateway_timeout
"""
DOCUMENTED = WORDS.split()


def test_every_documented_code_has_a_meaning() -> None:
    assert sorted(MEANINGS) == sorted(DOCUMENTED)


def test_a_code_of_ours_has_one_meaning() -> None:
    codes = [meaning.code for meaning in ALL_MEANINGS]
    assert len(codes) == len(set(codes))


def test_every_meaning_says_what_to_do_next() -> None:
    for meaning in ALL_MEANINGS:
        assert meaning.sentence.endswith(".")
        assert meaning.next_step.endswith(".")


def test_what_is_the_accounts_does_not_clear_by_waiting() -> None:
    assert [meaning.code for meaning in ALL_MEANINGS if meaning.account and meaning.retryable] == []


def test_every_code_is_explained() -> None:
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    assert [meaning.code for meaning in ALL_MEANINGS if f"`{meaning.code}`" not in page] == []


def test_the_page_holds_the_table() -> None:
    rows = {
        code: (ours, again, account)
        for code, ours, again, account in re.findall(
            r"^\| `([a-z_]+)` \| `([a-z_]+)` \| (yes|no) \| (yes|no) \|$",
            (DOCS / "heygen.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    said = {True: "yes", False: "no"}
    assert rows == {
        code: (meaning.code, said[meaning.retryable], said[meaning.account])
        for code, meaning in MEANINGS.items()
    }


@pytest.mark.parametrize("code", DOCUMENTED)
def test_an_error_survives_the_border_of_a_process(code: str) -> None:
    failure = call_failed(400, {"code": code, "message": "No."}, retry_after_s=3.0)
    again = pickle.loads(pickle.dumps(failure))
    assert vars(again) == vars(failure)
    assert isinstance(again, CallFailed)


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        (None, "Sorry."),
        ("", "Sorry."),
        (17, "Sorry."),
        ("Too long.", "Sorry. It says: “Too long”."),
        ("two\n lines", "Sorry. It says: “two lines”."),
        ("see https://x.example/?Signature=1 now", "Sorry. It says: “see … now”."),
        ("key sk_V2_hgu_kAbCdEfGhIjKlMnOpQrStUv refused", "Sorry. It says: “key … refused”."),
    ],
)
def test_what_the_provider_says_is_quoted_without_addresses_and_keys(said: object, quoted: str) -> None:
    assert with_quote("Sorry.", said) == quoted


def test_a_long_quote_is_cut() -> None:
    assert len(with_quote("Sorry.", "word " * 500)) < 240


@pytest.mark.parametrize("code", DOCUMENTED)
@pytest.mark.parametrize(
    "status", [200, 301, 400, 401, 402, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504, None]
)
def test_only_a_definite_no_is_a_refusal(code: str, status: int | None) -> None:
    error = of_paid_call(call_failed(status, {"code": code}))
    unclear = {"conflict", "request_in_progress", "internal_error", "gateway_timeout", "video_delete_failed"}
    definite = status in (400, 401, 402, 403, 404, 413, 429) and code not in unclear
    assert isinstance(error, SubmissionRefused if definite else AnswerLost)
    assert error.retryable or definite


def test_what_never_went_out_made_nothing() -> None:
    assert isinstance(of_paid_call(call_failed(None, nothing_sent=True)), SubmissionRefused)
