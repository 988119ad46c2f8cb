"""Progress, derived from rows each time it is asked for, never counted beside them.

How much is done, and when the rest will be: batches/forecast.py says what both mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import forecast_repository, workload
from deckcast.batches.context import current
from deckcast.batches.forecast import Forecast
from deckcast.batches.forecast_repository import Rows
from deckcast.batches.forecast_schedule import eta_when_trusted
from deckcast.batches.models import ENDED, BatchKind, BatchState, Status, Step
from deckcast.batches.money import usd
from deckcast.db.models import BatchRow, ItemRow, PresentationRow
from deckcast.kit.clock import now

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SlideProgress:
    """Where one slide is. `reused` says that what the batch makes was there before; `clip_key` and `frames` are
    there once its clip is. Times are UTC."""

    number: int
    title: str
    step: Step
    status: Status
    reused: bool
    estimated_s: float
    warnings: Sequence[dict[str, Any]]
    error: dict[str, str] | None
    clip_key: str | None
    frames: int
    speech_duration_s: float
    cost_usd: float
    made_at: datetime | None
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a batch is at a moment (`at`). `deck_cost_usd` is what was asked for all slides together; `paid_to`
    names a paid provider; `forecast` holds the work that is done and left."""

    batch_id: str
    kind: BatchKind
    state: BatchState
    slides: tuple[SlideProgress, ...]
    error: dict[str, str] | None
    warnings: Sequence[dict[str, str]]
    started_at: datetime
    deck_cost_usd: float = 0.0
    paid_to: str | None = None
    at: datetime = _EPOCH
    forecast: Forecast = field(default_factory=Forecast)

    @property
    def cost_usd(self) -> float:
        """What this batch has cost so far."""
        return round(self.deck_cost_usd + sum(slide.cost_usd for slide in self.slides), 6)

    def count(self, *statuses: Status) -> int:
        """How many slides have one of these statuses."""
        return sum(slide.status in statuses for slide in self.slides)

    @property
    def ended(self) -> bool:
        """Whether the batch is over."""
        return self.state in ENDED

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1, as batches/forecast.py defines it."""
        return 1.0 if self.ended else self.forecast.share


def eta_of(progress: Progress) -> tuple[float, float] | None:
    """Shortest and longest likely time left, in seconds from `progress.at`; None where the batch has ended, and until
    it can be trusted (`eta_when_trusted`)."""
    return None if progress.ended else eta_when_trusted(progress.forecast)


async def seq_of(presentation_id: str) -> int:
    """The number of the presentation's last event: while it stays, what happened stays."""
    async with current().db.read() as session:
        query = select(PresentationRow.seq).where(PresentationRow.id == presentation_id)
        return await session.scalar(query) or 0


async def progress_of(batch_id: str) -> Progress:
    """The batch's progress now, in a constant number of queries. Raises LookupError where there is no such batch."""
    async with current().db.read() as session:
        found = await progress_of_many(session, [batch_id])
    if not found:
        raise LookupError(batch_id)
    return found[0]


async def progress_of_many(session: AsyncSession, batch_ids: Sequence[str]) -> list[Progress]:
    """The progress of these batches now, in their order, in a constant number of queries for all of them."""
    if not batch_ids:
        return []
    rows = await forecast_repository.rows_of(session, batch_ids)
    at = now()
    forecasts = await workload.forecasts_of(session, rows, at)
    return [
        _progress(rows.batches[batch_id], rows, at, forecasts[batch_id])
        for batch_id in batch_ids
        if batch_id in rows.batches
    ]


def _progress(batch: BatchRow, rows: Rows, at: datetime, forecast: Forecast) -> Progress:
    return Progress(
        batch_id=batch.id,
        kind=BatchKind(batch.kind),
        state=BatchState(batch.state),
        slides=tuple(_slide(item, rows) for item in rows.items[batch.id]),
        error=_error(batch.error_code, batch.error_message),
        warnings=batch.warnings,
        started_at=batch.created_at,
        deck_cost_usd=usd(rows.charges.get((batch.id, None), 0)),
        paid_to=_paid_to(batch),
        at=at,
        forecast=forecast,
    )


def _paid_to(batch: BatchRow) -> str | None:
    provider = current().providers.get(batch.request.get("provider", ""))
    return provider.name if provider is not None and provider.capabilities.paid else None


def _slide(item: ItemRow, rows: Rows) -> SlideProgress:
    clip = rows.clips.get(item.clip_id or "")
    pays, microusd = rows.videos.get(item.avatar_video_id or "", (None, 0))
    cost = microusd if pays == item.batch_id else 0  # nothing where an earlier batch paid for it
    return SlideProgress(
        number=item.number,
        title=rows.titles[item.id],
        step=Step(item.step),
        status=Status(item.status),
        reused=item.reused,
        estimated_s=item.estimated_s,
        warnings=item.warnings,
        error=_error(item.error_code, item.error_message),
        clip_key=clip.asset_key if clip else None,
        frames=clip.frames if clip else 0,
        speech_duration_s=clip.speech_duration_s if clip else 0.0,
        cost_usd=usd(cost) + usd(rows.charges.get((item.batch_id, item.id), 0)),
        made_at=clip.created_at if clip else None,
        started_at=item.started_at,
    )


def _error(code: str | None, message: str | None) -> dict[str, str] | None:
    return {"code": code, "message": message or ""} if code else None
