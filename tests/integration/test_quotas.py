"""Quotas: what an owner has is counted from rows, and what would pass it is refused with the figures."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from batch_world import VIDEO, BatchWorld, batch_world
from deckcast.batches import money, quotas, quotas_repository
from deckcast.batches.ordering import _Limits
from deckcast.batches.prices import BatchSummary
from deckcast.db.models import (
    AvatarVideoRow,
    PresentationRow,
    PresentationVideoRow,
    SlideClipRow,
    SpeechRow,
)
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.kit.settings import MoneySettings, QuotaSettings


def run(folder: Path, told: Any) -> None:
    async def body() -> None:
        async with batch_world(folder) as world:
            await told(world)

    asyncio.run(body())


async def fill(world: BatchWorld) -> None:
    """Ann's files take 11111 bytes; another's, and what was deleted, do not count."""
    async with world.db.write() as session:
        (await session.get_one(PresentationRow, "pre_1")).deck_size_bytes = 1
        video = await session.get_one(AvatarVideoRow, VIDEO)
        video.asset_key, video.size_bytes = "slides/a", 10
        session.add(SpeechRow(id="spe_1", slide_id="sli_1", fingerprint="f", text="", language="en", voice="v",
                              audio_key="slides/b", size_bytes=100, duration_s=1.0, timings={}))  # fmt: skip
        session.add(SlideClipRow(id="clp_1", slide_id="sli_1", fingerprint="f", asset_key="slides/c",
                                 size_bytes=1000, frames=1, speech_duration_s=1.0))  # fmt: skip
        session.add(PresentationVideoRow(id="flm_1", presentation_id="pre_1", fingerprint="f", frames=1,
                                         asset_key="p/d", srt_key="s", vtt_key="v", poster_key="j",
                                         size_bytes=10_000))  # fmt: skip
        session.add(AvatarVideoRow(id="avv_gone", slide_id="sli_1", fingerprint="g", provider="paid", request={},
                                   status="failed", size_bytes=5_000_000))  # fmt: skip
        session.add(PresentationRow(id="pre_bob", owner="bob", source="x", deck_size_bytes=7_000_000))
        session.add(
            PresentationRow(id="pre_old", owner="ann", source="y", deck_size_bytes=9, deleted_at=now())
        )


def test_what_an_owner_has_is_counted(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        await fill(world)
        async with world.db.read() as session:
            assert await quotas_repository.stored_bytes(session, "ann") == 11_111
            assert await quotas_repository.stored_bytes(session, "bob") == 7_000_000
            assert await quotas_repository.stored_bytes(session, "nobody") == 0
            assert await quotas_repository.presentations_of(session, "ann") == 1

    run(tmp_path, told)


@pytest.mark.parametrize(
    ("allowed", "size_bytes", "refused"),
    [(11_111, 0, True), (11_112, 0, False), (11_112, 1, False), (11_112, 2, True), (None, 10**12, False)],
)
def test_storage_is_refused_where_there_is_no_room(
    tmp_path: Path, allowed: int | None, size_bytes: int, refused: bool
) -> None:
    async def told(world: BatchWorld) -> None:
        await fill(world)
        asked = QuotaSettings(storage_bytes=allowed)
        async with world.db.read() as session:
            if not refused:
                await quotas.check_upload(session, "ann", asked, size_bytes)
                return
            with pytest.raises(CallError) as error:
                await quotas.check_upload(session, "ann", asked, size_bytes)
        assert error.value.code == "quota_exceeded"
        assert error.value.facts == {
            "quota": "storage_bytes", "used": 11_111, "allowed": allowed, "asked": size_bytes,
        }  # fmt: skip

    run(tmp_path, told)


def test_presentations_are_bounded_and_a_new_version_is_none(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        one = QuotaSettings(presentations=1)
        async with world.db.read() as session:
            with pytest.raises(CallError) as error:
                await quotas.check_upload(session, "ann", one, 1)
            assert error.value.facts == {"quota": "presentations", "used": 1, "allowed": 1}
            await quotas.check_upload(session, "ann", one, 1, new=False)
            await quotas.check_upload(session, "bob", one, 1)

    run(tmp_path, told)


def test_what_is_left_of_the_day(tmp_path: Path) -> None:
    async def told(world: BatchWorld) -> None:
        capped = MoneySettings(max_per_day_usd=Decimal("1.50"))
        await world.reserve()  # one dollar
        async with world.db.read() as session:
            assert await money.left_today_usd(session, "ann", capped) == Decimal("0.5")
            assert await money.left_today_usd(session, "bob", capped) == Decimal("1.5")
            assert await money.left_today_usd(session, "ann", MoneySettings()) is None

    run(tmp_path, told)


def test_a_batch_that_costs_more_than_is_left_is_refused_with_the_figures() -> None:
    limits = _Limits(paid_work_off=None, no_room=None, left_today_usd=Decimal("0.50"))
    limits.check(BatchSummary(1, 1, 0, Decimal("0.50"), Decimal(0)), pays=True)
    with pytest.raises(CallError) as error:
        limits.check(BatchSummary(1, 1, 0, Decimal("0.51"), Decimal(0)), pays=True)
    assert error.value.code == "over_cap"
    assert error.value.facts == {"estimated_cost_usd": 0.51, "left_today_usd": 0.5}
