"""What an avatar provider is: what it can do as data, and the calls that every provider answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from deckcast.kit.timing import SpeechTimings

TRANSPARENT = "transparent"  # a background that is none


@dataclass(frozen=True, slots=True)
class RateCard:
    """Price of one second of video in USD, and the rounding step in seconds the provider bills by."""

    usd_per_second: Decimal = Decimal(0)
    billing_step_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do and where its limits lie.

    `replay_window_s` is how long the same submission key gives the same job (0: the provider knows no keys).
    `requests_per_second` is how often it may be called, whatever for (None: as often as one likes).
    `draws_any_size` is false where the picture comes in the provider's own sizes and has to be cropped.
    """

    takes_audio: bool
    takes_text: bool
    transparent: bool
    webhooks: bool
    find_by_key: bool
    can_cancel: bool
    draws_silence: bool
    paid: bool
    max_concurrent: int
    requests_per_second: float | None = None
    replay_window_s: float = 0.0
    draws_any_size: bool = True
    max_script_chars: int | None = None
    max_audio_s: float | None = None
    max_audio_bytes: int | None = None
    typical_render_s: float = 15.0
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
    transparent: bool = True


@dataclass(frozen=True, slots=True)
class ProviderVoice:
    """A voice of the provider's own; `language` as the provider writes it."""

    id: str
    name: str
    language: str
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left at the provider: `amount` in `unit` ("usd", "credits"). A credit is not a dollar."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class AvatarVideoRequest:
    """One avatar video to make: from our own speech (`audio`), from `text` by the provider's `voice_id`
    (`audio` None), or in silence (both None or empty, `silence_s`).

    `background` is "#RRGGBB", the path of a picture, or TRANSPARENT. `lead_s` and `tail_s` ask a provider
    that `draws_silence` for idle time around the speech. `text` is in `language` (BCP 47); where the provider
    speaks it, `estimated_s` is how long that is thought to take. `seed` varies the acting from slide to slide.
    `audio_key` and `background_key` name the two files among Deckcast's own assets, for a provider that can
    open those when it draws: paths hold on one machine and for now only.
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
    voice_id: str | None = None
    language: str = ""
    estimated_s: float = 0.0
    title: str = ""
    seed: int = 0
    audio_key: str | None = None
    background_key: str | None = None


Order = dict[str, Any]
"""What is sent for one video: plain JSON values, stored before the call so that a repeated call is the same."""


@dataclass(frozen=True, slots=True)
class Running:
    """The job is queued or renders."""


@dataclass(frozen=True, slots=True)
class Done:
    """The job's result can be fetched by `open_result`. The address is short-lived: never stored, never logged."""

    url: str
    duration_s: float | None = None
    captions_url: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a result. `charged` where the provider bills failed jobs too."""

    code: str
    message: str
    retryable: bool
    charged: bool = False


JobState = Running | Done | Failed


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a webhook says, its signature checked. It is a hint only: the provider is asked again."""

    event_id: str
    job_id: str


class AvatarProvider(Protocol):
    """An avatar provider, paid or local. Foreign errors are translated in the adapter, once."""

    name: str
    capabilities: Capabilities

    async def prepare(self, request: AvatarVideoRequest, key: str) -> Order:
        """Check the request and bring over what it needs (our speech, a picture); nothing is made or paid yet.

        Raises CallError unknown_avatar, script_too_long, audio_too_long, audio_too_large, not_transparent, …;
        WorkError with `retryable` where the provider could not be reached.
        """
        ...

    async def submit(self, order: Order, key: str) -> str:
        """The one paid call; returns the job id. The same key within `replay_window_s` gives the same job.

        Raises SubmissionRefused: nothing was made. Raises AnswerLost: a job may or may not have been made.
        """
        ...

    async def find(self, key: str) -> str | None:
        """The job made under a submission key, where `find_by_key`; None only after the whole list was seen.

        Raises WorkError where the search could not be brought to its end.
        """
        ...

    async def find_all(self, keys: Collection[str]) -> dict[str, str]:
        """As `find`, for many keys in one reading of the list: the jobs that were made, by key."""
        ...

    async def ended(self, job_ids: Collection[str]) -> set[str]:
        """Which of these jobs have ended (or are not known), in as few calls as the provider allows."""
        ...

    async def inspect(self, job_id: str) -> JobState:
        """What has become of a job. Raises WorkError where the provider could not be reached."""
        ...

    def open_result(self, done: Done) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The video's bytes in pieces. Raises WorkError result_expired, result_unreachable, result_refused."""
        ...

    async def cancel(self, job_id: str) -> None:
        """Stop a job, where `can_cancel`."""
        ...

    async def avatars(self) -> tuple[Avatar, ...]:
        """Everybody who can present."""
        ...

    async def voices(self) -> tuple[ProviderVoice, ...]:
        """The provider's own voices; none where it takes audio only."""
        ...

    async def balance(self) -> Balance | None:
        """What is left on the account; None where the provider does not tell or nothing is paid."""
        ...

    async def register_webhook(self, url: str) -> str:
        """Have the ends of jobs told to `url`, where `webhooks`; returns the secret that they are signed with,
        which `parse_webhook` knows from then on. Raises CallError webhook_refused, WorkError.
        """
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """The events in a webhook's body. Raises CallError webhook_refused where it is not the provider's."""
        ...
