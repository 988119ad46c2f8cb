"""All SQL of quotas."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.models import (
    AvatarVideoRow,
    PresentationRow,
    PresentationVideoRow,
    SlideClipRow,
    SlideRow,
    SpeechRow,
)


async def presentations_of(session: AsyncSession, owner: str) -> int:
    """How many presentations an owner has."""
    query = select(func.count()).select_from(PresentationRow).where(_of(owner))
    return await session.scalar(query) or 0


async def stored_bytes(session: AsyncSession, owner: str) -> int:
    """What an owner's files take; each part is one sum over rows that an index leads to."""
    parts: list[Any] = [select(func.sum(PresentationRow.deck_size_bytes)).where(_of(owner))]
    for row, has_file in (
        (SpeechRow, SpeechRow.audio_key.is_not(None)),
        (AvatarVideoRow, AvatarVideoRow.asset_key.is_not(None)),
        (SlideClipRow, SlideClipRow.asset_key.is_not(None)),
    ):
        query = select(func.sum(row.size_bytes)).join(SlideRow, SlideRow.id == row.slide_id)
        query = query.join(PresentationRow, PresentationRow.id == SlideRow.presentation_id)
        parts.append(query.where(_of(owner), has_file))
    films = select(func.sum(PresentationVideoRow.size_bytes))
    films = films.join(PresentationRow, PresentationRow.id == PresentationVideoRow.presentation_id)
    parts.append(films.where(_of(owner)))
    return sum([int(await session.scalar(part) or 0) for part in parts])


def _of(owner: str) -> ColumnElement[bool]:
    return and_(PresentationRow.owner == owner, PresentationRow.deleted_at.is_(None))
