"""All SQL on users, their tokens and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.database import insert_missing
from deckcast.db.models import ACTIVE, AvatarVideoRow, BatchRow, PresentationRow, SlideRow
from deckcast.db.people import SessionRow, TokenRow, UserRow

OPEN = ("planning", "running")


async def any_user(session: AsyncSession) -> bool:
    """Whether there is a user, disabled ones too."""
    return await session.scalar(select(UserRow.id).limit(1)) is not None


async def all_users(session: AsyncSession) -> Sequence[UserRow]:
    """Every user, by name."""
    return (await session.scalars(select(UserRow).order_by(UserRow.name_key))).all()


async def user_named(session: AsyncSession, name: str) -> UserRow | None:
    """The user of a name, however it is capitalised."""
    return await session.scalar(select(UserRow).where(UserRow.name_key == name.lower()))


async def user_of(session: AsyncSession, issuer: str, subject: str) -> UserRow | None:
    """The user that a provider vouches for."""
    query = select(UserRow).where(UserRow.issuer == issuer, UserRow.subject == subject)
    return await session.scalar(query)


async def add_user(session: AsyncSession, **values: Any) -> bool:
    """Add a user; False where the name, or issuer and subject, are taken."""
    return await insert_missing(session, UserRow, **values)


async def token_with(session: AsyncSession, sha256: str) -> tuple[TokenRow, UserRow] | None:
    """A token and whose it is."""
    query = select(TokenRow, UserRow).join(UserRow, UserRow.id == TokenRow.user_id)
    row = (await session.execute(query.where(TokenRow.sha256 == sha256))).one_or_none()
    return None if row is None else (row[0], row[1])


async def tokens_of(session: AsyncSession, user_id: str) -> Sequence[TokenRow]:
    """A user's tokens that are not revoked, the newest first."""
    query = select(TokenRow).where(TokenRow.user_id == user_id, TokenRow.revoked_at.is_(None))
    return (await session.scalars(query.order_by(TokenRow.id.desc()))).all()


async def count_tokens(session: AsyncSession, user_id: str) -> int:
    """How many tokens a user has that are not revoked. Locks the user's row: nobody else adds one meanwhile."""
    await session.scalar(select(UserRow.id).where(UserRow.id == user_id).with_for_update(key_share=True))
    query = select(func.count()).select_from(TokenRow)
    return await session.scalar(query.where(TokenRow.user_id == user_id, TokenRow.revoked_at.is_(None))) or 0


async def note_use(session: AsyncSession, token_id: str, at: datetime, not_since: datetime) -> None:
    """Write down that a token was used, unless that was done after `not_since`."""
    statement = update(TokenRow).where(
        TokenRow.id == token_id, or_(TokenRow.last_used_at.is_(None), TokenRow.last_used_at < not_since)
    )
    await session.execute(statement.values(last_used_at=at))


async def revoke(session: AsyncSession, token_id: str, at: datetime, user_id: str | None = None) -> bool:
    """Revoke a token (of that user, if one is named); False where there is none."""
    statement = update(TokenRow).where(TokenRow.id == token_id, TokenRow.revoked_at.is_(None))
    if user_id is not None:
        statement = statement.where(TokenRow.user_id == user_id)
    done = await session.execute(statement.values(revoked_at=at))
    return cast("CursorResult[Any]", done).rowcount > 0


async def session_with(session: AsyncSession, sha256: str) -> tuple[SessionRow, UserRow] | None:
    """A session and whose it is, unless the token that opened it was revoked."""
    query = select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id)
    query = query.outerjoin(TokenRow, TokenRow.id == SessionRow.token_id)
    query = query.where(SessionRow.sha256 == sha256, TokenRow.revoked_at.is_(None))
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def end_session(session: AsyncSession, sha256: str) -> None:
    """Forget a session, if there is such a one."""
    await session.execute(delete(SessionRow).where(SessionRow.sha256 == sha256))


async def end_sessions_of(session: AsyncSession, user_id: str) -> None:
    """Forget all sessions of a user."""
    await session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


async def forget_expired(session: AsyncSession, at: datetime) -> None:
    """Forget the sessions that have ended by themselves."""
    await session.execute(delete(SessionRow).where(SessionRow.expires_at <= at))


async def uploads_of(session: AsyncSession, owner: str) -> Sequence[PresentationRow]:
    """What an owner has uploaded (not what the command line made of files), locked."""
    query = select(PresentationRow).where(
        PresentationRow.owner == owner,
        PresentationRow.source == PresentationRow.id,
        PresentationRow.deleted_at.is_(None),
    )
    return (await session.scalars(query.with_for_update(key_share=True))).all()


async def at_work(session: AsyncSession, presentation_id: str) -> bool:
    """Whether a batch of the presentation runs, or an avatar video of it is not settled: money hangs on it."""
    batches = select(BatchRow.id).where(BatchRow.presentation_id == presentation_id, BatchRow.state.in_(OPEN))
    videos = (
        select(AvatarVideoRow.id)
        .join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
        .where(SlideRow.presentation_id == presentation_id, AvatarVideoRow.status.in_(ACTIVE))
    )
    return bool(await session.scalar(select(or_(exists(batches), exists(videos)))))
