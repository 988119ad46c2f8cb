"""What every avatar provider promises, asked of each one there is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deckcast.avatars.local.provider import LocalProvider, request_from_json, request_to_json
from deckcast.avatars.ports import (
    TRANSPARENT,
    AvatarProvider,
    AvatarVideoRequest,
    Done,
    Failed,
    JobState,
    Running,
)
from deckcast.db.database import Database
from deckcast.db.migrate import upgrade
from deckcast.kit.errors import CallError
from deckcast.speech.ports import SpeechRequest
from deckcast.speech.service import speak
from deckcast.videos.probe import check_avatar_video

KEY = "avv_1.fingerprint.1"


@asynccontextmanager
async def local_provider(folder: Path) -> AsyncIterator[AvatarProvider]:
    """The local provider over a database of its own; its queue is a task per job."""
    db = Database(f"sqlite+aiosqlite:///{folder / 'test.db'}")
    await upgrade(db)
    tasks: dict[str, asyncio.Task[None]] = {}

    async def start_render(job_id: str) -> None:
        tasks.setdefault(job_id, asyncio.create_task(provider.render(job_id)))

    provider = LocalProvider(
        db,
        results=folder / "renders",
        scratch=folder / "tmp",
        cache=folder / "cache",
        max_concurrent=1,
        start_render=start_render,
    )
    try:
        yield provider
    finally:
        await asyncio.gather(*tasks.values())
        await db.close()


PROVIDERS = {"local": local_provider}


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> AvatarVideoRequest:
    speech = speak(
        SpeechRequest("Good morning.", "en", "espeak:en-us"), tmp_path_factory.mktemp("speech") / "speech.wav"
    )
    return AvatarVideoRequest(
        avatar_id="", width=240, height=240, audio=speech.audio, timings=speech.timings, text="Good morning."
    )


async def ended(provider: AvatarProvider, job_id: str) -> JobState:
    while isinstance(state := await provider.inspect(job_id), Running):
        await asyncio.sleep(0.05)
    return state


@pytest.mark.parametrize("name", PROVIDERS)
def test_one_key_is_one_job_and_its_result_is_our_speech(
    name: str, tmp_path: Path, order: AvatarVideoRequest
) -> None:
    async def story() -> Path:
        async with PROVIDERS[name](tmp_path) as provider:
            first = (await provider.avatars())[0]
            request = replace(order, avatar_id=first.id)
            assert await provider.find(KEY) is None
            sent = json.loads(json.dumps(await provider.prepare(request, KEY)))  # it is stored as JSON
            assert await provider.find(KEY) is None  # nothing is made yet
            job_id = await provider.submit(sent, KEY)
            assert await provider.submit(sent, KEY) == job_id
            assert await provider.find(KEY) == job_id
            assert await provider.submit(sent, KEY + "1") != job_id
            state = await ended(provider, job_id)
            assert await provider.ended([job_id, "job_unknown"]) == {job_id, "job_unknown"}
            assert isinstance(state, Done)
            target = tmp_path / "result.mp4"
            async with provider.open_result(state) as pieces:
                target.write_bytes(b"".join([piece async for piece in pieces]))
            return target

    result = asyncio.run(story())
    assert order.timings is not None
    check_avatar_video(result, order.audio, order.timings.duration_s)


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_unknown_avatar_is_refused_and_nothing_is_submitted(
    name: str, tmp_path: Path, order: AvatarVideoRequest
) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            with pytest.raises(CallError) as caught:
                await provider.prepare(replace(order, avatar_id="nobody"), KEY)
            assert caught.value.code == "unknown_avatar"
            assert await provider.find(KEY) is None

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_job_nobody_knows_has_failed(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            assert isinstance(await provider.inspect("job_unknown"), Failed)

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_capabilities_keep_what_they_say(name: str, tmp_path: Path, order: AvatarVideoRequest) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            can = provider.capabilities
            assert can.takes_audio or can.takes_text
            assert can.max_concurrent >= 1
            assert can.paid == bool(can.rate_card.usd_per_second)
            first = (await provider.avatars())[0]
            silent = replace(order, avatar_id=first.id, audio=None, timings=None, silence_s=1.0, text="")
            if can.draws_silence:
                state = await ended(provider, await provider.submit(await provider.prepare(silent, KEY), KEY))
                assert isinstance(state, Done)
                assert state.duration_s == pytest.approx(1.0)

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_without_a_background_where_the_provider_can(
    name: str, tmp_path: Path, order: AvatarVideoRequest
) -> None:
    async def story() -> Path | None:
        async with PROVIDERS[name](tmp_path) as provider:
            avatar = (await provider.avatars())[0]
            request = replace(order, avatar_id=avatar.id, background=TRANSPARENT)
            if not (provider.capabilities.transparent and avatar.transparent):
                with pytest.raises(CallError) as caught:
                    await provider.prepare(request, KEY)
                assert caught.value.code == "not_transparent"
                return None
            state = await ended(provider, await provider.submit(await provider.prepare(request, KEY), KEY))
            assert isinstance(state, Done)
            target = tmp_path / "result.webm"
            async with provider.open_result(state) as pieces:
                target.write_bytes(b"".join([piece async for piece in pieces]))
            return target

    result = asyncio.run(story())
    assert order.timings is not None
    if result is not None:
        check_avatar_video(result, order.audio, order.timings.duration_s, transparent=True)


def test_an_order_survives_its_way_through_the_database(order: AvatarVideoRequest) -> None:
    assert request_from_json(request_to_json(order)) == order
