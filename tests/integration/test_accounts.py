"""Provider accounts: how many jobs may be alive, when an account is left alone, and who is told why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from databases import with_database
from deckcast.avatars.accounts import Account, AccountRules
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, PresentationRow, SlideRow
from deckcast.kit.clock import now
from deckcast.kit.errors import AnswerLost, SubmissionRefused, WorkError
from ledger_world import Time

LOST = AnswerLost("provider_failed", "It has a fault.", retryable=True)
NO_CREDIT = SubmissionRefused("provider_no_credit", "No credit.", next_step="Add some.", account=True)
RULES = AccountRules(longest_rest_s=20.0, gives_up_after=6)


class Provider:
    """Knows which jobs have ended; `failing` many questions are not answered."""

    name = "paid"

    def __init__(self) -> None:
        self.over: set[str] = set()
        self.failing = 0
        self.asked: list[set[str]] = []
        self.when_asked: Callable[[], Awaitable[None]] | None = None

    async def ended(self, job_ids: Collection[str]) -> set[str]:
        self.asked.append(set(job_ids))
        if self.when_asked is not None:
            await self.when_asked()
        if self.failing:
            self.failing -= 1
            raise WorkError("provider_failed", "It has a fault.", retryable=True)
        return self.over & set(job_ids)


class Waiting:
    """An account on a virtual clock; `slept` is how long it waited, `meanwhile` runs in every pause."""

    def __init__(self, db: Database, places: int = 1) -> None:
        self.time = Time(now())
        self.provider = Provider()
        self.slept: list[float] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.account = Account(
            db,
            self.provider,  # type: ignore[arg-type]
            places,
            RULES,
            clock=self.time.clock,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        assert len(self.slept) < 10_000, "it waits for ever"
        self.slept.append(seconds)
        self.time.jump(seconds)
        if self.meanwhile is not None:
            await self.meanwhile()

    async def waited_s(self) -> float:
        """How long it takes to be admitted."""
        self.slept.clear()
        await self.account.admit()
        return sum(self.slept)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"


async def add_videos(db: Database, *videos: str, **values: Any) -> None:
    async with db.write() as session:
        for name in videos:
            session.add(PresentationRow(id=f"pre_{name}", owner="ann", source=name))
            await session.flush()
            slide = SlideRow(id=f"sli_{name}", presentation_id=f"pre_{name}", key=name, number=1)
            slide.title, slide.notes, slide.language, slide.content = "", "", "en", {}
            session.add(slide)
            await session.flush()
            row = {"slide_id": slide.id, "fingerprint": "f", "provider": "paid", "request": {}, **values}
            session.add(AvatarVideoRow(id=name, **row))


async def change(db: Database, video_id: str, **values: Any) -> None:
    async with db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        for name, value in values.items():
            setattr(row, name, value)


async def status_of(db: Database, video_id: str) -> str:
    async with db.read() as session:
        return (await session.get_one(AvatarVideoRow, video_id)).status


def test_nobody_takes_more_places_than_there_are(database_url: str) -> None:
    """Takers in two processes; each looks how many are there while it holds its own."""
    videos = [f"avv_{number}" for number in range(14)]
    places, seen, all_taken = 3, [], asyncio.Event()

    async def body(db: Database) -> None:
        await add_videos(db, *videos)
        other = Database(database_url)
        accounts = [Waiting(each, places).account for each in (db, other)]

        async def work(number: int, video_id: str) -> None:
            await accounts[number % 2].take_place(video_id)
            async with db.read() as session:
                taken = select(func.count()).where(AvatarVideoRow.status.in_(("submitting", "processing")))
                seen.append(await session.scalar(taken))
            if seen[-1] >= places:
                all_taken.set()
            await all_taken.wait()  # so that the first ones are there together
            await change(db, video_id, status="processing", submitted_at=now())
            await change(db, video_id, status="publishing", job_ended_at=now())

        try:
            await asyncio.gather(*(work(*each) for each in enumerate(videos)))
        finally:
            await other.close()

    with_database(database_url, body)
    assert len(seen) == len(videos)
    assert max(seen) == places


def test_who_comes_back_takes_the_place_that_it_has(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        await add_videos(db, "mine", status="processing", provider_video_id="job_1", submitted_at=now())
        await Waiting(db).account.take_place("mine")
        assert await status_of(db, "mine") == "processing"

    with_database(sqlite_url, body)


def test_a_cancelled_video_takes_no_place(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        await add_videos(db, "mine", status="cancelled")
        with pytest.raises(WorkError) as caught:
            await Waiting(db).account.take_place("mine")
        assert caught.value.code == "cancelled"

    with_database(sqlite_url, body)


def test_a_job_left_behind_frees_its_place_when_the_provider_says_that_it_has_ended(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        await add_videos(db, "theirs", status="processing", provider_video_id="job_1", submitted_at=now())
        await add_videos(db, "mine")
        waiting = Waiting(db)
        waiting.provider.failing = 1

        async def meanwhile() -> None:
            assert await status_of(db, "mine") == "pending"
            if sum(waiting.slept) > 25:
                waiting.provider.over = {"job_1", "job_of_somebody_else"}

        waiting.meanwhile = meanwhile
        await waiting.account.take_place("mine")
        assert await status_of(db, "mine") == "submitting"
        assert waiting.provider.asked == [{"job_1"}] * 3, "every ten seconds, the first time in vain"
        assert sum(waiting.slept) == pytest.approx(30, abs=2)

    with_database(sqlite_url, body)


def test_the_end_of_an_old_job_does_not_free_the_place_of_the_new_one(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        await add_videos(db, "theirs", status="processing", provider_video_id="job_1", submitted_at=now())
        await add_videos(db, "mine")
        waiting = Waiting(db)
        waiting.provider.over = {"job_1"}

        async def gets_another_job() -> None:
            await change(db, "theirs", provider_video_id="job_2")

        waiting.provider.when_asked = gets_another_job

        async def meanwhile() -> None:
            if len(waiting.provider.asked) == 2:
                waiting.provider.over = {"job_2"}

        waiting.meanwhile = meanwhile
        await waiting.account.take_place("mine")
        assert waiting.provider.asked == [{"job_1"}, {"job_2"}, {"job_2"}][: len(waiting.provider.asked)]
        assert len(waiting.provider.asked) > 1

    with_database(sqlite_url, body)


def test_a_job_of_long_ago_holds_no_place(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        await add_videos(db, "theirs", status="processing", provider_video_id="job_1", submitted_at=now())
        await add_videos(db, "mine")
        waiting = Waiting(db)
        waiting.time.jump(RULES.alive_s + 60)
        await waiting.account.take_place("mine")
        assert waiting.slept == []

    with_database(sqlite_url, body)


def test_rests_grow_with_a_streak_of_failures_and_end_with_a_reason(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        waiting, rests = Waiting(db), []
        for _ in range(RULES.streak + RULES.gives_up_after - 1):
            await waiting.account.failed(LOST)
            rests.append(await waiting.waited_s())
        assert rests[: RULES.streak - 1] == [0] * (RULES.streak - 1)
        grown = [min(RULES.longest_rest_s, RULES.rest_s * 2**power) for power in range(RULES.gives_up_after)]
        assert rests[RULES.streak - 1 :] == pytest.approx(grown)
        await waiting.account.failed(LOST)
        with pytest.raises(WorkError, match="kept failing") as caught:
            await waiting.account.admit()
        assert (caught.value.code, caught.value.retryable) == ("provider_unavailable", True)

    with_database(sqlite_url, body)


def test_a_success_ends_the_streak(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        waiting = Waiting(db)
        for _ in range(2):
            for _ in range(RULES.streak):
                await waiting.account.failed(LOST)
            await waiting.account.succeeded()
            assert await waiting.waited_s() == 0
            await waiting.account.failed(LOST)
            assert await waiting.waited_s() == 0
            await waiting.account.succeeded()

    with_database(sqlite_url, body)


def test_what_a_person_has_to_mend_fails_those_who_wait_with_that_reason(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        waiting = Waiting(db)
        for _ in range(RULES.streak):
            await waiting.account.failed(LOST)

        async def credit_runs_out() -> None:
            waiting.meanwhile = None
            await waiting.account.failed(NO_CREDIT)

        waiting.meanwhile = credit_runs_out
        for _ in range(2):
            with pytest.raises(WorkError) as caught:
                await waiting.account.admit()
            assert (caught.value.code, str(caught.value)) == ("provider_no_credit", "No credit. Add some.")
        assert len(waiting.slept) == 1

    with_database(sqlite_url, body)


@pytest.mark.parametrize("how", ["time", "a person"])
def test_such_a_pause_ends_by_itself_or_when_a_person_says_so(sqlite_url: str, how: str) -> None:
    async def body(db: Database) -> None:
        waiting = Waiting(db)
        await waiting.account.failed(NO_CREDIT)
        if how == "time":
            waiting.time.jump(RULES.lasting_pause_s)
        else:
            await waiting.account.resume()
        assert await waiting.waited_s() == 0

    with_database(sqlite_url, body)


def test_failures_of_many_at_once_are_all_counted(database_url: str) -> None:
    async def body(db: Database) -> None:
        waiting = Waiting(db)
        await asyncio.gather(*(waiting.account.failed(LOST) for _ in range(RULES.streak)))
        assert await waiting.waited_s() == RULES.rest_s

    with_database(database_url, body)


def test_a_second_job_of_the_same_video_has_a_place_of_its_own(database_url: str) -> None:
    """The first one ended without a video, so its place was free: who submits again takes one, and is counted."""

    async def body(db: Database) -> None:
        ended = {"provider_video_id": "job_1", "submitted_at": now(), "job_ended_at": now()}
        await add_videos(db, "again", status="processing", **ended)
        await add_videos(db, "theirs", status="processing", provider_video_id="job_2", submitted_at=now())
        await add_videos(db, "third")
        waiting = Waiting(db)

        async def theirs_ends() -> None:
            if sum(waiting.slept) > 1:
                await change(db, "theirs", status="publishing", job_ended_at=now())

        waiting.meanwhile = theirs_ends
        await waiting.account.take_place("again")
        assert sum(waiting.slept) > 1, "there is one place, and it was taken"
        waiting.provider.over = {"job_1"}

        async def again_ends() -> None:
            if sum(waiting.slept) > 25:
                await change(db, "again", status="publishing", job_ended_at=now())

        waiting.slept.clear()
        waiting.meanwhile = again_ends
        await waiting.account.take_place("third")
        assert sum(waiting.slept) > 25, "the end of the first job frees nothing that the second one holds"

    with_database(database_url, body)
