"""What a language model is: one question, one checked answer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """What a million tokens cost in USD; zero where the operator has not said."""

    input_usd: Decimal = Decimal(0)
    output_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of all calls that a question took, repairs included."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked: instructions, the matter itself, a PNG or JPEG picture to look at, and the form of the
    answer. `max_output_tokens` bounds what is paid."""

    instructions: str
    text: str
    form: type[T]
    picture: Path | None = None
    max_output_tokens: int = 2000


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The answer in the form asked for, and what it took."""

    value: T
    usage: Usage


class LanguageModel(Protocol):
    """A model behind a network, or on this machine. `name` (`openai:gpt-5.2`) is part of fingerprints;
    `offline` is true where nothing leaves the machine."""

    name: str
    offline: bool
    sees_pictures: bool
    prices: TokenPrices
    max_concurrent: int

    async def ask(self, question: Question[T]) -> Answer[T]:
        """The answer; an answer in the wrong form is sent back once to be repaired. What clears by itself (429,
        5xx, a lost connection) is tried again for a while, obeying Retry-After.

        Raises WorkError llm_malformed, llm_refused, llm_busy, llm_unreachable, llm_context_exceeded,
        llm_request_refused, image_unreadable; CallError llm_key_invalid, llm_no_credit, llm_unknown_model. Their
        `spent_usd` is what answers have cost that were of no use.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def cost_usd(usage: Usage, prices: TokenPrices) -> Decimal:
    """What the tokens cost."""
    million = Decimal(1_000_000)
    return (usage.input_tokens * prices.input_usd + usage.output_tokens * prices.output_usd) / million
