"""Attempts at avatar videos through the API: listed, looked at, settled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from deckcast.avatars.submissions import State
from deckcast.batches.scopes import SERVER
from deckcast.db.accounts import SpendRow
from deckcast.db.models import AvatarVideoRow, BatchRow, SubmissionRow
from deckcast.simulators import heygen as simulated_heygen
from ordered_rows import add_presentation
from serving import Server, serving

LIST = "/api/presentations/pre_1/avatar-videos"
DAY = "2026-11-22"


def story(folder: Path, told: Callable[[Server], Awaitable[None]]) -> None:
    """Tell a story of a presentation with three attempts, the second of which nobody can account for."""

    async def run() -> None:
        with simulated_heygen.running(faults={"rules": []}, speed=200_000) as base_url:
            async with serving(folder, heygen={"api_key": "sim-1", "base_url": base_url}) as server:
                server.parts.scope = SERVER
                await add_presentation(server.parts.db)
                await add_presentation(server.parts.db, "2", owner="somebody")
                async with server.parts.db.write() as session:
                    session.add(SpendRow(owner="local", day=DAY, reserved_microusd=500_000, spent_microusd=0))
                await add_attempts(server)
                await told(server)

    asyncio.run(run())


async def add_attempts(server: Server) -> None:
    async with server.parts.db.write() as session:
        session.add(
            BatchRow(
                id="bat_1", presentation_id="pre_1", kind="all_avatar_videos_generation", state="partial",
                fingerprint="f", request={}, scope=SERVER,
            )
        )  # fmt: skip
        await session.flush()
        made: list[tuple[str, str, str, dict[str, Any]]] = [
            ("avv_1", "sli_1_1", "failed", {"error_code": "render_failed", "error_message": "No.", "retryable": True}),
            ("avv_2", "sli_1_2", "unresolved", {"reserved_microusd": 500_000, "spend_day": DAY}),
            ("avv_3", "sli_1_1", "completed", {"asset_key": "a.mp4", "duration_s": 3.5, "cost_microusd": 250_000}),
            ("avv_4", "sli_2_1", "completed", {"asset_key": "b.mp4"}),
        ]  # fmt: skip
        for video_id, slide_id, status, values in made:
            row = AvatarVideoRow(id=video_id, slide_id=slide_id, fingerprint=video_id, provider="heygen")
            row.batch_id = "bat_1" if slide_id.startswith("sli_1") else None
            row.status, row.request, row.provider_metadata = status, {}, {"title": video_id}
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
        await session.flush()
        session.add(
            SubmissionRow(
                id="sub_1", avatar_video_id="avv_2", provider="heygen", attempt=1, key="k", order={},
                state=State.UNRESOLVED,
            )
        )  # fmt: skip


def test_every_attempt_is_listed_newest_first(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        listed = (await server.client.get(LIST)).json()
        assert [each["id"] for each in listed["items"]] == ["avv_3", "avv_2", "avv_1"]
        newest, _, failed = listed["items"]
        assert newest["videoUrl"] == "/api/avatar-videos/avv_3/media"
        assert (newest["durationS"], newest["costUsd"], newest["stale"]) == (3.5, 0.25, True)
        assert (newest["slideId"], newest["slideNumber"], newest["batchId"]) == ("sli_1_1", 1, "bat_1")
        assert newest["providerMetadata"] == {"title": "avv_3"}
        assert failed["error"] == {"code": "render_failed", "message": "No.", "retryable": True}
        assert (failed["videoUrl"], failed["stale"]) == (None, False)
        first = (await server.client.get(f"{LIST}?limit=2")).json()
        rest = (await server.client.get(f"{LIST}?limit=2&cursor={first['nextCursor']}")).json()
        assert [each["id"] for each in (*first["items"], *rest["items"])] == ["avv_3", "avv_2", "avv_1"]
        assert rest["nextCursor"] is None

    story(tmp_path, told)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("slideId=sli_1_1", ["avv_3", "avv_1"]),
        ("status=unresolved", ["avv_2"]),
        ("slideId=sli_1_1&status=failed", ["avv_1"]),
        ("slideId=sli_2_1", []),
    ],
)
def test_they_are_found_by_slide_and_status(tmp_path: Path, query: str, ids: list[str]) -> None:
    async def told(server: Server) -> None:
        listed = (await server.client.get(f"{LIST}?{query}")).json()
        assert [each["id"] for each in listed["items"]] == ids
        assert (await server.client.get(f"{LIST}?status=lost")).status_code == 422

    story(tmp_path, told)


def test_others_are_not_there(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        assert (await server.client.get("/api/avatar-videos/avv_1")).json()["id"] == "avv_1"
        answers = [
            await server.client.get("/api/avatar-videos/avv_4"),
            await server.client.get("/api/presentations/pre_2/avatar-videos"),
            await server.client.post("/api/avatar-videos/avv_4/resolve", json={"notMade": True}),
        ]
        assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "not_found")}

    story(tmp_path, told)


def test_a_person_says_that_nothing_was_made(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        path = "/api/avatar-videos/avv_2/resolve"
        for body in ({}, {"jobId": "a", "notMade": True}, {"jobId": "a\nb"}, {"more": 1}):
            assert (await server.client.post(path, json=body)).status_code == 422
        settled = await server.client.post(path, json={"notMade": True})
        assert (settled.status_code, settled.json()["status"]) == (200, "failed")
        async with server.parts.db.read() as session:
            assert (await session.get_one(AvatarVideoRow, "avv_2")).reserved_microusd == 0
            assert (await session.get_one(SpendRow, ("local", DAY))).reserved_microusd == 0
        again = await server.client.post(path, json={"notMade": True})
        assert (again.status_code, again.json()["code"]) == (409, "not_unresolved")

    story(tmp_path, told)


def test_a_job_that_the_provider_does_not_know_is_not_taken(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        path = "/api/avatar-videos/avv_2/resolve"
        refused = await server.client.post(path, json={"jobId": "nobodys"})
        assert (refused.status_code, refused.json()["code"]) == (422, "job_not_found")
        assert (await server.client.get("/api/avatar-videos/avv_2")).json()["status"] == "unresolved"

    story(tmp_path, told)


def test_a_job_of_another_video_is_not_taken(tmp_path: Path) -> None:
    """Users share the server's account at a provider: nobody gets somebody else's video by naming its job."""

    async def told(server: Server) -> None:
        async with server.parts.db.write() as session:
            session.add(
                SubmissionRow(
                    id="sub_4", avatar_video_id="avv_4", provider="heygen", attempt=1, key="k4", order={},
                    state=State.ACCEPTED, job_id="theirs",
                )
            )  # fmt: skip
        provider = server.parts.providers["heygen"]
        asked: list[str] = []

        async def ended(job_ids: Collection[str]) -> set[str]:
            asked.extend(job_ids)
            return set()

        provider.ended = ended  # type: ignore[method-assign]
        path = "/api/avatar-videos/avv_2/resolve"
        refused = await server.client.post(path, json={"jobId": "theirs"})
        assert (refused.status_code, refused.json()["code"]) == (422, "job_not_found")
        assert (await server.client.get("/api/avatar-videos/avv_2")).json()["status"] == "unresolved"
        assert (await server.client.post(path, json={"jobId": "mine"})).status_code == 200
        assert asked == ["theirs", "mine"]

    story(tmp_path, told)
