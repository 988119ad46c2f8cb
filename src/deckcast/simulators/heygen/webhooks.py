"""Announces ended videos to registered endpoints and callback addresses, signed, repeated until heard."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2

from deckcast.simulators.faults import Rule
from deckcast.simulators.heygen.account import Account
from deckcast.simulators.heygen.faults import Faults
from deckcast.simulators.heygen.files import Files
from deckcast.simulators.heygen.models import Batch, Endpoint, Video
from deckcast.simulators.heygen.switches import Switches

EVENT_TYPES = {
    "avatar_video.success": "An avatar video was completed.",
    "avatar_video.fail": "An avatar video failed.",
    "avatar_video_caption.success": "The captions of an avatar video are ready.",
    "avatar_video_caption.fail": "The captions of an avatar video failed.",
    "batch.finished": "Every video of a batch has ended.",
}
_ANSWER_WITHIN_S = 10.0


def stamp(seconds: float) -> str:
    """A time as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def signature(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the raw body, in hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Announcer:
    """One task per video waits for its end; deliveries are tasks of their own."""

    def __init__(
        self,
        account: Account,
        files: Files,
        switches: Callable[[], Switches],
        faults: Callable[[], Faults],
    ) -> None:
        self._account = account
        self._files = files
        self._switches = switches
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Callable[[], None]] = []  # deliveries that wait for a later one to go first
        self._client = httpx2.AsyncClient(timeout=_ANSWER_WITHIN_S, trust_env=False)

    def resume(self) -> None:
        """Wait for all videos that have not been announced yet."""
        for video in self._account.videos.values():
            if video.deleted_at is None and "avatar_video" not in video.announced:
                self.expect(video)

    def expect(self, video: Video) -> None:
        """Announce the video when it ends."""
        if video.ends_at is not None:
            self._start(self._announce(video, video.ends_at))

    async def close(self) -> None:
        """Stop all tasks."""
        await self.forget()
        await self._client.aclose()

    async def forget(self) -> None:
        """Drop all that waits."""
        self._held.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _announce(self, video: Video, ends_at: float) -> None:
        switches = self._switches()
        await asyncio.sleep(max(0.0, ends_at - time.time()))
        await asyncio.sleep(switches.scaled(switches.webhook_delay_s))
        if video.deleted_at is not None:
            return
        kind = "fail" if video.fails else "success"
        self._send(f"avatar_video.{kind}", self._about(video), video.order.get("callback_url"), video)
        video.announced.append("avatar_video")
        self._account.save("videos", video)
        self._finish_batch(video)
        if video.order.get("caption") is not None and not video.fails and switches.captions != "never":
            await asyncio.sleep(switches.scaled(switches.caption_delay_s))
            self._send("avatar_video_caption.success", self._about(video, "subtitles.srt"), None, video)

    def _about(self, video: Video, name: str = "video") -> dict[str, Any]:
        switches = self._switches()
        old = switches.webhook_names == "old"
        about: dict[str, Any] = {"video_id": video.id, "callback_id": video.order.get("callback_id")}
        if video.fails:
            return {**about, "message" if old else "msg": video.failure_message}
        address = self._files.address(video, name, switches.scaled(switches.url_ttl_s))
        page = f"{video.base_url}/videos/{video.id}"
        return {
            **about,
            "video_url" if old else "url": address,
            "gif_download_url": None,
            "video_page_url": page,
            "video_share_page_url": page,
            "folder_id": None,
        }

    def _finish_batch(self, video: Video) -> None:
        batch: Batch | None = self._account.batches.get(video.batch_id or "")
        if batch is None or batch.announced:
            return
        members = [self._account.videos.get(item.get("video_id") or "") for item in batch.items]
        if any(member is not None and member.alive(time.time()) for member in members):
            return
        batch.announced = True
        self._account.save("batches", batch)
        self._send("batch.finished", {"batch_id": batch.id, "title": batch.title}, batch.callback_url, video)

    def _send(self, kind: str, about: dict[str, Any], callback: str | None, video: Video) -> None:
        event = {
            "event_id": f"evt_{secrets.token_hex(12)}",
            "event_type": kind,
            "created_at": stamp(time.time()),
            "event_data": about,
        }
        self._account.add_event(event)
        endpoints = list(self._account.endpoints.values())
        targets: list[tuple[str, str | None]] = [
            (item.url, item.secret) for item in endpoints if item.events is None or kind in item.events
        ]
        if callback:
            signed = self._switches().sign_callbacks and endpoints
            targets.append((callback, endpoints[0].secret if signed else None))
        for url, secret in targets:
            fault = self._faults().draw("webhook", f"{video.id}:{kind}:{url}", title=video.title)
            self._dispatch(event, url, secret, fault)

    def _dispatch(self, event: dict[str, Any], url: str, secret: str | None, fault: Rule | None) -> None:
        wrong = fault.fault if fault else ""
        if wrong == "missing":
            return
        late = self._switches().scaled(fault.seconds) if fault and wrong in ("late", "reorder") else 0.0
        signs = secrets.token_hex(16) if wrong == "forged" else secret
        if wrong == "reorder":
            # Goes out after the next one, or when it has waited its time.
            self._start(self._release_later(lambda: self._start(self._deliver(event, url, signs)), late))
            return
        held, self._held = self._held, []
        for time_number in range(3 if wrong == "repeat" else 1):
            self._start(self._deliver(event, url, signs, late, () if time_number else held))

    async def _release_later(self, release: Callable[[], None], seconds: float) -> None:
        self._held.append(release)
        await asyncio.sleep(seconds)
        if release in self._held:
            self._held.remove(release)
            release()

    async def _deliver(
        self,
        event: dict[str, Any],
        url: str,
        secret: str | None,
        late: float = 0.0,
        then: Sequence[Callable[[], None]] = (),
    ) -> None:
        await asyncio.sleep(late)
        await self._post(event, url, secret)
        for release in then:
            release()

    async def _post(self, event: dict[str, Any], url: str, secret: str | None) -> None:
        switches = self._switches()
        body = json.dumps(event).encode()
        wait = switches.webhook_retry_s
        for _ in range(switches.webhook_tries):
            headers = _headers(event, body, secret, switches.webhook_signature)
            try:
                answer = await self._client.post(url, content=body, headers=headers)
                self._account.count("webhook")
                if answer.is_success:
                    return
            except (httpx2.HTTPError, httpx2.InvalidURL):
                self._account.count("webhook")
            await asyncio.sleep(switches.scaled(wait))
            wait *= 2


def _headers(event: dict[str, Any], body: bytes, secret: str | None, form: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if secret is None:
        return headers
    signed = signature(secret, body)
    if form in ("heygen", "both"):
        headers["Heygen-Signature"] = signed
        headers["Heygen-Timestamp"] = str(int(time.time()))
        headers["Heygen-Event-Id"] = str(event["event_id"])
    if form in ("plain", "both"):
        headers["Signature"] = signed
    return headers


async def answers_options(url: str) -> bool:
    """Whether an endpoint answers an OPTIONS request within a second."""
    try:
        async with httpx2.AsyncClient(timeout=1.0, trust_env=False) as client:
            return (await client.options(url)).status_code < 500
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return False


def described(endpoint: Endpoint, *, secret: bool = False) -> dict[str, Any]:
    """An endpoint as the API gives it."""
    about: dict[str, Any] = {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.events,
        "status": "enabled",
        "created_at": stamp(endpoint.created_at),
    }
    return {**about, "secret": endpoint.secret} if secret else about
