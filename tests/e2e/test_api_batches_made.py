"""Batches ordered through the API and made by a worker beside it: real speech, real presenters, real failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import long
from deckcast.batches import stages
from deckcast.batches.models import BatchKind
from deckcast.batches.scopes import SERVER
from deckcast.db.models import BatchRow, ItemRow
from deckcast.worker import work
from ordered_rows import add_presentation
from serving import Server, serving

ALL = "/api/presentations/pre_1"
NO_WORDS = "?!"


def story(folder: Path, notes: tuple[str, ...], told: Callable[[Server], Awaitable[None]]) -> None:
    """Tell a story of a server with its worker in the same loop."""

    async def run() -> None:
        async with serving(folder, heygen={}, workers=1) as server:
            server.parts.scope = SERVER
            await add_presentation(server.parts.db, notes=notes)
            stop = asyncio.Event()
            worker = asyncio.create_task(work(server.parts, stop, stop))
            try:
                await told(server)
            finally:
                stop.set()
                await worker

    asyncio.run(run())


async def ordered(server: Server, path: str, **body: Any) -> dict[str, Any]:
    answer = await server.client.post(path, json=body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def ended(server: Server, batch_id: str) -> dict[str, Any]:
    """The batch, once it has ended."""
    while True:
        said = dict((await server.client.get(f"/api/batches/{batch_id}")).json())
        if said["state"] not in ("planning", "running"):
            return said
        await asyncio.sleep(0.05)


async def write(server: Server, text: str) -> None:
    """Give the second slide other words."""
    answer = await server.client.put("/api/slides/sli_1_2/narrative", json={"text": text})
    assert answer.status_code == 200, answer.text


def test_avatar_videos_of_all_slides_are_made_and_not_made_again(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        path, body = f"{ALL}/generate-all-avatar-videos", {"layout": "corner"}
        first = await ordered(server, path, **body)
        assert (first["toGenerate"], first["skipped"]) == (2, 0)
        made = await ended(server, first["batchId"])
        assert (made["state"], made["completed"], made["failed"]) == ("completed", 2, 0), made
        assert all(each["avatarVideoId"] and each["error"] is None for each in made["items"])
        listed = (await server.client.get(f"{ALL}/avatar-videos")).json()["items"]
        assert [(each["status"], each["stale"]) for each in listed] == [("completed", False)] * 2
        assert all(each["durationS"] > 0.3 and each["videoUrl"] for each in listed)

        again = await ordered(server, path, **body)
        assert again["batchId"] != first["batchId"]
        assert (again["toGenerate"], again["skipped"], again["estimatedS"]) == (0, 2, [0.0, 0.0])
        skipped = await ended(server, again["batchId"])
        assert (skipped["state"], skipped["skipped"]) == ("completed", 2)
        estimate = (await server.client.get(f"{ALL}/estimate", params=body)).json()
        assert (estimate["toGenerate"], estimate["skipped"]) == (0, 2)

        other = await server.client.get(f"{ALL}/estimate", params={**body, "avatarId": "daniel"})
        assert other.json()["toGenerate"] == 2
        assert len((await server.client.get(f"{ALL}/avatar-videos")).json()["items"]) == 2

    story(tmp_path, ("Hello.", "Goodbye."), told)


@long
def test_a_slide_that_failed_is_tried_again_alone(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await write(server, NO_WORDS)
        first = await ordered(server, f"{ALL}/generate-all-audio")
        partial = await ended(server, first["batchId"])
        assert (partial["state"], partial["completed"], partial["failed"]) == ("partial", 1, 1), partial
        failed = next(each for each in partial["items"] if each["status"] == "failed")
        assert (failed["slideNumber"], failed["error"]["code"]) == (2, "nothing_to_say")
        await write(server, "Goodbye.")
        again = await ordered(server, f"/api/batches/{first['batchId']}/retry-failed")
        assert (again["totalSlides"], again["toGenerate"]) == (1, 1)
        done = await ended(server, again["batchId"])
        assert (done["state"], [each["slideNumber"] for each in done["items"]]) == ("completed", [2])

        both = [await ordered(server, f"/api/slides/sli_1_{number}/audio") for number in (1, 2)]
        ends = [await ended(server, each["batchId"]) for each in both]
        assert [(each["state"], each["skipped"]) for each in ends] == [("completed", 1)] * 2

    story(tmp_path, ("Hello.", ""), told)


def test_a_batch_with_which_nobody_can_go_on_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = stages.start

    async def start_sound(batch_id: str) -> None:
        if batch_id == "bat_broken":
            raise KeyError(batch_id)
        await start(batch_id)

    monkeypatch.setattr(stages, "start", start_sound)

    async def told(server: Server) -> None:
        await add_presentation(server.parts.db, "2", notes=("Hello.",))
        async with server.parts.db.write() as session:
            broken = BatchRow(id="bat_broken", presentation_id="pre_2", state="running")
            broken.kind = BatchKind.ALL_AUDIO
            broken.fingerprint, broken.scope = "f", SERVER
            broken.request = {"of": "another version"}
            session.add(broken)
            await session.flush()
            item = ItemRow(id="itm_broken", batch_id="bat_broken", slide_id="sli_2_1", number=1, placement={})
            session.add(item)
        failed = await ended(server, "bat_broken")
        assert (failed["state"], failed["error"]["code"]) == ("failed", "internal_error")
        assert [each["status"] for each in failed["items"]] == ["failed"]
        sound = await ended(server, (await ordered(server, f"{ALL}/generate-all-audio"))["batchId"])
        assert sound["state"] == "completed"
        for path in ("/api/presentations/pre_2/status", "/api/presentations/pre_2", "/metrics"):
            assert (await server.client.get(path)).status_code == 200, path

    story(tmp_path, ("Hello.",), told)
