"""The local presenter as an avatar provider: its "remote" is Deckcast's own render queue."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from deckcast.avatars.local import repository
from deckcast.avatars.local.render import characters, render_presenter_video
from deckcast.avatars.local.rig import find_character
from deckcast.avatars.ports import (
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
from deckcast.kit.timing import SpeechTimings

PIECE_BYTES = 1 << 20


class LocalProvider:
    """Draws presenters on this machine.

    `start_render` puts a job on the render queue, once per job id; `open_asset` gives the file of an asset's key.
    """

    name = "local"

    def __init__(
        self,
        db: Database,
        *,
        results: Path,
        scratch: Path,
        cache: Path,
        max_concurrent: int,
        start_render: Callable[[str], Awaitable[None]],
        open_asset: Callable[[str], Awaitable[Path]],
    ) -> None:
        self._db = db
        self._results = results
        self._scratch = scratch
        self._cache = cache
        self._start_render = start_render
        self._open_asset = open_asset
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
        if not self._result(job_id).is_file():
            return Failed("result_lost", "The presenter's video is not there any more.", retryable=True)
        return Done(url=job_id, duration_s=row.duration_s)

    @asynccontextmanager
    async def open_result(self, done: Done) -> AsyncIterator[AsyncIterator[bytes]]:
        """The video's bytes in pieces of 1 MiB."""
        file = await asyncio.to_thread(self._result(done.url).open, "rb")

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
        try:
            duration_s = await self._draw(job_id, await self._at_hand(request_from_json(row.request)))
        except MachineError:
            raise
        except DeckcastError as error:
            values: dict[str, Any] = {
                "status": "failed",
                "error_code": error.code,
                "error_message": error.message,
                "retryable": error.retryable,
            }
        else:
            values = {"status": "done", "duration_s": duration_s}
        async with self._db.write() as session:
            await repository.end_job(session, job_id, **values)

    async def _at_hand(self, request: AvatarVideoRequest) -> AvatarVideoRequest:
        if request.audio_key:
            request = replace(request, audio=await self._open_asset(request.audio_key))
        if request.background_key:
            request = replace(request, background=str(await self._open_asset(request.background_key)))
        return request

    async def _draw(self, job_id: str, request: AvatarVideoRequest) -> float:
        with scratch_dir(self._scratch, "render") as folder:
            out = folder / "presenter.video"
            video = await run_in_child(render_presenter_video, request, out, self._cache)
            self._results.mkdir(parents=True, exist_ok=True)
            out.replace(self._result(job_id))
        return video.duration_s

    def forget_result(self, job_id: str) -> None:
        """Remove a job's file; called when the video is published."""
        self._result(job_id).unlink(missing_ok=True)

    def _result(self, job_id: str) -> Path:
        return self._results / f"{job_id}.video"


def request_to_json(request: AvatarVideoRequest) -> dict[str, Any]:
    """A request as plain values; paths as text."""
    return {**asdict(request), "audio": str(request.audio) if request.audio else None}


def request_from_json(data: dict[str, Any]) -> AvatarVideoRequest:
    """The inverse of `request_to_json`."""
    timings = SpeechTimings.from_json(data["timings"]) if data["timings"] else None
    audio = Path(data["audio"]) if data["audio"] else None
    return AvatarVideoRequest(**{**data, "audio": audio, "timings": timings})
