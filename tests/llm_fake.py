"""A language model in memory: it answers what the test says, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

from deckcast.llm.ports import Answer, Question, TokenPrices, Usage

Reply = dict[str, Any] | Exception
"""The fields of the answer's form, or what is raised."""


class FakeModel:
    """`replies` are given in turn, the last one again and again; a function is asked with the question."""

    name = "fake:model"
    offline = True
    prices = TokenPrices()
    max_concurrent = 4

    def __init__(
        self, replies: Sequence[Reply] | Callable[[Question[Any]], Reply], *, sees_pictures: bool = True
    ) -> None:
        self._replies = replies
        self.sees_pictures = sees_pictures
        self.asked: list[Question[Any]] = []

    async def ask(self, question: Question[Any]) -> Answer[Any]:
        self.asked.append(question)
        if callable(self._replies):
            reply = self._replies(question)
        else:
            reply = self._replies[min(len(self.asked), len(self._replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        form: type[BaseModel] = question.form
        return Answer(form.model_validate(reply), Usage(100, 10))

    async def close(self) -> None:
        pass
