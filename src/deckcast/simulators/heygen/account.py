"""The simulated account: its videos, assets, webhooks and money. With a folder it survives a restart.

Every change is one line of a journal; the last line about a thing holds. One event loop owns the account.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

PARTS = ("videos", "assets", "endpoints", "batches", "replies")


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


_KINDS: dict[str, Callable[..., Any]] = {
    "videos": Video,
    "assets": Asset,
    "endpoints": Endpoint,
    "batches": Batch,
    "replies": Reply,
}


class Account:
    """All state of the simulator. `folder` also holds the uploaded files and the rendered films."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        self.folder = folder
        (folder / "assets").mkdir(parents=True, exist_ok=True)
        (folder / "films").mkdir(exist_ok=True)
        self._journal = folder / "journal.jsonl" if keep else None
        self._lines: TextIO | None = None
        self.clear()
        if self._journal is not None:
            self._load(self._journal)
            self._rewrite(self._journal)

    def clear(self) -> None:
        """Forget everything."""
        self.videos: dict[str, Video] = {}
        self.assets: dict[str, Asset] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.batches: dict[str, Batch] = {}
        self.replies: dict[str, Reply] = {}
        self.events: list[dict[str, Any]] = []
        self.calls: Counter[str] = Counter()
        self.max_alive = 0
        self.secret = secrets.token_hex(16)
        if self._journal is not None and self._lines is not None:
            self._rewrite(self._journal)

    def close(self) -> None:
        """Close the journal."""
        if self._lines is not None:
            self._lines.close()

    def save(self, part: str, item: Any) -> None:
        """Keep a new or changed thing."""
        getattr(self, part)[item.id] = item
        self._write({"part": part, "item": asdict(item)})

    def forget(self, part: str, key: str) -> None:
        """Drop a thing."""
        getattr(self, part).pop(key, None)
        self._write({"part": part, "gone": key})

    def add_video(self, video: Video) -> None:
        """Keep a new video and count how many are alive with it."""
        self.save("videos", video)
        self.max_alive = max(self.max_alive, self.alive())
        self._write({"max_alive": self.max_alive})

    def add_event(self, event: dict[str, Any]) -> None:
        """Keep a webhook event, to be replayed."""
        self.events.append(event)
        self._write({"event": event})

    def count(self, call: str) -> None:
        """Count a call."""
        self.calls[call] += 1
        self._write({"call": call})

    def alive(self) -> int:
        """How many videos are queued or render now."""
        now = time.time()
        return sum(video.alive(now) for video in self.videos.values())

    def spent_usd(self) -> float:
        """What all videos have cost so far."""
        now = time.time()
        return round(sum(video.charged_usd(now) for video in self.videos.values()), 6)

    def ledger(self) -> dict[str, Any]:
        """What was made and paid, as JSON values."""
        now = time.time()
        jobs = [_entry(video, now) for video in self.videos.values()]
        return {
            "jobs": jobs,
            "accepted": len(jobs),
            "paid": sum(job["charged_usd"] > 0 for job in jobs),
            "charged_usd": round(sum(job["charged_usd"] for job in jobs), 6),
            "alive": sum(video.alive(now) for video in self.videos.values()),
            "max_alive": self.max_alive,
            "calls": dict(self.calls),
        }

    def _write(self, line: dict[str, Any]) -> None:
        if self._lines is not None:
            self._lines.write(json.dumps(line) + "\n")
            self._lines.flush()

    def _load(self, journal: Path) -> None:
        if not journal.exists():
            return
        for text in journal.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue  # the last line of a killed process
            self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        if "item" in line:
            item = _KINDS[line["part"]](**line["item"])
            getattr(self, line["part"])[item.id] = item
        elif "gone" in line:
            getattr(self, line["part"]).pop(line["gone"], None)
        elif "event" in line:
            self.events.append(line["event"])
        elif "call" in line:
            self.calls[line["call"]] += line.get("times", 1)
        self.max_alive = max(self.max_alive, line.get("max_alive", 0))
        self.secret = line.get("secret", self.secret)

    def _rewrite(self, journal: Path) -> None:
        self.close()
        fresh = journal.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as self._lines:
            self._write({"secret": self.secret, "max_alive": self.max_alive})
            for part in PARTS:
                for item in getattr(self, part).values():
                    self.save(part, item)
            for event in self.events:
                self._write({"event": event})
            for call, times in self.calls.items():
                self._write({"call": call, "times": times})
        fresh.replace(journal)
        self._lines = journal.open("a", encoding="utf-8")


def _entry(video: Video, now: float) -> dict[str, Any]:
    status = video.status(now)
    ended = status in ("completed", "failed")
    return {
        "video_id": video.id,
        "idempotency_key": video.idempotency_key,
        "title": video.title,
        "status": "deleted" if video.deleted_at is not None else status,
        "created_at": video.created_at,
        "started_at": video.started_at if now >= video.started_at else None,
        "completed_at": video.ends_at if ended else None,
        "render_s": None if video.ends_at is None else round(video.ends_at - video.started_at, 6),
        "duration_s": video.duration_s,
        "price_usd": video.price_usd,
        "charged_usd": video.charged_usd(now),
        "audio": video.audio,
        "batch_id": video.batch_id,
        "failure_code": video.failure_code if ended else None,
    }
