"""What belongs to an owner, by its id. What is somebody else's is not there: CallError not_found, as for a wrong id."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.models import AvatarVideoRow, BatchRow, PresentationRow, SlideRow
from deckcast.db.people import HookRow
from deckcast.kit.errors import CallError

Row = TypeVar("Row")


async def presentation(session: AsyncSession, owner: str, presentation_id: str) -> PresentationRow:
    """The owner's presentation. Raises CallError not_found."""
    query = select(PresentationRow).where(_of(owner), PresentationRow.id == presentation_id)
    return _found(await session.scalar(query), "presentation")


async def locked_presentation(session: AsyncSession, owner: str, presentation_id: str) -> PresentationRow:
    """The owner's presentation as it is now, its row locked. Its slides' rows are locked before it, where they are to
    be changed too (`repository.lock_slides`). Raises CallError not_found."""
    query = select(PresentationRow).where(_of(owner), PresentationRow.id == presentation_id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return _found(await session.scalar(locked), "presentation")


async def slide(session: AsyncSession, owner: str, slide_id: str) -> tuple[PresentationRow, SlideRow]:
    """A slide that is in the owner's deck now, and its presentation. Raises CallError not_found."""
    query = select(PresentationRow, SlideRow).join(SlideRow, SlideRow.presentation_id == PresentationRow.id)
    query = query.where(_of(owner), SlideRow.id == slide_id, SlideRow.removed.is_(False))
    row = _found((await session.execute(query)).one_or_none(), "slide")
    return row[0], row[1]


async def batch(session: AsyncSession, owner: str, batch_id: str) -> BatchRow:
    """The owner's batch. Raises CallError not_found."""
    query = select(BatchRow).join(PresentationRow, PresentationRow.id == BatchRow.presentation_id)
    return _found(await session.scalar(query.where(_of(owner), BatchRow.id == batch_id)), "batch")


async def avatar_video(session: AsyncSession, owner: str, video_id: str) -> AvatarVideoRow:
    """The owner's avatar video. Raises CallError not_found."""
    query = select(AvatarVideoRow).join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    query = query.join(PresentationRow, PresentationRow.id == SlideRow.presentation_id)
    return _found(
        await session.scalar(query.where(_of(owner), AvatarVideoRow.id == video_id)), "avatar video"
    )


async def hook(session: AsyncSession, owner: str, hook_id: str) -> HookRow:
    """The owner's hook. Raises CallError not_found."""
    query = select(HookRow).where(HookRow.owner == owner, HookRow.id == hook_id)
    return _found(await session.scalar(query), "hook")


def _of(owner: str) -> ColumnElement[bool]:
    return and_(PresentationRow.owner == owner, PresentationRow.deleted_at.is_(None))


def _found(row: Row | None, what: str) -> Row:
    if row is None:
        raise CallError("not_found", f"There is no such {what}.")
    return row
