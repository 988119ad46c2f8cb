"""What somebody has spent, from rows: their own alone, by day, month, payee and batch."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from deckcast.batches import money
from deckcast.db.accounts import SpendRow
from deckcast.db.models import AvatarVideoRow, BatchRow, ChargeRow, PresentationRow
from deckcast.kit.clock import now
from deckcast.kit.settings import MoneySettings
from ordered_rows import add_presentation
from serving import Server, story

CAPS = {"max_per_batch_usd": Decimal("2.5"), "max_per_day_usd": Decimal(10)}


async def ordered(server: Server, name: str, owner: str, *costs: tuple[str, str | None]) -> None:
    """A batch with an avatar video, a narrative and a speech: what is reserved and (else None) paid for each."""
    await add_presentation(server.parts.db, name, ["One."], owner, title=f"Deck {name}")
    async with server.parts.db.write() as session:
        batch = BatchRow(id=f"bat_{name}", presentation_id=f"pre_{name}", kind="presentation_video")
        batch.state, batch.fingerprint, batch.request, batch.scope = "running", "f", {}, ""
        session.add(batch)
        await session.flush()
        video = AvatarVideoRow(id=f"avv_{name}", slide_id=f"sli_{name}_1", fingerprint="f", provider="heygen")
        video.request, video.batch_id = {}, batch.id
        calls = [ChargeRow(id=f"itm_{name}.{step}", batch_id=batch.id) for step in ("narrative", "speech")]
        for paid, (reserved, cost) in zip((video, *calls), costs, strict=False):
            session.add(paid)
            await session.flush()
            await money.reserve(session, paid, Decimal(reserved), None, MoneySettings())
            await session.flush()
            if cost is not None:
                await money.settle(session, paid, Decimal(cost))


def test_what_was_spent_today_this_month_to_whom_and_for_what(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        nothing = (await server.client.get("/api/me/spend")).json()
        assert (nothing["today"]["spentUsd"], nothing["month"]["payees"], nothing["batches"]) == (0, [], [])
        assert nothing["caps"] == {"perBatchUsd": 2.5, "perDayUsd": 10}
        await ordered(server, "1", "local", ("2", "1.5"), ("0.1", "0.05"), ("0.2", None))
        await ordered(server, "2", "local", ("1", None))
        await ordered(server, "3", "ann", ("5", "5"))
        await ordered(server, "4", "local", ("0.3", "0"))
        await ordered(server, "5", "local", ("0.4", "0.4"))
        async with server.parts.db.write() as session:
            (await session.get_one(PresentationRow, "pre_5")).deleted_at = now()
            old = (now().replace(day=1) - timedelta(days=3)).date().isoformat()
            session.add(SpendRow(owner="local", day=old, spent_microusd=9_000_000))
        said = (await server.client.get("/api/me/spend")).json()
        assert said["today"] == {
            "day": now().date().isoformat(), "spentUsd": 1.95, "reservedUsd": 1.2, "leftUsd": 6.85,
        }  # fmt: skip
        assert said["month"] == {
            "month": now().date().isoformat()[:7],
            "spentUsd": 1.95,
            "payees": [
                {"name": "heygen", "spentUsd": 1.9, "reservedUsd": 1.0},
                {"name": "language_model", "spentUsd": 0.05, "reservedUsd": 0},
                {"name": "speech", "spentUsd": 0, "reservedUsd": 0.2},
            ],
        }
        batches = [(each["id"], each["costUsd"], each["reservedUsd"]) for each in said["batches"]]
        assert batches == [("bat_2", 0, 1), ("bat_1", 1.55, 0.2)]
        assert said["batches"][0]["presentationTitle"] == "Deck 2"
        assert said["batches"][0]["label"] == "Presentation Video"

    story(tmp_path, told, money=CAPS)
