"""The simulated account: its videos, assets, webhooks and money. With a folder it survives a restart.

Every change is one line of a journal; the last line about a thing holds. One event loop owns the account.
"""

from __future__ import annotations

import heapq
import json
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from deckcast.simulators.heygen.models import Asset, Batch, Endpoint, Reply, Video

_NEVER_S = 10 * 365 * 86400.0  # a stalled video keeps its place
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
            for video in self.videos.values():
                self._watch(video)
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
        self.max_per_second = 0  # calls that came within one second
        self._lately: deque[float] = deque()
        self._open: dict[str, Video] = {}  # not known to have ended
        self._ends: list[tuple[float, str]] = []  # a heap of when they will have
        self._spent_usd = 0.0  # on all others
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
        self._watch(video)
        self.max_alive = max(self.max_alive, self.alive())
        self._write({"max_alive": self.max_alive})

    def delete_video(self, video: Video) -> None:
        """Delete a video for good; what it has cost stays."""
        self._settle()
        video.deleted_at = time.time()
        self.save("videos", video)
        self._close(video.id, video.deleted_at)

    def _watch(self, video: Video) -> None:
        self._open[video.id] = video
        ended = video.ends_at if video.deleted_at is None else video.deleted_at
        if ended is not None:
            heapq.heappush(self._ends, (ended, video.id))

    def add_event(self, event: dict[str, Any]) -> None:
        """Keep a webhook event, to be replayed."""
        self.events.append(event)
        self._write({"event": event})

    def count(self, call: str) -> None:
        """Count a call."""
        self.calls[call] += 1
        self._write({"call": call})
        now = time.monotonic()
        self._lately.append(now)
        while self._lately[0] <= now - 1.0:
            self._lately.popleft()
        if len(self._lately) > self.max_per_second:
            self.max_per_second = len(self._lately)
            self._write({"max_per_second": self.max_per_second})

    def alive(self) -> int:
        """How many videos are queued or render now."""
        self._settle()
        return len(self._open)

    def spent_usd(self) -> float:
        """What all videos have cost so far."""
        self._settle()
        return round(self._spent_usd, 6)

    def _settle(self) -> None:
        now = time.time()
        while self._ends and self._ends[0][0] <= now:
            self._close(heapq.heappop(self._ends)[1], now)

    def _close(self, video_id: str, now: float) -> None:
        video = self._open.pop(video_id, None)
        if video is not None:
            self._spent_usd += video.charged_usd(now)

    def free_at(self, most: int) -> float:
        """When fewer than `most` videos will be alive: now, or when enough of them have ended."""
        self._settle()
        now = time.time()
        if len(self._open) < most:
            return now
        ends = sorted(video.ends_at or now + _NEVER_S for video in self._open.values())
        return ends[len(ends) - most]

    def ledger(self) -> dict[str, Any]:
        """What was made and paid, as JSON values."""
        now = time.time()
        jobs = [_entry(video, now) for video in self.videos.values()]
        return {
            "jobs": jobs,
            "accepted": len(jobs),
            "paid": sum(job["charged_usd"] > 0 for job in jobs),
            "charged_usd": round(sum(job["charged_usd"] for job in jobs), 6),
            "alive": self.alive(),
            "max_alive": self.max_alive,
            "max_per_second": self.max_per_second,
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
        self.max_per_second = max(self.max_per_second, line.get("max_per_second", 0))
        self.secret = line.get("secret", self.secret)

    def _rewrite(self, journal: Path) -> None:
        self.close()
        fresh = journal.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as self._lines:
            kept = {"secret": self.secret, "max_alive": self.max_alive, "max_per_second": self.max_per_second}
            self._write(kept)
            for part in _KINDS:
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
