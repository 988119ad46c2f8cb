"""The HeyGen simulator over real HTTP: HeyGen's shapes, real files, and every fault really happening.

Videos are ready at once (`ready`) or never in a test's time (`slow`), so that nothing waits for a clock.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import queue
import signal
import socket
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import httpx2
import numpy as np
import pytest

from deckcast.simulators.heygen import running
from deckcast.simulators.heygen.sound import SAMPLE_RATE, hum

READY = {"queue_s": 0.0, "render_from_s": 0.0, "render_to_s": 0.0, "speed": 600.0}
SLOW = {"render_from_s": 1e6, "render_to_s": 1e6}
SCRIPT = {"type": "avatar", "avatar_id": "sim_ada_office", "script": "Hello there, this is a short test."}


class Caller(httpx2.Client):
    """A client with a good key and the simulator's own routes."""

    def __init__(self, url: str, key: str = "sim-test") -> None:
        super().__init__(base_url=url, headers={"X-Api-Key": key}, trust_env=False, timeout=20)

    def create(self, key: str | None = None, **order: Any) -> httpx2.Response:
        """Order a video, from a script where nothing else is said."""
        body = {**SCRIPT, **order}
        body = {name: value for name, value in body.items() if value is not None}
        return self.post("/v3/videos", json=body, headers={"Idempotency-Key": key} if key else {})

    def video(self, key: str | None = None, **order: Any) -> dict[str, Any]:
        """Order a video and ask for it."""
        answer = self.create(key, **order)
        assert answer.status_code == 200, answer.text
        return self.detail(answer.json()["data"]["video_id"])

    def detail(self, video_id: str) -> dict[str, Any]:
        return self.get(f"/v3/videos/{video_id}").json()["data"]  # type: ignore[no-any-return]

    def upload(self, content: bytes, name: str = "slide-1.wav") -> str:
        answer = self.post("/v3/assets", files={"file": (name, content)})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["asset_id"])

    def ledger(self) -> dict[str, Any]:
        return self.get("/_ledger").json()  # type: ignore[no-any-return]

    def faults(self, *rules: dict[str, Any], **plan: Any) -> None:
        self.put("/_faults", json={"rules": rules, **plan}).raise_for_status()

    def switch(self, **switches: Any) -> None:
        self.put("/_switches", json=switches).raise_for_status()


@contextmanager
def calling(**given: Any) -> Iterator[Caller]:
    with running(**given) as url, Caller(url) as caller:
        yield caller


@pytest.fixture
def ready() -> Iterator[Caller]:
    with calling(**READY) as caller:
        yield caller


@pytest.fixture
def slow() -> Iterator[Caller]:
    with calling(**SLOW) as caller:
        yield caller


def wav(seconds: float = 2.0, seed: str = "a") -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        sound.writeframes(hum(seconds, seed).tobytes())
    return file.getvalue()


def envelope(content: bytes, rate: int = 50) -> np.ndarray[Any, Any]:
    with av.open(io.BytesIO(content)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        pieces = [
            out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)
        ]
    sound = np.concatenate(pieces)
    step = SAMPLE_RATE // rate
    return np.sqrt(np.mean(sound[: len(sound) // step * step].reshape(-1, step) ** 2, axis=1))


def alike(one: bytes, other: bytes) -> float:
    first, second = envelope(one), envelope(other)
    length = min(len(first), len(second))
    return float(np.corrcoef(first[:length], second[:length])[0, 1])


# Videos


def test_a_video_lasts_and_sounds_as_the_speech_it_was_made_from(ready: Caller) -> None:
    speech = wav(3.21)
    asset = ready.upload(speech)
    white = {"type": "color", "value": "#204060"}
    video = ready.video(
        script=None, audio_asset_id=asset, title="T", background=white, caption={"file_format": "srt"}
    )
    assert (video["status"], video["duration"], video["title"]) == ("completed", 3.21, "T")
    content = ready.get(video["video_url"]).content
    with av.open(io.BytesIO(content)) as film:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (picture.average_rate, sound.rate, picture.width, picture.height) == (
            25,
            SAMPLE_RATE,
            640,
            360,
        )
        assert abs(float(picture.frames / 25) - 3.21) <= 0.04
        assert abs(float((sound.duration or 0) * sound.time_base) - 3.21) <= 0.04
        corner = next(film.decode(video=0)).to_ndarray(format="rgb24")[-1, -1]
    assert np.abs(corner.astype(int) - (0x20, 0x40, 0x60)).max() <= 12
    assert alike(content, speech) > 0.98
    assert "-->" in ready.get(video["subtitle_url"]).text
    assert ready.get(video["thumbnail_url"]).content[:3] == b"\xff\xd8\xff"
    assert ready.get(video["gif_url"]).content[:3] == b"GIF"


def test_a_picture_is_as_large_as_asked_where_the_switch_says_so(ready: Caller) -> None:
    ready.switch(picture="asked")
    content = ready.get(ready.video(resolution="720p", aspect_ratio="9:16")["video_url"]).content
    with av.open(io.BytesIO(content)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (720, 1280)


def test_webm_is_transparent_around_the_presenter(ready: Caller, tmp_path: Path) -> None:
    video = ready.video(output_format="webm")
    path = tmp_path / "film.webm"
    path.write_bytes(ready.get(video["video_url"]).content)
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.metadata["alpha_mode"]) == ("vp9", "1")
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        frame = next(out for packet in film.demux(video=0) for out in decoder.decode(packet))
    assert frame.format.name == "yuva420p"
    pixels = frame.to_ndarray(format="rgba")
    assert pixels[-1, 0, 3] == 0
    assert pixels[180, 320, 3] == 255


def test_every_answer_has_a_request_id_and_refusals_the_documented_form(ready: Caller) -> None:
    answers = [ready.get("/v3/videos/none"), ready.get("/v3/nothing"), ready.get("/v3/users/me")]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert answers[0].json()["error"]["code"] == "video_not_found"
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("wrong", 401, "unauthorized"),
        ("sim-no-access", 403, "forbidden"),
        ("sim-no-credit", 402, "insufficient_credit"),
        ("sim-no-plan", 403, "plan_upgrade_required"),
        ("sim-no-quota", 429, "quota_exceeded"),
    ],
)
def test_keys_that_are_refused(ready: Caller, key: str, status: int, code: str) -> None:
    ready.headers["X-Api-Key"] = key
    answer = ready.create()
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ready.ledger()["accepted"] == 0


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"avatar_id": "nobody"}, "avatar_not_found"),
        ({"voice_id": "nobody"}, "voice_not_found"),
        ({"audio_asset_id": "none", "script": None}, "asset_not_found"),
        ({"audio_asset_id": "none"}, "invalid_parameter"),
        ({"script": None}, "invalid_parameter"),
        ({"script": "x" * 5001}, "invalid_parameter"),
        ({"script": "…"}, "script_too_short"),
        ({"script": "Oh [moderated] no."}, "content_policy_violation"),
        ({"voice_settings": {"speed": 2}}, "invalid_parameter"),
        ({"output_format": "webm", "background": {"type": "color", "value": "#ffffff"}}, "invalid_parameter"),
        ({"output_format": "webm", "avatar_id": "sim_eva_twin"}, "invalid_parameter"),
        ({"background": {"type": "color", "value": "white"}}, "invalid_parameter"),
        ({"background": "white"}, "invalid_parameter"),
        ({"engine": {"type": "avatar_v"}}, "invalid_parameter"),
        ({"resolution": "480p"}, "invalid_parameter"),
        ({"type": "studio"}, "invalid_parameter"),
        ({"title": "x" * 1001}, "invalid_parameter"),
        ({"audio_url": "http://127.0.0.1:9/a.wav", "script": None}, "download_failed"),
    ],
)
def test_orders_that_are_refused(ready: Caller, order: dict[str, Any], code: str) -> None:
    answer = ready.create(**order)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["code"] == code
    assert ready.ledger()["jobs"] == []
