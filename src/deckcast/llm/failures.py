"""What goes wrong with a language model, in our words: the only place where the library's errors are translated."""

from __future__ import annotations

import re

from pydantic_ai import exceptions as theirs

from deckcast.kit.errors import CallError, DeckcastError, WorkError

BUSY_AGAIN_S = 5.0
LONGEST_QUOTE = 200
_MAY_CLEAR = (408, 409, 425, 429)  # of the refusals by status


def failure(error: Exception, provider: str, model: str) -> DeckcastError:
    """Our error for anything that a call or a whole question raised; `provider` is a name such as "OpenAI"."""
    if isinstance(error, theirs.ModelAPIError):
        return _refusal(error, provider, model) or _trouble(error, provider)
    if isinstance(error, theirs.ContentFilterError):
        return _refused(provider)
    if isinstance(error, theirs.OutputTokenLimitExceeded):
        return WorkError(
            "llm_malformed",
            f"The answer of {provider}'s model was cut off: it is longer than allowed.",
            next_step="Run it again; if it stays, choose another model.",
            retryable=True,
        )
    if isinstance(error, theirs.UnexpectedModelBehavior | ValueError):
        return malformed(provider)
    return unreachable(provider)


def malformed(provider: str) -> WorkError:
    """The answer has not the form that was asked for, also when asked again."""
    return WorkError(
        "llm_malformed",
        f"The answer of {provider}'s model has not the form that was asked for.",
        next_step="Run it again; if it stays, choose another model.",
        retryable=True,
    )


def unreachable(provider: str) -> WorkError:
    """No usable answer came at all."""
    return WorkError(
        "llm_unreachable",
        f"{provider} could not be reached, or has a fault of its own.",
        next_step="Check the network and DECKCAST_LLM__BASE_URL; it is tried again when you run the command again.",
        retryable=True,
    )


def _refused(provider: str) -> WorkError:
    return WorkError(
        "llm_refused",
        f"{provider}'s model refuses to answer: its rules on content forbid it.",
        next_step="Write the narrative of this slide yourself, or choose another model.",
    )


def _refusal(error: theirs.ModelAPIError, provider: str, model: str) -> DeckcastError | None:
    """What no repetition mends."""
    if isinstance(error, theirs.ModelAuthenticationError):
        return CallError(
            "llm_key_invalid",
            f"{provider} does not accept the API key.",
            next_step="Set DECKCAST_LLM__API_KEY to a key that may use this model.",
        )
    if isinstance(error, theirs.ModelQuotaExceededError):
        return CallError(
            "llm_no_credit",
            f"The {provider} account has no credit or quota left.",
            next_step="Add credit there, then run the same command again: what is done is not paid twice.",
        )
    if isinstance(error, theirs.ModelNotFoundError):
        return CallError(
            "llm_unknown_model",
            f"{provider} has no model “{model}”, or nothing answers at this address.",
            next_step="Correct DECKCAST_LLM__MODEL, or DECKCAST_LLM__BASE_URL.",
        )
    status = _status(error)
    if isinstance(error, theirs.ModelContextWindowExceededError) or status == 413:
        return WorkError(
            "llm_context_exceeded",
            f"There is more on this slide than “{model}” can read at once.",
            next_step="Shorten its notes and tables, or choose a model with a larger context.",
        )
    if status is not None and 400 <= status < 500 and status not in _MAY_CLEAR:
        if "content_filter" in f"{error.provider_error_code} {error.provider_error_type}":
            return _refused(provider)
        return WorkError(
            "llm_request_refused",
            _with_quote(f"{provider} does not accept the question.", error),
            next_step="Choose another model; one that sees no pictures needs DECKCAST_LLM__SEES_PICTURES=false.",
        )
    return None


def _trouble(error: theirs.ModelAPIError, provider: str) -> WorkError:
    """What clears by itself."""
    if isinstance(error, theirs.ModelRateLimitError | theirs.ModelUnavailableError):
        return WorkError(
            "llm_busy",
            f"{provider} takes no more questions at the moment.",
            next_step="Run the same command again later; a lower DECKCAST_LLM__MAX_CONCURRENT helps.",
            retryable=True,
            retry_after_s=BUSY_AGAIN_S if error.retry_after is None else error.retry_after,
        )
    found = unreachable(provider)
    found.retry_after_s = error.retry_after
    return found


def _status(error: theirs.ModelAPIError) -> int | None:
    return error.status_code if isinstance(error, theirs.ModelHTTPError) else None


def _with_quote(sentence: str, error: theirs.ModelAPIError) -> str:
    """Our sentence and what the provider said: short, on one line, without addresses and keys."""
    body = error.body
    for name in ("error", "message"):
        body = body.get(name, body) if isinstance(body, dict) else body
    text = re.sub(r"\s+", " ", body if isinstance(body, str) else "").strip()
    text = re.sub(r"\S*(://|[A-Za-z0-9_\-]{24})\S*", "…", text)
    return f"{sentence} It says: “{text[:LONGEST_QUOTE].rstrip('. ')}”." if text else sentence
