"""All SQL of shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.models import PresentationRow
from deckcast.db.people import ShareRow, UserRow


async def shares_of(session: AsyncSession, presentation_id: str, at: datetime) -> Sequence[ShareRow]:
    """A presentation's shares that still open something, newest first."""
    query = select(ShareRow).where(ShareRow.presentation_id == presentation_id, ShareRow.expires_at > at)
    return (await session.scalars(query.order_by(ShareRow.id.desc()))).all()


async def remove_share(session: AsyncSession, presentation_id: str, share_id: str) -> bool:
    """Remove a presentation's share; whether it was there."""
    gone = delete(ShareRow).where(ShareRow.presentation_id == presentation_id, ShareRow.id == share_id)
    return (await session.scalar(gone.returning(ShareRow.id))) is not None


async def forget_expired(session: AsyncSession, at: datetime) -> None:
    """Remove shares that have expired."""
    await session.execute(delete(ShareRow).where(ShareRow.expires_at <= at))


async def shared_with(session: AsyncSession, sha256: str, at: datetime) -> PresentationRow | None:
    """The presentation that a secret opens; none of a user who is disabled."""
    query = select(PresentationRow).join(ShareRow, ShareRow.presentation_id == PresentationRow.id)
    query = query.outerjoin(UserRow, UserRow.id == PresentationRow.owner)
    query = query.where(ShareRow.sha256 == sha256, ShareRow.expires_at > at)
    return await session.scalar(
        query.where(PresentationRow.deleted_at.is_(None), UserRow.disabled_at.is_(None))
    )
