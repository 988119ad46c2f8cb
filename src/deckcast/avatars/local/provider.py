"""The local presenter as an avatar provider: its "remote" is Deckcast's own render queue."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from deckcast.avatars.local import repository
from deckcast.avatars.local.render import characters, render_presenter_video
from deckcast.avatars.local.rig import find_character
from deckcast.avatars.ports import (
    TRANSPARENT,
    Avatar,
    AvatarVideoRequest,
    Balance,
    Capabilities,
    Done,
    Failed,
    JobState,
    Order,
    ProviderVoice,
    Running,
    WebhookEvent,
)
from deckcast.db.database import Database
from deckcast.kit.children import run_in_child
from deckcast.kit.errors import CallError, DeckcastError, MachineError
from deckcast.kit.files import scratch_dir
from deckcast.kit.ids import new_id
from deckcast.kit.timing import SpeechTimings

PIECE_BYTES = 1 << 20


class Assets(Protocol):
    """Where speech and pictures are taken from and what is drawn is left, for whichever machine publishes it: an asset
    store (publishing/ports.py)."""

    async def put(self, source: Path, key: str) -> None:
        """Take a finished file over."""

    async def has(self, key: str | None) -> bool:
        """Whether there is an asset under the key."""

    async def local(self, key: str) -> Path:
        """A file on this machine that holds the asset."""

    async def remove(self, key: str) -> None:
        """Remove an asset; no error where there is none."""


class LocalProvider:
    """Draws presenters on Deckcast's own machines; `start_render` puts a job on the render queue, once per job id."""

    name = "local"

    def __init__(
        self,
        db: Database,
        *,
        assets: Assets,
        scratch: Path,
        cache: Path,
        max_concurrent: int,
        start_render: Callable[[str], Awaitable[None]],
    ) -> None:
        self._db = db
        self._assets = assets
        self._scratch = scratch
        self._cache = cache
        self._start_render = start_render
        self.capabilities = Capabilities(
            takes_audio=True,
            takes_text=False,
            transparent=True,
            webhooks=False,
            find_by_key=True,
            can_cancel=True,
            draws_silence=True,
            paid=False,
            max_concurrent=max_concurrent,
            replay_window_s=math.inf,
            typical_render_s=5.0,
            timeout_per_video_s=180.0,
        )

    async def prepare(self, request: AvatarVideoRequest, key: str) -> Order:
        """The request, its files by their keys. Raises CallError unknown_avatar, audio_missing."""
        find_character(request.avatar_id)
        if request.audio is not None and not request.audio.is_file():
            raise CallError("audio_missing", "The speech to present is not there any more.")
        order = request_to_json(request)
        return {
            **order,
            "audio": None if request.audio_key else order["audio"],
            "background": request.background_key or request.background,
        }

    async def submit(self, order: Order, key: str) -> str:
        """Record the job and put it on the queue; the same key gives the same job."""
        async with self._db.write() as session:
            job_id = await repository.add_job(session, key, order)
        await self._start_render(job_id)
        return job_id

    async def find(self, key: str) -> str | None:
        """The job made under a submission key."""
        async with self._db.read() as session:
            return await repository.find_job(session, key)

    async def find_all(self, keys: Collection[str]) -> dict[str, str]:
        """The jobs made under these submission keys."""
        return {key: job for key in keys if (job := await self.find(key)) is not None}

    async def ended(self, job_ids: Collection[str]) -> set[str]:
        """Which of these jobs do not run any more."""
        async with self._db.read() as session:
            return set(job_ids) - await repository.running_jobs(session, job_ids)

    async def inspect(self, job_id: str) -> JobState:
        """What has become of a job."""
        async with self._db.read() as session:
            row = await repository.get_job(session, job_id)
        if row is None:
            return Failed("job_not_found", "The local presenter does not know this job.", retryable=True)
        if row.status == "failed":
            return Failed(row.error_code or "render_failed", row.error_message or "", row.retryable)
        if row.status == "cancelled":
            return Failed("cancelled", "The job was cancelled.", retryable=True)
        if row.status != "done":
            return Running()
        if row.asset_key is None or not await self._assets.has(row.asset_key):
            return Failed("result_lost", "The presenter's video is not there any more.", retryable=True)
        return Done(url=row.asset_key, duration_s=row.duration_s)

    @asynccontextmanager
    async def open_result(self, done: Done) -> AsyncIterator[AsyncIterator[bytes]]:
        """The video's bytes in pieces of 1 MiB."""
        path = await self._assets.local(done.url)
        file = await asyncio.to_thread(path.open, "rb")

        async def pieces() -> AsyncIterator[bytes]:
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece

        try:
            yield pieces()
        finally:
            file.close()

    async def cancel(self, job_id: str) -> None:
        """A job that has not ended is given up; what is being drawn is thrown away at its end."""
        async with self._db.write() as session:
            await repository.end_job(session, job_id, status="cancelled")

    async def avatars(self) -> tuple[Avatar, ...]:
        """The characters that ship with Deckcast."""
        return tuple(
            Avatar(each.id, each.name, each.description, provider=self.name, gender=each.gender)
            for each in characters()
        )

    async def voices(self) -> tuple[ProviderVoice, ...]:
        """None of its own: it presents speech."""
        return ()

    async def balance(self) -> Balance | None:
        """Nothing is paid."""
        return None

    async def register_webhook(self, url: str) -> str:
        """Raises CallError webhook_refused: the local presenter sends none."""
        raise CallError("webhook_refused", "The local presenter sends no webhooks.")

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """Raises CallError webhook_refused: the local presenter sends none."""
        raise CallError("webhook_refused", "The local presenter sends no webhooks.")

    async def render(self, job_id: str) -> None:
        """Draw a job's video (the render queue calls this); its end is recorded in its row.

        Raises MachineError only: what concerns the machine and not this job.
        """
        async with self._db.read() as session:
            row = await repository.get_job(session, job_id)
        if row is None or row.status != "running":
            return
        values: dict[str, Any]
        key = f"renders/{job_id}-{new_id('try')}.{_suffix(row.request)}"
        async with self._db.write() as session:
            before = await repository.name_result(session, job_id, key)
        if before is not None:
            await self._assets.remove(before)  # what a killed try has left
        try:
            request = await self._at_hand(request_from_json(row.request))
            values = {"status": "done", "duration_s": await self._draw(request, key)}
        except MachineError:
            raise
        except DeckcastError as error:
            values = {
                "status": "failed",
                "error_code": error.code,
                "error_message": error.message,
                "retryable": error.retryable,
            }
        async with self._db.write() as session:
            is_ours = await repository.end_job(session, job_id, named=key, **values)
        if not is_ours:  # cancelled, or drawn by somebody else meanwhile
            await self._assets.remove(key)

    async def _at_hand(self, request: AvatarVideoRequest) -> AvatarVideoRequest:
        if request.audio_key:
            request = replace(request, audio=await self._assets.local(request.audio_key))
        if request.background_key:
            request = replace(request, background=str(await self._assets.local(request.background_key)))
        return request

    async def _draw(self, request: AvatarVideoRequest, key: str) -> float:
        with scratch_dir(self._scratch, "render") as folder:
            out = folder / "presenter.video"
            video = await run_in_child(render_presenter_video, request, out, self._cache)
            await self._assets.put(out, key)
        return video.duration_s

    async def forget_result(self, job_id: str) -> None:
        """Remove a job's file; called when the video is published."""
        async with self._db.read() as session:
            row = await repository.get_job(session, job_id)
        if row is not None and row.asset_key is not None:
            await self._assets.remove(row.asset_key)


def _suffix(request: dict[str, Any]) -> str:
    return "webm" if request["background"] == TRANSPARENT else "mp4"


def request_to_json(request: AvatarVideoRequest) -> dict[str, Any]:
    """A request as plain values; paths as text."""
    return {**asdict(request), "audio": str(request.audio) if request.audio else None}


def request_from_json(data: dict[str, Any]) -> AvatarVideoRequest:
    """The inverse of `request_to_json`."""
    timings = SpeechTimings.from_json(data["timings"]) if data["timings"] else None
    audio = Path(data["audio"]) if data["audio"] else None
    return AvatarVideoRequest(**{**data, "audio": audio, "timings": timings})
