"""The captions beside a video that HeyGen spoke, over its simulator: fetched as the video is, and never needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deckcast.avatars.ports import Done, JobState
from deckcast.batches.captions import LATE_S, MOST_BYTES, their_captions
from deckcast.kit.clock import now
from deckcast.kit.errors import WorkError
from deckcast.simulators.heygen.script import spoken_words
from deckcast.speech.cues import parse_srt
from heygen_simulated import KEY, REQUEST, Simulated, run, simulated

SCRIPT = "Good morning, everybody. Today we talk about captions, and about when each of the words is heard."


async def spoken(it: Simulated) -> str:
    job_id = await it.submit(KEY, replace(REQUEST, text=SCRIPT))
    await it.ended(job_id)
    return job_id


def test_captions_say_when_the_words_are_heard(tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(tmp_path) as it:
            job_id = await spoken(it)
            text = await their_captions(it.provider, job_id, sleep=no_time)
            cues = parse_srt(text or "")
            assert " ".join(cue.text for cue in cues) == SCRIPT
            done = await it.provider.inspect(job_id)
            assert isinstance(done, Done)
            words = {word.text: word for word in spoken_words(SCRIPT, done.duration_s or 0)}
            assert cues[0].end_s == pytest.approx(words["everybody."].end_s, abs=0.001)
            assert cues[1].start_s == pytest.approx(words["Today"].start_s, abs=0.001)

    run(story)


def test_captions_may_come_after_the_video(tmp_path: Path) -> None:
    async def story() -> None:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            await it.switch(caption_delay_s=0.0)

        async with simulated(tmp_path, caption_delay_s=1e9) as it:
            job_id = await spoken(it)
            assert parse_srt(await their_captions(it.provider, job_id, sleep=sleep) or "")
            assert len(waits) == 1

    run(story)


def test_captions_that_never_come_are_not_waited_for_long(tmp_path: Path) -> None:
    async def story() -> None:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        async with simulated(tmp_path, captions="never") as it:
            assert await their_captions(it.provider, await spoken(it), sleep=sleep) is None
            assert 0 < sum(waits) <= LATE_S

    run(story)


@pytest.mark.parametrize("switch", ["broken", "foreign"])
def test_wrong_captions_are_fetched_as_they_are(switch: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with simulated(tmp_path, captions=switch) as it:
            text = await their_captions(it.provider, await spoken(it), sleep=no_time)
            assert text
            assert "everybody" not in text

    run(story)


# What a provider may give


class Odd:
    """A provider whose captions are these bytes, in pieces; None cannot be fetched."""

    name = "odd"

    def __init__(self, pieces: list[bytes] | None, state: JobState | None = None) -> None:
        self._pieces = pieces
        self._state = state or Done("https://v.example/v.mp4", captions_url="https://v.example/c.srt")
        self.given = 0

    async def inspect(self, job_id: str) -> JobState:
        return self._state

    @asynccontextmanager
    async def open_result(self, done: Done) -> AsyncIterator[AsyncIterator[bytes]]:
        assert done.url == "https://v.example/c.srt"
        if self._pieces is None:
            raise WorkError("result_expired", "Too late.", retryable=True)
        yield self._given(self._pieces)

    async def _given(self, pieces: list[bytes]) -> AsyncIterator[bytes]:
        for piece in pieces:
            self.given += 1
            yield piece


async def no_time(seconds: float) -> None:
    pass


def captions_of(provider: Any) -> str | None:
    found: list[str | None] = []

    async def story() -> None:
        found.append(await their_captions(provider, "job", sleep=no_time))

    run(story)
    return found[0]


def test_captions_are_text() -> None:
    assert captions_of(Odd(["\ufeff1\n".encode(), "Grüße".encode()])) == "1\nGrüße"


@pytest.mark.parametrize("pieces", [None, [b"\xff\xfe\x00"]], ids=["expired", "not text"])
def test_captions_that_cannot_be_had_are_none(pieces: list[bytes] | None) -> None:
    assert captions_of(Odd(pieces)) is None


def test_a_file_larger_than_captions_is_not_read_to_its_end() -> None:
    provider = Odd([b"x" * 65536] * 1000)
    assert captions_of(provider) is None
    assert provider.given == MOST_BYTES // 65536 + 1


def test_an_old_job_without_captions_is_not_waited_for() -> None:
    old = Done("https://v.example/v.mp4", metadata={"completed_at": now().timestamp() - 3600})
    assert captions_of(Odd([], old)) is None
