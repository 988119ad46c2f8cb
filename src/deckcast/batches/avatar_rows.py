"""What the steps of an avatar video share: its row, who waits for it, and how its failure is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars.repository import newest_submission
from deckcast.avatars.submissions import OVER, State
from deckcast.batches import money, repository
from deckcast.batches.clips import compose_slide_clip
from deckcast.batches.context import current
from deckcast.batches.engine import WORK, enqueue, step
from deckcast.batches.models import Status, Step
from deckcast.db.database import LOCKED
from deckcast.db.models import AvatarVideoRow, ItemRow
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckcastError

log = structlog.get_logger(__name__)


async def row_of(video_id: str) -> AvatarVideoRow:
    """The video's row, for reading."""
    async with current().db.read() as session:
        return await session.get_one(AvatarVideoRow, video_id)


def named(row: AvatarVideoRow) -> dict[str, str | None]:
    """Which video it is, for a line of the log."""
    return {"avatar_video_id": row.id, "batch_id": row.batch_id, "provider": row.provider}


def seconds_between(start: datetime | None, end: datetime) -> float | None:
    """How long a step took; None where its start is not known."""
    return round((end - start).total_seconds(), 3) if start is not None else None


async def provider_of(video_id: str) -> str:
    """The name of the provider that makes the video."""
    return (await row_of(video_id)).provider


async def round_of(video_id: str) -> int:
    """How often somebody set out to wait for the video."""
    return (await row_of(video_id)).round


async def turn_of(video_id: str) -> int | None:
    """The video's turn at its account."""
    return (await row_of(video_id)).turn


async def waiting_items(video_id: str) -> list[str]:
    """Ids of the items that wait for this video."""
    async with current().db.read() as session:
        items: Sequence[ItemRow] = await repository.items_waiting_for(session, video_id)
    return [item.id for item in items]


async def compose_waiting(video_id: str) -> None:
    """Go on with every slide that waits for this video."""
    for item_id in await step(waiting_items, video_id):
        await enqueue(WORK, compose_slide_clip, f"{item_id}.compose", item_id)


async def give_up(video_id: str, error: DeckcastError) -> None:
    """The video failed; each slide that waits for it is composed without a presenter."""
    status = Status.UNRESOLVED if error.code == "unresolved" else Status.FAILED
    await step(record_failure, video_id, status, error.code, str(error), error.retryable)
    await compose_waiting(video_id)


async def record_failure(
    video_id: str, status: str, code: str, message: str, retryable: bool, only_while: str | None = None
) -> None:
    """Write down why there is no video, and for every slide that waits for it; money is released unless
    a job may still come of it: then the video is not failed but left, and the next make goes on with it.
    `only_while` is the status in which it still concerns the caller."""
    async with current().db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id, with_for_update=LOCKED)
        if row.status in (Status.COMPLETED, Status.CANCELLED) or only_while not in (None, row.status):
            return
        if status == Status.FAILED and await may_be_paid(session, row):
            status = Status.TIMED_OUT
        row.status = status
        row.error_code, row.error_message, row.retryable = code, message, retryable
        if status == Status.FAILED:
            await money.release(session, row)
        for item in await repository.items_waiting_for(session, video_id):
            await repository.set_item(
                session, item.id, error_code=code, error_message=message, retryable=retryable
            )
        after_s = seconds_between(row.submitted_at or row.created_at, now())
    log.warning("avatar_video.failed", **named(row), code=code, status=status, after_s=after_s)


async def may_be_paid(session: AsyncSession, row: AvatarVideoRow) -> bool:
    """Whether a call may have made a job that nobody has accounted for. A provider whose key was taken away
    meanwhile is a paid one."""
    provider = current().providers.get(row.provider)
    if row.cost_microusd or (provider is not None and not provider.capabilities.paid):
        return False
    newest = await newest_submission(session, row.id)
    return newest is not None and newest.state not in (State.RESERVED, *OVER)


async def set_status(video_id: str, status: Status) -> None:
    """Give the video a status, and tell the slides that wait for it."""
    async with current().db.write() as session:
        (await session.get_one(AvatarVideoRow, video_id)).status = status
        await tell_items(session, video_id, status)


async def tell_items(session: AsyncSession, video_id: str, status: Status) -> None:
    """The video's status is the status of every slide that waits for it."""
    for item in await repository.items_waiting_for(session, video_id):
        await repository.set_item(session, item.id, step=Step.AVATAR_VIDEO, status=status)
