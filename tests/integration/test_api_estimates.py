"""Estimates and caps through the API, with HeyGen imitated: what it would cost, and that a refusal leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from deckcast.batches.scopes import SERVER
from deckcast.db.accounts import SpendRow
from deckcast.db.models import AvatarVideoRow, BatchRow, EventRow, NarrativeRow, PresentationRow, SlideRow
from deckcast.kit.clock import now
from deckcast.simulators import heygen as simulated_heygen
from ordered_rows import add_presentation
from serving import Server, serving

ALL = "/api/presentations/pre_1"
VIDEOS = f"{ALL}/generate-all-avatar-videos"
HEYGEN = {"provider": "heygen", "avatarId": "sim_ada_office"}
NOTES = ("Good morning, everybody, and welcome.", "This is the second of two slides.")


def story(folder: Path, told: Callable[[Server], Awaitable[None]], **settings: Any) -> None:
    """Tell a story of a server whose HeyGen is imitated."""

    async def run() -> None:
        with simulated_heygen.running(faults={"rules": []}, speed=200_000) as base_url:
            heygen = {"api_key": "sim-1", "base_url": base_url}
            async with serving(folder, **{"heygen": heygen, **settings}) as server:
                server.parts.scope = SERVER
                await add_presentation(server.parts.db, notes=NOTES)
                await told(server)

    asyncio.run(run())


async def rows(server: Server) -> dict[str, Any]:
    """All that an order changes."""
    async with server.parts.db.read() as session:
        presentation = await session.get_one(PresentationRow, "pre_1")
        slides = list(await session.scalars(select(SlideRow.nonce)))
        found: dict[str, Any] = {"choices": presentation.choices, "seq": presentation.seq, "nonces": slides}
        for row in (BatchRow, NarrativeRow, AvatarVideoRow, EventRow):
            found[row.__tablename__] = len(list(await session.scalars(select(row))))
    return found


def test_every_kind_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        before = await rows(server)
        said = (await server.client.get(f"{ALL}/estimate?layout=corner")).json()
        assert (said["kind"], said["provider"], said["avatarId"]) == (
            "all_avatar_videos_generation", "local", "maya",
        )  # fmt: skip
        counts = {each["kind"]: (each["toGenerate"], each["skipped"]) for each in said["kinds"]}
        assert counts == {
            "all_slides_analysis": (2, 0),
            "all_narratives_generation": (2, 0),
            "all_audio_generation": (2, 0),
            "all_avatar_videos_generation": (2, 0),
            "presentation_video": (2, 0),
        }
        assert (said["estimatedCostUsd"], said["balance"], said["leavesMachine"]) == (0.0, None, [])
        assert said["durationS"] > 4
        assert 0 < said["timeS"][0] < said["timeS"][1]
        assert await rows(server) == before

    story(tmp_path, told)


def test_a_paid_provider_has_its_price_its_balance_and_what_is_sent(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        query = {**HEYGEN, "kind": "all_avatar_videos_generation", "selectedSlideIds": "sli_1_2"}
        said = (await server.client.get(f"{ALL}/estimate", params=query)).json()
        assert (said["totalSlides"], said["toGenerate"], said["kinds"]) == (1, 1, None)
        assert said["estimatedCostUsd"] == said["costs"]["totalUsd"] == said["costs"]["videosUsd"] > 0.1
        assert said["leavesMachine"] == [
            {"code": "speech", "what": "the speech", "to": "heygen", "slides": None}
        ]
        assert said["balance"]["amount"] > 0
        assert (said["capUsd"], said["leftTodayUsd"]) == (20.0, 5.0)
        ordered = await server.client.post(VIDEOS, json={**HEYGEN, "selectedSlideIds": ["sli_1_2"]})
        assert ordered.json()["estimatedCostUsd"] == said["estimatedCostUsd"]
        assert ordered.json()["leavesMachine"] == said["leavesMachine"]

    story(tmp_path, told, money={"max_per_batch_usd": 20, "max_per_day_usd": 5})


@pytest.mark.parametrize(
    ("money", "body", "fact"),
    [
        ({}, {"maxCostUsd": 0.05}, "capUsd"),
        ({"max_per_batch_usd": "0.05"}, {}, "capUsd"),
        ({"max_per_day_usd": "10"}, {}, "leftTodayUsd"),
    ],
    ids=["the call's cap", "the operator's cap", "the day's cap"],
)
def test_over_a_cap_nothing_is_left_behind(
    tmp_path: Path, money: dict[str, str], body: dict[str, Any], fact: str
) -> None:
    """A refused regenerate once made every video stale."""

    async def told(server: Server) -> None:
        async with server.parts.db.write() as session:
            day = now().date().isoformat()
            session.add(SpendRow(owner="local", day=day, spent_microusd=9_900_000, reserved_microusd=0))
        before = await rows(server)
        asked = {**HEYGEN, "regenerateExisting": True, "style": "lively", **body}
        for path in (VIDEOS, f"{ALL}/make-film", "/api/slides/sli_1_1/avatar-video"):
            refused = await server.client.post(path, json=asked, headers={"Idempotency-Key": path[-9:]})
            said = refused.json()
            assert (refused.status_code, said["code"]) == (402, "over_cap"), said
            assert said["facts"]["estimatedCostUsd"] > said["facts"][fact] >= 0
            assert await rows(server) == before

    story(tmp_path, told, money=money)


def test_a_provider_without_a_key_hides_no_other_kind(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        said = (await server.client.get(f"{ALL}/estimate?provider=heygen")).json()
        why = {each["kind"]: (each["error"] or {}).get("code") for each in said["kinds"]}
        assert why["all_avatar_videos_generation"] == "provider_not_configured"
        assert why["all_slides_analysis"] is None
        assert said["error"]["code"] == "provider_not_configured"
        one = await server.client.get(f"{ALL}/estimate?provider=heygen&kind=presentation_video")
        assert (one.status_code, one.json()["code"]) == (404, "provider_not_configured")
        ordered = await server.client.post(VIDEOS, json={"provider": "heygen"})
        assert (ordered.status_code, ordered.json()["code"]) == (404, "provider_not_configured")

    story(tmp_path, told, heygen={})


def test_what_is_there_is_counted_as_fresh(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await server.client.post(f"{ALL}/generate-all-narratives")
        async with server.parts.db.write() as session:
            batch = (await session.scalars(select(BatchRow))).one()
            batch.state = "completed"
            (await session.get_one(SlideRow, "sli_1_1")).notes = "Other words."
        query = "kind=all_narratives_generation"
        said = (await server.client.get(f"{ALL}/estimate?{query}")).json()
        assert (said["toGenerate"], said["skipped"]) == (1, 1)
        again = (await server.client.get(f"{ALL}/estimate?{query}&regenerateExisting=true")).json()
        assert (again["toGenerate"], again["skipped"]) == (2, 0)
        bad = await server.client.get(f"{ALL}/estimate?kind=everything")
        assert bad.status_code == 422
        assert (await server.client.get(f"{ALL}/estimate?unknown=1")).status_code == 422

    story(tmp_path, told)


def test_estimating_takes_as_many_queries_for_forty_slides_as_for_four(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        seen: list[str] = []
        counts = []
        engine = server.parts.db.engine().sync_engine
        event.listen(
            engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: seen.append(statement),
        )
        for slides in (4, 40):
            await add_presentation(server.parts.db, str(slides), ["Some words."] * slides)
            seen.clear()
            answer = await server.client.get(f"/api/presentations/pre_{slides}/estimate")
            assert answer.json()["totalSlides"] == slides
            counts.append(len(seen))
        assert 0 < counts[0] == counts[1]
        assert not [each for each in seen if each.startswith(("INSERT", "UPDATE", "DELETE"))]

    story(tmp_path, told)


def test_warnings_name_their_slides(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        notice = {"code": "text_tiny", "message": "Some of the text is tiny."}
        async with server.parts.db.write() as session:
            (await session.get_one(SlideRow, "sli_1_2")).warnings = [notice]
        said = (await server.client.get(f"{ALL}/estimate")).json()
        assert said["warnings"] == [{**notice, "slideId": "sli_1_2", "slideNumber": 2}]

    story(tmp_path, told)
