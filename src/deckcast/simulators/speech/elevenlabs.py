"""ElevenLabs' voices and speech with timings."""

from __future__ import annotations

import asyncio
import base64
import json
import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deckcast.simulators.faults import Rule
from deckcast.simulators.speech import files, speaking
from deckcast.simulators.speech.calls import HangUp, Json, Refused, Simulator, simulator
from deckcast.simulators.wire import CutShort, Dropped

_NAMES = (
    ("21m00Tcm4TlvDq8ikWAM", "Rachel", "female", "en"),
    ("29vD33N1CtxCmqQRPOHJ", "Drew", "male", "en"),
    ("sim0Voice0Anna00de", "Anna", "female", "de"),
    ("sim0Voice0Jonas0de", "Jonas", "male", "de"),
    ("sim0Voice0Lucia0es", "Lucia", "female", "es"),
    ("sim0Voice0Paul00fr", "Paul", "male", "fr"),
)
_VOICES = {voice_id: (name, gender, language) for voice_id, name, gender, language in _NAMES}
_MOST_CHARS = {
    "eleven_multilingual_v2": 10_000, "eleven_flash_v2_5": 40_000, "eleven_turbo_v2_5": 40_000, "eleven_v3": 5000,
}  # fmt: skip
_BREAK = re.compile(r'<break time="(\d+(?:\.\d+)?)s" ?/>')
_ERRORS = {
    "key": (401, "invalid_api_key"),
    "busy": (429, "too_many_concurrent_requests"),
    "voice": (404, "voice_not_found"),
    "history": (400, "invalid_previous_request_ids"),
    "model": (400, "model_not_found"),
    "long": (400, "max_character_limit_exceeded"),
    "refused": (400, "content_against_policy"),
    "failed": (500, "internal_server_error"),
}


async def voices(request: Request) -> Response:
    """GET /v2/voices: page by page."""
    current = simulator(request)

    async def page() -> Response:
        size = min(
            int(request.query_params.get("page_size", "10")), current.switches.elevenlabs_page_size, 100
        )
        start = int(request.query_params.get("next_page_token") or 0)
        more = start + size < len(_NAMES)
        return JSONResponse(
            {
                "voices": [_described(voice_id) for voice_id, *_ in _NAMES[start : start + size]],
                "has_more": more,
                "total_count": len(_NAMES),
                "next_page_token": str(start + size) if more else None,
            }
        )

    current.books.calls["elevenlabs voices"] += 1
    fault = current.faults.draw("voices", "elevenlabs", engine="elevenlabs")
    try:
        current.check_key(request.headers.get("xi-api-key", ""))
        await current.before(fault)
        response = await page()
        await current.after(fault)
        return response
    except HangUp:
        return Dropped()
    except Refused as refusal:
        return _refusal(current, refusal)


async def speak(request: Request) -> Response:
    """POST /v1/text-to-speech/{voice_id}/with-timestamps."""
    current = simulator(request)
    current.books.calls["elevenlabs speech"] += 1
    try:
        key = request.headers.get("xi-api-key", "")
        current.check_key(key)
        if request.path_params["voice_id"] not in _VOICES:
            raise Refused("voice", "A voice with this id was not found")
        if request.query_params.get("output_format", "mp3_44100_128") != "mp3_44100_128":
            raise Refused("credit", "This output format is not allowed in your plan")
        order = _order(await request.body())
        with current.place("elevenlabs"):
            return await _spoken(request, key, order)
    except HangUp:
        return Dropped()
    except _NotOfForm as error:
        detail = [{"type": "missing", "loc": ["body", str(error)], "msg": f"{error}: Field required"}]
        return JSONResponse({"detail": detail}, 422)
    except Refused as refusal:
        return _refusal(current, refusal)


async def _spoken(request: Request, key: str, order: Json) -> Response:
    current, text, voice = simulator(request), order["text"], request.path_params["voice_id"]
    rest = {name: value for name, value in order.items() if name != "text"}
    fault = current.drawn("elevenlabs", text, voice)
    try:
        current.check_order("elevenlabs", key, text, len(text))
        for earlier in order.get("previous_request_ids", ()):
            if not current.switches.elevenlabs_keeps_history or earlier not in current.books.request_ids:
                raise Refused("history", "A previous request id was not found")
        await current.before(fault)
    except (Refused, HangUp):
        current.refuse("elevenlabs", voice, text, fault, rest)
        raise
    answer = await asyncio.to_thread(_answer, current, order, voice, fault)
    request_id = current.bill("elevenlabs", voice, text, len(text), fault, rest)
    await current.after(fault)
    headers = {"request-id": request_id}
    if current.switches.elevenlabs_tells_cost:
        headers["character-cost"] = str(len(text))
    kind = CutShort if fault and fault.fault == "truncated" else Response
    return kind(json.dumps(answer).encode(), headers=headers, media_type="application/json")


def _answer(current: Simulator, order: Json, voice: str, fault: Rule | None) -> Json:
    wrong = fault.fault if fault else ""
    text = order["text"]
    _, gender, _ = _VOICES[voice]
    passages, places = _passages(text)
    language = order.get("language_code") or speaking.language_of(_BREAK.sub(" ", text))
    speed = float((order.get("voice_settings") or {}).get("speed", 1.0))
    which = sorted(_VOICES).index(voice)
    sound = speaking.speech(passages, language, gender, which, round(165 * speed))
    timed = dict(zip(places, sound.times, strict=True))
    letters = range(len(text)) if current.switches.elevenlabs_breaks_timed else places
    starts, ends, last = [], [], 0.0
    for index in letters:  # a break tag's characters all stand where it begins
        start, end = timed.get(index, (last, last))
        starts.append(round(start, 3))
        ends.append(round(end, 3))
        last = end
    if wrong == "wrong_timings":
        starts, ends = speaking.stretched(starts), speaking.stretched(ends)
    alignment = {
        "characters": [text[index] for index in letters],
        "character_start_times_seconds": starts,
        "character_end_times_seconds": ends,
    }
    kept = speaking.cut(sound, 0.4) if wrong == "short" else sound
    content = b"no sound at all" if wrong == "not_audio" else files.encoded(kept.samples, "mp3", 44_100)
    return {
        "audio_base64": base64.b64encode(content).decode(),
        "alignment": None if wrong == "no_timings" else alignment,
        "normalized_alignment": None,
    }


def _passages(text: str) -> tuple[tuple[speaking.Passage, ...], list[int]]:
    """The text between its break tags; and for each character of it, its place in the text."""
    passages: list[speaking.Passage] = []
    places: list[int] = []
    done = 0
    for tag in [*_BREAK.finditer(text), None]:
        end = tag.start() if tag else len(text)
        pause_s = min(float(tag[1]), 3.0) if tag else 0.0
        passages.append(speaking.Passage(text[done:end], pause_s))
        places += range(done, end)
        done = tag.end() if tag else end
    return tuple(passages), places


class _NotOfForm(Exception):
    """A field is missing or has the wrong kind."""


def _order(body: bytes) -> Json:
    try:
        order = json.loads(body)
    except ValueError:
        order = None
    if not isinstance(order, dict) or not isinstance(order.get("text"), str) or not order["text"]:
        raise _NotOfForm("text")
    model = order.get("model_id", "eleven_multilingual_v2")
    if model not in _MOST_CHARS:
        raise Refused("model", f"A model with id {model} does not exist")
    if len(order["text"]) > _MOST_CHARS[model]:
        raise Refused("long", "This request exceeds the character limit of the model")
    if len(order.get("previous_request_ids", ())) > 3:
        raise Refused("history", "At most three previous request ids are taken")
    if model == "eleven_v3" and {"previous_text", "next_text", "previous_request_ids"} & set(order):
        raise Refused("model", "Stitching is not available for eleven_v3")
    return order


def _described(voice_id: str) -> Json:
    name, gender, language = _VOICES[voice_id]
    return {
        "voice_id": voice_id,
        "name": name,
        "category": "premade",
        "labels": {"gender": gender, "language": language, "accent": "", "use_case": "narration"},
    }


def _refusal(current: Simulator, refusal: Refused) -> Response:
    if refusal.kind == "credit":
        status, code = int(current.switches.elevenlabs_quota_status), "quota_exceeded"
    else:
        status, code = _ERRORS[refusal.kind]
    status = refusal.rule.status if refusal.rule else status
    headers = current.wait_headers() if refusal.kind == "busy" else {}
    return JSONResponse({"detail": {"status": code, "message": refusal.message}}, status, headers)


ROUTES = [
    Route("/v2/voices", voices),
    Route("/v1/text-to-speech/{voice_id}/with-timestamps", speak, methods=["POST"]),
]
