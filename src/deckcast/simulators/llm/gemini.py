"""Gemini's generateContent."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from deckcast.simulators.llm.asked import Asked, Malformed, Reply, joined
from deckcast.simulators.llm.matter import Json

_ERRORS = {
    "rate_limit": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted"),
    "wrong_key": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "no_credit": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota"),
    "unknown_model": (404, "NOT_FOUND", "models/unknown is not found for API version v1beta"),
    "context_too_long": (
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ),
    "rejected": (400, "INVALID_ARGUMENT", "Unable to process input image."),
}
_DETAILS = {
    "wrong_key": {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"},
    "no_credit": {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
    },
}


class Gemini:
    """POST /v1beta/models/{model}:generateContent."""

    name = "gemini"

    def key(self, headers: Mapping[str, str]) -> str:
        """x-goog-api-key."""
        return headers.get("x-goog-api-key", "")

    def asked(self, body: Json, model: str) -> Asked:
        """See Shape."""
        contents = body["contents"]
        if not contents or contents[0].get("role", "user") != "user":
            raise Malformed("Please ensure that the first turn is of the user.")
        schema, tool = _form(body)
        return Asked(
            model=model,
            instructions=_text((_given(body, "systemInstruction") or {}).get("parts", [])),
            text=_text(contents[0]["parts"]),
            schema=schema,
            tool=tool,
            pictures=_pictures(contents[0]["parts"]),
            repair=len(contents) > 1,
        )

    def answer(self, asked: Asked, reply: Reply) -> Json:
        """See Shape."""
        used = {
            "promptTokenCount": asked.tokens,
            "candidatesTokenCount": reply.tokens,
            "totalTokenCount": asked.tokens + reply.tokens,
        }
        whole: Json = {
            "usageMetadata": used,
            "modelVersion": asked.model,
            "responseId": secrets.token_hex(8),
        }
        if reply.end == "refusal":
            return {**whole, "candidates": [{"index": 0, "finishReason": "PROHIBITED_CONTENT"}]}
        part: Json = {"text": reply.text}
        if asked.tool and reply.end == "stop":
            part = {"functionCall": {"name": asked.tool, "args": _object(reply.text)}}
        reason = "MAX_TOKENS" if reply.end == "length" else "STOP"
        content = {"role": "model", "parts": [part]}
        return {**whole, "candidates": [{"index": 0, "content": content, "finishReason": reason}]}

    def error(self, fault: str, status: int, message: str) -> tuple[int, Json]:
        """See Shape."""
        status, word, said = _ERRORS.get(fault, (status, "INTERNAL", "An internal error has occurred"))
        details = [_DETAILS[fault]] if fault in _DETAILS else []
        return status, {
            "error": {"code": status, "message": message or said, "status": word, "details": details}
        }


def _given(values: Json, name: str) -> Any:
    """The value of a field in camel case or, as its clients mix them, in snake case; None without one."""
    return values.get(name, values.get(re.sub("([A-Z])", lambda found: "_" + found[1].lower(), name)))


def _form(body: Json) -> tuple[Json | None, str]:
    for tool in body.get("tools") or ():
        for function in _given(tool, "functionDeclarations") or ():
            return _given(function, "parametersJsonSchema") or function["parameters"], function["name"]
    wanted = _given(body, "generationConfig") or {}
    return _given(wanted, "responseJsonSchema") or _given(wanted, "responseSchema"), ""


def _object(text: str) -> Json:
    """A function's arguments are an object there; what is none comes as a field that nobody asked for."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"said": text}


def _text(parts: list[Json]) -> str:
    return joined([part.get("text", "") for part in parts])


def _pictures(parts: list[Json]) -> int:
    found = [data for part in parts if (data := _given(part, "inlineData"))]
    if any(_given(item, "mimeType") not in ("image/png", "image/jpeg") or not item["data"] for item in found):
        raise Malformed("Unable to process input image.")
    return len(found)
