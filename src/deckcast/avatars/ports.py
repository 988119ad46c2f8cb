"""What an avatar provider is: what it can do as data, and the calls that every provider answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from deckcast.kit.timing import SpeechTimings


@dataclass(frozen=True, slots=True)
class RateCard:
    """Price of one second of video in USD, and the rounding step in seconds the provider bills by."""

    usd_per_second: Decimal = Decimal(0)
    billing_step_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do and where its limits lie."""

    takes_audio: bool
    takes_text: bool
    transparent: bool
    webhooks: bool
    idempotent_submit: bool
    find_by_key: bool
    can_cancel: bool
    draws_silence: bool
    paid: bool
    max_concurrent: int
    max_script_chars: int | None = None
    max_audio_s: float | None = None
    max_audio_bytes: int | None = None
    poll_interval_s: float = 15.0
    timeout_per_video_s: float = 2700.0
    rate_card: RateCard = RateCard()


@dataclass(frozen=True, slots=True)
class Avatar:
    """Somebody who can present; `preview` is a picture, a local path or an address.

    `gender` is "female" or "male", so that the voice can match; None where the provider does not say.
    """

    id: str
    name: str
    description: str
    provider: str
    preview: str | None = None
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class AvatarVideoRequest:
    """One avatar video to make, from our own speech (`audio`) or in silence (`audio` None, `silence_s`).

    `background` is "#RRGGBB" or the path of a picture. `lead_s` and `tail_s` ask a provider that
    `draws_silence` for idle time around the speech. `seed` varies the acting from slide to slide.
    """

    avatar_id: str
    width: int
    height: int
    background: str = "#FFFFFF"
    audio: Path | None = None
    timings: SpeechTimings | None = None
    silence_s: float = 0.0
    lead_s: float = 0.0
    tail_s: float = 0.0
    text: str = ""
    title: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """The job is queued or renders."""


@dataclass(frozen=True, slots=True)
class Done:
    """The job's result can be fetched by `open_result`."""

    url: str
    duration_s: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a result."""

    code: str
    message: str
    retryable: bool


JobState = Running | Done | Failed


class AvatarProvider(Protocol):
    """An avatar provider, paid or local. Foreign errors are translated in the adapter, once."""

    name: str
    capabilities: Capabilities

    async def submit(self, request: AvatarVideoRequest, key: str) -> str:
        """Ask for a video; returns the job id. The same key never makes a second job where
        `idempotent_submit`. Raises DeckcastError with `retryable`."""
        ...

    async def find(self, key: str) -> str | None:
        """The job made under a submission key, where `find_by_key`."""
        ...

    async def inspect(self, job_id: str) -> JobState:
        """What has become of a job."""
        ...

    def open_result(self, done: Done) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The video's bytes in pieces."""
        ...

    async def cancel(self, job_id: str) -> None:
        """Stop a job, where `can_cancel`."""
        ...

    async def avatars(self) -> tuple[Avatar, ...]:
        """Everybody who can present."""
        ...
