"""Fills the form that a question asks for: by the names of its fields, from the JSON in the question."""

from __future__ import annotations

import json
from typing import Any

from deckcast.simulators.llm.asked import Asked
from deckcast.simulators.llm.matter import Json, Matter, matter_of, texts_in
from deckcast.simulators.llm.speaking import closing, language_of, narrative, opening, plain, points
from deckcast.simulators.llm.words import words_of

_SPOKEN = ("narrative", "text", "words", "script", "speech", "spoken")
_CHOICES = ("items", "slides", "drafts", "narratives", "replacements")
_LONGEST_LINE = 90


def reply_to(asked: Asked, fault: str = "") -> str:
    """The answer as JSON in the asked form, plain text where none was asked for. `fault` is one of FORM, NARRATIVES
    or ""; the same question is always answered alike."""
    matter = matter_of(asked.text)
    turn = int(asked.digest, 16)
    if asked.schema is None:
        return narrative(matter, fault, turn)
    if fault == "wrong_form":
        return json.dumps({"reply": "I would be glad to help with that."})
    filler = _Filler(asked.schema, fault, turn, asked.pictures > 0)
    text = json.dumps(filler.fill(asked.schema, "", matter), ensure_ascii=False)
    return text[: len(text) // 2] if fault == "malformed_json" else text


class _Filler:
    """Walks a JSON schema."""

    def __init__(self, root: Json, fault: str, turn: int, saw: bool) -> None:
        self._definitions = {**root.get("$defs", {}), **root.get("definitions", {})}
        self._fault = fault
        self._turn = turn
        self._saw = saw

    def fill(self, schema: Json, name: str, matter: Matter) -> Any:
        """A value of the schema for the field `name`."""
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if choices := schema.get("enum"):
            return _chosen(choices, name, matter)
        kind = str(schema.get("type", "string")).lower()
        if kind == "object":
            fields = schema.get("properties", {})
            return {field: self.fill(inner, field, matter) for field, inner in fields.items()}
        if kind == "array":
            return self._list(schema, name, matter)
        if kind == "boolean":
            return bool(matter.find(name))
        if kind in ("integer", "number"):
            return _number(schema, kind, name, matter)
        return self._text(schema, name, matter)

    def _resolved(self, schema: Json) -> Json:
        if "$ref" in schema:
            return self._resolved(self._definitions[str(schema["$ref"]).rsplit("/", 1)[-1]])
        for word in ("anyOf", "oneOf", "allOf"):
            for inner in schema.get(word, ()):
                if str(inner.get("type", "")).lower() != "null":
                    return self._resolved({**schema, word: (), **inner})
        kind = schema.get("type")
        if isinstance(kind, list):
            return {**schema, "type": next(item for item in kind if item != "null")}
        return schema

    def _list(self, schema: Json, name: str, matter: Matter) -> list[Any]:
        inner = self._resolved(schema.get("items", {"type": "string"}))
        most, least = int(schema.get("maxItems", 500)), int(schema.get("minItems", 0))
        if str(inner.get("type", "")).lower() == "object":
            about = matter.items(name, *_CHOICES)[:most]
            found: list[Any] = []
            for number, item in enumerate(about):
                self._turn += number
                found.append(self.fill(inner, name, Matter({**_shared(matter), **item})))
            return found
        lines = texts_in(matter.inner("slide").find(name)) or points(matter)
        bound = int(inner.get("maxLength", _LONGEST_LINE))
        texts = [_cut(line, bound) for line in lines][: min(most, 5)]
        while len(texts) < least:
            texts.append(_cut(words_of(language_of(matter)).more[len(texts) % 3], bound))
        return texts

    def _text(self, schema: Json, name: str, matter: Matter) -> str:
        said = self._said(name, matter)
        return _cut(said, int(schema.get("maxLength", 100_000)) if self._fault != "too_long" else 100_000)

    def _said(self, name: str, matter: Matter) -> str:
        if name in _SPOKEN:
            return narrative(matter, self._fault, self._turn)
        if name == "shows":
            return self._shown(matter)
        spoken = words_of(language_of(matter))
        if name.startswith(("first", "opening", "begin")):
            title = plain(matter.text("title")) or "…"
            return opening(spoken, title, self._turn)
        if name.startswith(("last", "closing", "end")):
            return closing(spoken, plain(matter.text("title")) or "…", self._turn)
        if name == "audience":
            return "Everybody who works on it" if spoken is words_of("en") else spoken.more[1]
        if name == "tone":
            return "factual"
        if name in ("thread", "summary"):
            titles = [str(item.get("title", "")) for item in matter.items("slides")]
            return "; ".join(title for title in titles if title)[:300] or spoken.more[0]
        return matter.text(name) or " ".join(points(matter)[:1]) or spoken.more[0]

    def _shown(self, matter: Matter) -> str:
        slide = matter.inner("slide")
        charts = slide.find("charts")
        if isinstance(charts, list) and isinstance(charts[0], dict):
            chart = charts[0]
            names = [str(item.get("name", "")) for item in chart.get("series", ()) if isinstance(item, dict)]
            return f"A {chart.get('kind', '')} chart: {chart.get('title', '')} {', '.join(names)}".strip()
        described = texts_in(slide.find("picture_descriptions", "pictures"))
        return described[0] if described else (plain(slide.text("title")) if self._saw else "")


def _chosen(choices: list[Any], name: str, matter: Matter) -> Any:
    """One of an enum: the one named in the matter, else by what the slide holds."""
    named = matter.find(name)
    if named in choices:
        return named
    for holds, kind in (
        ("is_first", "title"),
        ("is_last", "closing"),
        ("charts", "chart"),
        ("tables", "table"),
    ):
        if matter.find(holds) and kind in choices:
            return kind
    return "content" if "content" in choices else choices[0]


def _number(schema: Json, kind: str, name: str, matter: Matter) -> float | int:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    found = matter.number(name)
    value = 1.0 if found is None else found
    if low is not None and value < low:
        value = float(low) if high is None else (low + high) / 2
    if high is not None and value > high:
        value = float(high) if low is None else (low + high) / 2
    return int(value) if kind == "integer" else value


def _shared(matter: Matter) -> Json:
    """What holds for every item of a list: the language that is asked for."""
    language = language_of(matter)
    return {"language": language} if language else {}


def _cut(text: str, bound: int) -> str:
    return text if len(text) <= bound else text[:bound].rsplit(" ", 1)[0]
