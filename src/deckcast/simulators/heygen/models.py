"""The things an account holds, as plain values that a journal can keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Video:
    """A job and what is known of its end from the beginning: its state is a function of the time.

    `ends_at` None never ends. Times are seconds since 1970; `order` is the body of the create call.
    """

    id: str
    title: str
    order: dict[str, Any]
    duration_s: float
    price_usd: float
    created_at: float
    started_at: float
    ends_at: float | None
    listed_at: float
    base_url: str
    width: int
    height: int
    idempotency_key: str | None = None
    audio: str | None = None  # asset id
    fails: bool = False
    failure_code: str | None = None
    failure_message: str | None = None
    charge_failed: bool = False
    charge_deleted: bool = False
    deleted_at: float | None = None
    batch_id: str | None = None
    item_index: int | None = None
    announced: list[str] = field(default_factory=list)  # event types already sent

    @property
    def transparent(self) -> bool:
        """Whether the result is a WebM with alpha."""
        return self.order.get("output_format") == "webm"

    def status(self, now: float) -> str:
        """pending, processing, completed or failed."""
        if now < self.started_at:
            return "pending"
        if self.ends_at is None or now < self.ends_at:
            return "processing"
        return "failed" if self.fails else "completed"

    def alive(self, now: float) -> bool:
        """Whether it is queued or renders."""
        return self.deleted_at is None and self.status(now) in ("pending", "processing")

    def charged_usd(self, now: float) -> float:
        """What it has cost so far."""
        ended = self.ends_at is not None and now >= self.ends_at
        deleted_before_end = self.deleted_at is not None and (
            self.ends_at is None or self.deleted_at < self.ends_at
        )
        if deleted_before_end:
            return self.price_usd if self.charge_deleted else 0.0
        return self.price_usd if ended and (not self.fails or self.charge_failed) else 0.0


@dataclass(slots=True)
class Asset:
    """An uploaded file. `duration_s` where it is sound; `waiting` until a direct upload is completed."""

    id: str
    filename: str
    mime_type: str
    size_bytes: int
    sha256: str
    duration_s: float | None = None
    waiting: bool = False


@dataclass(slots=True)
class Endpoint:
    """A webhook endpoint; `events` None is all of them."""

    id: str
    url: str
    secret: str
    created_at: float
    events: list[str] | None = None


@dataclass(slots=True)
class Batch:
    """Videos made by one call: per item the video's id, or the error that kept it from being made."""

    id: str
    title: str | None
    created_at: float
    callback_url: str | None
    items: list[dict[str, Any]]
    announced: bool = False


@dataclass(slots=True)
class Reply:
    """The first answer under an idempotency key."""

    id: str  # method, path and key
    at: float
    status: int
    body: str
    video_id: str | None = None
