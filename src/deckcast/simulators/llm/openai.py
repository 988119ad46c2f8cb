"""OpenAI's chat completions, which Ollama and many self-hosted servers speak too."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping

from deckcast.simulators.llm.asked import Asked, Malformed, Reply, joined
from deckcast.simulators.llm.matter import Json

_ERRORS = {
    "rate_limit": (429, "rate_limit_exceeded", "Rate limit reached for requests"),
    "wrong_key": (401, "invalid_api_key", "Incorrect API key provided"),
    "no_credit": (429, "insufficient_quota", "You exceeded your current quota, please check your plan"),
    "unknown_model": (404, "model_not_found", "The model does not exist or you do not have access to it"),
    "context_too_long": (
        400,
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens",
    ),
    "rejected": (400, "invalid_request_error", "Invalid content type: image_url is not supported"),
}


class OpenAi:
    """POST /v1/chat/completions. `name` is openai or ollama, which differ in their errors only."""

    def __init__(self, name: str) -> None:
        self.name = name

    def key(self, headers: Mapping[str, str]) -> str:
        """Bearer token."""
        return headers.get("authorization", "").removeprefix("Bearer ").strip()

    def asked(self, body: Json, model: str) -> Asked:
        """See Shape."""
        messages = body["messages"]
        users = [item for item in messages if item["role"] == "user"]
        if not users:
            raise Malformed("messages holds nothing of the user")
        systems = [item for item in messages if item["role"] in ("system", "developer")]
        schema, tool = _form(body)
        return Asked(
            model=body["model"],
            instructions=joined([_text(item["content"]) for item in systems]),
            text=_text(users[0]["content"]),
            schema=schema,
            tool=tool,
            pictures=_pictures(users[0]["content"]),
            repair=any(item["role"] == "assistant" for item in messages),
        )

    def answer(self, asked: Asked, reply: Reply) -> Json:
        """See Shape."""
        message: Json = {"role": "assistant", "content": reply.text, "refusal": None}
        reason = "length" if reply.end == "length" else "stop"
        if reply.end == "refusal":
            message |= {"content": None, "refusal": reply.text}
            reason = "content_filter"
        elif asked.tool:
            call = {"name": asked.tool, "arguments": reply.text}
            message |= {
                "content": None,
                "tool_calls": [{"id": f"call_{secrets.token_hex(8)}", "type": "function", "function": call}],
            }
            reason = "length" if reply.end == "length" else "tool_calls"
        return {
            "id": f"chatcmpl-{secrets.token_hex(8)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked.model,
            "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
            "usage": {
                "prompt_tokens": asked.tokens,
                "completion_tokens": reply.tokens,
                "total_tokens": asked.tokens + reply.tokens,
            },
        }

    def error(self, fault: str, status: int, message: str) -> tuple[int, Json]:
        """See Shape."""
        status, code, said = _ERRORS.get(fault, (status, "server_error", "The server had an error"))
        return status, {"error": {"message": message or said, "type": code, "param": None, "code": code}}


def _form(body: Json) -> tuple[Json | None, str]:
    if tools := body.get("tools"):
        function = tools[0]["function"]
        return function["parameters"], function["name"]
    wanted = body.get("response_format") or {}
    return (wanted["json_schema"]["schema"], "") if wanted.get("type") == "json_schema" else (None, "")


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return joined([part["text"] for part in parts if part["type"] == "text"])


def _pictures(content: object) -> int:
    found = [part for part in content if part["type"] == "image_url"] if isinstance(content, list) else []
    for part in found:
        if not part["image_url"]["url"].startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
            raise Malformed(f"no picture: {json.dumps(part)[:80]}")
    return len(found)
