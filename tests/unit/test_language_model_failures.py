"""What each of the library's errors becomes, and that no key or address is repeated to a person."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic_ai import exceptions as theirs

from deckcast.kit.errors import CallError, DeckcastError, WorkError
from deckcast.llm.failures import BUSY_AGAIN_S, failure
from deckcast.llm.pictures import LONGEST_SIDE, MOST_BYTES, read_picture


def http(category: type[theirs.ModelAPIError], status: int, **more: object) -> Exception:
    return theirs.ModelHTTPError.for_category(category, status_code=status, model_name="m", **more)  # type: ignore[arg-type]


def told(error: Exception) -> DeckcastError:
    return failure(error, "OpenAI", "m")


@pytest.mark.parametrize(
    ("error", "kind", "code", "retryable"),
    [
        (http(theirs.ModelAuthenticationError, 403), CallError, "llm_key_invalid", False),
        (http(theirs.ModelQuotaExceededError, 429), CallError, "llm_no_credit", False),
        (http(theirs.ModelNotFoundError, 404), CallError, "llm_unknown_model", False),
        (http(theirs.ModelContextWindowExceededError, 400), WorkError, "llm_context_exceeded", False),
        (http(theirs.ModelRequestRejectedError, 422), WorkError, "llm_request_refused", False),
        (theirs.ModelHTTPError(413, "m"), WorkError, "llm_context_exceeded", False),
        (theirs.ModelHTTPError(405, "m"), WorkError, "llm_request_refused", False),
        (theirs.ModelHTTPError(408, "m"), WorkError, "llm_unreachable", True),
        (http(theirs.ModelRateLimitError, 429), WorkError, "llm_busy", True),
        (http(theirs.ModelOverloadedError, 529), WorkError, "llm_busy", True),
        (http(theirs.ModelServerError, 502), WorkError, "llm_unreachable", True),
        (theirs.ModelConnectionError("m", "reset"), WorkError, "llm_unreachable", True),
        (theirs.ModelTimeoutError("m", "late"), WorkError, "llm_unreachable", True),
        (theirs.ModelAPIError("m", "odd"), WorkError, "llm_unreachable", True),
        (TimeoutError(), WorkError, "llm_unreachable", True),
        (OSError("no route"), WorkError, "llm_unreachable", True),
        (theirs.ContentFilterError("no"), WorkError, "llm_refused", False),
        (theirs.OutputTokenLimitExceeded("cut"), WorkError, "llm_malformed", True),
        (theirs.UnexpectedModelBehavior("odd"), WorkError, "llm_malformed", True),
        (ValueError("not JSON"), WorkError, "llm_malformed", True),
    ],
)
def test_every_error_becomes_one_of_ours(
    error: Exception, kind: type[DeckcastError], code: str, retryable: bool
) -> None:
    ours = told(error)
    assert (type(ours), ours.code, ours.retryable) == (kind, code, retryable)
    assert ours.message
    assert ours.next_step


def test_a_busy_provider_says_when_to_come_back_or_is_left_for_a_moment() -> None:
    limited = http(theirs.ModelRateLimitError, 429, headers={"retry-after": "42"})
    assert told(limited).retry_after_s == 42
    assert told(http(theirs.ModelRateLimitError, 429)).retry_after_s == BUSY_AGAIN_S
    assert told(http(theirs.ModelServerError, 500)).retry_after_s is None


def test_a_filter_that_refuses_the_question_is_a_refusal() -> None:
    filtered = http(theirs.ModelRequestRejectedError, 400, provider_error_code="content_filter")
    assert told(filtered).code == "llm_refused"


def test_what_the_provider_says_is_quoted_without_keys_and_addresses() -> None:
    said = "No image\n for key sk-abcdefghijklmnopqrstuvwxyz123 see https://example.com/help. " + "more " * 99
    rejected = http(theirs.ModelRequestRejectedError, 400, body={"error": {"message": said}})
    message = told(rejected).message
    assert message.startswith("OpenAI does not accept the question. It says: “No image for key … see …")
    assert "sk-" not in message
    assert "://" not in message
    assert len(message) < 300


def test_a_heavy_picture_is_made_lighter(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1800, 3), dtype=np.uint8)
    heavy = tmp_path / "heavy.png"
    Image.fromarray(noise).save(heavy)
    assert heavy.stat().st_size > MOST_BYTES
    content, kind = read_picture(heavy)
    assert (kind, len(content) < MOST_BYTES) == ("image/jpeg", True)
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, max(picture.size)) == ("JPEG", LONGEST_SIDE)


def test_a_light_picture_stays_as_it_is(tmp_path: Path) -> None:
    light = tmp_path / "light.png"
    Image.new("RGB", (64, 36)).save(light)
    assert read_picture(light) == (light.read_bytes(), "image/png")
