"""Turns in real databases: who gets which, what a client sees of it, and how often a provider may be called."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from databases import with_database
from deckcast.avatars.pacing import Pacing
from deckcast.batches import repository, stages, status, turns
from deckcast.batches.models import BatchKind, MakeRequest, Priority, Status, Step
from deckcast.batches.plan import plan_batch
from deckcast.db.accounts import ProviderAccountRow
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow, PresentationRow
from deckcast.db.people import UserRow
from deckcast.kit.clock import now
from live_world import add_batch, add_deck, item_of, set_item
from words_world import WordsWorld, told

SILENT = {"narrative": {"text": "", "language": "en"}}


def tell(url: str, folder: Path, body: Any) -> None:
    """A story of decks that several users have."""

    async def run(world: WordsWorld) -> None:
        await body(world.db)

    told(url, folder, ["x"], run)


async def deck_and_batch(db: Database, name: str, owner: str, slides: int, **values: Any) -> str:
    await add_deck(db, slides, deck=f"pre_{name}", owner=owner)
    await add_batch(db, slides, deck=f"pre_{name}", batch=f"bat_{name}", **values)
    return f"bat_{name}"


async def queued(batch_id: str) -> dict[str, int | None]:
    """The turns of a batch's slides, as it takes up its next stage."""
    return {work.subject: work.turn for work in await stages.next_works(batch_id)}


async def begin(db: Database, batch: str, *places: int) -> None:
    for place in places:
        await set_item(db, place, batch=batch, step=Step.SPEECH, status=Status.PROCESSING)


async def shown(deck: str) -> list[int | None]:
    """The places that a client sees, in the order of the film."""
    return [slide.queue_position for slide in (await status.status_of(deck)).slides]


def in_order(*turns_of: dict[str, int | None]) -> list[str]:
    """Items of several batches in the order in which the engine takes them."""
    together = [(turn or 0, item) for each in turns_of for item, turn in each.items()]
    return [item for _, item in sorted(together)]


def test_a_short_batch_comes_in_between_the_slides_of_a_long_one(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        long = await queued(await deck_and_batch(db, "a", "ann", 9))
        assert list(long.values()) == [turns.UNIT * number for number in range(1, 10)]
        await begin(db, "bat_a", 1, 2)
        short = await queued(await deck_and_batch(db, "b", "ben", 2))
        waiting = {
            item: turn
            for item, turn in long.items()
            if item not in (item_of(1, "bat_a"), item_of(2, "bat_a"))
        }
        order = in_order(waiting, short)
        assert max(order.index(item_of(place, "bat_b")) for place in (1, 2)) <= 4
        assert (await shown("pre_a"))[:3] == [None, None, 1]
        places = [*(await shown("pre_a"))[2:], *(await shown("pre_b"))]
        assert sorted(place or 0 for place in places) == list(range(1, 10))
        assert await turns.places_in("bat_b") == dict(enumerate(await shown("pre_b"), start=1))

    tell(database_url, tmp_path, body)


def test_what_is_queued_or_begun_gets_no_other_turn(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        batch = await deck_and_batch(db, "a", "ann", 3)
        before = await queued(batch)
        await begin(db, batch, 1)
        again = await queued(batch)
        assert again == {**before, item_of(1, batch): None}
        await set_item(db, 1, batch=batch, step=Step.DONE, status=Status.COMPLETED, ended_at=now())
        await set_item(db, 2, batch=batch, status=Status.CANCELLED, ended_at=now())
        assert await shown("pre_a") == [None, None, 1]

    tell(database_url, tmp_path, body)


def test_strides_follow_weights_priorities_and_open_batches(tmp_path: Path, database_url: str) -> None:
    async def strides(db: Database, owner: str, *priorities: Priority) -> list[int]:
        found = []
        for number, priority in enumerate(priorities):
            name = f"{owner}{number}"
            await add_deck(db, 1, deck=f"pre_{name}", owner=owner)
            async with db.write() as session:
                row = BatchRow(id=f"bat_{name}", presentation_id=f"pre_{name}", kind=BatchKind.ALL_AUDIO)
                row.state, row.fingerprint, row.request, row.scope = "running", name, {}, "x"
                await turns.set_stride(session, row, owner, priority)
                session.add(row)
            found.append(row.stride)
        return found

    async def body(db: Database) -> None:
        async with db.write() as session:
            session.add(UserRow(id="usr_2", name="two", weight=2.0))
        unit = turns.UNIT
        assert await strides(db, "usr_1", *[Priority.NORMAL] * 3) == [unit, 2 * unit, 3 * unit]
        assert await strides(db, "usr_2", Priority.NORMAL, Priority.HIGH) == [
            unit // 2,
            round(unit * 12 / 9 / 2),
        ]
        assert await strides(db, "usr_3", Priority.LOW) == [unit]

    tell(database_url, tmp_path, body)


def test_a_batch_keeps_its_priority_and_is_the_same_wish_with_another(
    tmp_path: Path, database_url: str
) -> None:
    async def body(db: Database) -> None:
        async with db.read() as session:
            presentation = await session.get_one(PresentationRow, "pre_1")
        ordered = [
            await plan_batch(presentation, BatchKind.ALL_ANALYSES, MakeRequest(priority=each))
            for each in (Priority.HIGH, Priority.LOW)
        ]
        assert ordered[0] == ordered[1]
        async with db.read() as session:
            batch = await repository.batch_with(session, ordered[0])
        assert (batch.share, batch.stride) == (Priority.HIGH.share, turns.UNIT)

    tell(database_url, tmp_path, body)


def test_avatar_videos_wait_in_the_line_of_their_account(tmp_path: Path, database_url: str) -> None:
    async def order(db: Database, name: str, place: int) -> int | None:
        async with db.write() as session:
            video = AvatarVideoRow(id=f"avv_{name}_{place}", slide_id=f"sli_{name}_{place}", fingerprint="f")
            video.batch_id, video.provider, video.request = f"bat_{name}", "paid", {}
            session.add(video)
            await session.flush()
            await turns.queue_up_video(session, video, "x.account-paid")
            values = {"avatar_video_id": video.id, "step": Step.AVATAR_VIDEO, "status": Status.PENDING}
            await repository.set_item(session, item_of(place, f"bat_{name}"), **values)
            return video.turn

    async def body(db: Database) -> None:
        await deck_and_batch(db, "a", "ann", 6)
        await deck_and_batch(db, "b", "ben", 2)
        assert [await order(db, "a", place) for place in range(1, 7)] == [
            turns.UNIT * each for each in range(1, 7)
        ]
        async with db.write() as session:
            gone = update(AvatarVideoRow).where(AvatarVideoRow.id.in_(("avv_a_1", "avv_a_2")))
            await session.execute(gone.values(status="submitting"))
        assert [await order(db, "b", place) for place in (1, 2)] == [turns.UNIT * each - 1 for each in (3, 4)]
        assert list(filter(None, await shown("pre_a"))) == [2, 4, 5, 6]
        assert await shown("pre_b") == [1, 3]
        assert await order_together(db) == [turns.UNIT * each - 1 for each in (5, 6, 7)]

    async def order_together(db: Database) -> Sequence[int]:
        """Several at once get turns of their own."""
        await deck_and_batch(db, "c", "ben", 3)
        async with db.write() as session:
            (await session.get_one(BatchRow, "bat_c")).stride = turns.UNIT
        async with db.write() as session:
            gone = update(AvatarVideoRow).where(AvatarVideoRow.id.in_(("avv_a_3", "avv_a_4")))
            await session.execute(gone.values(status="submitting"))
        async with db.write() as session:
            await session.execute(
                update(AvatarVideoRow).where(AvatarVideoRow.id == "avv_b_1").values(turn=500)
            )
        return sorted(
            turn or 0 for turn in await asyncio.gather(*(order(db, "c", place) for place in (1, 2, 3)))
        )

    tell(database_url, tmp_path, body)


def test_many_waiting_slides_take_no_more_queries_than_few(tmp_path: Path, database_url: str) -> None:
    async def counted(db: Database, deck: str) -> int:
        asked: list[str] = []
        engine = db.engine().sync_engine

        def heard(*given: Any) -> None:
            asked.append(given[2])

        event.listen(engine, "before_cursor_execute", heard)
        await shown(deck)
        event.remove(engine, "before_cursor_execute", heard)
        return len(asked)

    async def body(db: Database) -> None:
        for name, slides in (("a", 2), ("b", 40)):
            await queued(await deck_and_batch(db, name, "ann", slides))
        assert await counted(db, "pre_a") == await counted(db, "pre_b")

    tell(database_url, tmp_path, body)


def test_calls_are_granted_at_equal_distances_whoever_makes_them(database_url: str) -> None:
    """Two processes; nobody sleeps here, so that all waits are from the same moment."""
    apart_s, calls = 50.0, 12

    async def body(db: Database) -> None:
        waits: list[float] = []

        async def note(seconds: float) -> None:
            waits.append(seconds)

        other = Database(database_url)
        try:
            paces = [Pacing(each, "paid", 1 / apart_s, sleep=note) for each in (db, other)]
            await asyncio.gather(*(paces[number % 2]() for number in range(calls)))
            await Pacing(db, "another", 1 / apart_s, sleep=note)()
        finally:
            await other.close()
        assert len(waits) == calls - 1, "the first call of each account waits for nothing"
        assert sorted(waits) == pytest.approx(
            [apart_s * number for number in range(1, calls)], abs=apart_s / 2
        )
        async with db.read() as session:
            row = await session.get_one(ProviderAccountRow, "paid")
        assert row.failures == 0

    with_database(database_url, body)


def test_who_has_not_called_for_long_has_saved_up_nothing(database_url: str) -> None:
    async def body(db: Database) -> None:
        waits: list[float] = []

        async def note(seconds: float) -> None:
            waits.append(seconds)

        pace = Pacing(db, "paid", 0.1, sleep=note)
        await pace()
        async with db.write() as session:
            (await session.get_one(ProviderAccountRow, "paid")).next_call_s -= 3600
        await pace()
        assert waits == []
        await pace()
        assert waits == pytest.approx([10], abs=5)

    with_database(database_url, body)


def test_an_item_waits_once(tmp_path: Path, database_url: str) -> None:
    """What is retried in another batch waits there, and nowhere else."""

    async def body(db: Database) -> None:
        await queued(await deck_and_batch(db, "a", "ann", 2))
        async with db.write() as session:
            for item in await repository.items_of(session, "bat_a"):
                item.status, item.ended_at = Status.CANCELLED, now()
            (await session.get_one(BatchRow, "bat_a")).state = "cancelled"
        await add_batch(db, 2, deck="pre_a", batch="bat_a2")
        assert list((await queued("bat_a2")).values()) == [turns.UNIT, 2 * turns.UNIT]
        assert await shown("pre_a") == [1, 2]
        async with db.read() as session:
            assert (await session.get_one(ItemRow, item_of(1, "bat_a"))).turn is not None

    tell(database_url, tmp_path, body)
