"""What a review of the API has found, so that it does not come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select, update
from starlette.routing import BaseRoute

from batch_world import BATCH, batch_world
from databases import with_database
from deckcast.api.app import create_app
from deckcast.api.bodies import BoundedRoute
from deckcast.avatars.ports import Balance
from deckcast.batches import context, control, ordering, plan, repository
from deckcast.batches.context import Context
from deckcast.batches.models import BatchKind, MakeRequest
from deckcast.batches.presentation_changes import Changes, change_presentation
from deckcast.batches.prices import BatchSummary
from deckcast.db.database import Database
from deckcast.db.models import Base, BatchRow, EventRow, ItemRow, PresentationRow, SlideRow
from deckcast.kit.clock import now
from deckcast.kit.settings import Settings
from deckcast.videos.models import Placement
from ordered_rows import add_presentation
from serving import Server, story

PIECE = b" " * (1 << 20)
PIECES = 64


def _routes(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _routes(included.routes)
        elif isinstance(route, APIRoute):
            yield route


async def _endless(sent: list[int]) -> AsyncIterator[bytes]:
    for _ in range(PIECES):
        sent.append(len(PIECE))
        yield PIECE


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/sessions"),
        ("PATCH", "/api/presentations/pre_1"),
        ("PUT", "/api/presentations/pre_1/pronunciations"),
        ("POST", "/api/hooks"),
    ],
)
def test_no_body_is_read_into_memory_whole(tmp_path: Path, method: str, path: str) -> None:
    async def told(server: Server) -> None:
        answer = await server.client.request(method, path, content=4 * PIECE)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        sent: list[int] = []
        with pytest.raises(httpx2.TransportError):
            await server.client.request(method, path, content=_endless(sent))
        assert len(sent) < PIECES

    story(tmp_path, told)


def test_every_route_with_a_body_bounds_it(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        routes = [each for each in _routes(create_app(server.parts).routes) if each.body_field is not None]
        assert len(routes) > 15
        assert [each.path for each in routes if not isinstance(each, BoundedRoute)] == []

    story(tmp_path, told)


STEPS = ("processing", "pending", "processing")


def test_a_cancel_and_the_slides_that_move_meanwhile_never_wait_for_each_other(database_url: str) -> None:
    slides = range(1, 31)

    async def body(db: Database) -> None:
        await add_presentation(db, notes=["Words."] * len(slides))
        async with db.write() as session:
            batch = BatchRow(id="bat_1", presentation_id="pre_1", kind="all_audio", state="running")
            batch.fingerprint, batch.request, batch.scope = "f", {}, "server"
            session.add(batch)
            await session.flush()
            session.add_all(
                ItemRow(
                    id=f"itm_{n}", batch_id="bat_1", slide_id=f"sli_1_{n}", number=n, position=n, placement={}
                )
                for n in slides
            )
        context.use(cast("Context", SimpleNamespace(db=db, settings=Settings())))

        async def move(number: int) -> None:
            for status in STEPS:
                async with db.write() as session:
                    await repository.set_item(session, f"itm_{number}", status=status)

        async def reorder() -> None:
            order = [f"sli_1_{n}" for n in reversed(slides)]
            await change_presentation("local", "pre_1", Changes(order=order))

        try:
            await asyncio.gather(*map(move, reversed(slides)), reorder(), control.cancel("bat_1"))
        finally:
            context.use(None)
        async with db.read() as session:
            told = select(EventRow.seq).where(EventRow.presentation_id == "pre_1")
            seqs = list(await session.scalars(told.order_by(EventRow.seq)))
            row = await session.get_one(PresentationRow, "pre_1")
        assert seqs == list(range(1, row.seq + 1))

    with_database(database_url, body)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Awaitable[object]]]:
    """What happens between the moment an order is looked at and the one it is written down."""
    happens: list[Callable[[], Awaitable[object]]] = []
    place_for = plan.place_for

    async def later(*given: Any) -> Sequence[Placement | None]:
        for each in happens:
            await each()
        return await place_for(*given)

    monkeypatch.setattr(plan, "place_for", later)
    return happens


ORDER = "/api/presentations/pre_1/generate-all-avatar-videos"


async def _set(db: Database, row: type[Base], **values: Any) -> None:
    async with db.write() as session:
        await session.execute(update(row).values(values))


def test_nothing_is_ordered_for_what_was_deleted_meanwhile(
    tmp_path: Path, between: list[Callable[[], Awaitable[object]]]
) -> None:
    async def told(server: Server) -> None:
        await add_presentation(server.parts.db)
        await add_presentation(server.parts.db, "2")

        async def delete() -> None:
            await server.client.delete("/api/presentations/pre_1")
            await _set(server.parts.db, PresentationRow, deleted_at=now())  # its paid work still drains

        between.append(delete)
        for name in ("1", "2"):
            answer = await server.client.post(f"/api/presentations/pre_{name}/generate-all-avatar-videos")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    story(tmp_path, told)


@pytest.mark.parametrize(
    ("row", "values"), [(PresentationRow, {"state": "importing"}), (SlideRow, {"removed": True})]
)
def test_nothing_is_ordered_for_a_deck_that_was_replaced_meanwhile(
    tmp_path: Path,
    between: list[Callable[[], Awaitable[object]]],
    row: type[Base],
    values: dict[str, Any],
) -> None:
    async def told(server: Server) -> None:
        await add_presentation(server.parts.db)
        between.append(lambda: _set(server.parts.db, row, **values))
        answer = await server.client.post(ORDER)
        assert (answer.status_code, answer.json()["code"]) == (409, "presentation_not_ready")

    story(tmp_path, told)


def test_deleting_what_ends_at_the_same_moment_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = control.cancel

    async def too_late(batch_id: str) -> int:
        await cancel(batch_id)
        return await cancel(batch_id)

    monkeypatch.setattr(control, "cancel", too_late)

    async def told(server: Server) -> None:
        await add_presentation(server.parts.db)
        assert (await server.client.post(ORDER)).status_code == 202
        answer = await server.client.delete("/api/presentations/pre_1")
        assert (answer.status_code, answer.json()) == (202, {"gone": True})

    story(tmp_path, told)


def test_a_batch_that_goes_on_is_not_refused_for_what_it_has_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nearly_spent() -> Balance:
        return Balance(Decimal(1), "usd")

    async def planned(*_given: Any, **_more: Any) -> str:
        return BATCH

    async def dear(_batch_id: str) -> BatchSummary:
        return BatchSummary(2, 2, 0, Decimal(5), Decimal(5), Decimal(0), Decimal(0))

    async def run() -> None:
        async with batch_world(tmp_path) as world:
            cast(Any, world.provider).balance = nearly_spent
            async with world.db.read() as session:
                row = await session.get_one(PresentationRow, "pre_1")
            asked = MakeRequest(provider="paid", avatar="ada", background="#FFFFFF")
            batch_id, _ = await ordering.order_batch(row, BatchKind.ALL_AVATAR_VIDEOS, asked)
            assert batch_id == BATCH

    monkeypatch.setattr(ordering, "ready_to_speak", planned)
    monkeypatch.setattr(ordering, "plan_batch", planned)
    monkeypatch.setattr(ordering, "summary_of", dear)
    asyncio.run(run())


def test_uploads_side_by_side_do_not_pass_a_quota(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        form = {"file": ("deck.pdf", b"%PDF-1.4 of a test", "application/pdf")}
        answers = await asyncio.gather(
            *(server.client.post("/api/presentations", files=form) for _ in range(5))
        )
        assert sorted(each.status_code for each in answers) == [202, 403, 403, 403, 403]
        listed = await server.client.get("/api/presentations")
        assert len(listed.json()["items"]) == 1
        assert len(await server.parts.store.list("presentations")) == 1

    story(tmp_path, told, quotas={"presentations": 1})
