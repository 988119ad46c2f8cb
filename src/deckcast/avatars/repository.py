"""All SQL of submissions and provider accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Float, case, cast, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db import models
from deckcast.db.accounts import ProviderAccountRow
from deckcast.db.database import insert_missing
from deckcast.db.models import AvatarVideoRow, SubmissionRow
from deckcast.kit.clock import now
from deckcast.kit.ids import new_id

AT_THE_PROVIDER = ("submitting", "processing")


async def newest_submission(session: AsyncSession, avatar_video_id: str) -> SubmissionRow | None:
    """The submission of the highest attempt, locked to the end of the transaction."""
    query = select(SubmissionRow).where(SubmissionRow.avatar_video_id == avatar_video_id)
    return await session.scalar(
        query.order_by(SubmissionRow.attempt.desc()).limit(1).with_for_update(key_share=True)
    )


async def insert_submission(session: AsyncSession, **values: Any) -> None:
    """A new submission, unless somebody else has just made this attempt's."""
    moment = now()
    given = {"id": new_id("sub"), "calls": 0, "created_at": moment, "updated_at": moment, **values}
    await insert_missing(session, SubmissionRow, **given)


async def videos_not_made(session: AsyncSession, provider: str) -> Sequence[AvatarVideoRow]:
    """A provider's avatar videos that are not made, the oldest first."""
    query = select(AvatarVideoRow).where(
        AvatarVideoRow.provider == provider, AvatarVideoRow.status != "completed"
    )
    return (await session.scalars(query.order_by(AvatarVideoRow.created_at, AvatarVideoRow.id))).all()


async def providers_used(session: AsyncSession) -> set[str]:
    """The providers of avatar videos that are not made."""
    query = select(AvatarVideoRow.provider).where(AvatarVideoRow.status != "completed").distinct()
    return set(await session.scalars(query))


async def is_job_of_another(session: AsyncSession, avatar_video_id: str, job_id: str) -> bool:
    """Whether a provider's job was made for another avatar video than this one."""
    provider = select(AvatarVideoRow.provider).where(AvatarVideoRow.id == avatar_video_id)
    others = select(SubmissionRow.id).where(
        SubmissionRow.job_id == job_id,
        SubmissionRow.provider == provider.scalar_subquery(),
        SubmissionRow.avatar_video_id != avatar_video_id,
    )
    return await session.scalar(others.limit(1)) is not None


async def submission_with(session: AsyncSession, key: str) -> SubmissionRow:
    """The submission under a key, locked to the end of the transaction."""
    return (
        await session.scalars(
            select(SubmissionRow).where(SubmissionRow.key == key).with_for_update(key_share=True)
        )
    ).one()


async def account_of(session: AsyncSession, provider: str) -> ProviderAccountRow | None:
    """An account's row, for reading."""
    return await session.get(ProviderAccountRow, provider)


async def lock_account(session: AsyncSession, provider: str) -> ProviderAccountRow:
    """An account's row, made if need be and locked to the end of the transaction."""
    await insert_missing(session, ProviderAccountRow, provider=provider, failures=0, next_call_s=0.0)
    query = select(ProviderAccountRow).where(ProviderAccountRow.provider == provider)
    return (await session.scalars(query.with_for_update(key_share=True))).one()


async def grant_call(session: AsyncSession, provider: str, apart_s: float, at_s: float | None) -> float:
    """Grant an account's next call, `apart_s` after the one before; returns how many seconds it has to wait for that.
    `at_s` is now, in seconds since 1970; None: what the database's clock says."""
    epoch = func.extract("epoch", func.clock_timestamp()) if at_s is None else literal(at_s)
    moment = cast(epoch, Float)
    granted = case((ProviderAccountRow.next_call_s > moment, ProviderAccountRow.next_call_s), else_=moment)
    query = (
        update(ProviderAccountRow)
        .where(ProviderAccountRow.provider == provider)
        .values(next_call_s=granted + apart_s)
        .returning(ProviderAccountRow.next_call_s - apart_s - moment)
        .execution_options(synchronize_session=False)
    )
    wait_s = await session.scalar(query)
    if wait_s is None:
        await insert_missing(session, ProviderAccountRow, provider=provider, failures=0, next_call_s=0.0)
        wait_s = await session.scalar(query)
    return float(wait_s or 0.0)


async def jobs_alive(
    session: AsyncSession, provider: str, since: datetime, besides: str
) -> Sequence[AvatarVideoRow]:
    """Videos that hold a place of the account: being submitted or rendered, touched after `since`."""
    query = select(AvatarVideoRow).where(
        AvatarVideoRow.provider == provider,
        models.AT_THE_PROVIDER,
        func.coalesce(AvatarVideoRow.submitted_at, AvatarVideoRow.updated_at) > since,
        AvatarVideoRow.id != besides,
    )
    return (await session.scalars(query)).all()
