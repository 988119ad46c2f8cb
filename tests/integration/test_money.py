"""Money: spent and reserved never pass a cap, however many ask at once; what is settled is settled once."""

from __future__ import annotations

import asyncio
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from databases import with_database
from deckcast.avatars.ports import RateCard
from deckcast.batches import money
from deckcast.db.accounts import SpendRow
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, BatchRow, PresentationRow, SlideRow
from deckcast.kit.errors import CallError
from deckcast.kit.settings import MoneySettings

NO_CAPS = MoneySettings()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"


async def add_batches(db: Database, *batches: str) -> None:
    """Batches of one owner, each with a presentation of one slide."""
    async with db.write() as session:
        for name in batches:
            session.add(PresentationRow(id=f"pre_{name}", owner="ann", source=name))
            await session.flush()
            slide = SlideRow(id=f"sli_{name}", presentation_id=f"pre_{name}", key=name, number=1)
            slide.title, slide.notes, slide.language, slide.content = "", "", "en", {}
            batch = BatchRow(id=name, presentation_id=f"pre_{name}", kind="presentation_video")
            batch.state, batch.fingerprint, batch.request, batch.scope = "running", "f", {}, ""
            session.add_all([slide, batch])


async def order(
    db: Database,
    batch: str,
    number: int,
    amount_usd: str,
    cap_usd: Decimal | None = None,
    settings: MoneySettings = NO_CAPS,
) -> str | None:
    """The id of a video that money was reserved for; None where a cap forbids it."""
    video_id = f"{batch}.{number}"
    video = AvatarVideoRow(id=video_id, slide_id=f"sli_{batch}", batch_id=batch, fingerprint=video_id)
    video.provider, video.request = "paid", {}
    try:
        async with db.write() as session:
            session.add(video)
            await session.flush()
            await money.reserve(session, video, Decimal(amount_usd), cap_usd, settings)
    except CallError as error:
        if error.code != "over_cap":
            raise
        return None
    return video_id


async def settle(db: Database, video_id: str, amount_usd: str) -> None:
    async with db.write() as session:
        await money.settle(session, await session.get_one(AvatarVideoRow, video_id), Decimal(amount_usd))


async def release(db: Database, video_id: str) -> None:
    async with db.write() as session:
        await money.release(session, await session.get_one(AvatarVideoRow, video_id))


async def day_usd(db: Database) -> tuple[float, float]:
    """What is reserved and spent by the day's account."""
    async with db.read() as session:
        days = (await session.scalars(select(SpendRow))).all()
    return money.usd(sum(day.reserved_microusd for day in days)), money.usd(
        sum(day.spent_microusd for day in days)
    )


async def videos_usd(db: Database, *batches: str) -> tuple[float, float]:
    """What is reserved and spent by the videos of some batches, or of all."""
    columns = func.sum(AvatarVideoRow.reserved_microusd), func.sum(AvatarVideoRow.cost_microusd)
    query = select(*columns).where(AvatarVideoRow.batch_id.in_(batches) if batches else True)
    async with db.read() as session:
        reserved, spent = (await session.execute(query)).one()
    return money.usd(int(reserved or 0)), money.usd(int(spent or 0))


async def order_and_end(db: Database, batch: str, number: int, **caps: Any) -> bool:
    """One video's life: ordered at a price, then paid (never more than reserved), given back, or left open."""
    prices = ["0.30", "0.70", "1.10"]
    video_id = await order(db, batch, number, prices[number % 3], **caps)
    if video_id is None:
        return False
    await asyncio.sleep(0)
    if number % 4 == 1:
        await settle(db, video_id, "0.20")
    elif number % 4 == 2:
        await release(db, video_id)
    return True


@pytest.mark.parametrize("cap", ["batch's own", "any batch", "day"])
def test_no_cap_is_passed_however_many_ask_at_once(database_url: str, cap: str) -> None:
    batches, limit = ("bat_1", "bat_2"), Decimal("3.00")
    caps: dict[str, Any] = {
        "batch's own": {"cap_usd": limit, "settings": MoneySettings(max_per_batch_usd=Decimal(50))},
        "any batch": {"cap_usd": Decimal(50), "settings": MoneySettings(max_per_batch_usd=limit)},
        "day": {"settings": MoneySettings(max_per_day_usd=limit)},
    }[cap]

    async def body(db: Database) -> None:
        await add_batches(db, *batches)
        other = Database(database_url)
        seen: list[float] = []

        async def watched(number: int, batch: str) -> bool:
            ordered = await order_and_end((db, other)[number % 2], batch, number, **caps)
            totals = [await day_usd(db)] if cap == "day" else [await videos_usd(db, each) for each in batches]
            seen.extend(sum(total) for total in totals)
            return ordered

        try:
            done = await asyncio.gather(
                *(watched(number, batch) for number in range(12) for batch in batches)
            )
        finally:
            await other.close()
        assert max(seen) <= limit
        assert max(seen) > limit / 2, "the cap was come near to"
        assert 0 < sum(done) < len(done)
        assert await day_usd(db) == await videos_usd(db)

    with_database(database_url, body)


def test_over_the_cap_nothing_is_written_and_the_sentence_says_so(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batches(db, "bat_1")
        caps = MoneySettings(max_per_day_usd=Decimal("1.00"))
        assert await order(db, "bat_1", 1, "1.00", None, caps), "up to the cap, and no less"
        assert await order(db, "bat_1", 2, "0.000001", None, caps) is None
        assert await day_usd(db) == await videos_usd(db) == (1.0, 0.0)
        assert await order(db, "bat_1", 3, "0", None, caps), "what is free is never over the cap"

    with_database(sqlite_url, body)


def test_what_was_given_back_can_be_reserved_again(sqlite_url: str) -> None:
    async def body(db: Database) -> None:
        await add_batches(db, "bat_1")
        for number in range(5):
            video_id = await order(db, "bat_1", number, "1.00", Decimal("1.00"))
            assert video_id is not None
            await release(db, video_id)
        assert await day_usd(db) == await videos_usd(db) == (0.0, 0.0)

    with_database(sqlite_url, body)


@pytest.mark.parametrize("first", ["settle", "release"])
@pytest.mark.parametrize("second", ["settle", "release"])
def test_what_is_settled_or_released_stays_so(sqlite_url: str, first: str, second: str) -> None:
    async def body(db: Database) -> None:
        await add_batches(db, "bat_1")
        await order(db, "bat_1", 1, "1.00")
        await order(db, "bat_1", 2, "1.00")
        for ending in (first, second, second):
            await (settle(db, "bat_1.1", "0.80") if ending == "settle" else release(db, "bat_1.1"))
        spent = 0.0 if first == second == "release" else 0.8  # a video that comes after all is paid after all
        assert await day_usd(db) == await videos_usd(db) == (1.0, spent)

    with_database(sqlite_url, body)


def test_what_is_settled_by_many_at_once_is_paid_once(database_url: str) -> None:
    """Publishing and giving up may meet, each having read the video before the other has written."""

    async def body(db: Database) -> None:
        await add_batches(db, "bat_1")
        await order(db, "bat_1", 1, "1.00")
        await order(db, "bat_1", 2, "1.00")
        await asyncio.gather(*(settle(db, "bat_1.1", "0.80") for _ in range(5)))
        assert await day_usd(db) == await videos_usd(db) == (1.0, 0.8)

    with_database(database_url, body)


cards = st.builds(
    RateCard,
    st.decimals(0, 10, places=6, allow_nan=False),
    st.sampled_from([0.1, 0.5, 1.0, 15.0, 60.0]),
)


@given(seconds=st.integers(0, 3_600_000).map(lambda thousandths: thousandths / 1000), card=cards)
def test_a_price_is_the_next_whole_billing_step_and_never_less_than_the_length(
    seconds: float, card: RateCard
) -> None:
    price = Fraction(money.cost_usd(seconds, card))
    step = Fraction(str(card.billing_step_s))
    steps = math.ceil(Fraction(str(seconds)) / step)
    assert price == steps * step * Fraction(card.usd_per_second)


@given(st.decimals(0, 10_000, places=9, allow_nan=False))
def test_millionths_are_rounded_up_and_read_back(amount_usd: Decimal) -> None:
    amount = money.microusd(amount_usd)
    assert 0 <= Fraction(amount, money.MICRO) - Fraction(amount_usd) < Fraction(1, money.MICRO)
    assert money.microusd(Decimal(str(money.usd(amount)))) == amount


@pytest.mark.parametrize(
    ("caps", "lowest"), [([None, None], None), ([None, 5.5], "5.5"), ([Decimal(3), 2.25, None], "2.25")]
)
def test_the_tightest_cap_counts(caps: list[Any], lowest: str | None) -> None:
    assert money.tightest(caps) == (None if lowest is None else Decimal(lowest))
