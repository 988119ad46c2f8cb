"""All SQL of what is measured: counts and sums over rows, most of them over the last quarter of an hour only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars.repository import AT_THE_PROVIDER
from deckcast.batches.models import ENDED, SETTLED, Status
from deckcast.batches.repository import RETIRED
from deckcast.db.accounts import ProviderAccountRow, SpendRow
from deckcast.db.models import (
    ACTIVE,
    AvatarVideoRow,
    BatchRow,
    ChargeRow,
    ItemRow,
    SubmissionRow,
    WebhookEventRow,
)

MOST_RENDERS = 5000  # of the newest; their times make the distribution
ENDS = (*SETTLED, Status.UNRESOLVED)


async def videos_now(session: AsyncSession) -> dict[tuple[str, str], int]:
    """Avatar videos that are on their way, by provider and status."""
    query = select(AvatarVideoRow.provider, AvatarVideoRow.status, func.count())
    query = query.where(AvatarVideoRow.status.in_(ACTIVE))
    found = await session.execute(query.group_by(AvatarVideoRow.provider, AvatarVideoRow.status))
    return {(provider, status): count for provider, status, count in found}


async def videos_ended(session: AsyncSession, since: datetime) -> dict[tuple[str, str], int]:
    """Avatar videos that have ended since, by provider and status."""
    query = select(AvatarVideoRow.provider, AvatarVideoRow.status, func.count()).where(
        AvatarVideoRow.updated_at > since,
        AvatarVideoRow.status.in_(ENDS),
        func.coalesce(AvatarVideoRow.error_code, "") != RETIRED,
    )
    found = await session.execute(query.group_by(AvatarVideoRow.provider, AvatarVideoRow.status))
    return {(provider, status): count for provider, status, count in found}


async def renders(session: AsyncSession, since: datetime) -> Sequence[tuple[str, float]]:
    """Provider and seconds from submission to end, of each job that has ended since."""
    query = select(AvatarVideoRow.provider, AvatarVideoRow.submitted_at, AvatarVideoRow.job_ended_at).where(
        AvatarVideoRow.updated_at > since, AvatarVideoRow.job_ended_at > since
    )
    found = await session.execute(query.order_by(AvatarVideoRow.updated_at.desc()).limit(MOST_RENDERS))
    return [
        (provider, (ended - submitted).total_seconds())
        for provider, submitted, ended in found
        if submitted is not None and ended is not None
    ]


async def jobs_in_flight(session: AsyncSession) -> dict[str, tuple[int, datetime | None]]:
    """How many jobs are alive at each provider, and when the oldest was submitted."""
    query = select(AvatarVideoRow.provider, func.count(), func.min(AvatarVideoRow.submitted_at)).where(
        AvatarVideoRow.status.in_(AT_THE_PROVIDER), AvatarVideoRow.job_ended_at.is_(None)
    )
    found = await session.execute(query.group_by(AvatarVideoRow.provider))
    return {provider: (count, oldest) for provider, count, oldest in found}


async def oldest_pending_video(session: AsyncSession) -> dict[str, datetime]:
    """Since when the longest waiting avatar video waits for its place, by provider."""
    query = select(AvatarVideoRow.provider, func.min(AvatarVideoRow.created_at))
    query = query.where(AvatarVideoRow.status == Status.PENDING)
    found = await session.execute(query.group_by(AvatarVideoRow.provider))
    return {provider: oldest for provider, oldest in found if oldest is not None}


async def oldest_untouched_batch(session: AsyncSession) -> datetime | None:
    """When the oldest open batch was ordered of which no slide has begun: nobody has taken it up yet."""
    begun = (
        select(ItemRow.id).where(ItemRow.batch_id == BatchRow.id, ItemRow.started_at.is_not(None)).exists()
    )
    query = select(func.min(BatchRow.created_at)).where(BatchRow.state.not_in(ENDED), ~begun)
    return await session.scalar(query)


async def batches_open(session: AsyncSession) -> dict[str, int]:
    """Open batches by kind."""
    query = select(BatchRow.kind, func.count()).where(BatchRow.state.not_in(ENDED)).group_by(BatchRow.kind)
    return {row.kind: row[1] for row in await session.execute(query)}


async def batches_ended(session: AsyncSession, since: datetime) -> dict[tuple[str, str], int]:
    """Batches that have ended since, by kind and state."""
    query = select(BatchRow.kind, BatchRow.state, func.count()).where(BatchRow.ended_at > since)
    found = await session.execute(query.group_by(BatchRow.kind, BatchRow.state))
    return {(kind, state): count for kind, state, count in found}


async def refusals(session: AsyncSession, since: datetime) -> dict[tuple[str, str], int]:
    """Paid calls that a provider has refused since, by provider and code."""
    query = select(SubmissionRow.provider, SubmissionRow.error_code, func.count()).where(
        SubmissionRow.updated_at > since, SubmissionRow.error_code.is_not(None)
    )
    found = await session.execute(query.group_by(SubmissionRow.provider, SubmissionRow.error_code))
    return {(provider, str(code)): count for provider, code, count in found}


async def accounts(session: AsyncSession) -> Sequence[ProviderAccountRow]:
    """Every provider account that was ever called."""
    return (await session.scalars(select(ProviderAccountRow))).all()


async def spend_of_day(session: AsyncSession, day: str) -> tuple[int, int, int]:
    """Reserved and spent on a day by all owners, and what the one who uses the most has reserved and spent."""
    total = SpendRow.reserved_microusd + SpendRow.spent_microusd
    query = select(func.sum(SpendRow.reserved_microusd), func.sum(SpendRow.spent_microusd), func.max(total))
    row = (await session.execute(query.where(SpendRow.day == day))).one()
    return int(row[0] or 0), int(row[1] or 0), int(row[2] or 0)


async def cost_by_payee(session: AsyncSession, since: datetime) -> dict[str, int]:
    """What was spent since, by avatar provider; `words_and_speech` is what models and speech engines took."""
    videos = select(AvatarVideoRow.provider, func.sum(AvatarVideoRow.cost_microusd))
    videos = videos.where(AvatarVideoRow.updated_at > since).group_by(AvatarVideoRow.provider)
    costs = {provider: int(cost or 0) for provider, cost in await session.execute(videos)}
    words = select(func.sum(ChargeRow.cost_microusd)).where(ChargeRow.created_at > since)
    return {**costs, "words_and_speech": int(await session.scalar(words) or 0)}


async def webhooks(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Webhook events that came in since, by provider."""
    query = select(WebhookEventRow.provider, func.count()).where(WebhookEventRow.received_at > since)
    found = await session.execute(query.group_by(WebhookEventRow.provider))
    return {row.provider: row[1] for row in found}
