"""The HeyGen provider over its simulator, for contract tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ports import (
    AvatarVideoRequest,
    Done,
    JobState,
    Running,
)
from deckcast.kit.retry import Retries
from deckcast.kit.settings import HeyGenSettings
from deckcast.simulators import heygen as simulated_heygen

KEY = "avv_1.fingerprint.1"
REQUEST = AvatarVideoRequest("sim_ada_office", 240, 240, text="Good morning, everybody.", title="Slide 1")


@dataclass
class Simulated:
    """The provider and its simulator."""

    provider: HeyGenProvider
    base_url: str

    async def submit(self, key: str = KEY, request: AvatarVideoRequest = REQUEST) -> str:
        return await self.provider.submit(await self.provider.prepare(request, key), key)

    async def ended(self, job_id: str) -> JobState:
        while isinstance(state := await self.provider.inspect(job_id), Running):
            await asyncio.sleep(0.01)
        return state

    async def fetch(self, done: Done) -> bytes:
        async with self.provider.open_result(done) as pieces:
            return b"".join([piece async for piece in pieces])

    async def switch(self, **switches: Any) -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            (await client.put(f"{self.base_url}/_switches", json=switches)).raise_for_status()

    async def ledger(self) -> dict[str, Any]:
        async with httpx2.AsyncClient(trust_env=False) as client:
            return dict((await client.get(f"{self.base_url}/_ledger")).json())


@asynccontextmanager
async def simulated(
    folder: Path, *rules: dict[str, Any], api_key: str = "sim-1", plan: Any = None, **switches: Any
) -> AsyncIterator[Simulated]:
    """A provider that waits for nothing, over a simulator with these faults and switches."""
    faults = {"rules": list(rules), **(plan or {})}
    with simulated_heygen.running(faults=faults, **{"speed": 200_000, **switches}) as base_url:
        provider = HeyGenProvider(
            HeyGenSettings(base_url=base_url, api_key=SecretStr(api_key)),
            public_url="https://deckcast.example",
            scratch=folder / "tmp",
            retries=Retries(sleep=lambda seconds: asyncio.sleep(0)),
        )
        try:
            yield Simulated(provider, base_url)
        finally:
            await provider.close()


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]
