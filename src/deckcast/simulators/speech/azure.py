"""Azure's list of voices, and its speech over a socket."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from deckcast.kit.timing import Viseme
from deckcast.simulators.faults import Rule
from deckcast.simulators.speech import speaking
from deckcast.simulators.speech.azure_ssml import Document, NotSsml, read
from deckcast.simulators.speech.calls import HangUp, Json, Refused, Simulator, simulator
from deckcast.simulators.wire import Dropped

_NAMES = (
    ("en-US", "AvaNeural", "Female", 158),
    ("en-US", "AndrewNeural", "Male", 160),
    ("en-GB", "SoniaNeural", "Female", 165),
    ("de-DE", "KatjaNeural", "Female", 150),
    ("de-DE", "ConradNeural", "Male", 148),
    ("es-ES", "ElviraNeural", "Female", 165),
    ("fr-FR", "HenriNeural", "Male", 160),
    ("ja-JP", "NanamiNeural", "Female", 300),
)
_VOICES = {f"{locale}-{name}": (locale, gender, wpm) for locale, name, gender, wpm in _NAMES}
_VISEME_IDS = {
    Viseme.SIL: 0, Viseme.AA: 2, Viseme.E: 4, Viseme.IH: 6, Viseme.OU: 7, Viseme.OH: 8, Viseme.RR: 13,
    Viseme.NN: 14, Viseme.SS: 15, Viseme.CH: 16, Viseme.TH: 17, Viseme.FF: 18, Viseme.DD: 19, Viseme.KK: 20,
    Viseme.PP: 21,
}  # fmt: skip
_TICKS_PER_S = 10_000_000
_CHUNK = 9600
_FORMAT = "raw-48khz-16bit-mono-pcm"
_CLOSES = {
    "credit": (1008, "Quota exceeded"),
    "busy": (4429, "Too many requests"),
    "voice": (1007, "Unsupported voice"),
    "form": (1007, "SSML parsing error"),
    "refused": (1007, "The text is not allowed"),
    "failed": (1011, "Internal server error"),
}
_STATUS = {"key": 401, "busy": 429, "credit": 403, "failed": 500}


async def voices(request: Request) -> Response:
    """GET /cognitiveservices/voices/list."""
    current = simulator(request)
    current.books.calls["azure voices"] += 1
    fault = current.faults.draw("voices", "azure", engine="azure")
    try:
        current.check_key(request.headers.get("ocp-apim-subscription-key", ""))
        await current.before(fault)
        response = JSONResponse([_described(name) for name in _VOICES])
        await current.after(fault)
        return response
    except HangUp:
        return Dropped()
    except Refused as refusal:
        status = refusal.rule.status if refusal.rule else _STATUS[refusal.kind]
        return PlainTextResponse(refusal.message, status, current.wait_headers() if status == 429 else {})


async def socket(websocket: WebSocket) -> None:
    """WS /cognitiveservices/websocket/v1: turn after turn."""
    current = simulator(websocket)
    current.books.calls["azure connect"] += 1
    key = websocket.headers.get("ocp-apim-subscription-key", "")
    try:
        current.check_key(key)
        fault = current.faults.draw("connect", "azure", engine="azure")
        await current.before(fault)
        if current.switches.azure_busy == "handshake":
            with current.place("azure"):
                pass
    except Refused as refusal:
        status = refusal.rule.status if refusal.rule else _STATUS[refusal.kind]
        headers = current.wait_headers() if status == 429 else {}
        await websocket.send_denial_response(PlainTextResponse(refusal.message, status, headers))
        return
    except HangUp:
        _hang_up(websocket)
        return
    await websocket.accept()
    await _turns(websocket, current, key)


async def _turns(websocket: WebSocket, current: Simulator, key: str) -> None:
    context: Json = {}
    try:
        while True:
            headers, body = _parted(await websocket.receive_text())
            path = headers.get("path", "")
            if path == "synthesis.context":
                context = json.loads(body)["synthesis"]["audio"]
            elif path == "ssml":
                await _turn(websocket, current, key, _Turn(headers["x-requestid"], body, context))
    except WebSocketDisconnect:
        return
    except HangUp:
        _hang_up(websocket)
    except Refused as refusal:
        code, words = _CLOSES[refusal.kind]
        await websocket.close(code, f"{words}: {refusal.message}")
    except (KeyError, ValueError) as error:
        await websocket.close(1007, f"Message not understood: {error}")


@dataclass(frozen=True, slots=True)
class _Turn:
    request_id: str
    ssml: str
    context: Json


async def _turn(websocket: WebSocket, current: Simulator, key: str, turn: _Turn) -> None:
    current.books.calls["azure speech"] += 1
    try:
        document = read(turn.ssml)
    except NotSsml as error:
        raise Refused("form", str(error)) from error
    if document.voice not in _VOICES:
        raise Refused("voice", document.voice)
    if turn.context.get("outputFormat") != _FORMAT:
        raise Refused("form", f"this simulator has {_FORMAT} only")
    fault = current.drawn("azure", document.text, document.voice)
    order = {"ssml": turn.ssml}
    with current.place("azure"):
        try:
            current.check_order("azure", key, document.text, document.chars)
            await current.before(fault)
        except (Refused, HangUp):
            current.refuse("azure", document.voice, document.text, fault, order)
            raise
        locale, gender, wpm = _VOICES[document.voice]
        sound = await asyncio.to_thread(
            speaking.speech,
            document.passages,
            locale,
            gender.lower(),
            sorted(_VOICES).index(document.voice),
            round(wpm * document.rate),
        )
        current.bill("azure", document.voice, document.text, document.chars, fault, order)
        await current.after(fault)
        await _send(websocket, current, turn, (document, sound), fault)


async def _send(
    websocket: WebSocket,
    current: Simulator,
    turn: _Turn,
    spoken: tuple[Document, speaking.Sound],
    fault: Rule | None,
) -> None:
    document, sound = spoken
    wrong = fault.fault if fault else ""
    stream = secrets.token_hex(16)
    wanted = turn.context.get("metadataOptions", {})
    told = [] if wrong == "no_timings" else _metadata(document, sound, wanted, current.switches.azure_visemes)
    if wrong == "wrong_timings":
        for item in told:
            item["Data"]["Offset"] = item["Data"]["Offset"] * 3 + (5 * _TICKS_PER_S if len(item) % 3 else 0)
        told.reverse()
    content = sound.samples.astype("<i2").tobytes()
    content = content[: len(content) * 2 // 5 // 2 * 2] if wrong in ("short", "truncated") else content
    await websocket.send_text(_message("turn.start", turn, {"context": {"serviceTag": stream}}))
    inline = {"context": {"serviceTag": stream}, "audio": {"type": "inline", "streamId": stream}}
    await websocket.send_text(_message("response", turn, inline))
    for first in range(0, len(told), 20):
        await websocket.send_text(
            _message("audio.metadata", turn, {"Metadata": told[first : first + 20]}, stream)
        )
    for first in range(0, len(content), _CHUNK):
        body = b"" if wrong == "not_audio" else content[first : first + _CHUNK]
        await websocket.send_bytes(_audio(turn, stream, body))
    if wrong == "truncated":
        raise HangUp
    await websocket.send_text(_message("turn.end", turn, {}))


def _metadata(document: Document, sound: speaking.Sound, wanted: Json, visemes: bool) -> list[Json]:
    told: list[Json] = []
    if wanted.get("wordBoundaryEnabled"):
        for start, end in document.words:
            offset = round(sound.times[start][0] * _TICKS_PER_S)
            length = round((sound.times[end - 1][1] - sound.times[start][0]) * _TICKS_PER_S)
            text = {"Text": document.text[start:end], "Length": end - start, "BoundaryType": "WordBoundary"}
            told.append(
                {"Type": "WordBoundary", "Data": {"Offset": offset, "Duration": length, "text": text}}
            )
    if wanted.get("visemeEnabled") and visemes:
        for each in sound.visemes:
            data = {"Offset": round(each.start_s * _TICKS_PER_S), "VisemeId": _VISEME_IDS[each.viseme]}
            told.append({"Type": "Viseme", "Data": data})
    told.sort(key=lambda item: item["Data"]["Offset"])
    if wanted.get("sessionEndEnabled"):
        told.append({"Type": "SessionEnd", "Data": {"Offset": round(sound.duration_s * _TICKS_PER_S)}})
    return told


def _message(path: str, turn: _Turn, body: Json, stream: str = "") -> str:
    head = f"X-RequestId:{turn.request_id}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}"
    head += f"\r\nX-StreamId:{stream}" if stream else ""
    return f"{head}\r\n\r\n{json.dumps(body)}"


def _audio(turn: _Turn, stream: str, body: bytes) -> bytes:
    head = (
        f"X-RequestId:{turn.request_id}\r\nContent-Type:audio/x-wav\r\nX-StreamId:{stream}\r\nPath:audio\r\n"
    )
    return len(head).to_bytes(2, "big") + head.encode() + body


def _parted(message: str) -> tuple[dict[str, str], str]:
    head, _, body = message.partition("\r\n\r\n")
    lines = (line.partition(":") for line in head.split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}, body


def _hang_up(websocket: WebSocket) -> None:
    transport: Any = websocket.scope["connection"]
    transport.abort()


def _described(name: str) -> Json:
    locale, gender, wpm = _VOICES[name]
    return {
        "Name": f"Microsoft Server Speech Text to Speech Voice ({locale}, {name.removeprefix(locale + '-')})",
        "DisplayName": name.removeprefix(f"{locale}-").removesuffix("Neural"),
        "ShortName": name,
        "Gender": gender,
        "Locale": locale,
        "LocaleName": locale,
        "SampleRateHertz": "48000",
        "VoiceType": "Neural",
        "Status": "GA",
        "WordsPerMinute": str(wpm),
    }


ROUTES: list[BaseRoute] = [
    Route("/cognitiveservices/voices/list", voices),
    WebSocketRoute("/cognitiveservices/websocket/v1", socket),
]
