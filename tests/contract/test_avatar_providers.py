"""What every avatar provider promises, asked of each one there is."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.local.provider import LocalProvider, request_from_json, request_to_json
from deckcast.avatars.ports import (
    TRANSPARENT,
    AvatarProvider,
    AvatarVideoRequest,
    Balance,
    Done,
    Failed,
    JobState,
    Running,
)
from deckcast.db.database import Database
from deckcast.db.migrate import upgrade
from deckcast.kit.errors import CallError
from deckcast.kit.settings import HeyGenSettings
from deckcast.publishing.folder import FolderStore
from deckcast.simulators import heygen as simulated_heygen
from deckcast.speech.espeak import speak
from deckcast.speech.ports import SpeechRequest
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
        assets=FolderStore(folder / "assets"),
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


@asynccontextmanager
async def heygen_provider(folder: Path) -> AsyncIterator[AvatarProvider]:
    """HeyGen, over its simulator: a job takes a few thousandths of a second."""
    with simulated_heygen.running(speed=200_000) as base_url:
        settings = HeyGenSettings(base_url=base_url, api_key=SecretStr("sim-contract"))
        provider = HeyGenProvider(settings, public_url=None, scratch=folder / "tmp")
        try:
            yield provider
        finally:
            await provider.close()


PROVIDERS = {"local": local_provider, "heygen": heygen_provider}


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
            other = await provider.submit(sent, KEY + "1")
            assert other != job_id
            assert (await provider.find_all([KEY, KEY + "2"])) == {KEY: job_id}
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
def test_what_it_cannot_make_is_refused_before_anything_is_spent(
    name: str, tmp_path: Path, order: AvatarVideoRequest
) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            can = provider.capabilities
            avatars = await provider.avatars()
            request = replace(order, avatar_id=avatars[0].id)
            wrong = [(replace(request, audio=tmp_path / "gone.wav"), "audio_missing")]
            if can.max_script_chars is not None:
                text = "a" * (can.max_script_chars + 1)
                wrong.append((replace(request, audio=None, timings=None, text=text), "script_too_long"))
            if can.max_audio_s is not None:
                long = silent_wav(tmp_path / "long.wav", can.max_audio_s + 1.0)
                wrong.append((replace(request, audio=long), "audio_too_long"))
            if can.max_audio_bytes is not None:
                large = tmp_path / "large.wav"
                with large.open("wb") as file:
                    file.truncate(can.max_audio_bytes + 1)
                wrong.append((replace(request, audio=large), "audio_too_large"))
            if can.takes_text:
                unknown = replace(request, audio=None, timings=None, voice_id="nobody")
                wrong.append((unknown, "unknown_voice"))
            if not can.draws_silence:
                wrong.append((replace(request, audio=None, timings=None, text=""), "script_too_short"))
            for opaque in [avatar for avatar in avatars if not avatar.transparent][:1]:
                through = replace(request, avatar_id=opaque.id, background=TRANSPARENT)
                wrong.append((through, "not_transparent"))
            before = await provider.balance()
            for each, code in wrong:
                with pytest.raises(CallError) as caught:
                    await provider.prepare(each, KEY)
                assert caught.value.code == code
            assert await provider.find(KEY) is None
            assert await provider.balance() == before

    asyncio.run(story())


def silent_wav(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(1000)
        file.writeframes(b"\0\0" * int(seconds * 1000))
    return path


@pytest.mark.parametrize("name", PROVIDERS)
def test_avatars_and_voices_can_be_told_apart(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            avatars, voices = await provider.avatars(), await provider.voices()
            assert len({avatar.id for avatar in avatars}) == len(avatars) > 0
            assert {avatar.provider for avatar in avatars} == {provider.name} == {name}
            assert {avatar.gender for avatar in avatars} <= {"female", "male", None}
            assert all(avatar.name for avatar in avatars)
            assert len({voice.id for voice in voices}) == len(voices)
            assert {voice.gender for voice in voices} <= {"female", "male", None}
            assert bool(voices) == provider.capabilities.takes_text

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_is_left_is_told_only_where_something_is_paid(
    name: str, tmp_path: Path, order: AvatarVideoRequest
) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            before = await provider.balance()
            assert isinstance(before, Balance) == provider.capabilities.paid
            if before is None:
                return
            request = replace(order, avatar_id=(await provider.avatars())[0].id)
            sent = await provider.prepare(request, KEY)
            assert await provider.balance() == before
            assert isinstance(await ended(provider, await provider.submit(sent, KEY)), Done)
            after = await provider.balance()
            assert after is not None
            assert (after.amount < before.amount, after.unit) == (True, before.unit)

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_many_jobs_are_asked_for_at_once(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            unknown = {f"job_{number}" for number in range(250)}
            assert await provider.ended(()) == set()
            assert await provider.ended(unknown) == unknown

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_webhook_from_anybody_is_refused(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            for headers in ({}, {"Signature": "0" * 64}, {"Authorization": "Bearer me"}):
                for body in (b"", b"garbage", b"{}", b'{"event_type": "avatar_video.success"}'):
                    with pytest.raises(CallError) as caught:
                        provider.parse_webhook(headers, body)
                    assert caught.value.code == "webhook_refused"

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_cancelling_what_has_ended_changes_nothing(
    name: str, tmp_path: Path, order: AvatarVideoRequest
) -> None:
    async def story() -> None:
        async with PROVIDERS[name](tmp_path) as provider:
            request = replace(order, avatar_id=(await provider.avatars())[0].id)
            job_id = await provider.submit(await provider.prepare(request, KEY), KEY)
            assert isinstance(await ended(provider, job_id), Done)
            await provider.cancel(job_id)
            await provider.cancel("job_unknown")
            assert isinstance(await provider.inspect(job_id), Done)

    asyncio.run(story())


@pytest.mark.parametrize("name", PROVIDERS)
def test_without_a_background_where_the_provider_can(
    name: str, tmp_path: Path, order: AvatarVideoRequest
) -> None:
    async def story() -> Path | None:
        async with PROVIDERS[name](tmp_path) as provider:
            able = [avatar for avatar in await provider.avatars() if avatar.transparent]
            assert bool(able) == provider.capabilities.transparent
            if not able:
                return None
            request = replace(order, avatar_id=able[0].id, background=TRANSPARENT)
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
