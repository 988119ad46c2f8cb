"""The snapshot: what it says of batches and slides, that it is of one moment, and what a poller is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from deckcast.batches.events import KEPT_EVENTS, forget_old_events
from deckcast.batches.models import BatchKind, Status, Step
from deckcast.batches.progress import progress_of
from deckcast.batches.status import BATCHES, Change, PresentationStatus, change_since, status_of
from deckcast.batches.status_repository import events_between
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, ChargeRow, EventRow, ItemRow, PresentationRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from live_world import DECK, add_batch, add_deck, end_batch, item_of, mark_deleted, set_item
from serving import Server, story
from words_world import WordsWorld, told


def tell(url: str, folder: Path, body: Any) -> None:
    """A story of the deck pre_1 with three slides."""

    async def run(world: WordsWorld) -> None:
        async with world.db.write() as session:
            row = await session.get_one(PresentationRow, DECK)
            await session.delete(row)
        await add_deck(world.db)
        await body(world.db)

    told(url, folder, ["x"], run)


async def ended(db: Database, place: int, status: Status, **values: Any) -> None:
    await set_item(db, place, step=Step.DONE, status=status, ended_at=now(), **values)


def test_counts_add_up_and_the_reasons_are_there(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batch(db)
        await ended(db, 1, Status.COMPLETED)
        await ended(db, 2, Status.FAILED, error_code="disk_full", error_message="Full.", retryable=True)
        found = await status_of(DECK)
        batch = found.batches[0]
        counts = (batch.completed, batch.failed, batch.skipped, batch.cancelled, batch.in_progress)
        assert (counts, batch.total) == ((1, 1, 0, 0, 1), 3)
        assert (batch.label, batch.state, batch.draining) == ("All Audio Generation", "running", 0)
        assert batch.share == pytest.approx((await progress_of("bat_1")).share, abs=1e-3)
        assert [slide.status for slide in found.slides] == ["completed", "failed", "pending"]
        reason = found.slides[1].error
        assert reason is not None
        assert (reason.code, reason.message, reason.retryable) == ("disk_full", "Full.", True)
        assert (found.seq, found.is_moving) == (3, True)

    tell(database_url, tmp_path, body)


def test_what_was_fresh_is_skipped_and_what_drains_is_said(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batch(db, kind=BatchKind.ALL_AVATAR_VIDEOS, cancelled_at=now())
        await ended(db, 1, Status.SKIPPED, reused=True)
        await ended(db, 2, Status.CANCELLED)
        batch = (await status_of(DECK)).batches[0]
        assert (batch.skipped, batch.cancelled, batch.completed, batch.draining) == (1, 1, 0, 1)
        await ended(db, 3, Status.COMPLETED)
        await end_batch(db, "cancelled")
        batch = (await status_of(DECK)).batches[0]
        assert (batch.state, batch.draining, batch.eta_s) == ("cancelled", 0, None)
        assert batch.share == pytest.approx(2 / 3, abs=1e-3)

    tell(database_url, tmp_path, body)


def test_a_slide_is_where_it_is_in_its_newest_batch(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        assert {(slide.step, slide.status) for slide in (await status_of(DECK)).slides} == {(None, "idle")}
        await add_batch(db)
        await ended(db, 1, Status.COMPLETED)
        await ended(db, 2, Status.COMPLETED)
        await add_batch(db, 1, batch="bat_2")
        await set_item(db, 1, batch="bat_2", step=Step.SPEECH, status=Status.PROCESSING)
        found = await status_of(DECK)
        assert [(slide.batch_id, slide.status) for slide in found.slides] == [
            ("bat_2", "processing"),
            ("bat_1", "completed"),
            ("bat_1", "pending"),
        ]
        assert [batch.id for batch in found.batches] == ["bat_2", "bat_1"]

    tell(database_url, tmp_path, body)


def test_costs_are_of_who_paid(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batch(db)
        await add_batch(db, batch="bat_2")
        async with db.write() as session:
            video = AvatarVideoRow(id="avv_1", slide_id="sli_1_1", batch_id="bat_1", fingerprint="f")
            video.provider, video.request, video.cost_microusd = "heygen", {}, 2_000_000
            video.status = "completed"
            session.add(video)
            session.add(
                ChargeRow(id="c1", batch_id="bat_2", item_id=item_of(2, "bat_2"), cost_microusd=10_000)
            )
            session.add(ChargeRow(id="c2", batch_id="bat_2", cost_microusd=5_000))
            await session.flush()
            for batch in ("bat_1", "bat_2"):
                (await session.get_one(ItemRow, item_of(1, batch))).avatar_video_id = "avv_1"
        found = await status_of(DECK)
        assert {batch.id: batch.cost_usd for batch in found.batches} == {"bat_1": 2.0, "bat_2": 0.015}
        assert [slide.cost_usd for slide in found.slides] == [0.0, 0.01, 0.0]
        assert found.slides[0].avatar_video_id == "avv_1"

    tell(database_url, tmp_path, body)


def test_old_batches_are_left_out_but_no_open_one(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batch(db, batch="bat_f")
        for number in range(BATCHES + 3):
            await add_batch(db, 1, batch=f"bat_{number}", state="completed", ended_at=now())
        found = (await status_of(DECK)).batches
        assert len(found) == BATCHES
        assert found[-1].id == "bat_f"
        assert found[0].id == f"bat_{BATCHES + 2}"

    tell(database_url, tmp_path, body)


def test_many_slides_take_no_more_queries_than_few(tmp_path: Path) -> None:
    async def counted(db: Database) -> int:
        asked: list[str] = []
        engine = db.engine().sync_engine
        event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        await status_of(DECK)
        return len(asked)

    async def few(db: Database) -> None:
        await add_batch(db)
        numbers.append(await counted(db))

    async def many(db: Database) -> None:
        await add_deck(db, 40, deck="pre_2")
        for number in range(8):
            await add_batch(db, batch=f"bat_{number}")
        numbers.append(await counted(db))

    numbers: list[int] = []
    for place, body in enumerate((few, many)):
        (tmp_path / str(place)).mkdir()
        tell(f"sqlite+aiosqlite:///{tmp_path / str(place) / 'a.db'}", tmp_path / str(place), body)
    assert numbers[0] == numbers[1]


def test_number_and_content_are_of_one_moment(tmp_path: Path, database_url: str) -> None:
    """While somebody writes, `seq` says how many of the slides' changes the content shows."""

    async def body(db: Database) -> None:
        await add_batch(db)

        async def write() -> None:
            for _ in range(30):
                for place in (1, 2, 3):
                    async with db.write() as session:
                        item = await session.get_one(ItemRow, item_of(place))
                        await set_item_in(session, place, item.estimated_s + 1.0)

        async def read() -> None:
            while not writing.done():
                found = await status_of(DECK)
                shown = sum(slide.estimated_s for slide in found.slides)
                assert shown == 30.0 + found.seq - 1

        writing = asyncio.create_task(write())
        await asyncio.gather(writing, read())

    tell(database_url, tmp_path, body)


async def set_item_in(session: Any, place: int, estimated_s: float) -> None:
    from deckcast.batches import repository

    await repository.set_item(session, item_of(place), estimated_s=estimated_s)


def test_a_change_holds_only_what_was_touched(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batch(db)
        await set_item(db, 2, step=Step.SPEECH, status=Status.PROCESSING)
        await set_item(db, 2, step=Step.CLIP, status=Status.PROCESSING)
        change = await change_since(DECK, 1)
        assert isinstance(change, Change)
        assert (change.since, change.seq, change.whole) == (2, 3, False)
        assert [(slide.id, slide.step) for slide in change.slides] == [("sli_1_2", "clip")]
        assert [batch.id for batch in change.batches] == ["bat_1"]
        assert change.presentation is None
        whole = await change_since(DECK, 0)
        assert isinstance(whole, Change)
        assert (whole.whole, len(whole.slides), whole.events[0].kind) == (True, 3, "batch.started")
        first = await change_since(DECK, 1, upto=2)
        assert isinstance(first, Change)
        assert [each.seq for each in first.events] == [2]
        assert await change_since(DECK, 3) is None
        assert isinstance(await change_since(DECK, 4), PresentationStatus)

    tell(database_url, tmp_path, body)


def test_forgotten_events_are_made_up_for_by_a_snapshot(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batch(db)
        await add_deck(db, 1, deck="pre_2")
        await add_batch(db, 1, deck="pre_2", batch="bat_2")
        async with db.write() as session:
            row = await session.get_one(PresentationRow, DECK)
            for seq in range(2, KEPT_EVENTS + 4):
                session.add(EventRow(presentation_id=DECK, seq=seq, kind="slide.changed", payload={}))
            row.seq = KEPT_EVENTS + 3
        await forget_old_events()
        async with db.read() as session:
            kept = await events_between(session, DECK, 0, 10**6)
            others = await events_between(session, "pre_2", 0, 10**6)
        assert [kept[0].seq, kept[-1].seq, len(kept)] == [4, KEPT_EVENTS + 3, KEPT_EVENTS]
        assert len(others) == 1
        assert isinstance(await change_since(DECK, 1), PresentationStatus)
        assert isinstance(await change_since(DECK, KEPT_EVENTS), Change)

    tell(database_url, tmp_path, body)


def test_what_was_deleted_has_no_status(tmp_path: Path, database_url: str) -> None:
    async def body(db: Database) -> None:
        await mark_deleted(db)
        for asked in (status_of(DECK), change_since(DECK, 0)):
            with pytest.raises(CallError) as missing:
                await asked
            assert missing.value.code == "not_found"

    tell(database_url, tmp_path, body)


def test_a_poller_is_told_when_nothing_has_changed(tmp_path: Path) -> None:
    async def polled(server: Server) -> None:
        db, path = server.parts.db, f"/api/presentations/{DECK}/status"
        await add_deck(db)
        first = await server.client.get(path)
        assert first.status_code == 200
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert first.json()["presentation"] == {
            "id": DECK,
            "title": "Q3",
            "state": "ready",
            "importStep": "",
            "error": None,
            "updatedAt": first.json()["presentation"]["updatedAt"],
        }
        tag = {"If-None-Match": first.headers["ETag"]}
        again = await server.client.get(path, headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        await add_batch(db, state="completed", ended_at=now())
        changed = await server.client.get(path, headers=tag)
        assert (changed.status_code, changed.json()["seq"]) == (200, 1)
        assert changed.json()["batches"][0]["inProgress"] == 3

    story(tmp_path, polled)


def test_a_foreign_status_is_not_there(tmp_path: Path) -> None:
    async def polled(server: Server) -> None:
        await add_deck(server.parts.db, owner="usr_2")
        for deck in (DECK, "pre_9"):
            answer = await server.client.get(f"/api/presentations/{deck}/status")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        answer = await server.client.get("/api/presentations/%00/status")
        assert answer.status_code == 422

    story(tmp_path, polled)
