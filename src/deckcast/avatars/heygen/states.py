"""What HeyGen says of a job, in our words. It says much less than it could: every field but two may be missing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from deckcast.avatars.heygen.client import Json
from deckcast.avatars.heygen.errors import (
    MEANINGS,
    RENDER_FAILED,
    UNREADABLE,
    CallFailed,
    call_failed,
    with_quote,
)
from deckcast.avatars.ports import Balance, Done, Failed, JobState, Running

ADDRESS_GRACE_S = 600.0
KEPT_FIELDS = ("video_page_url", "folder_id", "output_language", "created_at", "completed_at")
ENDED = ("completed", "failed", "not_found")


def state_of(detail: Json, now: datetime) -> JobState:
    """A job's state. Whatever is neither completed nor failed runs.

    Completed without an address runs on for ten minutes after its end, in which the address comes; then the
    result is lost, and was paid for.
    """
    status = detail.get("status")
    if status == "failed":
        return _failed(detail.get("failure_code"), detail.get("failure_message"))
    if status != "completed":
        return Running()
    url = detail.get("video_url")
    if isinstance(url, str) and url:
        captions = detail.get("subtitle_url")
        return Done(
            url=url,
            duration_s=_seconds(detail.get("duration")),
            captions_url=captions if isinstance(captions, str) and captions else None,
            metadata={name: detail[name] for name in KEPT_FIELDS if detail.get(name) is not None},
        )
    completed_at = _seconds(detail.get("completed_at"))
    if (
        completed_at is None
        or (now - datetime.fromtimestamp(completed_at, UTC)).total_seconds() < ADDRESS_GRACE_S
    ):
        return Running()
    return Failed(
        "result_lost", "HeyGen has made the video and says nowhere where it is.", True, charged=True
    )


def has_ended(item: Json) -> bool:
    """Whether an item of the bulk status is one that ended, or is not known."""
    return item.get("status") in ENDED


def state_of_failure(failure: CallFailed) -> JobState:
    """What an error in place of a job's detail says of the job. Raises it again where it says nothing of it."""
    if failure.status == 404 and failure.foreign_code:
        return Failed("job_not_found", failure.message, retryable=True, charged=True)
    if failure.status == 404:  # not the API's own answer: something in between, or a wrong base URL
        raise call_failed(404, meaning=UNREADABLE)
    if failure.status == 200 and not (failure.retryable or failure.account):
        return _failed(failure.foreign_code, None)
    raise failure


def _failed(code: Any, message: Any) -> Failed:
    meant = MEANINGS.get(str(code or ""), RENDER_FAILED)
    sentence = with_quote(meant.sentence, message or str(code or "").replace("_", " "))
    if not (code or message):
        sentence += " It gives no reason."
    return Failed(meant.code, sentence, retryable=meant.retryable)


def balance_of(me: Json) -> Balance | None:
    """What is left, as far as the account's way of paying lets HeyGen say it."""
    wallet, metered = me.get("wallet"), me.get("usage_based")
    if isinstance(wallet, dict) and (left := _amount(wallet.get("remaining_balance"))) is not None:
        return Balance(left, str(wallet.get("currency") or "usd"))
    if isinstance(metered, dict):
        cap, spent = _amount(metered.get("spending_cap_usd")), _amount(metered.get("spending_current_usd"))
        if cap is not None and spent is not None:
            return Balance(cap - spent, "usd")
        if (left := _amount(metered.get("remaining_credits"))) is not None:
            return Balance(left, "credits")
    return None


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _seconds(value: Any) -> float | None:
    amount = _amount(value)
    return float(amount) if amount is not None and amount >= 0 else None
