"""HeyGen over its simulator when things go wrong, and in both readings of what its documents leave open."""

from __future__ import annotations

import asyncio
import math
import struct
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest, Done, Failed
from deckcast.kit.errors import AnswerLost, SubmissionRefused, WorkError
from deckcast.kit.settings import HeyGenSettings
from heygen_simulated import KEY, REQUEST, run, simulated

# The paid call


@pytest.mark.parametrize("fault", ["drop_after", "error_after", "hang_after"])
def test_a_job_whose_answer_was_lost_is_found_and_given_again(fault: str, tmp_path: Path) -> None:
    async def story() -> None:
        rule = {"call": "submit", "fault": fault, "nth": 1, "seconds": 1.0}
        async with simulated(tmp_path, rule) as it:
            with pytest.raises(AnswerLost):
                await it.submit()
            found = await it.provider.find(KEY)
            assert found is not None
            assert await it.submit() == found
            assert isinstance(await it.ended(found), Done)
            assert (await it.ledger())["accepted"] == 1

    run(story)


@pytest.mark.parametrize("fault", ["drop_before", "error_before", "hang_before"])
def test_a_call_that_did_nothing_is_known_by_the_search(fault: str, tmp_path: Path) -> None:
    async def story() -> None:
        rule = {"call": "submit", "fault": fault, "nth": 1, "seconds": 1.0}
        async with simulated(tmp_path, rule) as it:
            with pytest.raises(AnswerLost):
                await it.submit()
            assert await it.provider.find(KEY) is None
            await it.submit()
            assert (await it.ledger())["accepted"] == 1

    run(story)


def test_a_call_under_way_is_no_refusal(tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(
            tmp_path, create_s=0.5, speed=1.0, queue_s=0, render_from_s=0, render_to_s=0
        ) as it:
            order = await it.provider.prepare(REQUEST, KEY)
            calls = [it.provider.submit(order, KEY) for _ in range(3)]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert sum(isinstance(each, str) for each in outcomes) >= 1
            assert all(isinstance(each, str | AnswerLost) for each in outcomes)
            assert (await it.ledger())["accepted"] == 1

    run(story)


@pytest.mark.parametrize("as_date", [False, True])
def test_too_many_at_once_is_a_refusal_that_clears(as_date: bool, tmp_path: Path) -> None:
    async def story() -> None:
        rule = {"call": "submit", "fault": "rate_limit", "nth": 1}
        async with simulated(tmp_path, rule, retry_after_date=as_date) as it:
            with pytest.raises(SubmissionRefused) as caught:
                await it.submit()
            assert (caught.value.code, caught.value.retryable) == ("provider_busy", True)
            assert caught.value.retry_after_s is not None
            assert caught.value.retry_after_s <= 1.0
            assert (await it.ledger())["accepted"] == 0

    run(story)


@pytest.mark.parametrize(
    ("api_key", "code"),
    [
        ("sim-no-credit", "provider_no_credit"),
        ("sim-no-quota", "provider_no_credit"),
        ("sim-no-plan", "provider_plan_too_small"),
        ("sim-no-access", "provider_forbidden"),
        ("wrong", "provider_key_refused"),
    ],
)
def test_what_the_account_lacks_is_said_of_the_account(api_key: str, code: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(tmp_path, api_key=api_key) as it:
            with pytest.raises(SubmissionRefused) as caught:
                await it.submit()
            assert (caught.value.code, caught.value.account, caught.value.retryable) == (code, True, False)
            assert (await it.ledger())["accepted"] == 0

    run(story)


def test_nobody_there_is_a_refusal(tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(tmp_path) as it:
            order = await it.provider.prepare(REQUEST, KEY)
        # The simulator is gone, and its port with it.
        settings = HeyGenSettings(base_url=it.base_url, api_key=SecretStr("sim-1"))
        provider = HeyGenProvider(settings, public_url=None, scratch=tmp_path)
        with pytest.raises(SubmissionRefused) as caught:
            await provider.submit(order, KEY)
        assert (caught.value.code, caught.value.retryable) == ("provider_unreachable", True)
        await provider.close()

    run(story)


@pytest.mark.parametrize("when", ["create", "render"])
def test_what_may_not_be_said(when: str, tmp_path: Path) -> None:
    async def story() -> None:
        request = AvatarVideoRequest("sim_ada_office", 240, 240, text="This is [moderated].")
        async with simulated(tmp_path, moderation=when) as it:
            if when == "create":
                with pytest.raises(SubmissionRefused) as caught:
                    await it.submit(request=request)
                found: Any = caught.value
            else:
                found = await it.ended(await it.submit(request=request))
                assert isinstance(found, Failed)
            assert (found.code, found.retryable) == ("content_refused", False)

    run(story)


# What becomes of a job


@pytest.mark.parametrize(("fault", "says"), [("fail", "timed out"), ("fail_silent", "no reason")])
def test_a_failed_render(fault: str, says: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(tmp_path, {"call": "job", "fault": fault}) as it:
            state = await it.ended(await it.submit())
            assert isinstance(state, Failed)
            assert (state.code, state.retryable, state.charged) == ("provider_render_failed", True, False)
            assert says in state.message

    run(story)


@pytest.mark.parametrize("fault", ["error_after", "drop_after", "rate_limit"])
@pytest.mark.parametrize("times", [2, 99])
def test_a_status_that_cannot_be_had_is_no_failure(fault: str, times: int, tmp_path: Path) -> None:
    async def story() -> None:
        rule = {"call": "detail", "fault": fault, "times": times, "status": 502}
        async with simulated(tmp_path, rule) as it:
            job_id = await it.submit()
            if times == 2:
                assert isinstance(await it.ended(job_id), Done)
                return
            with pytest.raises(WorkError) as caught:
                await it.provider.inspect(job_id)
            assert caught.value.retryable

    run(story)


@pytest.mark.parametrize("bulk", [True, False])
@pytest.mark.parametrize("words", ["v3", "v1"])
def test_which_have_ended(bulk: bool, words: str, tmp_path: Path) -> None:
    async def story() -> None:
        stalled = {"call": "job", "fault": "stall", "nth": 2}
        async with simulated(tmp_path, stalled, bulk_statuses=bulk, status_words=words) as it:
            jobs = [await it.submit(f"key.{number}") for number in range(3)]
            await it.ended(jobs[0])
            await it.ended(jobs[2])
            assert await it.provider.ended([*jobs, "unknown"]) == {jobs[0], jobs[2], "unknown"}

    run(story)


# Results


@pytest.mark.parametrize("fault", ["expired", "rate_limit", "error_before", "drop_before", "truncated"])
def test_a_result_that_does_not_come_can_be_asked_for_again(fault: str, tmp_path: Path) -> None:
    codes = {"expired": "result_expired", "truncated": "result_truncated"}

    async def story() -> None:
        async with simulated(tmp_path, {"call": "download", "fault": fault, "nth": 1}) as it:
            job_id = await it.submit()
            done = await it.ended(job_id)
            assert isinstance(done, Done)
            with pytest.raises(WorkError) as caught:
                await it.fetch(done)
            assert caught.value.code == codes.get(fault, "result_unreachable")
            assert caught.value.retryable
            fresh = await it.provider.inspect(job_id)
            assert isinstance(fresh, Done)
            assert len(await it.fetch(fresh)) > 1000

    run(story)


def test_a_transparent_video_and_a_large_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckcast.avatars.heygen.assets.MOST_IN_ONE_CALL_BYTES", 1000)

    async def story() -> None:
        request = AvatarVideoRequest(
            "sim_ada_office", 240, 240, background=TRANSPARENT, audio=tone(tmp_path / "speech.wav")
        )
        async with simulated(tmp_path, {"call": "upload", "fault": "error_after", "nth": 1}) as it:
            done = await it.ended(await it.submit(request=request))
            assert isinstance(done, Done)
            assert done.duration_s == pytest.approx(1.0)
            assert (await it.fetch(done)).startswith(b"\x1aE\xdf\xa3")
            assert (await it.ledger())["calls"]["PUT /uploads/{asset_id}"] == 1

    run(story)


def tone(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        samples = (int(9000 * math.sin(number / 8)) for number in range(16000))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


# Searching


@pytest.mark.parametrize(("most", "long_title"), [(64, "refuse"), (64, "cut"), (1000, "refuse")])
def test_titles_of_any_length_are_found(most: int, long_title: str, tmp_path: Path) -> None:
    async def story() -> None:
        request = AvatarVideoRequest("sim_ada_office", 240, 240, text="Hello there.", title="word " * 40)
        async with simulated(tmp_path, max_title_chars=most, long_title=long_title) as it:
            job_id = await it.submit(request=request)
            assert await it.provider.find(KEY) == job_id
            assert await it.provider.find(KEY + "0") is None

    run(story)


def test_a_search_that_breaks_off_says_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(tmp_path, {"call": "list", "fault": "error_after"}) as it:
            with pytest.raises(WorkError) as caught:
                await it.provider.find(KEY)
            assert caught.value.retryable

    run(story)


def test_everything_goes_wrong_now_and_then_and_all_is_made_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(tmp_path, plan={"rate": 0.3, "seed": 7}, max_concurrent=100) as it:
            jobs = set()
            for number in range(20):
                key = f"key.{number}"
                order = await until_done(lambda key=key: it.provider.prepare(REQUEST, key))
                jobs.add(await until_done(lambda order=order, key=key: it.provider.submit(order, key)))
            ledger = await it.ledger()
            assert {job["video_id"] for job in ledger["jobs"]} == jobs
            assert ledger["accepted"] == len(jobs) == 20

    run(story)


async def until_done(call: Callable[[], Awaitable[Any]]) -> Any:
    """Repeat under the same key while that may help: what is behind a key is made once."""
    for _ in range(20):
        try:
            return await call()
        except WorkError as error:
            if not error.retryable:
                raise
    raise AssertionError("It never worked.")
