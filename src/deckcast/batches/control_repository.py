"""All SQL of cancelling: what many slides of a batch share is read and written at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository
from deckcast.batches.models import Status
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow
from deckcast.kit.clock import now


async def lock_videos(session: AsyncSession, ids: Collection[str | None]) -> Sequence[AvatarVideoRow]:
    """These avatar videos as they are now, locked in the order of their ids."""
    query = select(AvatarVideoRow).where(AvatarVideoRow.id.in_([each for each in ids if each is not None]))
    query = query.order_by(AvatarVideoRow.id).with_for_update(key_share=True)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def cancel_items(session: AsyncSession, batch: BatchRow, items: Sequence[ItemRow]) -> None:
    """End items of a batch as cancelled, but for those that have ended meanwhile, and tell of each. Those that are in
    a phase are few, and how long they were in it is written down."""
    values = {"status": Status.CANCELLED, "ended_at": now()}
    for item in items:
        if item.phase_began_at is not None:
            await repository.set_item(session, item.id, **values)
    waiting = [item.id for item in items if item.phase_began_at is None]
    found = await session.execute(
        update(ItemRow)
        .where(ItemRow.id.in_(waiting), ItemRow.ended_at.is_(None))
        .values(**values, started_at=func.coalesce(ItemRow.started_at, now()), turn=None)
        .returning(ItemRow.slide_id, ItemRow.step)
        .execution_options(synchronize_session=False)
    )
    for slide_id, step in found:
        payload = {"batch_id": batch.id, "slide_id": slide_id, "step": step, "status": Status.CANCELLED}
        await repository.tell(session, batch.presentation_id, "slide.changed", payload)


async def awaited(session: AsyncSession, video_ids: Collection[str]) -> set[str]:
    """Those of these avatar videos that an item of any batch still waits for."""
    query = select(ItemRow.avatar_video_id).where(
        ItemRow.avatar_video_id.in_(video_ids), ItemRow.ended_at.is_(None)
    )
    return {str(each) for each in await session.scalars(query)}
