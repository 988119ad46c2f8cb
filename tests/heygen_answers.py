"""HeyGen with answers made up one by one, for unit tests: no network, no time."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deckcast.avatars.fetching import Outside
from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ports import AvatarVideoRequest
from deckcast.kit.errors import DeckcastError
from deckcast.kit.retry import Retries
from deckcast.kit.settings import HeyGenSettings

KEY = "avv_1.fingerprint.1"
API_KEY = "sim-canary-0123456789abcdef0123456789"
NOON = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


Answer = Callable[[httpx2.Request], httpx2.Response]

LOOKS = [
    {"id": "ada", "name": "Ada", "avatar_type": "studio_avatar", "gender": "Female", "default_voice_id": "v1",
     "supported_api_engines": ["avatar_iv", "avatar_iii"], "preview_image_url": "https://p.example/ada.png"},
    {"id": "old", "name": "Old", "avatar_type": "studio_avatar", "supported_api_engines": ["avatar_iii"]},
    {"id": "pic", "name": "Pic", "avatar_type": "photo_avatar", "gender": None, "default_voice_id": None},
]  # fmt: skip


class HeyGen:
    """Answers by method and path, the last one for ever; it notes what was sent."""

    def __init__(self, tmp_path: Path, **settings: Any) -> None:
        self.sent: list[httpx2.Request] = []
        self.slept: list[float] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self.say("GET", "/v3/avatars/looks", {"data": LOOKS, "has_more": False, "next_token": None})
        self.say("GET", "/v3/voices", {"data": [{"voice_id": "v1", "name": "One", "language": "English"}]})
        self.say("POST", "/v3/assets", {"data": {"asset_id": "asset_1"}})
        transport = httpx2.MockTransport(self._handle)
        self.provider = HeyGenProvider(
            HeyGenSettings(**{"api_key": API_KEY, "base_url": "https://api.example.com", **settings}),
            public_url=None,
            scratch=tmp_path / "scratch",
            client=httpx2.AsyncClient(transport=transport),
            outside=Outside("https://api.example.com", resolve=_public, transport=transport),
            retries=Retries(sleep=self._sleep, backoff_s=lambda failures: float(failures), clock=lambda: 0.0),
            clock=lambda: NOON,
        )

    def say(self, method: str, path: str, *answers: Any, status: int = 200, headers: Any = None) -> None:
        """What the next calls of this path meet: JSON values, responses or exceptions."""
        made = [_answer(each, status, headers) for each in answers]
        self._answers[method, path] = made

    def calls(self, method: str, path: str) -> list[httpx2.Request]:
        return [each for each in self.sent if (each.method, each.url.path) == (method, path)]

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        answers = self._answers[request.method, request.url.path]
        return (answers.pop(0) if len(answers) > 1 else answers[0])(request)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    def problem(self, work: Coroutine[Any, Any, Any]) -> Any:
        with pytest.raises(DeckcastError) as caught:
            self.run(work)
        return caught.value


async def _public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def _answer(said: Any, status: int, headers: Any) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            return httpx2.Response(status, text=said, headers=headers)
        return httpx2.Response(status, json=said, headers=headers)

    return answer


def wav(path: Path, seconds: float, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\0" * int(seconds * rate))
    return path


def spoken(tmp_path: Path, **values: Any) -> AvatarVideoRequest:
    values = {"audio": wav(tmp_path / "speech.wav", 1.0), "avatar_id": "ada", "title": "Slide 3", **values}
    return AvatarVideoRequest(**{"width": 1920, "height": 1080, **values})


def refusal(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "Sorry."}}
