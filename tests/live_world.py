"""A presentation whose batch is under way, as rows; somebody else changes them, and clients watch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import update
from websockets.asyncio.client import ClientConnection, connect

from deckcast.batches import repository
from deckcast.batches.imports import OWNER
from deckcast.batches.models import BatchKind, MakeRequest
from deckcast.db.database import Database
from deckcast.db.models import BatchRow, ItemRow, PresentationRow, SlideRow
from deckcast.kit.clock import now
from serving import Server

DECK, BATCH = "pre_1", "bat_1"


async def add_deck(
    db: Database, slides: int = 3, *, deck: str = DECK, owner: str = OWNER, title: str = ""
) -> None:
    """A deck; `title` is that of each slide."""
    number = deck.removeprefix("pre_")
    async with db.write() as session:
        session.add(PresentationRow(id=deck, owner=owner, source=deck, title="Q3", language="en"))
        await session.flush()
        for place in range(1, slides + 1):
            slide = SlideRow(id=f"sli_{number}_{place}", presentation_id=deck, key=str(place), number=place)
            slide.title, slide.notes, slide.position = title or f"Slide {place}", "", place
            slide.language, slide.content = "en", {}
            session.add(slide)


async def add_batch(
    db: Database, slides: int = 3, *, deck: str = DECK, batch: str = BATCH, **values: Any
) -> None:
    """A batch with an item for each slide, told."""
    number = deck.removeprefix("pre_")
    async with db.write() as session:
        row = BatchRow(id=batch, presentation_id=deck, kind=BatchKind.ALL_AUDIO, state="running", scope="x")
        row.fingerprint, row.request = batch, MakeRequest().to_json()
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
        await session.flush()
        for place in range(1, slides + 1):
            item = ItemRow(id=item_of(place, batch), batch_id=batch, slide_id=f"sli_{number}_{place}")
            item.number = item.position = place
            item.placement, item.estimated_s = {}, 10.0
            session.add(item)
        await repository.tell(session, deck, "batch.started", {"batch_id": batch, "kind": row.kind})


def item_of(place: int, batch: str = BATCH) -> str:
    return f"itm_{batch.removeprefix('bat_')}_{place}"


async def set_item(db: Database, place: int, *, batch: str = BATCH, **values: Any) -> None:
    """Change a slide's item, as a worker does."""
    async with db.write() as session:
        await repository.set_item(session, item_of(place, batch), **values)


async def end_batch(db: Database, state: str, *, deck: str = DECK, batch: str = BATCH) -> None:
    async with db.write() as session:
        row = await session.get_one(BatchRow, batch)
        row.state, row.ended_at = state, now()
        await repository.tell(session, deck, "batch.ended", {"batch_id": batch, "state": state})


async def mark_deleted(db: Database, deck: str = DECK) -> None:
    async with db.write() as session:
        deleted = update(PresentationRow).where(PresentationRow.id == deck)
        await session.execute(deleted.values(deleted_at=now()))
        await repository.tell(session, deck, "presentation.deleted", {})


@asynccontextmanager
async def another_process(server: Server) -> AsyncIterator[Database]:
    """The same database, as a worker in a process of its own opens it."""
    db = Database(server.parts.db.url)
    try:
        yield db
    finally:
        await db.close()


def socket(server: Server, since: int | None = None, deck: str = DECK, **more: Any) -> connect:
    """A client's socket."""
    query = "" if since is None else f"?since={since}"
    address = f"ws://127.0.0.1:{server.port}/api/presentations/{deck}/events{query}"
    return connect(address, proxy=None, **more)


async def message(client: ClientConnection) -> dict[str, Any]:
    """The next message that is no refreshed progress."""
    while (said := json.loads(await asyncio.wait_for(client.recv(), 20)))["type"] == "progress":
        pass
    return dict(said)


async def until(client: ClientConnection, seq: int) -> list[dict[str, Any]]:
    """All messages up to the one that says what happened at `seq`."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["seq"] < seq:
        found.append(await message(client))
    return found


def seqs(messages: list[dict[str, Any]]) -> list[int]:
    """The numbers of the events that changes told."""
    return [event["seq"] for each in messages if each["type"] == "change" for event in each["events"]]
