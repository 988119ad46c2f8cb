"""POST /v1/audio/speech, as OpenAI answers it."""

from __future__ import annotations

import asyncio
import json

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deckcast.simulators.faults import Rule
from deckcast.simulators.speech import files, speaking
from deckcast.simulators.speech.calls import HangUp, Json, Refused, simulator
from deckcast.simulators.wire import CutShort, Dropped

_VOICES = {
    "alloy": "female", "ash": "male", "ballad": "male", "coral": "female", "echo": "male", "fable": "male",
    "onyx": "male", "nova": "female", "sage": "female", "shimmer": "female", "verse": "male", "marin": "female",
    "cedar": "male",
}  # fmt: skip
_MODELS = {"tts-1": 4096, "tts-1-hd": 4096, "gpt-4o-mini-tts": 4096}
_ERRORS = {
    "key": (401, "invalid_request_error", "invalid_api_key"),
    "credit": (429, "insufficient_quota", "insufficient_quota"),
    "busy": (429, "requests", "rate_limit_exceeded"),
    "voice": (400, "invalid_request_error", "invalid_value"),
    "form": (400, "invalid_request_error", "invalid_value"),
    "model": (404, "invalid_request_error", "model_not_found"),
    "refused": (400, "invalid_request_error", "content_policy_violation"),
    "failed": (500, "server_error", None),
}


async def create(request: Request) -> Response:
    """The whole call."""
    current = simulator(request)
    current.books.calls["openai speech"] += 1
    try:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        current.check_key(key)
        order = _order(await request.body())
        with current.place("openai"):
            return await _spoken(request, key, order)
    except HangUp:
        return Dropped()
    except Refused as refusal:
        status, kind, code = _ERRORS[refusal.kind]
        status = refusal.rule.status if refusal.rule else status
        error = {"message": refusal.message, "type": kind, "param": refusal.param or None, "code": code}
        headers = current.wait_headers() if refusal.kind == "busy" else {}
        return JSONResponse({"error": error}, status, headers)


async def _spoken(request: Request, key: str, order: Json) -> Response:
    current, text, voice = simulator(request), order["input"], order["voice"]
    rest = {name: value for name, value in order.items() if name not in ("input", "voice")}
    fault = current.drawn("openai", text, voice)
    try:
        current.check_order("openai", key, text, len(text))
        await current.before(fault)
    except (Refused, HangUp):
        current.refuse("openai", voice, text, fault, rest)
        raise
    pace = round(165 * float(order.get("speed", 1.0)))
    sound = await asyncio.to_thread(_sound, text, voice, pace)
    current.bill("openai", voice, text, len(text), fault, rest)
    await current.after(fault)
    return _answer(sound, order, fault, current.switches.openai_wav_length == "true")


def _sound(text: str, voice: str, wpm: int) -> speaking.Sound:
    passages = (speaking.Passage(text),)
    which = sorted(_VOICES).index(voice)
    return speaking.speech(passages, speaking.language_of(text), _VOICES[voice], which, wpm)


def _answer(sound: speaking.Sound, order: Json, fault: Rule | None, tells_length: bool) -> Response:
    wrong = fault.fault if fault else ""
    if wrong == "not_audio":
        return Response(b"<html>An error page</html>", media_type="audio/wav")
    if wrong == "short":
        sound = speaking.cut(sound, 0.4)
    kind = order.get("response_format", "mp3")
    if kind == "wav":
        content = files.wav(sound.samples, tells_length=tells_length)
    elif kind == "pcm":
        content = np.ascontiguousarray(sound.samples[::2]).astype("<i2").tobytes()  # 24 kHz
    else:
        content = files.encoded(sound.samples, kind, 48_000)
    media = f"audio/{'mpeg' if kind == 'mp3' else kind}"
    return (CutShort if wrong == "truncated" else Response)(content, media_type=media)


def _order(body: bytes) -> Json:
    try:
        order = json.loads(body)
        model, text, voice = order["model"], order["input"], order["voice"]
    except (ValueError, TypeError, KeyError) as error:
        raise Refused("form", f"Missing required parameter: {error}") from error
    if model not in _MODELS:
        raise Refused("model", f"The model `{model}` does not exist or you do not have access to it")
    if voice not in _VOICES:
        raise Refused("voice", f"Invalid value: {voice!r}", param="voice")
    if not isinstance(text, str) or not 0 < len(text) <= _MODELS[model]:
        raise Refused("form", "String should have 1 to 4096 characters", param="input")
    if not 0.25 <= float(order.get("speed", 1.0)) <= 4.0:
        raise Refused("form", "speed should be between 0.25 and 4.0", param="speed")
    if order.get("response_format", "mp3") not in ("mp3", "wav", "flac", "pcm"):
        raise Refused("form", "this simulator has mp3, wav, flac and pcm", param="response_format")
    return dict(order)


ROUTES = [Route("/v1/audio/speech", create, methods=["POST"])]
