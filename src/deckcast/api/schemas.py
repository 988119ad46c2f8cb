"""Schemas as people and generators of clients want them: under plain names, without words that say nothing, and with
what the WebSocket says among them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

TEMPLATE = "#/components/schemas/{model}"
NAMES = {
    "Shape": "PresenterShape",
    "Versions": "NarrativeVersions",
    "Wrong": "WrongValue",
    "Requested": "BatchRequest",
    "Received": "WebhookReceived",
    "Cancelled": "CancelledBatch",
    "Deleted": "DeletedPresentation",
}
_PAGE = re.compile(r"Page_(\w+)_")
_REF = TEMPLATE.format(model="")


def add_models(schemas: dict[str, Any], models: Iterable[type[BaseModel]]) -> None:
    """Add what answers hold that no route declares, such as problems and messages of sockets."""
    for model in models:
        own = model.model_json_schema(by_alias=True, mode="serialization", ref_template=TEMPLATE)
        schemas.update(own.pop("$defs", {}))
        schemas[model.__name__] = own


def name_of(schema: str) -> str:
    """What a schema is called outside: `Presentation` for PresentationShape, `HookPage` for a page of hooks."""
    page = _PAGE.fullmatch(schema)
    if page:
        return f"{name_of(page[1])}Page"
    return NAMES.get(schema, schema.removesuffix("Shape"))


def tidied(node: Any) -> Any:
    """A description with schemas under their names, without the titles that only repeat a field's name, and with fields
    that are spoken of called as they are in JSON."""
    if isinstance(node, list):
        return [tidied(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if key in ("examples", "example", "default", "info"):
            kept[key] = value
        elif key == "$ref":
            kept[key] = _REF + name_of(value.removeprefix(_REF))
        elif key == "schemas":
            kept[key] = {name_of(name): tidied(_without_defaults(each)) for name, each in value.items()}
        elif key == "description" and isinstance(value, str):
            kept[key] = _spoken_of(value, node.get("properties", {}))
        elif key != "title" or not isinstance(value, str):
            kept[key] = tidied(value)
    return kept


def _without_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a body: defaults in words, since generators of clients take a field with a default for one that is there."""
    if schema.get("additionalProperties") is not False:
        return schema
    fields = {}
    for name, field in schema.get("properties", {}).items():
        said = {key: value for key, value in field.items() if key != "default"}
        if field.get("default") is not None:
            more = f"Left out: {json.dumps(field['default'])}."
            said["description"] = f"{said['description']} {more}" if "description" in said else more
        fields[name] = said
    return {**schema, "properties": fields}


def _spoken_of(text: str, fields: Any) -> str:
    def called(found: re.Match[str]) -> str:
        name = to_camel(found[1])
        return f"`{name}`" if name in fields else found[0]

    return re.sub("`([a-z0-9_]+)`", called, text)
