"""All SQL of what is there of a presentation's slides: the newest of each, and what would hold again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches.models import Status
from deckcast.db.models import AvatarVideoRow, BatchRow, SlideRow, SpeechRow


async def speeches_of(session: AsyncSession, presentation_id: str) -> Sequence[SpeechRow]:
    """Every speech of a presentation's slides, oldest first."""
    query = select(SpeechRow).join(SlideRow, SlideRow.id == SpeechRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False))
    return (await session.scalars(query.order_by(SpeechRow.created_at, SpeechRow.id))).all()


async def finished_videos_of(session: AsyncSession, presentation_id: str) -> Sequence[AvatarVideoRow]:
    """Every completed avatar video of a presentation's slides, oldest first."""
    query = select(AvatarVideoRow).join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False))
    query = query.where(AvatarVideoRow.status == Status.COMPLETED)
    return (await session.scalars(query.order_by(AvatarVideoRow.created_at, AvatarVideoRow.id))).all()


async def newest_batches(session: AsyncSession, presentation_id: str, most: int = 50) -> Sequence[BatchRow]:
    """The newest batches of a presentation, newest first."""
    query = select(BatchRow).where(BatchRow.presentation_id == presentation_id)
    return (
        await session.scalars(query.order_by(BatchRow.created_at.desc(), BatchRow.id.desc()).limit(most))
    ).all()
