"""A question as any provider's client sends it, and the shape in which each provider is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from deckcast.simulators.llm.matter import Json, matter_of

_AGAIN = ("previous_answer", "complaints")
_PICTURE_TOKENS = 800
_CHARS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `schema` is the wanted form, None for plain text; `tool` the tool that takes the answer, ""
    where it is to be JSON text. `repair` is true where an earlier answer was sent back."""

    model: str
    instructions: str
    text: str
    schema: Json | None
    tool: str
    pictures: int
    repair: bool

    @property
    def digest(self) -> str:
        """The same for the same matter and form: also when an answer is complained about and asked for again."""
        data = {name: value for name, value in matter_of(self.text).data.items() if name not in _AGAIN}
        matter = json.dumps(data) if data else self.text
        form = sorted((self.schema or {}).get("properties", {}))
        return hashlib.sha256(f"{form}\n{matter}".encode()).hexdigest()[:16]

    @property
    def tokens(self) -> int:
        """About what the question costs."""
        return (len(self.instructions) + len(self.text)) // _CHARS_PER_TOKEN + self.pictures * _PICTURE_TOKENS


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says: `text` is JSON for a form. `end` is "stop", "length" or "refusal"."""

    text: str
    end: str = "stop"

    @property
    def tokens(self) -> int:
        """About what the answer costs."""
        return max(1, len(self.text) // _CHARS_PER_TOKEN)


class Malformed(ValueError):
    """A body that the provider would refuse; its words are the answer's message."""


class Shape(Protocol):
    """How one provider is asked and answers."""

    name: str

    def key(self, headers: Mapping[str, str]) -> str:
        """The API key of a call, "" without one."""
        ...

    def asked(self, body: Json, model: str) -> Asked:
        """The question of a body; raises Malformed, KeyError or TypeError for what is none. `model` stands in the
        address, or is ""."""
        ...

    def answer(self, asked: Asked, reply: Reply) -> Json:
        """The body of an answer."""
        ...

    def error(self, fault: str, status: int, message: str) -> tuple[int, Json]:
        """Status and body of an error. `fault` is one of rate_limit, the refusals, or "failed" with `status`."""
        ...


def joined(parts: list[str]) -> str:
    """The texts of a message's parts."""
    return "\n".join(part for part in parts if part)
