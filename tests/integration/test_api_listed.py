"""The list of presentations says how far the newest batch of each is, in a constant number of queries."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import event

from api_rows import filmed
from deckcast.db.models import ItemRow
from serving import Server, story


def test_how_far_the_newest_batch_is(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        async with server.parts.db.write() as session:
            (await session.get_one(ItemRow, "itm_12")).status = "failed"
        asked: list[str] = []
        event.listen(
            server.parts.db.engine().sync_engine,
            "before_cursor_execute",
            lambda *given: asked.append(given[2]),
        )
        (row,) = (await server.client.get("/api/presentations")).json()["items"]
        few = len(asked)
        assert row["newestBatch"] == {
            "id": "bat_1", "kind": "presentation_video", "state": "completed", "total": 2, "completed": 1,
            "failed": 1, "skipped": 0, "cancelled": 0, "inProgress": 0,
        }  # fmt: skip
        assert row["thumbnailUrl"] == "/api/slides/sli_11/image"
        for name in ("2", "3"):
            await filmed(server.parts, name=name)
        asked.clear()
        assert len((await server.client.get("/api/presentations")).json()["items"]) == 3
        assert len(asked) == few

    story(tmp_path, told)
