"""Batches and avatar videos as they stand, for whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import lists_repository, money_repository, owned_repository, repository
from deckcast.batches.context import current
from deckcast.batches.freshness import freshness_of
from deckcast.batches.models import SETTLED, Status
from deckcast.batches.money import usd
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow, PresentationRow, SlideRow


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch, how many of its slides have which status, what it has cost, and (where asked for) its slides with
    what each has cost, by the item's id."""

    batch: BatchRow
    counts: Mapping[str, int]
    cost_usd: float
    items: Sequence[ItemRow] = ()
    item_costs_usd: Mapping[str, float] | None = None

    def count(self, *statuses: Status) -> int:
        """How many slides have one of these statuses."""
        return sum(self.counts.get(status, 0) for status in statuses)

    @property
    def total(self) -> int:
        """How many slides there are."""
        return sum(self.counts.values())

    @property
    def in_progress(self) -> int:
        """How many slides are still on their way, or wait for a person."""
        return self.total - self.count(*SETTLED)


async def batch_report(owner: str, batch_id: str) -> BatchReport:
    """An owner's batch with its slides. Raises CallError not_found."""
    async with current().db.read() as session:
        batch = await owned_repository.batch(session, owner, batch_id)
        items = await repository.items_of(session, batch_id)
        charges = await money_repository.charges_of(session, batch_id)
        videos = await lists_repository.video_costs_of(session, batch_id)
        (report,) = await _reports(session, [batch])
    costs = {item.id: usd(charges.get(item.id, 0) + videos.get(item.id, 0)) for item in items}
    return BatchReport(batch, report.counts, report.cost_usd, items, costs)


async def batch_reports(
    owner: str, presentation_id: str, before_id: str | None, limit: int
) -> list[BatchReport]:
    """Batches of an owner's presentation, newest first, without their slides. Raises CallError not_found."""
    async with current().db.read() as session:
        await owned_repository.presentation(session, owner, presentation_id)
        rows = await lists_repository.batches_before(session, presentation_id, before_id, limit)
        return await _reports(session, rows)


async def _reports(session: AsyncSession, batches: Sequence[BatchRow]) -> list[BatchReport]:
    ids = [batch.id for batch in batches]
    counts = await lists_repository.counts_of(session, ids)
    costs = await lists_repository.costs_of(session, ids)
    return [BatchReport(batch, counts.get(batch.id, {}), usd(costs.get(batch.id, 0))) for batch in batches]


async def may_still_be_charged_usd(batch_id: str) -> float:
    """What is set aside for a batch and may still have to be paid."""
    async with current().db.read() as session:
        return usd(await lists_repository.reserved_microusd(session, batch_id))


@dataclass(frozen=True, slots=True)
class VideoReport:
    """One attempt at a slide's avatar video. `stale`: it is there, and another one would be made today."""

    video: AvatarVideoRow
    slide: SlideRow
    stale: bool


async def video_reports(
    owner: str,
    presentation_id: str,
    before_id: str | None,
    limit: int,
    *,
    slide_id: str | None = None,
    status: str | None = None,
) -> list[VideoReport]:
    """Attempts at avatar videos of an owner's presentation, newest first. Raises CallError not_found."""
    async with current().db.read() as session:
        presentation = await owned_repository.presentation(session, owner, presentation_id)
        rows = await lists_repository.videos_before(
            session, presentation_id, before_id, limit, slide_id=slide_id, status=status
        )
    return await _with_staleness(presentation, rows)


async def video_report(owner: str, video_id: str) -> VideoReport:
    """One attempt of an owner's. Raises CallError not_found."""
    async with current().db.read() as session:
        video = await owned_repository.avatar_video(session, owner, video_id)
        slide = await session.get_one(SlideRow, video.slide_id)
        presentation = await session.get_one(PresentationRow, slide.presentation_id)
    (report,) = await _with_staleness(presentation, [(video, slide)])
    return report


async def _with_staleness(
    presentation: PresentationRow, rows: Sequence[tuple[AvatarVideoRow, SlideRow]]
) -> list[VideoReport]:
    fresh = await freshness_of(presentation) if any(video.asset_key for video, _ in rows) else {}

    def is_stale(video: AvatarVideoRow) -> bool:
        of_slide = fresh.get(video.slide_id)
        return video.status == Status.COMPLETED and (of_slide is None or of_slide.is_stale(video))

    return [VideoReport(video, slide, is_stale(video)) for video, slide in rows]
