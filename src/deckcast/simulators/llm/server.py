"""The language model simulator as a server: `run` for the command line, `running` for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from deckcast.simulators import control, serving
from deckcast.simulators.faults import Rule
from deckcast.simulators.llm.account import Account, Call
from deckcast.simulators.llm.answering import reply_to
from deckcast.simulators.llm.anthropic import Anthropic
from deckcast.simulators.llm.asked import Asked, Malformed, Reply, Shape
from deckcast.simulators.llm.faults import ENDS, REFUSALS, FaultPlan, plan_from
from deckcast.simulators.llm.gemini import Gemini
from deckcast.simulators.llm.matter import matter_of
from deckcast.simulators.llm.openai import OpenAi
from deckcast.simulators.wire import Around

OPENAI, OLLAMA, ANTHROPIC, GEMINI = OpenAi("openai"), OpenAi("ollama"), Anthropic(), Gemini()
_KEYS = {
    "no-credit": "no_credit",
    "no-access": "wrong_key",
    "no-model": "unknown_model",
    "busy": "rate_limit",
}


def app(plan: FaultPlan | None = None) -> ASGIApp:
    """The simulator as an ASGI application."""
    served = Starlette(
        routes=[
            Route("/v1/chat/completions", _chat, methods=["POST"]),
            Route("/v1/messages", _messages, methods=["POST"]),
            Route("/v1beta/models/{model}:generateContent", _generate, methods=["POST"]),
            *control.routes(_account, lambda said: JSONResponse({"error": said}, 400)),
        ]
    )
    served.state.account = Account(plan or FaultPlan())
    return served


def read_plan(file: Path) -> FaultPlan:
    """The faults of a TOML or JSON file; raises ValueError for what cannot be."""
    return plan_from(serving.read_table(file))


def run(port: int, host: str = "127.0.0.1", faults: Path | None = None) -> None:
    """Serve until stopped. `faults` is a file (docs/models.md). Raises ValueError and OSError for a file that
    cannot be used."""
    serving.serve(app(read_plan(faults) if faults else None), host, port)


@contextmanager
def running(faults: Mapping[str, Any] | None = None, port: int = 0) -> Iterator[str]:
    """A simulator in a thread of this process, on a free port; yields its base URL, which is right for all four
    providers. `faults` is a table as in a faults file."""
    with serving.running(app(plan_from(faults or {})), "llm-simulator", port) as base_url:
        yield base_url


def _account(request: Request) -> Account:
    return cast(Account, request.app.state.account)


async def _chat(request: Request) -> Response:
    """OpenAI's clients send a key; Ollama's have none to send, or one that says so."""
    key = OPENAI.key(request.headers)
    return await _served(request, OPENAI if key and key != "none" else OLLAMA)


async def _messages(request: Request) -> Response:
    return await _served(request, ANTHROPIC)


async def _generate(request: Request) -> Response:
    return await _served(request, GEMINI)


async def _served(request: Request, shape: Shape) -> Response:
    account = _account(request)
    busy = account.arrives()
    try:
        try:
            body = await request.json()
            asked = shape.asked(body, request.path_params.get("model", ""))
        except (Malformed, KeyError, TypeError, ValueError) as error:
            return JSONResponse(shape.error("rejected", 400, f"{type(error).__name__}: {error}")[1], 400)
        return await _Turn(account, shape, asked).answered(shape.key(request.headers), busy)
    finally:
        account.leaves()


@dataclass(frozen=True, slots=True)
class _Turn:
    """One call: its place in the ledger, its fault, its answer."""

    account: Account
    shape: Shape
    asked: Asked

    async def answered(self, key: str, busy: bool) -> Response:
        asked = self.asked
        title = matter_of(asked.text).text("title")
        call = Call(self.shape.name, asked.model, asked.digest, title, asked.repair, asked.pictures)
        self.account.calls.append(call)
        refusal = "rate_limit" if busy else self._refused_key(key)
        if refusal:
            call.fault = refusal
            response = self._refused(refusal)
        else:
            kind = "repair" if asked.repair else "ask"
            text = f"{asked.instructions}\n{asked.text}"
            fault = self.account.faults.draw(kind, asked.digest, text=text, provider=self.shape.name)
            call.fault = fault.fault if fault else ""
            response = await self._with_fault(call, fault)
        call.status = response.status_code
        return response

    def _refused_key(self, key: str) -> str:
        if self.shape is OLLAMA:
            return ""
        named = next((fault for part, fault in _KEYS.items() if part in key), "")
        return named or ("" if key.startswith("sim-") else "wrong_key")

    async def _with_fault(self, call: Call, fault: Rule | None) -> Response:
        around = Around(lambda: self._refused("rate_limit"), self._failed, lambda seconds: seconds)
        early = await around.before(fault)
        if early is None and fault is not None and fault.fault in REFUSALS:
            early = self._refused(fault.fault, fault.message)
        if early is not None:
            return early
        slow_s = fault.seconds if fault is not None and fault.fault == "slow" else 0.0
        await asyncio.sleep(self.account.plan.answer_s + slow_s)
        return await around.after(fault, self._answer(call, fault.fault if fault else ""))

    def _answer(self, call: Call, fault: str) -> Response:
        reply = Reply(reply_to(self.asked, fault))
        if fault in ENDS:
            said = "I cannot help with that." if fault == "refusal" else reply.text[: len(reply.text) // 2]
            reply = Reply(said, "refusal" if fault == "refusal" else "length")
        call.input_tokens, call.output_tokens = self.asked.tokens, reply.tokens
        body = json.dumps(self.shape.answer(self.asked, reply))
        whole = body if fault != "malformed_body" else body[: len(body) // 2]
        return Response(whole, media_type="application/json")

    def _refused(self, fault: str, message: str = "") -> Response:
        status, body = self.shape.error(fault, 500, message)
        wait_s = self.account.plan.retry_after_s
        return JSONResponse(body, status, {"Retry-After": f"{wait_s:g}"} if fault == "rate_limit" else None)

    def _failed(self, fault: Rule) -> Response:
        status, body = self.shape.error("failed", fault.status, fault.message)
        return JSONResponse(body, status)
