"""One machine speaks, another draws, a third publishes: what they share are PostgreSQL and a bucket."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from batch_world import VIDEO, add_rows
from databases import with_database
from deckcast.avatars.local.provider import LocalProvider
from deckcast.avatars.local.render import characters
from deckcast.avatars.ports import AvatarVideoRequest, Done
from deckcast.batches.assets import request_at_hand
from deckcast.batches.context import Context
from deckcast.batches.local_renders import draw
from deckcast.batches.models import Status
from deckcast.batches.publishing import fetch_and_publish
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow
from deckcast.kit.settings import Settings, StorageSettings
from deckcast.speech.espeak import speak
from deckcast.speech.ports import SpeechRequest
from deckcast.videos.probe import check_avatar_video
from deckcast.wiring import open_context

KEY = "avv_1.fingerprint.1"


def test_what_one_machine_draws_another_publishes(
    tmp_path: Path, postgres_url: str, bucket_settings: dict[str, str]
) -> None:
    storage = StorageSettings(
        endpoint=bucket_settings["STORAGE__ENDPOINT"],
        access_key_id=bucket_settings["STORAGE__ACCESS_KEY_ID"],
        secret_access_key=bucket_settings["STORAGE__SECRET_ACCESS_KEY"],
    )
    shared: dict[str, Any] = {"storage": storage, "storage_url": f"s3://videos/{tmp_path.name}"}

    @asynccontextmanager
    async def machine(name: str) -> AsyncIterator[Context]:
        """A machine that is gone with its disk after the block."""
        folder = tmp_path / name
        async with open_context(Settings(data_dir=folder, database_url=postgres_url, **shared)) as parts:
            yield parts
        shutil.rmtree(folder)

    async def story(db: Database) -> None:
        async with machine("speaks") as parts:
            request = await spoken(parts, tmp_path)
            await add_rows(db, "local", request)
            async with parts.db.read() as session:
                stored = (await session.get_one(AvatarVideoRow, VIDEO)).request
            job_id = await ordered(parts, await request_at_hand(stored))
        async with machine("draws") as parts:
            await draw(job_id)
            drawn = await parts.providers["local"].inspect(job_id)
            assert isinstance(drawn, Done)
        async with machine("publishes") as parts:
            await set_job(db, job_id)
            await fetch_and_publish(VIDEO)
            assert not await parts.store.has(drawn.url), (
                "what was drawn is published, so it is not needed any more"
            )
            await fetch_and_publish(VIDEO)  # as one that goes on after a kill does
        async with machine("looks") as parts:
            async with parts.db.read() as session:
                row = await session.get_one(AvatarVideoRow, VIDEO)
            assert row.status == Status.COMPLETED
            audio = (await request_at_hand(stored)).audio
            found = check_avatar_video(
                await parts.store.local(str(row.asset_key)), audio, row.duration_s, 0.0
            )
            assert found.duration_s == row.duration_s
            assert [each.key for each in await parts.store.list("renders")] == []

    with_database(postgres_url, story)


async def spoken(parts: Context, folder: Path) -> AvatarVideoRequest:
    """A request whose speech lies in the bucket."""
    speech = speak(SpeechRequest("Good morning.", "en", "espeak:en-us"), folder / "speech.wav")
    await parts.store.put(speech.audio, "slides/sli_1/spe_1.wav")
    character = characters()[0].id
    return AvatarVideoRequest(
        character, 160, 160, audio_key="slides/sli_1/spe_1.wav", timings=speech.timings, text="Good morning."
    )


async def ordered(parts: Context, request: AvatarVideoRequest) -> str:
    """The job of the local presenter, which nobody draws yet."""
    queued: list[str] = []

    async def put_on_queue(job_id: str) -> None:
        queued.append(job_id)

    provider = LocalProvider(
        parts.db,
        assets=parts.store,
        scratch=parts.scratch,
        cache=parts.cache,
        max_concurrent=1,
        start_render=put_on_queue,
    )
    job_id = await provider.submit(await provider.prepare(request, KEY), KEY)
    assert queued == [job_id]
    return job_id


async def set_job(db: Database, job_id: str) -> None:
    async with db.write() as session:
        (await session.get_one(AvatarVideoRow, VIDEO)).provider_video_id = job_id
