"""What a review of the API has found, so that it does not come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx2
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.routing import BaseRoute

from databases import with_database
from deckcast.api.app import create_app
from deckcast.api.bodies import BoundedRoute
from deckcast.batches import context, control, repository
from deckcast.batches.context import Context
from deckcast.batches.presentation_changes import Changes, change_presentation
from deckcast.db.database import Database
from deckcast.db.models import BatchRow, EventRow, ItemRow, PresentationRow
from deckcast.kit.settings import Settings
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
            seqs = list(await session.scalars(select(EventRow.seq).order_by(EventRow.seq)))
            row = await session.get_one(PresentationRow, "pre_1")
        assert seqs == list(range(1, row.seq + 1))

    with_database(database_url, body)
