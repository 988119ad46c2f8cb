"""Anthropic's messages."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from deckcast.simulators.llm.asked import Asked, Malformed, Reply, joined
from deckcast.simulators.llm.matter import Json

_ERRORS = {
    "rate_limit": (429, "rate_limit_error", "This request would exceed your rate limit"),
    "wrong_key": (401, "authentication_error", "invalid x-api-key"),
    "no_credit": (400, "invalid_request_error", "Your credit balance is too low to access the API"),
    "unknown_model": (404, "not_found_error", "model: unknown"),
    "context_too_long": (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "rejected": (400, "invalid_request_error", "messages.0.content.1: Could not process image"),
}


class Anthropic:
    """POST /v1/messages."""

    name = "anthropic"

    def key(self, headers: Mapping[str, str]) -> str:
        """x-api-key, or a bearer token."""
        return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ").strip()

    def asked(self, body: Json, model: str) -> Asked:
        """See Shape."""
        messages = body["messages"]
        if not messages or messages[0]["role"] != "user":
            raise Malformed("messages: first message must use the user role")
        body["max_tokens"]  # required there
        schema, tool = _form(body)
        return Asked(
            model=body["model"],
            instructions=_text(body.get("system", "")),
            text=_text(messages[0]["content"]),
            schema=schema,
            tool=tool,
            pictures=_pictures(messages[0]["content"]),
            repair=len(messages) > 1,
        )

    def answer(self, asked: Asked, reply: Reply) -> Json:
        """See Shape."""
        ends = {"length": "max_tokens", "refusal": "refusal"}
        reason = ends.get(reply.end, "tool_use" if asked.tool else "end_turn")
        content: Json = {"type": "text", "text": reply.text}
        if asked.tool and reply.end != "refusal":
            content = {
                "type": "tool_use",
                "id": f"toolu_{secrets.token_hex(8)}",
                "name": asked.tool,
                "input": _object(reply.text),
            }
        return {
            "id": f"msg_{secrets.token_hex(8)}",
            "type": "message",
            "role": "assistant",
            "model": asked.model,
            "content": [] if reply.end == "refusal" else [content],
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": {"input_tokens": asked.tokens, "output_tokens": reply.tokens},
        }

    def error(self, fault: str, status: int, message: str) -> tuple[int, Json]:
        """See Shape."""
        status, kind, said = _ERRORS.get(fault, (status, "api_error", "Internal server error"))
        return status, {"type": "error", "error": {"type": kind, "message": message or said}}


def _form(body: Json) -> tuple[Json | None, str]:
    if tools := body.get("tools"):
        return tools[0]["input_schema"], tools[0]["name"]
    wanted = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    return wanted.get("schema"), ""


def _object(text: str) -> Json:
    """A tool's input is an object there; what is none comes as a field that nobody asked for."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"said": text}


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return joined([part["text"] for part in parts if part["type"] == "text"])


def _pictures(content: object) -> int:
    found = [part for part in content if part["type"] == "image"] if isinstance(content, list) else []
    for part in found:
        if part["source"].get("media_type") not in ("image/png", "image/jpeg") or not part["source"]["data"]:
            raise Malformed("messages.0.content: no picture")
    return len(found)
