"""The speech engines behind HTTP, each against its simulated service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from deckcast.kit import children
from deckcast.kit.retry import Retries
from deckcast.kit.settings import AzureSpeechSettings, ElevenLabsSettings, OpenAiSpeechSettings
from deckcast.simulators.speech import running
from deckcast.speech.azure import AzureEngine
from deckcast.speech.elevenlabs import ElevenLabsEngine
from deckcast.speech.openai import OpenAiEngine
from deckcast.speech.ports import SpeechEngine

children.preload(["deckcast.speech.takes", "deckcast.speech.remote_sound"])

VOICES = {
    "openai": "openai:marin",
    "elevenlabs": "elevenlabs:21m00Tcm4TlvDq8ikWAM",
    "azure": "azure:en-US-AvaNeural",
}


@dataclass(slots=True)
class Service:
    """An engine, and the service that it speaks by."""

    engine: SpeechEngine
    address: str

    def ledger(self) -> dict[str, Any]:
        """What the service was asked."""
        answer: dict[str, Any] = httpx2.get(f"{self.address}/_ledger").json()
        return answer

    def asked(self) -> list[dict[str, Any]]:
        """Its requests for speech, in order."""
        return list(self.ledger()["requests"])


def opened(name: str, address: str, *, key: str = "sim-key", **more: Any) -> SpeechEngine:
    """An engine of a service at an address; it waits next to nothing before it tries again."""
    retries = Retries(tries=6, budget=100, backoff_s=lambda tries: 0.001)
    given = {
        "api_key": SecretStr(key),
        **{part: value for part, value in more.items() if part != "patience_s"},
    }
    rest = {"retries": retries, "patience_s": more.get("patience_s", 60.0)}
    if name == "openai":
        return OpenAiEngine(OpenAiSpeechSettings(base_url=f"{address}/v1", **given), **rest)
    if name == "elevenlabs":
        return ElevenLabsEngine(ElevenLabsSettings(base_url=address, **given), **rest)
    return AzureEngine(AzureSpeechSettings(base_url=address, **given), **rest)


@asynccontextmanager
async def service(
    name: str, *rules: Mapping[str, Any], plan: Mapping[str, Any] | None = None, **more: Any
) -> AsyncIterator[Service]:
    """An engine against its own simulated service, 100 times as fast; `rules` are faults, `switches` the
    service's, the rest the engine's settings."""
    switches = {"speed": 100.0, **more.pop("switches", {})}
    with running(faults={"rules": list(rules), **(plan or {})}, **switches) as address:
        engine = opened(name, address, **more)
        try:
            yield Service(engine, address)
        finally:
            await engine.close()


def _contract(name: str) -> Callable[[Path], AbstractAsyncContextManager[SpeechEngine]]:
    @asynccontextmanager
    async def engine(folder: Path) -> AsyncIterator[SpeechEngine]:
        async with service(name) as it:
            yield it.engine

    return engine


ENGINES = {name: _contract(name) for name in VOICES}
