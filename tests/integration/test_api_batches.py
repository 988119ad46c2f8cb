"""Work ordered through the API: what is answered, what is refused, and what is left then. Nobody works on it here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select, text

from deckcast.api import bodies
from deckcast.batches.models import BatchState, ImportState, Status
from deckcast.batches.scopes import SERVER, only_worker
from deckcast.db.models import Base, BatchRow, ItemRow, PresentationRow, SlideRow
from deckcast.kit.clock import now
from ordered_rows import add_presentation
from serving import Server, serving

ALL = "/api/presentations/pre_1"
VIDEOS = f"{ALL}/generate-all-avatar-videos"
FILM = {"layout": "corner", "avatarId": "maya"}


def story(folder: Path, told: Callable[[Server], Awaitable[None]], **settings: Any) -> None:
    """Tell a story of a server without a worker, which has a presentation of two slides."""

    async def run() -> None:
        async with serving(folder, **settings) as server:
            server.parts.scope = SERVER
            try:
                await add_presentation(server.parts.db)
                await told(server)
            finally:
                if "database_url" in settings:
                    async with server.parts.db.engine().begin() as connection:
                        await connection.run_sync(Base.metadata.drop_all)
                        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))

    asyncio.run(run())


async def count(server: Server, row: type[Base]) -> int:
    async with server.parts.db.read() as session:
        return await session.scalar(select(func.count()).select_from(row)) or 0


async def end(server: Server, batch_id: str, **errors: str) -> None:
    """End a batch as a worker does; `errors` are codes by the number of the slide ("s1")."""
    async with server.parts.db.write() as session:
        batch = await session.get_one(BatchRow, batch_id)
        items = list(await session.scalars(select(ItemRow).where(ItemRow.batch_id == batch_id)))
        for item in items:
            item.error_code = errors.get(f"s{item.number}")
            item.status = Status.FAILED if item.error_code else Status.COMPLETED
            item.step, item.ended_at = "done", now()
        batch.state, batch.ended_at = BatchState.PARTIAL if errors else BatchState.COMPLETED, now()


def told(answer: httpx2.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def test_an_order_is_answered_at_once_with_its_figures(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        answer = await server.client.post(VIDEOS, json={"layout": "corner", "avatarId": "maya"})
        said = answer.json()
        assert answer.status_code == 202, said
        assert said["kind"] == "all_avatar_videos_generation"
        assert said["label"] == "All Avatar Videos Generation"
        figures = (said["totalSlides"], said["toGenerate"], said["skipped"], said["estimatedCostUsd"])
        assert figures == (2, 2, 0, 0.0)
        assert (said["presentationId"], said["state"], said["leavesMachine"]) == ("pre_1", "running", [])
        low, high = said["estimatedS"]
        assert 0 < low < high
        detail = (await server.client.get(f"/api/batches/{said['batchId']}")).json()
        assert (detail["total"], detail["inProgress"], detail["completed"]) == (2, 2, 0)
        assert [(each["slideId"], each["step"], each["status"]) for each in detail["items"]] == [
            ("sli_1_1", "waiting", "pending"),
            ("sli_1_2", "waiting", "pending"),
        ]
        assert (detail["request"]["avatarId"], detail["request"]["provider"]) == ("maya", "local")
        async with server.parts.db.read() as session:
            assert (await session.get_one(BatchRow, said["batchId"])).scope == SERVER

    story(tmp_path, story_of)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{ALL}/analyze-all-slides", "all_slides_analysis"),
        (f"{ALL}/generate-all-narratives", "all_narratives_generation"),
        (f"{ALL}/generate-all-audio", "all_audio_generation"),
        (f"{ALL}/make-film", "presentation_video"),
    ],
)
def test_each_kind_needs_no_body_and_counts_slides(tmp_path: Path, path: str, kind: str) -> None:
    async def story_of(server: Server) -> None:
        said = (await server.client.post(path)).json()
        assert (said["kind"], said["totalSlides"], said["estimatedCostUsd"]) == (kind, 2, 0.0)

    story(tmp_path, story_of)


def test_one_slide_is_a_batch_of_one_and_two_go_side_by_side(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        for number in (1, 2):
            path = f"/api/slides/sli_1_{number}/audio"
            said = (await server.client.post(path, json={"voiceId": "espeak:en-us"})).json()
            assert (said["totalSlides"], said["kind"]) == (1, "all_audio_generation")
        again = await server.client.post("/api/slides/sli_1_1/narrative", json={"regenerateExisting": True})
        assert told(again) == (409, "batch_running")
        overlapping = await server.client.post(f"{ALL}/make-film", json=FILM)
        assert told(overlapping) == (409, "batch_running")
        listed = (await server.client.get(f"{ALL}/batches?limit=1")).json()
        older = (await server.client.get(f"{ALL}/batches?cursor={listed['nextCursor']}")).json()
        numbers = [each["request"]["slideNumbers"] for each in (*listed["items"], *older["items"])]
        assert (numbers, older["nextCursor"]) == ([[2], [1]], None)

    story(tmp_path, story_of)


def test_ten_equal_clicks_are_one_batch(tmp_path: Path, postgres_url: str) -> None:
    """Without a key the open batch is answered; with one each answer is the first one's."""

    async def clicks(server: Server) -> None:
        before = await count(server, BatchRow)  # the PostgreSQL may hold those of other tests
        body = {**FILM, "regenerateExisting": True}
        answers = await asyncio.gather(*(server.client.post(VIDEOS, json=body) for _ in range(10)))
        assert {each.status_code for each in answers} == {202}
        assert len({each.json()["batchId"] for each in answers}) == 1
        assert await count(server, BatchRow) == before + 1
        async with server.parts.db.read() as session:
            nonces = set(
                await session.scalars(select(SlideRow.nonce).where(SlideRow.presentation_id == "pre_1"))
            )
        assert len(nonces) == 1

    async def with_key(server: Server) -> None:
        before = await count(server, BatchRow)
        headers = {"Idempotency-Key": "click"}
        posts = [server.client.post(VIDEOS, json=FILM, headers=headers) for _ in range(10)]
        answers = await asyncio.gather(*posts)
        first = [each for each in answers if each.status_code == 202]
        assert {told(each) for each in answers} <= {(202, None), (409, "idempotency_in_progress")}
        await end(server, first[0].json()["batchId"])
        again = await server.client.post(VIDEOS, json=FILM, headers=headers)
        assert again.json() == first[0].json()
        assert again.headers["Idempotent-Replayed"] == "true"
        other = await server.client.post(VIDEOS, json={}, headers=headers)
        assert told(other) == (422, "idempotency_key_reused")
        assert await count(server, BatchRow) == before + 1

    for told_of in (clicks, with_key):
        story(tmp_path / told_of.__name__, told_of)
        story(tmp_path / told_of.__name__ / "pg", told_of, database_url=postgres_url)


def test_what_is_made_anew_under_a_key_is_the_same_in_every_try(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        body = {**FILM, "regenerateExisting": True}
        nonces = []
        for _ in range(2):
            await server.client.post(VIDEOS, json=body, headers={"Idempotency-Key": "again"})
            async with server.parts.db.write() as session:
                nonces.append((await session.get_one(SlideRow, "sli_1_1")).nonce)
                # as if the process had died between ordering and answering, and the batch had ended
                await session.execute(text("UPDATE batches SET state = 'completed', ended_at = created_at"))
                await session.execute(
                    text(
                        "UPDATE idempotency_keys SET status = NULL, answer = json_object("
                        "'token', :token, 'holder', 'dead', 'since', NULL)"
                    ),
                    {"token": nonces[0]},
                )
        assert await count(server, BatchRow) == 2
        assert nonces[0] == nonces[1] != ""

    story(tmp_path, story_of)


def test_slides_are_named_by_their_ids(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        await add_presentation(server.parts.db, "2")
        for ids in (["sli_2_1"], ["sli_1_1", "nothing"]):
            refused = await server.client.post(VIDEOS, json={"selectedSlideIds": ids})
            assert told(refused) == (422, "slides_invalid")
        assert (await server.client.post(VIDEOS, json={"selectedSlideIds": []})).status_code == 422
        said = (await server.client.post(VIDEOS, json={"selectedSlideIds": ["sli_1_2"]})).json()
        detail = (await server.client.get(f"/api/batches/{said['batchId']}")).json()
        assert [each["slideNumber"] for each in detail["items"]] == [2]

    story(tmp_path, story_of)


@pytest.mark.parametrize(
    "body",
    [
        {"unknown": 1},
        {"backgroundColor": "red"},
        {"backgroundColor": "backgrounds/other"},
        {"layout": "diagonal"},
        {"maxCostUsd": -1},
        {"avatarId": "a\0b"},
        {"language": "x"},
        {"avatarId": "nobody"},
        {"voiceId": "nobody:at-all"},
        [],
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(tmp_path: Path, body: Any) -> None:
    async def story_of(server: Server) -> None:
        assert (await server.client.post(VIDEOS, json=body)).status_code == 422
        assert await count(server, BatchRow) == 0

    story(tmp_path, story_of)


def test_only_a_ready_presentation_that_no_command_works_on(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        await add_presentation(server.parts.db, "2", state=ImportState.IMPORTING)
        await add_presentation(server.parts.db, "3", state=ImportState.FAILED)
        for name, retryable in (("2", True), ("3", False)):
            for ask in (
                server.client.post(f"/api/presentations/pre_{name}/make-film"),
                server.client.get(f"/api/presentations/pre_{name}/estimate"),
            ):
                refused = await ask
                assert told(refused) == (409, "presentation_not_ready")
                assert refused.json()["retryable"] == retryable
        folder = server.parts.settings.data_dir
        with only_worker(folder, "pre_1", "pre_1"):
            assert told(await server.client.post(VIDEOS)) == (409, "presentation_busy")
        with only_worker(folder, "pre_1", SERVER):
            assert (await server.client.post(VIDEOS)).status_code == 202

    story(tmp_path, story_of)


def test_others_have_none_of_it(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        await add_presentation(server.parts.db, "2", owner="somebody")
        async with server.parts.db.write() as session:
            session.add(
                BatchRow(
                    id="bat_2", presentation_id="pre_2", kind="presentation_video", state="failed",
                    fingerprint="f", request={}, scope=SERVER,
                )
            )  # fmt: skip
        posts = ["presentations/pre_2/make-film", "slides/sli_2_1/audio"]
        posts += ["batches/bat_2/retry-failed", "batches/bat_2/cancel"]
        gets = ["batches/bat_2", "presentations/pre_2/batches", "presentations/pre_2/estimate"]
        answers = [await server.client.post(f"/api/{path}") for path in posts]
        answers += [await server.client.get(f"/api/{path}") for path in gets]
        assert {told(each) for each in answers} == {(404, "not_found")}

    story(tmp_path, story_of)


def test_the_batch_of_avatar_videos_can_be_switched_off(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        assert told(await server.client.post(VIDEOS)) == (404, "feature_off")
        assert (await server.client.post("/api/slides/sli_1_1/avatar-video")).status_code == 202
        other = await server.client.post(f"{ALL}/make-film", json={"selectedSlideIds": ["sli_1_2"]})
        assert other.status_code == 202

    story(tmp_path, story_of, features={"batch_avatar_videos": False})


def test_what_failed_is_tried_again_and_only_that(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        body = {**FILM, "regenerateExisting": True, "maxCostUsd": 1}
        first = (await server.client.post(VIDEOS, json=body)).json()["batchId"]
        retry = f"/api/batches/{first}/retry-failed"
        assert told(await server.client.post(retry)) == (409, "batch_running")
        async with server.parts.db.read() as session:
            nonce = (await session.get_one(SlideRow, "sli_1_2")).nonce
        await end(server, first, s2="speech_failed")
        again = await server.client.post(retry)
        assert (again.status_code, again.json()["totalSlides"]) == (202, 1), again.json()
        async with server.parts.db.read() as session:
            batch = await session.get_one(BatchRow, again.json()["batchId"])
            items = list(await session.scalars(select(ItemRow).where(ItemRow.batch_id == batch.id)))
            slide = await session.get_one(SlideRow, "sli_1_2")
        assert (batch.request["nonce"], batch.request["avatar"], batch.request["max_cost_usd"]) == (
            "",
            "maya",
            1,
        )
        assert [(item.slide_id, item.nonce) for item in items] == [("sli_1_2", nonce)]
        assert slide.nonce == nonce != ""
        await end(server, batch.id)
        done = await server.client.post(f"/api/batches/{batch.id}/retry-failed")
        assert told(done) == (409, "nothing_failed")

    story(tmp_path, story_of)


def test_a_film_is_tried_again_with_all_of_its_slides(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        first = (await server.client.post(f"{ALL}/make-film", json=FILM)).json()["batchId"]
        await end(server, first, s1="compose_failed")
        again = (await server.client.post(f"/api/batches/{first}/retry-failed")).json()
        assert (again["kind"], again["totalSlides"]) == ("presentation_video", 2)

    story(tmp_path, story_of)


def test_a_cancelled_batch_can_be_tried_again(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        first = (await server.client.post(VIDEOS, json=FILM)).json()["batchId"]
        cancelled = await server.client.post(f"/api/batches/{first}/cancel")
        assert cancelled.json() == {"draining": 0, "mayStillBeChargedUsd": 0.0}
        detail = (await server.client.get(f"/api/batches/{first}")).json()
        assert (detail["state"], detail["cancelled"], detail["inProgress"]) == ("cancelled", 2, 0)
        assert told(await server.client.post(f"/api/batches/{first}/cancel")) == (409, "batch_ended")
        again = await server.client.post(f"/api/batches/{first}/retry-failed", json={"maxCostUsd": 2})
        assert (again.status_code, again.json()["totalSlides"]) == (202, 2)

    story(tmp_path, story_of)


def test_choices_of_an_order_hold_for_the_next(tmp_path: Path) -> None:
    async def story_of(server: Server) -> None:
        first = (await server.client.post(VIDEOS, json={"avatarId": "daniel", "style": "wry"})).json()
        await end(server, first["batchId"])
        await server.client.post(VIDEOS)
        async with server.parts.db.read() as session:
            row = await session.get_one(PresentationRow, "pre_1")
            batches = list(await session.scalars(select(BatchRow).order_by(BatchRow.id)))
        assert row.choices["avatars"] == {"local": "daniel"}
        assert [(each.request["avatar"], each.request["style"]) for each in batches] == [
            ("daniel", "wry")
        ] * 2

    story(tmp_path, story_of)


def test_bodies_that_are_too_large_or_too_slow_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 16)

    async def story_of(server: Server) -> None:
        keyed = {"Idempotency-Key": "k"}
        for headers in ({}, keyed):
            for content in (b" " * (1 << 21), endless()):
                refused = await server.client.post(VIDEOS, content=content, headers=headers)
                assert told(refused) == (413, "body_too_large")
        monkeypatch.setattr(bodies, "READ_WITHIN_S", 0.1)
        head = f"POST {VIDEOS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{{".encode()
        slow = await server.raw(head)
        assert b" 408 " in slow.splitlines()[0]
        assert (await server.client.post(VIDEOS, json={}, headers=keyed)).status_code == 202
        assert await count(server, BatchRow) == 1

    story(tmp_path, story_of)
