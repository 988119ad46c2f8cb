"""The error tree. An error answers two questions: what does the person see, and is a retry safe?

DeckcastError                 anything Deckcast says to a person: code, sentence, next step
├── InputError                what was given cannot be used (exit status 2)
│   ├── DeckError             the deck: deck_not_found, deck_broken, deck_encrypted, deck_empty, deck_too_large, …
│   └── CallError             the call: unknown_avatar, unknown_voice, slides_invalid, output_not_writable, …
├── MachineError              this machine: sandbox_missing, converter_missing, disk_full, data_dir_not_writable, …
└── WorkError                 a piece of work on one slide: speech_failed, render_failed, timed_out, …
    ├── SubmissionRefused     the provider said no: nothing was made, nothing is paid
    └── AnswerLost            the provider's answer never came: a job may or may not have been made
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


class DeckcastError(Exception):
    """Anything Deckcast says to a person: a stable code, a sentence, and the next step. `spent_usd` is what had to be
    paid although it came to nothing; `facts` are figures that a program wants without reading the sentence."""

    spent_usd: Decimal = Decimal(0)

    def __init__(
        self,
        code: str,
        message: str,
        *,
        next_step: str = "",
        retryable: bool = False,
        retry_after_s: float | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.next_step = next_step
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.facts = dict(facts or {})

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders: all of their fields must survive pickling."""
        state = {name: value for name, value in vars(self).items() if name not in ("code", "message")}
        return _rebuild, (type(self), self.code, self.message, state)


def _rebuild(kind: type[DeckcastError], code: str, message: str, state: dict[str, object]) -> DeckcastError:
    error = kind(code, message)
    vars(error).update(state)
    return error


class InputError(DeckcastError):
    """What was given cannot be used; nothing was started."""


class DeckError(InputError):
    """The deck cannot be read."""


class CallError(InputError):
    """The call names something that does not exist or cannot be."""


class MachineError(DeckcastError):
    """This machine lacks something; `deckcast doctor` names it."""


class WorkError(DeckcastError):
    """A piece of work on one slide failed; the other slides go on."""


class SubmissionRefused(WorkError):
    """The provider definitely did not take the job: nothing was made, nothing is paid.

    `account` is true where the reason is the account's (no credit, wrong key), not this job's.
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
    ) -> None:
        super().__init__(code, message, next_step=next_step, retryable=retryable, retry_after_s=retry_after_s)
        self.account = account


class AnswerLost(WorkError):
    """The call went out and no usable answer came back: a job may or may not have been made."""
