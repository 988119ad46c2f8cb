"""What goes wrong at a speech service, in one shape: each service's adapter says which trouble it is, once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from deckcast.kit.errors import AnswerLost, CallError, DeckcastError, WorkError

_LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class Service:
    """A speech service as sentences name it: its name, and the settings of its key and its address."""

    name: str
    key_setting: str
    address_setting: str


@dataclass(frozen=True, slots=True)
class _Meaning:
    kind: type[DeckcastError]
    code: str
    sentence: str
    next_step: str
    retryable: bool = False


class Trouble(Enum):
    """All that can go wrong. After `FAULT`, `LOST` and `UNREADABLE` the text may have been billed."""

    KEY = _Meaning(
        CallError,
        "speech_key_invalid",
        "{name} does not accept the API key.",
        "Set {key} to a key of your {name} account that may make speech.",
    )
    CREDIT = _Meaning(
        CallError,
        "speech_no_credit",
        "The {name} account has no credit left for this, or its plan does not include it.",
        "Add credit or change the plan at {name}, or choose another voice; then run the same command again.",
    )
    VOICE = _Meaning(
        CallError,
        "unknown_voice",
        "{name} has no voice of this name.",
        "`deckcast voices` lists the voices; write one of its ids.",
    )
    REFUSED = _Meaning(
        WorkError,
        "speech_refused",
        "{name} refuses to speak this text.",
        "Reword the narrative of this slide, or speak it with another engine.",
    )
    REQUEST = _Meaning(
        WorkError,
        "speech_failed",
        "{name} does not accept this request.",
        "Choose another voice or model; if it stays, report it.",
    )
    BUSY = _Meaning(
        WorkError,
        "speech_busy",
        "{name} takes no more requests at the moment.",
        "It is tried again; fewer requests at once help (MAX_CONCURRENT of its settings).",
        retryable=True,
    )
    FAULT = _Meaning(
        AnswerLost,
        "speech_failed",
        "{name} has a fault of its own.",
        "It is tried again; if it stays, see the status page of {name}.",
        retryable=True,
    )
    UNREACHABLE = _Meaning(
        WorkError,
        "speech_unreachable",
        "{name} could not be reached.",
        "Check the network and {address}; it is tried again.",
        retryable=True,
    )
    LOST = _Meaning(
        AnswerLost,
        "speech_unreachable",
        "The answer of {name} was lost on its way.",
        "It is tried again; check the network if it stays.",
        retryable=True,
    )
    UNREADABLE = _Meaning(
        AnswerLost,
        "speech_failed",
        "What {name} sent is not the whole speech.",
        "It is tried again; check {address} if it stays.",
        retryable=True,
    )


def failure(
    service: Service, trouble: Trouble, said: object = "", retry_after_s: float | None = None
) -> DeckcastError:
    """The error to raise; `said` are the service's own words, which are quoted shortened."""
    meant = trouble.value
    names = {"name": service.name, "key": service.key_setting, "address": service.address_setting}
    return meant.kind(
        meant.code,
        _with_quote(meant.sentence.format(**names), said),
        next_step=meant.next_step.format(**names),
        retryable=meant.retryable,
        retry_after_s=retry_after_s,
    )


def is_theirs(error: DeckcastError) -> bool:
    """Whether an error is a service's, not one of this machine."""
    return error.code in {trouble.value.code for trouble in Trouble}


def by_status(status: int) -> Trouble:
    """The trouble of an HTTP status, where the service's own words say nothing better."""
    if status in (401, 403):
        return Trouble.KEY
    if status == 402:
        return Trouble.CREDIT
    if status == 404:
        return Trouble.VOICE
    if status in (429, 503):
        return Trouble.BUSY
    if status == 408 or status >= 500:
        return Trouble.FAULT
    return Trouble.REQUEST if status >= 400 else Trouble.UNREADABLE


def _with_quote(sentence: str, said: object) -> str:
    """Our sentence, then what the service said: short, on one line, without addresses and keys."""
    text = re.sub(r"\s+", " ", said if isinstance(said, str) else "").strip()
    text = re.sub(r"\S*(://|[A-Za-z0-9_\-]{20}|\*{4})\S*", "…", text)
    return f"{sentence} It says: “{text[:_LONGEST_QUOTE].rstrip('. ')}”." if text else sentence
