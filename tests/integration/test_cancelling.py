"""Cancelling a batch of many slides: what waits is stopped and its money is free, in a constant number of queries."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from sqlalchemy import event, select

from deckcast.batches import control, money
from deckcast.batches.context import Context
from deckcast.batches.models import MakeRequest, Status, Step
from deckcast.db.accounts import SpendRow
from deckcast.db.models import AvatarVideoRow, BatchRow, EventRow, ItemRow
from deckcast.kit.clock import now
from deckcast.kit.settings import MoneySettings
from ordered_rows import add_presentation
from serving import Server, story


async def ordered(parts: Context, name: str, slides: int, *, of: str = "") -> str:
    """A batch that waits for an avatar video of each slide, a dollar set aside for each; or, beside it, another one
    that waits for those `of` a batch."""
    if not of:
        await add_presentation(parts.db, name, ["One."] * slides)
    at = of or name
    async with parts.db.write() as session:
        batch = BatchRow(id=f"bat_{name}", presentation_id=f"pre_{at}", kind="all_avatar_videos_generation")
        batch.state, batch.fingerprint, batch.scope = "running", name, "server"
        batch.request = MakeRequest(provider="heygen").to_json()
        session.add(batch)
        await session.flush()
        for number in range(1, slides + 1):
            if not of:
                video = AvatarVideoRow(id=f"avv_{name}_{number}", slide_id=f"sli_{name}_{number}")
                video.fingerprint, video.provider, video.request, video.batch_id = "f", "heygen", {}, batch.id
                session.add(video)
                await session.flush()
                await money.reserve(session, video, Decimal(1), None, MoneySettings())
            item = ItemRow(id=f"itm_{name}_{number}", batch_id=batch.id, slide_id=f"sli_{at}_{number}")
            item.number = item.position = number
            item.placement, item.step, item.avatar_video_id = {}, Step.AVATAR_VIDEO, f"avv_{at}_{number}"
            session.add(item)
    return batch.id


async def status_of(parts: Context, kind: type[AvatarVideoRow | ItemRow]) -> dict[str, str]:
    async with parts.db.read() as session:
        return {row.id: row.status for row in await session.scalars(select(kind))}


def test_what_waits_is_stopped_and_what_is_paid_drains(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        parts = server.parts
        batch_id = await ordered(parts, "1", 5)
        await ordered(parts, "2", 2, of="1")
        async with parts.db.write() as session:
            (await session.get_one(AvatarVideoRow, "avv_1_4")).status = Status.PROCESSING
            (await session.get_one(ItemRow, "itm_1_4")).status = Status.PROCESSING
            done = await session.get_one(ItemRow, "itm_1_5")
            done.status, done.ended_at = Status.COMPLETED, now()
        assert await control.cancel(batch_id) == 1
        items = await status_of(parts, ItemRow)
        assert [items[f"itm_1_{number}"] for number in range(1, 6)] == [
            "cancelled", "cancelled", "cancelled", "processing", "completed",
        ]  # fmt: skip
        assert [items["itm_2_1"], items["itm_2_2"]] == ["pending", "pending"]
        videos = await status_of(parts, AvatarVideoRow)
        assert [videos[f"avv_1_{number}"] for number in range(1, 6)] == [
            "pending", "pending", "cancelled", "processing", "pending",
        ]  # fmt: skip
        async with parts.db.read() as session:
            spend = (await session.scalars(select(SpendRow))).one()
            events = (await session.scalars(select(EventRow).order_by(EventRow.seq))).all()
        assert (spend.reserved_microusd, spend.spent_microusd) == (4_000_000, 0)
        assert [each.kind for each in events].count("slide.changed") == 3
        assert {each.payload["status"] for each in events if each.kind == "slide.changed"} == {"cancelled"}

    story(tmp_path, told)


def test_a_large_batch_takes_no_more_queries_than_a_small_one(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        asked: list[str] = []
        engine = server.parts.db.engine().sync_engine
        event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        counts = []
        for name, slides in (("1", 3), ("2", 60)):
            batch_id = await ordered(server.parts, name, slides)
            asked.clear()
            assert await control.cancel(batch_id) == 0
            counts.append(len(asked))
        assert counts[0] == counts[1]
        assert set((await status_of(server.parts, ItemRow)).values()) == {"cancelled"}

    story(tmp_path, told)
