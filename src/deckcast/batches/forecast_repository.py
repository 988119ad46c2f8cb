"""All SQL of progress and forecasts: what is under way, and how long such work took before. Of other owners' work only
durations are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches.forecast_models import Measured
from deckcast.batches.models import BatchKind, BatchState, Phase, Status
from deckcast.db.accounts import ProviderAccountRow
from deckcast.db.models import AvatarVideoRow, BatchRow, ChargeRow, ItemRow, SlideClipRow, SlideRow

HISTORY_SLIDES = 200
_HISTORY_FILMS = 20
_AT_WORK = (Status.SUBMITTING, Status.PROCESSING)


@dataclass(frozen=True, slots=True)
class Spent:
    """What an ended slide of some batch took: seconds of film, and seconds in each phase."""

    batch_id: str
    size_s: float
    worked_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of some batches: items by batch in the film's order, and what belongs to them by id."""

    batches: Mapping[str, BatchRow]
    items: Mapping[str, Sequence[ItemRow]]
    titles: Mapping[str, str]
    clips: Mapping[str, SlideClipRow]
    videos: Mapping[str, tuple[str | None, int]]  # the batch that pays, and millionths of a dollar
    charges: Mapping[tuple[str, str | None], int]


async def rows_of(session: AsyncSession, batch_ids: Collection[str]) -> Rows:
    """Everything that says where these batches are, in a constant number of queries."""
    batches = await session.scalars(select(BatchRow).where(BatchRow.id.in_(batch_ids)))
    query = select(ItemRow, SlideRow.title).join(SlideRow, SlideRow.id == ItemRow.slide_id)
    found = await session.execute(
        query.where(ItemRow.batch_id.in_(batch_ids)).order_by(ItemRow.position, ItemRow.number)
    )
    items: dict[str, list[ItemRow]] = {batch_id: [] for batch_id in batch_ids}
    titles = {}
    for item, title in found:
        items[item.batch_id].append(item)
        titles[item.id] = title
    clips = await session.scalars(
        select(SlideClipRow)
        .join(ItemRow, ItemRow.clip_id == SlideClipRow.id)
        .where(ItemRow.batch_id.in_(batch_ids))
    )
    videos = await session.execute(
        select(AvatarVideoRow.id, AvatarVideoRow.batch_id, AvatarVideoRow.cost_microusd)
        .join(ItemRow, ItemRow.avatar_video_id == AvatarVideoRow.id)
        .where(ItemRow.batch_id.in_(batch_ids))
    )
    charges = await session.execute(
        select(ChargeRow.batch_id, ChargeRow.item_id, func.sum(ChargeRow.cost_microusd))
        .where(ChargeRow.batch_id.in_(batch_ids))
        .group_by(ChargeRow.batch_id, ChargeRow.item_id)
    )
    return Rows(
        batches={batch.id: batch for batch in batches},
        items=items,
        titles=titles,
        clips={clip.id: clip for clip in clips},
        videos={video_id: (batch_id, cost) for video_id, batch_id, cost in videos},
        charges={(batch_id, item_id): int(cost or 0) for batch_id, item_id, cost in charges},
    )


async def spent_with(session: AsyncSession, provider: str) -> Sequence[Spent]:
    """The last slides that were made with a provider, and as many that were made with none; newest first."""
    found: list[Spent] = []
    columns = (ItemRow.batch_id, ItemRow.estimated_s, ItemRow.worked_s)
    ended = (ItemRow.status.in_((Status.COMPLETED, Status.FAILED)), ItemRow.reused.is_(False))
    with_it = select(*columns).join(AvatarVideoRow, AvatarVideoRow.id == ItemRow.avatar_video_id)
    for query in (
        with_it.where(AvatarVideoRow.provider == provider),
        select(*columns).where(ItemRow.avatar_video_id.is_(None)),
    ):
        newest = query.where(ItemRow.ended_at.is_not(None), *ended).order_by(ItemRow.ended_at.desc())
        rows = await session.execute(newest.limit(HISTORY_SLIDES))
        found += [Spent(batch_id, size_s, worked_s) for batch_id, size_s, worked_s in rows]
    return found


def history_of(spent: Sequence[Spent], besides: str | None = None) -> dict[Phase, list[Measured]]:
    """What is known of each phase, without the slides of one batch."""
    history: dict[Phase, list[Measured]] = {}
    for each in spent:
        if each.batch_id != besides:
            for phase, seconds in each.worked_s.items():
                history.setdefault(Phase(phase), []).append(Measured(each.size_s, float(seconds)))
    return history


async def joins(session: AsyncSession) -> list[Measured]:
    """How long the last films took to be joined, after their last slide."""
    last = (
        select(BatchRow.id, BatchRow.ended_at)
        .where(
            BatchRow.kind == BatchKind.PRESENTATION_VIDEO,
            BatchRow.state.in_((BatchState.COMPLETED, BatchState.PARTIAL)),
        )
        .order_by(BatchRow.ended_at.desc())
        .limit(_HISTORY_FILMS)
        .subquery()
    )
    query = select(last.c.ended_at, func.max(ItemRow.ended_at), func.sum(ItemRow.estimated_s))
    found = await session.execute(
        query.join(ItemRow, ItemRow.batch_id == last.c.id).group_by(last.c.id, last.c.ended_at)
    )
    return [
        Measured(float(size_s), max(0.0, (ended - slides_ended).total_seconds()))
        for ended, slides_ended, size_s in found
        if ended is not None and slides_ended is not None
    ]


async def jobs_of(session: AsyncSession) -> list[tuple[str, str | None, bool, int]]:
    """Provider, batch, whether alive at the account (else queued), and number of the avatar videos under way."""
    query = select(AvatarVideoRow.provider, AvatarVideoRow.batch_id, AvatarVideoRow.status, func.count())
    found = await session.execute(
        query.where(AvatarVideoRow.status.in_((*_AT_WORK, Status.PENDING))).group_by(
            AvatarVideoRow.provider, AvatarVideoRow.batch_id, AvatarVideoRow.status
        )
    )
    return [(provider, batch_id, status in _AT_WORK, count) for provider, batch_id, status, count in found]


async def accounts(session: AsyncSession) -> dict[str, ProviderAccountRow]:
    """The provider accounts by name."""
    return {row.provider: row for row in await session.scalars(select(ProviderAccountRow))}
