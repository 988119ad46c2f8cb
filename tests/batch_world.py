"""One slide's avatar video in the middle of its way: rows, a paid provider that says what a test wants, a context.

The steps of the workflows are called one by one; the durable engine is not started.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from databases import put_newest
from deckcast.avatars.accounts import Account
from deckcast.avatars.ledger import Ledger
from deckcast.avatars.local.provider import request_to_json
from deckcast.avatars.ports import (
    AvatarProvider,
    AvatarVideoRequest,
    Capabilities,
    JobState,
    Order,
    RateCard,
    Running,
)
from deckcast.avatars.submissions import State
from deckcast.batches import context, money
from deckcast.batches.context import Context
from deckcast.batches.watch import AccountWatch, Pace
from deckcast.db.accounts import SpendRow
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow, PresentationRow, SlideRow, SubmissionRow
from deckcast.kit.clock import now
from deckcast.kit.settings import Settings
from deckcast.publishing.service import open_store
from deckcast.speech.service import open_engines

VIDEO, ITEM, BATCH, SLIDE = "avv_1", "itm_1", "bat_1", "sli_1"
PRICE = 1_000_000  # reserved for the video, in millionths of a dollar
SILENCE = AvatarVideoRequest("ada", 1920, 1080, silence_s=10.0)


class PaidProvider:
    """A paid provider; `says` is what it says of every job, an exception is raised."""

    name = "paid"

    def __init__(self, usd_per_second: Decimal = Decimal("0.1")) -> None:
        self.says: JobState | Exception = Running()
        self.reachable = True
        self.capabilities = Capabilities(
            takes_audio=True,
            takes_text=False,
            transparent=False,
            webhooks=False,
            find_by_key=True,
            can_cancel=False,
            draws_silence=False,
            paid=True,
            max_concurrent=5,
            replay_window_s=23 * 3600.0,
            timeout_per_video_s=60.0,
            rate_card=RateCard(usd_per_second),
        )

    async def prepare(self, request: AvatarVideoRequest, key: str) -> Order:
        return {"title": key}

    async def ended(self, job_ids: Collection[str]) -> set[str]:
        if not self.reachable:
            raise ConnectionError
        return set() if isinstance(self.says, Running) else set(job_ids)

    async def inspect(self, job_id: str) -> JobState:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class BatchWorld:
    """The context, and shortcuts to its rows."""

    def __init__(self, parts: Context, provider: PaidProvider) -> None:
        self.parts, self.provider, self.db = parts, provider, parts.db

    async def video(self) -> AvatarVideoRow:
        async with self.db.read() as session:
            return await session.get_one(AvatarVideoRow, VIDEO)

    async def change(self, **values: Any) -> None:
        """Give the video's row other values."""
        async with self.db.write() as session:
            row = await session.get_one(AvatarVideoRow, VIDEO)
            for name, value in values.items():
                setattr(row, name, value)

    async def reserve(self) -> None:
        async with self.db.write() as session:
            row = await session.get_one(AvatarVideoRow, VIDEO)
            await money.reserve(session, row, Decimal(1), None, self.parts.settings.money)

    async def submission(self, state: State, attempt: int = 1, job_id: str | None = None) -> None:
        async with self.db.write() as session:
            row = SubmissionRow(id=f"sub_{attempt}", avatar_video_id=VIDEO, provider="paid", attempt=attempt)
            row.key, row.order, row.state, row.job_id = f"{VIDEO}.x.{attempt}", {}, state, job_id
            session.add(row)

    async def submission_state(self, attempt: int = 1) -> str:
        async with self.db.read() as session:
            return (await session.get_one(SubmissionRow, f"sub_{attempt}")).state

    async def spend(self) -> tuple[int, int]:
        """Reserved and spent today."""
        async with self.db.read() as session:
            day = await session.get(SpendRow, ("ann", now().date().isoformat()))
        return (day.reserved_microusd, day.spent_microusd) if day else (0, 0)


@asynccontextmanager
async def batch_world(folder: Path, **provider: Any) -> AsyncIterator[BatchWorld]:
    """A presentation with one slide, whose item waits for a video that is being made."""
    put_newest(folder / "test.db")
    db = Database(f"sqlite+aiosqlite:///{folder / 'test.db'}")
    paid = PaidProvider(**provider)
    port = cast("AvatarProvider", paid)
    settings = Settings(data_dir=folder)
    parts = Context(
        settings=settings,
        db=db,
        store=open_store(settings),
        providers={"paid": port},
        not_configured={},
        model=None,
        engines=open_engines(settings),
        accounts={"paid": Account(db, port, 5)},
        watches={"paid": AccountWatch(port, Pace(floor_s=0.01, ceiling_s=0.01))},
        ledger=Ledger(db),
        scratch=folder,
        cache=folder,
        scope="pre_1",
    )
    context.use(parts)
    try:
        await add_rows(db)
        yield BatchWorld(parts, paid)
    finally:
        context.use(None)
        await db.close()


async def add_rows(db: Database, provider: str = "paid", request: AvatarVideoRequest = SILENCE) -> None:
    """A presentation with one slide, a batch, its item, and the video that the item waits for."""
    async with db.write() as session:
        session.add(PresentationRow(id="pre_1", owner="ann", source="deck.pptx"))
        await session.flush()
        slide = SlideRow(id=SLIDE, presentation_id="pre_1", key="1", number=1, title="", notes="")
        slide.language, slide.content = "en", {}
        batch = BatchRow(id=BATCH, presentation_id="pre_1", kind="presentation_video", state="running")
        batch.fingerprint, batch.request, batch.scope = "f", {}, "pre_1"
        session.add_all([slide, batch])
        await session.flush()
        video = AvatarVideoRow(id=VIDEO, slide_id=SLIDE, batch_id=BATCH, fingerprint="f", provider=provider)
        video.request = request_to_json(request)
        session.add(video)
        await session.flush()
        item = ItemRow(id=ITEM, batch_id=BATCH, slide_id=SLIDE, number=1, placement={})
        item.avatar_video_id = VIDEO
        session.add(item)
