"""A client of the HeyGen simulator, and what its tests share: sound, an order, settings that need no waiting."""

from __future__ import annotations

import io
import wave
from dataclasses import asdict
from typing import Any

import av
import httpx2
import numpy as np

from deckcast.simulators.heygen import Switches
from deckcast.simulators.heygen.sound import SAMPLE_RATE, hum

READY = {"queue_s": 0.0, "render_from_s": 0.0, "render_to_s": 0.0, "speed": 600.0}
SLOW = {"render_from_s": 1e9, "render_to_s": 1e9}
SCRIPT = {"type": "avatar", "avatar_id": "sim_ada_office", "script": "Hello there, this is a short test."}


class Caller(httpx2.Client):
    """A client with a good key and the simulator's own routes."""

    def __init__(self, url: str, key: str = "sim-test") -> None:
        super().__init__(base_url=url, headers={"X-Api-Key": key}, trust_env=False, timeout=20)

    def start_afresh(self) -> None:
        """Empty the account, with the usual switches but that videos are ready at once."""
        self.post("/_reset").raise_for_status()
        self.switch(**{**asdict(Switches()), **READY})

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
