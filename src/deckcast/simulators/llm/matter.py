"""What a question is about: the JSON in its text, read without knowing who wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Matter:
    """The JSON objects that a question holds, as one. Names are looked up near the top first."""

    data: Json

    def find(self, *names: str) -> Any:
        """The first value of one of these names that says something, the earlier names first; None without one."""
        for name in names:
            for found in _named(self.data, name):
                if found not in (None, "", [], {}):
                    return found
        return None

    def text(self, *names: str) -> str:
        """The first text of one of these names, "" without one."""
        for name in names:
            for found in _named(self.data, name):
                if isinstance(found, str) and found.strip():
                    return found.strip()
        return ""

    def number(self, *names: str) -> float | None:
        """The first number of one of these names."""
        found = self.find(*names)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    def inner(self, *names: str) -> Matter:
        """The object of one of these names, or all where there is none."""
        found = self.find(*names)
        return Matter(found) if isinstance(found, dict) else self

    def items(self, *names: str) -> list[Json]:
        """The list of objects of one of these names, else the longest one there is."""
        named = self.find(*names)
        if isinstance(named, list) and named and all(isinstance(item, dict) for item in named):
            return named
        return max(_object_lists(self.data), key=len, default=[])


def matter_of(text: str) -> Matter:
    """All JSON objects that stand in a text, the first ones first."""
    data: Json = {}
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            start = text.find("{", start + 1)
            continue
        data = {**value, **data} if isinstance(value, dict) else data
        start = text.find("{", end)
    return Matter(data)


def texts_in(value: Any) -> list[str]:
    """All texts in a list as decks write it: texts, (level, text) pairs, objects with a text."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, dict):
        return texts_in(value.get("text"))
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return []


def _named(value: Any, name: str) -> Iterator[Any]:
    """Breadth first, so that what stands at the top is found first."""
    level = [value]
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                if name in item:
                    yield item[name]
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = below


def _object_lists(value: Any) -> Iterator[list[Json]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield value
    for item in inner:
        yield from _object_lists(item)
