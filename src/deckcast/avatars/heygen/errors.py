"""What HeyGen's error codes mean to a person, and whether a retry is safe: one table, used for every call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deckcast.kit.errors import AnswerLost, SubmissionRefused, WorkError

LONGEST_QUOTE = 200
LOST_RETRY_S = 10.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """One foreign error in our words.

    `retryable`: trying again may help. `account`: the reason is the account's, so every other call meets it too.
    `unclear`: as an answer to the paid call it does not say that nothing was made.
    """

    code: str
    sentence: str
    next_step: str
    retryable: bool = False
    account: bool = False
    unclear: bool = False


_KEY = Meaning(
    "provider_key_refused",
    "HeyGen does not accept the API key.",
    "Set DECKCAST_HEYGEN__API_KEY to a key of your HeyGen account.",
    account=True,
)
_RIGHTS = Meaning(
    "provider_forbidden",
    "The HeyGen account may not do this.",
    "Check the rights of the API key and of its workspace at HeyGen.",
    account=True,
)
_NO_ACCESS = Meaning(
    "provider_item_forbidden",
    "The HeyGen account may not use this avatar, voice or file.",
    "Choose another avatar with --avatar, or another voice.",
)
_VOICE = Meaning(
    "unknown_voice",
    "HeyGen cannot speak with this voice.",
    "Run `deckcast voices` and choose another one.",
)
_BUSY = Meaning(
    "provider_busy",
    "HeyGen takes no more work at the moment.",
    "It is tried again; fewer videos at once help (DECKCAST_AVATAR__BATCH__MAX_CONCURRENT).",
    retryable=True,
)
_CREDIT = Meaning(
    "provider_no_credit",
    "The HeyGen account has no credit left for this.",
    "Add credit at HeyGen, then run the same command again: nothing is made or paid twice.",
    account=True,
)
_PLAN = Meaning(
    "provider_plan_too_small",
    "The plan of the HeyGen account does not include this.",
    "Change the plan at HeyGen, or choose another avatar or resolution.",
    account=True,
)
_LIMIT = Meaning(
    "provider_limit_reached",
    "The HeyGen account has reached one of its limits.",
    "Remove what is no longer needed at HeyGen, or ask HeyGen for a higher limit.",
    account=True,
)
_JOB = Meaning(
    "job_not_found",
    "HeyGen does not know this video any more.",
    "Run the same command again to have it made anew; that is paid again.",
)
_AVATAR = Meaning(
    "unknown_avatar",
    "HeyGen has no avatar of this id.",
    "Run `deckcast avatars` and choose one with --avatar.",
)
_UPLOAD = Meaning(
    "provider_upload_lost",
    "HeyGen cannot read a file that was brought to it for this video.",
    "Run the same command again: the file is brought there anew.",
    retryable=True,
)
_REQUEST = Meaning(
    "provider_request_refused",
    "HeyGen does not accept this request.",
    "Choose another avatar or resolution; if it stays, report it.",
)
_CONTENT = Meaning(
    "content_refused",
    "HeyGen refuses to have this said: its rules on content forbid it.",
    "Reword the narrative of this slide.",
)
_CONSENT = Meaning(
    "avatar_consent_missing",
    "The person behind this avatar has not given consent at HeyGen.",
    "Complete the consent at HeyGen, or choose another avatar.",
)
_SHORT = Meaning("script_too_short", "There is too little to say for a video.", "Write more words.")
_SCRIPT = Meaning(
    "script_refused",
    "HeyGen cannot speak this text.",
    "Reword the narrative of this slide, or let Deckcast speak it.",
)
_CONFLICT = Meaning(
    "provider_conflict",
    "HeyGen is still busy with the same request.",
    "It is asked again.",
    retryable=True,
    unclear=True,
)
_NOT_READY = Meaning(
    "provider_not_ready",
    "Something this video needs is still being made ready at HeyGen.",
    "It is tried again.",
    retryable=True,
)
_FAULT = Meaning(
    "provider_failed",
    "HeyGen has a fault of its own.",
    "It is tried again; if it stays, see HeyGen's status page.",
    retryable=True,
    unclear=True,
)
_TOO_LARGE = Meaning(
    "audio_too_large", "HeyGen does not take a file of this size.", "Split the narrative over two slides."
)
UNREACHABLE = Meaning(
    "provider_unreachable",
    "HeyGen could not be reached.",
    "Check the network and DECKCAST_HEYGEN__BASE_URL; it is tried again.",
    retryable=True,
)
UNREADABLE = Meaning(
    "provider_answer_unreadable",
    "HeyGen's answer cannot be understood.",
    "It is asked again; check DECKCAST_HEYGEN__BASE_URL if it stays.",
    retryable=True,
    unclear=True,
)
KEY_MISSING = Meaning(
    "provider_key_missing",
    "There is no HeyGen API key.",
    "Set DECKCAST_HEYGEN__API_KEY, or use --provider local, which needs none.",
    account=True,
)

RENDER_FAILED = Meaning(
    "provider_render_failed",
    "HeyGen could not make this video.",
    "Run the same command again: HeyGen does not charge for a failed video.",
    retryable=True,
)

MEANINGS: Mapping[str, Meaning] = {
    "unauthorized": _KEY,
    "authentication_failed": _KEY,
    "forbidden": _RIGHTS,
    "resource_access_denied": _NO_ACCESS,
    "ai_vendor_access_restricted": _RIGHTS,
    "voice_not_usable": _VOICE,
    "voice_unavailable": _VOICE,
    "rate_limit_exceeded": _BUSY,
    "quota_exceeded": _CREDIT,
    "insufficient_credit": _CREDIT,
    "trial_limit_exceeded": _CREDIT,
    "plan_upgrade_required": _PLAN,
    "video_not_found": _JOB,
    "avatar_not_found": _AVATAR,
    "voice_not_found": _VOICE,
    "template_not_found": _REQUEST,
    "asset_not_found": _UPLOAD,
    "asset_not_available": _UPLOAD,
    "webhook_not_found": _REQUEST,
    "resource_not_found": _REQUEST,
    "invalid_parameter": _REQUEST,
    "conflict": _CONFLICT,
    "resource_not_ready": _NOT_READY,
    "request_in_progress": _CONFLICT,
    "content_policy_violation": _CONTENT,
    "avatar_consent_required": _CONSENT,
    "resource_limit_reached": _LIMIT,
    "script_too_short": _SHORT,
    "tts_text_invalid": _SCRIPT,
    "download_failed": _UPLOAD,
    "video_delete_failed": _FAULT,
    "internal_error": _FAULT,
    "gateway_timeout": _FAULT,
}

_BY_STATUS: Mapping[int, Meaning] = {
    401: _KEY,
    402: _CREDIT,
    403: _RIGHTS,
    408: _FAULT,
    409: _CONFLICT,
    413: _TOO_LARGE,
    429: _BUSY,
}

ALL_MEANINGS = tuple(
    dict.fromkeys(
        (*MEANINGS.values(), *_BY_STATUS.values(), UNREACHABLE, UNREADABLE, KEY_MISSING, RENDER_FAILED)
    )
)


class CallFailed(WorkError):
    """A call that brought no usable answer; `status` is None where none came at all.

    `nothing_sent` is true where not even the request went out.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        next_step: str = "",
        retryable: bool = False,
        retry_after_s: float | None = None,
        account: bool = False,
        unclear: bool = False,
        status: int | None = None,
        foreign_code: str = "",
        nothing_sent: bool = False,
    ) -> None:
        super().__init__(code, message, next_step=next_step, retryable=retryable, retry_after_s=retry_after_s)
        self.account = account
        self.unclear = unclear
        self.status = status
        self.foreign_code = foreign_code
        self.nothing_sent = nothing_sent


def call_failed(
    status: int | None,
    error: Mapping[str, Any] | None = None,
    *,
    retry_after_s: float | None = None,
    meaning: Meaning | None = None,
    nothing_sent: bool = False,
) -> CallFailed:
    """The error of an answer: by its code where we know it, else by its HTTP status."""
    foreign = str((error or {}).get("code") or "")
    meant = meaning or MEANINGS.get(foreign) or _by_status(status)
    return CallFailed(
        meant.code,
        with_quote(meant.sentence, (error or {}).get("message")),
        next_step=meant.next_step,
        retryable=meant.retryable,
        retry_after_s=retry_after_s,
        account=meant.account,
        unclear=meant.unclear,
        status=status,
        foreign_code=foreign,
        nothing_sent=nothing_sent,
    )


def _by_status(status: int | None) -> Meaning:
    if status is None:
        return UNREACHABLE
    if status >= 500:
        return _FAULT
    return _BY_STATUS.get(status, _REQUEST if 400 <= status < 500 else UNREADABLE)


def of_paid_call(failure: CallFailed) -> SubmissionRefused | AnswerLost:
    """What a failed paid call means: a definite no, or an answer that was lost.

    Definite is only what was never sent, and a 4xx other than 408 and 409 whose code does not say otherwise.
    """
    definite = failure.status is not None and 400 <= failure.status < 500 and failure.status not in (408, 409)
    if failure.nothing_sent or (definite and not failure.unclear):
        return refused(failure)
    return lost(failure.retry_after_s)


def refused(failure: CallFailed) -> SubmissionRefused:
    """Nothing was made: said so by the provider, or the call never went out."""
    return SubmissionRefused(
        failure.code,
        failure.message,
        next_step=failure.next_step,
        retryable=failure.retryable,
        retry_after_s=failure.retry_after_s,
        account=failure.account,
    )


def lost(retry_after_s: float | None = None) -> AnswerLost:
    """A video may or may not have been made."""
    return AnswerLost(
        "answer_lost",
        "HeyGen did not say whether it took this video.",
        next_step="Deckcast finds out before it pays for another one.",
        retryable=True,
        retry_after_s=LOST_RETRY_S if retry_after_s is None else retry_after_s,
    )


def with_quote(sentence: str, said: object) -> str:
    """Our sentence, followed by what HeyGen said: short, on one line, without addresses and keys."""
    text = re.sub(r"\s+", " ", said if isinstance(said, str) else "").strip()
    text = re.sub(r"\S*(://|[A-Za-z0-9_\-]{24})\S*", "…", text)
    if not text:
        return sentence
    return f"{sentence} It says: “{text[:LONGEST_QUOTE].rstrip('. ')}”."
