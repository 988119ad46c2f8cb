"""What the description says of every operation alike: its summary, what any call can be answered, the headers of
answers, who may call, and what comes next."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from deckcast.api.guard import SESSION_COOKIE
from deckcast.api.links import links_from
from deckcast.api.problems import MEDIA_TYPE, problems

REF = "#/components/schemas/Problem"
EVERYWHERE = (421, 503)  # called under a foreign name; the database is away
UNSAFE = ("post", "put", "patch", "delete")  # refused with 403 where another site's page calls
PROVES_ITSELF = ("signIn", "receiveWebhook")  # their 401 is about what they are sent
SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A user's token, `dct_…`. At the server's own machine none is needed while there are no users.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The page's session.",
    },
}
_FRAMEWORKS = "Successful Response"


def complete(method: str, operation: dict[str, Any]) -> None:
    """Complete what FastAPI says of an operation."""
    operation["summary"] = _in_words(operation["operationId"])
    responses = operation.setdefault("responses", {})
    _add_refusals(method, operation, responses)
    for status, said in responses.items():
        if said["description"] == _FRAMEWORKS:
            said["description"] = HTTPStatus(int(status)).phrase
    for each in operation.get("parameters", ()):
        each["schema"] = _not_null(each["schema"])
        if each["in"] == "header":
            each["name"] = each["name"].title()
    _add_headers(operation, responses)
    if "401" in responses and operation["operationId"] not in PROVES_ITSELF:
        operation["security"] = [{name: []} for name in SECURITY_SCHEMES]
    links = links_from(operation["operationId"])
    if links:
        min(responses.items())[1]["links"] = links


def _in_words(operation_id: str) -> str:
    """`generateAllAudio` as "Generate all audio"."""
    return re.sub("[A-Z]", lambda found: f" {found[0].lower()}", operation_id).capitalize()


def _add_refusals(method: str, operation: dict[str, Any], responses: dict[str, Any]) -> None:
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        for status in (408, 413):  # its body comes too slowly, or is too large
            responses.setdefault(str(status), problems(status)[status])
    if "422" in responses:
        responses["422"]["content"] = {MEDIA_TYPE: {"schema": {"$ref": REF}}}
    for status in (*EVERYWHERE, *((403,) if method in UNSAFE else ())):
        responses.setdefault(str(status), problems(status)[status])


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter can be left out, but has no way to be null."""
    kept = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if not kept:
        return schema
    said = kept[0] if len(kept) == 1 else {"anyOf": kept}
    return {**said, **{name: value for name, value in schema.items() if name != "anyOf"}}


def _add_headers(operation: dict[str, Any], responses: dict[str, Any]) -> None:
    named = {each["name"] for each in operation.get("parameters", ())}
    done = min(responses.items())[1]
    if "Idempotency-Key" in named:
        said = '"true": this is the answer of the first call with the same key.'
        done.setdefault("headers", {})["Idempotent-Replayed"] = _header(said)
    if "If-None-Match" in named:
        said = "Names what was answered; sent back as If-None-Match, 304 says that it still holds."
        done.setdefault("headers", {})["ETag"] = _header(said)
    if "429" in responses:
        said = "After how many seconds the next call is taken."
        responses["429"]["headers"] = {"Retry-After": _header(said, "integer")}


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}
