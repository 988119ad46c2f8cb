"""Calls with an Idempotency-Key: done once, however often they come, on both databases."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import select

from databases import with_database
from deckcast.api.idempotency import ONCE, OnceRoute, OnceToken, answered_once
from deckcast.api.problems import handle_errors
from deckcast.batches import idempotency
from deckcast.db.database import Database
from deckcast.db.people import IdempotencyRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.settings import Settings

Story = Callable[["Shop"], Awaitable[None]]


class Shop:
    """An application that counts what it does; `answer` is what its route does."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.done: list[str | None] = []
        self.answer: Callable[[], Awaitable[Response]] = self.bought
        app = FastAPI()
        app.state.parts = SimpleNamespace(db=db, settings=Settings())
        app.state.local_allowed, app.state.has_users = True, False
        handle_errors(app)
        router = APIRouter(route_class=OnceRoute)

        @router.post("/orders/{name}", dependencies=ONCE)
        async def order(name: str, body: dict[str, Any], token: OnceToken) -> Response:
            self.done.append(token)
            return await self.answer()

        @app.post("/uploads")
        async def upload(request: Request) -> Response:
            sha256 = hashlib.sha256(await request.body()).hexdigest()
            return await answered_once(request, "local", sha256, self.stored)

        app.include_router(router)
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def bought(self) -> Response:
        return JSONResponse({"number": len(self.done)}, 202, {"Location": f"/orders/{len(self.done)}"})

    async def stored(self) -> Response:
        self.done.append(None)
        return JSONResponse({"number": len(self.done)}, 202)

    async def post(self, key: str | None = "k", name: str = "a", **body: Any) -> httpx2.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.client.post(f"/orders/{name}", json=body, headers=headers)

    async def age(self, **back: float) -> None:
        """Let every call be as much older."""
        async with self.db.write() as session:
            for row in await session.scalars(select(IdempotencyRow)):
                row.created_at -= timedelta(**back)
                if row.answer and "since" in row.answer:
                    row.answer = {**row.answer, "since": (now() - timedelta(**back)).isoformat()}


@pytest.fixture
def tell(database_url: str) -> Callable[[Story], None]:
    """Tell a story of a shop on an empty database."""

    def told(story: Story) -> None:
        async def run(db: Database) -> None:
            shop = Shop(db)
            async with shop.client:
                await story(shop)

        with_database(database_url, run)

    return told


def test_ten_equal_calls_at_once_do_it_once(tell: Callable[[Story], None]) -> None:
    async def story(shop: Shop) -> None:
        answers = await asyncio.gather(*(shop.post(amount=1) for _ in range(10)))
        assert len(shop.done) == 1
        told = {(answer.status_code, answer.json().get("code")) for answer in answers}
        assert (202, None) in told
        assert told <= {(202, None), (409, "idempotency_in_progress")}
        assert all(each.headers["Retry-After"] == "1" for each in answers if each.status_code == 409)
        again = await shop.post(amount=1)
        assert (again.status_code, again.json(), again.headers["Location"]) == (
            202,
            {"number": 1},
            "/orders/1",
        )
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(shop.done) == 1

    tell(story)


def test_a_key_stands_for_one_request(tell: Callable[[Story], None]) -> None:
    async def story(shop: Shop) -> None:
        first = await shop.post(amount=1)
        assert "Idempotent-Replayed" not in first.headers
        for other in (await shop.post(amount=2), await shop.post(name="b", amount=1)):
            assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert (await shop.post("K", amount=2)).json() == {"number": 2}
        assert (await shop.post(None, amount=1)).json() == {"number": 3}
        assert shop.done[2] is None

    tell(story)


def test_uploads_are_known_by_their_content(tell: Callable[[Story], None]) -> None:
    async def story(shop: Shop) -> None:
        async def send(content: bytes) -> httpx2.Response:
            return await shop.client.post("/uploads", content=content, headers={"Idempotency-Key": "u"})

        assert (await send(b"deck")).json() == (await send(b"deck")).json() == {"number": 1}
        assert (await send(b"another deck")).json()["code"] == "idempotency_key_reused"

    tell(story)


def test_what_went_wrong_is_tried_again_and_a_refusal_is_kept(tell: Callable[[Story], None]) -> None:
    async def story(shop: Shop) -> None:
        async def fail(error: Exception) -> httpx2.Response:
            async def raised() -> Response:
                raise error

            shop.answer = raised
            return await shop.post(amount=1)

        async def limited() -> Response:
            return JSONResponse({"code": "too_many"}, 429)

        assert (await fail(WorkError("provider_unreachable", "Away."))).status_code == 502
        assert (await fail(RuntimeError("unforeseen"))).status_code == 500
        assert (await fail(CallError("batch_running", "Busy.", retryable=True))).status_code == 409
        shop.answer = limited
        assert (await shop.post(amount=1)).status_code == 429
        assert (await fail(CallError("over_cap", "Too dear."))).status_code == 402
        assert len(shop.done) == 5
        assert len(set(shop.done)) == 1  # what is made anew in each of these tries is the same
        shop.answer = shop.bought
        kept = await shop.post(amount=1)
        assert (kept.status_code, kept.json()["code"]) == (402, "over_cap")
        assert kept.headers["Content-Type"] == "application/problem+json"
        assert len(shop.done) == 5

    tell(story)


def test_who_died_while_answering_is_followed(tell: Callable[[Story], None]) -> None:
    async def story(shop: Shop) -> None:
        entered, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> Response:
            entered.set()
            await go_on.wait()
            return JSONResponse({"number": "late"}, 202)

        shop.answer = slow
        first = asyncio.create_task(shop.post(amount=1))
        await entered.wait()
        shop.answer = shop.bought
        assert (await shop.post(amount=1)).json()["code"] == "idempotency_in_progress"
        await shop.age(seconds=59)
        assert (await shop.post(amount=1)).status_code == 409
        await shop.age(seconds=61)
        taken = await asyncio.gather(*(shop.post(amount=1) for _ in range(5)))
        assert len(shop.done) == 2
        assert shop.done[0] == shop.done[1]
        go_on.set()
        assert (await first).json() == {"number": "late"}
        assert (await shop.post(amount=1)).json() == {"number": 2}  # the late one has changed nothing
        assert {each.status_code for each in taken} <= {202, 409}

    tell(story)


def test_keys_are_kept_for_days_and_then_forgotten(tell: Callable[[Story], None]) -> None:
    async def story(shop: Shop) -> None:
        await shop.post(amount=1)
        await shop.age(hours=71)
        await idempotency.forget_old_keys(shop.db)
        assert (await shop.post(amount=1)).headers["Idempotent-Replayed"] == "true"
        await shop.age(hours=2)
        await idempotency.forget_old_keys(shop.db)
        assert (await shop.post(amount=1)).json() == {"number": 2}

    tell(story)


def test_only_visible_characters_are_a_key(tell: Callable[[Story], None]) -> None:
    async def story(shop: Shop) -> None:
        bad = [b"", b"a b", b"\xe9", b"x" * 256, b"\x7f"]
        for key in bad:
            answer = await shop.client.post("/orders/a", json={}, headers=[(b"Idempotency-Key", key)])
            assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid"), key
        twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
        assert (await shop.client.post("/orders/a", json={}, headers=twice)).status_code == 422
        assert shop.done == []
        assert (await shop.post("x" * 255)).status_code == 202

    tell(story)
