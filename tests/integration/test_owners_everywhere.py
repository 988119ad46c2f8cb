"""Nobody sees or touches what is somebody else's: two users, across every route of the app and the socket.

Every route stands in one of the tables below; a route that does not fails the first test with its name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

import httpx2
import pytest
from fastapi import APIRouter
from sqlalchemy import text
from websockets.exceptions import ConnectionClosed, InvalidStatus

from conftest import long
from deckcast.api import live
from deckcast.api.app import create_app
from deckcast.batches.context import Context
from deckcast.batches.scopes import SERVER
from deckcast.db.models import Base
from deckcast.kit.settings import Settings
from deckcast.people import service
from deckcast.simulators import heygen as simulated_heygen
from live_world import message, socket
from owners_world import NOBODYS, Owner, Route, Things, everything, owner_named, routes_of, things_of
from serving import HEYGEN, Server, serving

DECK = {"file": ("deck.pptx", b"PK\x03\x04 and more", "application/octet-stream")}
READS = ("GET", "HEAD")


@dataclass(frozen=True)
class Call:
    """How a route is called so that its owner is answered: with which things of theirs, what query and what body."""

    of: Literal["ids", "at_work", "failed"] = "ids"
    query: str = ""
    json: Any = None
    files: Any = None


PRE, SLI, BAT, AVV = (
    "/api/presentations/{presentation_id}", "/api/slides/{slide_id}", "/api/batches/{batch_id}",
    "/api/avatar-videos/{avatar_video_id}",
)  # fmt: skip
FILES = [f"{PRE}/film/{name}" for name in ("media", "poster", "captions.vtt", "captions.srt")]
FILES += [f"{SLI}/{name}" for name in ("image", "audio", "clip")] + [f"{AVV}/media"]
SOME_SLIDES = {"selectedSlideIds": ["{slide_id}"]}
CHANGES = {"title": "Mine", "order": ["{other_slide_id}", "{slide_id}"], "exclude": ["{slide_id}"]}

OWNED: dict[Route, Call] = {
    ("GET", PRE): Call(),
    ("PATCH", PRE): Call(json=CHANGES),
    ("DELETE", PRE): Call(),
    ("PUT", f"{PRE}/deck"): Call(files=DECK),
    ("GET", f"{PRE}/status"): Call(),
    ("GET", f"{PRE}/estimate"): Call(query="?kind=all_audio_generation&selectedSlideIds={slide_id}"),
    ("GET", f"{PRE}/batches"): Call(query="?limit=1&cursor={batch_id}"),
    ("GET", f"{PRE}/avatar-videos"): Call(query="?slideId={slide_id}"),
    ("POST", f"{PRE}/analyze-all-slides"): Call(json=SOME_SLIDES),
    ("POST", f"{PRE}/generate-all-narratives"): Call(json=SOME_SLIDES),
    ("POST", f"{PRE}/generate-all-audio"): Call(json=SOME_SLIDES),
    ("POST", f"{PRE}/generate-all-avatar-videos"): Call(json=SOME_SLIDES),
    ("POST", f"{PRE}/make-film"): Call(json={"layout": "corner"}),
    ("GET", f"{PRE}/pronunciations"): Call(),
    ("PUT", f"{PRE}/pronunciations"): Call(json={"items": [{"written": "SQL", "spoken": "sequel"}]}),
    ("GET", f"{PRE}/film"): Call(),
    ("GET", f"{PRE}/captions.vtt"): Call(),
    ("GET", f"{PRE}/captions.srt"): Call(),
    ("GET", f"{PRE}/shares"): Call(),
    ("POST", f"{PRE}/shares"): Call(json={"expiresInS": 60}),
    ("DELETE", f"{PRE}/shares/{{share_id}}"): Call(),
    ("GET", SLI): Call(),
    ("GET", f"{SLI}/narrative"): Call(query="?language=en"),
    ("GET", f"{SLI}/preview"): Call(query="?layout=beside&avatar=maya"),
    ("PUT", f"{SLI}/narrative"): Call(json={"text": "My own.", "ifVersion": 1}),
    ("GET", f"{SLI}/narrative/versions"): Call(),
    ("POST", f"{SLI}/narrative/restore"): Call(json={"version": 1}),
    ("POST", f"{SLI}/analysis"): Call(),
    ("POST", f"{SLI}/narrative"): Call(),
    ("POST", f"{SLI}/audio"): Call(),
    ("POST", f"{SLI}/avatar-video"): Call(json={"avatarId": "maya"}),
    ("GET", BAT): Call(),
    ("POST", f"{BAT}/cancel"): Call("at_work"),
    ("POST", f"{BAT}/retry-failed"): Call("failed", json={"maxCostUsd": 1}),
    ("GET", AVV): Call(),
    ("POST", f"{AVV}/resolve"): Call("at_work", json={"notMade": True}),
    ("DELETE", "/api/hooks/{hook_id}"): Call(),
    ("GET", "/api/hooks/{hook_id}/deliveries"): Call(),
    ("POST", "/api/hooks/{hook_id}/test"): Call(),
    ("DELETE", "/api/tokens/{token_id}"): Call(),
    **{(method, path): Call() for method in READS for path in FILES},
}  # fmt: skip
"""What is an owner's: 404 for everybody else."""

MINE: dict[Route, Call] = {
    ("GET", "/api/me"): Call(),
    ("GET", "/api/me/spend"): Call(),
    ("GET", "/api/presentations"): Call(query="?cursor={presentation_id}z"),
    ("GET", "/api/tokens"): Call(),
    ("GET", "/api/hooks"): Call(),
    ("POST", "/api/presentations"): Call(files=DECK),
    ("POST", "/api/presentations/sample"): Call(),
    ("POST", "/api/tokens"): Call(json={"name": "new"}),
    ("POST", "/api/hooks"): Call(json={"url": "https://example.com/new"}),
}
"""What answers everybody with what is theirs."""

SHARED: dict[Route, str] = {
    ("GET", "/api/providers"): "/api/providers",
    ("GET", "/api/avatars"): "/api/avatars?provider=local",
    ("GET", "/api/avatars/{avatar_id}/preview"): "/api/avatars/maya/preview",
    ("GET", "/api/voices"): "/api/voices",
}
"""What is the same for everybody who has signed in."""

SHARE = "/api/shared/{secret}"
PUBLIC: dict[Route, tuple[str, int]] = {
    ("GET", "/api/openapi.json"): ("/api/openapi.json", 200),
    ("HEAD", "/api/openapi.json"): ("/api/openapi.json", 200),
    ("GET", "/healthz"): ("/healthz", 200),
    ("GET", "/healthz/{nonce}"): (f"/healthz/{32 * '0'}", 200),
    ("GET", "/readyz"): ("/readyz", 200),
    ("GET", "/metrics"): ("/metrics", 200),
    ("POST", "/api/webhooks/{provider}"): ("/api/webhooks/heygen", 401),
    ("OPTIONS", "/api/webhooks/{provider}"): ("/api/webhooks/heygen", 204),
    ("POST", "/api/sessions"): ("/api/sessions", 422),
    ("DELETE", "/api/sessions/current"): ("/api/sessions/current", 204),
    ("GET", "/api/oidc/login"): ("/api/oidc/login", 404),
    ("GET", "/api/oidc/callback"): ("/api/oidc/callback", 404),
    ("GET", SHARE): (SHARE, 200),
    **{
        (method, f"{SHARE}/{name}"): (f"{SHARE}/{name}", 200)
        for method in READS
        for name in ("media", "poster", "captions.vtt", "captions.srt")
    },
}
"""What anybody may call, and what nobody in particular is answered: a share's secret is enough."""

SOCKETS: set[Route] = {("WS", f"{PRE}/events")}

KNOWN: set[Route] = {*OWNED, *MINE, *SHARED, *PUBLIC, *SOCKETS}


@dataclass
class World:
    """Ann has everything, Bob wants it."""

    server: Server
    ann: Owner
    bob: Owner
    made: int = 0

    async def things(self) -> Things:
        """Everything once more, for Ann."""
        self.made += 1
        return await things_of(self.server, self.ann, f"{self.made:03}")

    async def call(
        self, route: Route, call: Call, ids: dict[str, str], by: Owner | None, **headers: str
    ) -> httpx2.Response:
        """Call a route about some things."""
        return await self.server.client.request(
            route[0],
            (route[1] + call.query).format_map(ids),
            json=_filled(call.json, ids),
            files=call.files,
            headers={**(by.headers if by else {}), **headers},
        )


def _filled(given: Any, ids: dict[str, str]) -> Any:
    if isinstance(given, dict):
        return {name: _filled(each, ids) for name, each in given.items()}
    if isinstance(given, list):
        return [_filled(each, ids) for each in given]
    return given.format_map(ids) if isinstance(given, str) else given


def told(answer: httpx2.Response) -> tuple[Any, ...]:
    """What a refusal says, as far as there is a body."""
    said = answer.json() if answer.content else {}
    return answer.status_code, said.get("code"), said.get("detail"), said.get("facts")


def story(folder: Path, tell: Callable[[World], Awaitable[None]], **settings: Any) -> None:
    async def run() -> None:
        rates = {"batches_per_minute": 10_000, "uploads_per_hour": 10_000}
        heygen = {**HEYGEN, "api_key": "sim-1", "base_url": base_url}
        async with serving(folder, rates=rates, heygen=heygen, **settings) as server:
            server.parts.scope = SERVER
            try:
                ann, bob = await owner_named(server, "ann"), await owner_named(server, "bob")
                await tell(World(server, ann, bob))
            finally:
                if not server.parts.db.is_sqlite:
                    async with server.parts.db.engine().begin() as connection:
                        await connection.run_sync(Base.metadata.drop_all)
                        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))

    with simulated_heygen.running(faults={"rules": []}, speed=200_000) as base_url:
        asyncio.run(run())


def test_every_route_is_known(tmp_path: Path) -> None:
    app = create_app(cast(Context, SimpleNamespace(settings=Settings(data_dir=tmp_path))))
    assert sorted(routes_of(app) - KNOWN) == []
    assert sorted(KNOWN - routes_of(app)) == []
    paths = app.openapi()["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert described - routes_of(app) == set()


def test_a_new_route_would_be_noticed(tmp_path: Path) -> None:
    app = create_app(cast(Context, SimpleNamespace(settings=Settings(data_dir=tmp_path))))
    more = APIRouter()
    more.add_api_route(
        "/api/films/{film_id}", test_every_route_is_known, methods=["GET"], response_model=None
    )
    more.add_api_websocket_route("/api/films", test_every_route_is_known)
    app.include_router(more)
    assert routes_of(app) - KNOWN == {("GET", "/api/films/{film_id}"), ("WS", "/api/films")}


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("postgresql", marks=long)], indirect=True)
def test_what_is_somebody_elses_is_not_there(tmp_path: Path, database_url: str) -> None:
    async def tell(world: World) -> None:
        things = await world.things()
        for number, (route, call) in enumerate(sorted(OWNED.items(), key=lambda each: each[0])):
            if route[0] not in READS:
                things = await world.things()
            ids = cast("dict[str, str]", getattr(things, call.of))
            sly = {"Idempotency-Key": f"{number}", "If-None-Match": "*", "Range": "bytes=0-0"}
            before = await everything(world.server, world.bob.id)
            foreign = await world.call(route, call, ids, world.bob, **sly)
            assert foreign.status_code == 404, (route, foreign.text)
            assert route[0] == "HEAD" or told(foreign)[1] == "not_found", (route, foreign.text)
            missing = await world.call(route, call, {**ids, **NOBODYS}, world.bob)
            assert told(foreign) == told(missing), route
            nobody = await world.call(route, call, ids, None)
            assert nobody.status_code == 401, (route, nobody.text)
            assert await everything(world.server, world.bob.id) == before, route
            key = {} if route[0] in READS else {"Idempotency-Key": f"{number}"}
            mine = await world.call(route, call, ids, world.ann, **key)
            assert mine.status_code < 300, (route, mine.status_code, mine.text)
            assert "Idempotent-Replayed" not in mine.headers, route
            again = await world.call(route, call, ids, world.bob, **sly)
            assert again.status_code == 404, (route, again.text)

    story(tmp_path, tell, database_url=database_url)


def test_lists_hold_what_is_ones_own(tmp_path: Path) -> None:
    async def tell(world: World) -> None:
        things = await world.things()
        anns = {*things.ids.values(), *things.at_work.values(), world.ann.id, world.ann.token_id, "ann"}
        for route, call in MINE.items():
            before = await everything(world.server, world.bob.id)
            nobody = await world.call(route, call, things.ids, None)
            assert (nobody.status_code, nobody.json()["code"]) == (401, "login_required"), route
            assert await everything(world.server, world.bob.id) == before
            bobs = await world.call(route, call, things.ids, world.bob)
            assert bobs.status_code < 300, (route, bobs.text)
            assert [each for each in anns if f'"{each}"' in bobs.text] == [], route
            assert before - await everything(world.server, world.bob.id) == set(), route
            mine = await world.call(route, call, things.ids, world.ann)
            assert route[0] == "POST" or any(f'"{each}"' in mine.text for each in anns), (route, mine.text)

    story(tmp_path, tell)


def test_what_is_for_all_who_sign_in_and_what_is_for_anybody(tmp_path: Path) -> None:
    async def tell(world: World) -> None:
        client, things = world.server.client, await world.things()
        for route, path in SHARED.items():
            nobody = await client.get(path)
            assert (nobody.status_code, nobody.json()["code"]) == (401, "login_required"), route
            both = [await client.get(path, headers=who.headers) for who in (world.ann, world.bob)]
            assert [each.status_code for each in both] == [200, 200], route
            assert both[0].content == both[1].content
        for (method, template), (path, status) in PUBLIC.items():
            before = await everything(world.server, "")
            answer = await client.request(method, path.format_map(things.ids))
            assert answer.status_code == status, (template, answer.text)
            assert await everything(world.server, "") == before
            assert world.ann.id not in answer.text, template

    story(tmp_path, tell)


def test_ids_in_bodies_and_queries_open_nothing(tmp_path: Path) -> None:
    """Bob asks about what is his, and names what is Ann's in it."""

    async def tell(world: World) -> None:
        anns, client = (await world.things()).ids, world.server.client
        bobs = await things_of(world.server, world.bob, "b")
        foreign, mixed = anns["slide_id"], {**anns, "presentation_id": bobs.ids["presentation_id"]}
        before = await everything(world.server, world.bob.id)
        refused = [
            await world.call(route, call, mixed, world.bob)
            for route, call in OWNED.items()
            if call.json == SOME_SLIDES or "selectedSlideIds" in call.query
        ]
        at = PRE.format_map(mixed)
        for change in ({"order": [foreign]}, {"include": [foreign]}, {"exclude": [foreign]}):
            refused.append(await client.patch(at, json=change, headers=world.bob.headers))
        assert {told(each)[:2] for each in refused} == {(422, "slides_invalid")}
        assert len(refused) == 8
        picture = {"background": f"backgrounds/{anns['presentation_id']}.png"}
        assert (await client.patch(at, json=picture, headers=world.bob.headers)).status_code == 422
        share = await world.call(("DELETE", f"{PRE}/shares/{{share_id}}"), Call(), mixed, world.bob)
        assert share.status_code == 404
        of_slide = await client.get(f"{at}/avatar-videos?slideId={foreign}", headers=world.bob.headers)
        assert of_slide.json()["items"] == []
        for path, cursor in (
            (f"{at}/avatar-videos", anns["avatar_video_id"]),
            (f"{at}/batches", anns["batch_id"]),
            (f"/api/hooks/{bobs.ids['hook_id']}/deliveries", "msg_zzzz"),
            ("/api/presentations", f"{anns['presentation_id']}z"),
        ):
            page = await client.get(f"{path}?cursor={cursor}", headers=world.bob.headers)
            assert page.status_code == 200
            assert [each for each in set(anns.values()) if f'"{each}"' in page.text] == [], path
        assert await everything(world.server, world.bob.id) == before

    story(tmp_path, tell)


def test_a_key_names_a_call_of_its_owner_only(tmp_path: Path) -> None:
    async def tell(world: World) -> None:
        anns = (await world.things()).ids
        bobs = (await things_of(world.server, world.bob, "b")).ids
        route, call = ("POST", f"{PRE}/make-film"), Call(json={"layout": "corner"})
        first = await world.call(route, call, anns, world.ann, **{"Idempotency-Key": "click"})
        foreign = await world.call(route, call, anns, world.bob, **{"Idempotency-Key": "click"})
        assert (foreign.status_code, foreign.headers.get("Idempotent-Replayed")) == (404, None)
        own = await world.call(route, call, bobs, world.bob, **{"Idempotency-Key": "click2"})
        assert (first.status_code, own.status_code) == (202, 202)
        assert own.json()["presentationId"] == bobs["presentation_id"]
        nobody = await world.call(route, call, anns, None, **{"Idempotency-Key": "click"})
        assert nobody.status_code == 401
        again = await world.call(route, call, anns, world.ann, **{"Idempotency-Key": "click"})
        assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")

    story(tmp_path, tell)


def test_sockets_are_ones_own_and_end_with_access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "ASK_AGAIN_S", 0.05)

    async def tell(world: World) -> None:
        server, deck = world.server, (await world.things()).ids["presentation_id"]
        for headers, status in ((world.bob.headers, 404), ({}, 401)):
            for since in (None, 0):
                with pytest.raises(InvalidStatus) as refused:
                    async with socket(server, since, deck, additional_headers=headers):
                        pass
                assert refused.value.response.status_code == status
        async with socket(server, deck=deck, additional_headers=world.ann.headers) as client:
            assert (await message(client))["presentation"]["id"] == deck
            await service.revoke_token(server.parts.db, world.ann.token_id)
            with pytest.raises(ConnectionClosed):
                await message(client)
            assert client.close_code == live.ACCESS_ENDED == 4401

    story(tmp_path, tell)
