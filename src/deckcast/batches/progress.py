"""Progress, derived from rows each time it is asked for, never counted beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import status_repository
from deckcast.batches.context import current
from deckcast.batches.models import ENDED, BatchKind, BatchState, Status, Step
from deckcast.batches.money import usd
from deckcast.db.models import BatchRow, ItemRow, PresentationRow, SlideClipRow

# What share of a slide's work is behind it when a step begins (measured, see bench/).
_BEHIND = {
    Step.WAITING: 0.0,
    Step.ANALYSIS: 0.0,
    Step.NARRATIVE: 0.0,
    Step.SPEECH: 0.0,
    Step.AVATAR_VIDEO: 0.05,
    Step.CLIP: 0.3,
    Step.DONE: 1.0,
}
_BEHIND_REMOTE = {**_BEHIND, Step.AVATAR_VIDEO: 0.02, Step.CLIP: 0.95}  # a paid provider takes minutes
_BEHIND_WORDS = {**_BEHIND, Step.NARRATIVE: 0.4}  # where words are all that is made
_TRUSTED_SHARE = 0.1


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
    """Where a batch is. `deck_cost_usd` is what was asked for all slides together; `share` is 0..1, weighted by
    seconds of film; `paid_to` names a paid provider."""

    batch_id: str
    kind: BatchKind
    state: BatchState
    slides: tuple[SlideProgress, ...]
    error: dict[str, str] | None
    warnings: Sequence[dict[str, str]]
    started_at: datetime
    deck_cost_usd: float = 0.0
    paid_to: str | None = None

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
        """How much of the work is done, 0..1."""
        whole = sum(slide.estimated_s for slide in self.slides)
        done = sum(slide.estimated_s * self._behind(slide) for slide in self.slides)
        return done / whole if whole else 1.0

    def _behind(self, slide: SlideProgress) -> float:
        if not self.kind.goes_to(Step.SPEECH):
            ended = slide.status is Status.COMPLETED and slide.step is self.kind.last_step
            return 1.0 if ended else _BEHIND_WORDS[slide.step]
        return (_BEHIND_REMOTE if self.paid_to else _BEHIND)[slide.step]

    def eta_s(self, elapsed_s: float, share_at_start: float) -> tuple[float, float] | None:
        """Shortest and longest likely time left, from this run's own pace; None until it can be trusted."""
        gained = self.share - share_at_start
        if gained < _TRUSTED_SHARE:
            return None
        left_s = elapsed_s * (1 - self.share) / gained
        return left_s * 0.8, left_s * 1.3


async def seq_of(presentation_id: str) -> int:
    """The number of the presentation's last event: while it stays, progress stays."""
    async with current().db.read() as session:
        query = select(PresentationRow.seq).where(PresentationRow.id == presentation_id)
        return await session.scalar(query) or 0


async def progress_of(batch_id: str) -> Progress:
    """The batch's progress now, in a constant number of queries."""
    async with current().db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        return (await read_progress(session, [batch]))[0]


async def read_progress(session: AsyncSession, batches: Sequence[BatchRow]) -> list[Progress]:
    """The progress of each of these batches, in a constant number of queries."""
    ids = [batch.id for batch in batches]
    items = await status_repository.items_of(session, ids)
    titles = await status_repository.titles_of(session, ids)
    clips = await status_repository.clips_of(session, ids)
    costs = await costs_of(session, ids)
    return [
        _progress(
            batch,
            [
                _slide(item, titles[item.slide_id], clips.get(item.clip_id or ""), costs.of(item))
                for item in items
                if item.batch_id == batch.id
            ],
            costs.of_deck(batch.id),
        )
        for batch in batches
    ]


def _progress(batch: BatchRow, slides: Sequence[SlideProgress], deck_cost_usd: float) -> Progress:
    return Progress(
        batch_id=batch.id,
        kind=BatchKind(batch.kind),
        state=BatchState(batch.state),
        slides=tuple(slides),
        error=_error(batch.error_code, batch.error_message),
        warnings=batch.warnings,
        started_at=batch.created_at,
        deck_cost_usd=deck_cost_usd,
        paid_to=_paid_to(batch),
    )


@dataclass(frozen=True, slots=True)
class Costs:
    """What some batches have cost so far, in millionths of a dollar: `charges` by batch and item (None: for all
    slides together), `videos` by the batch that ordered them and their id."""

    charges: Mapping[tuple[str, str | None], int]
    videos: Mapping[tuple[str, str], int]

    def of(self, item: ItemRow) -> float:
        """What a slide has cost its batch, in dollars: its video costs nothing where an earlier batch paid for it."""
        charged = self.charges.get((item.batch_id, item.id), 0)
        return usd(charged + self.videos.get((item.batch_id, item.avatar_video_id or ""), 0))

    def of_deck(self, batch_id: str) -> float:
        """What was asked for all slides of a batch together has cost, in dollars."""
        return usd(self.charges.get((batch_id, None), 0))


async def costs_of(session: AsyncSession, batch_ids: Collection[str]) -> Costs:
    """What some batches have cost so far, in two queries."""
    return Costs(
        await status_repository.item_costs(session, batch_ids),
        await status_repository.video_costs(session, batch_ids),
    )


def _paid_to(batch: BatchRow) -> str | None:
    provider = current().providers.get(batch.request["provider"])
    return provider.name if provider is not None and provider.capabilities.paid else None


def _slide(item: ItemRow, title: str, clip: SlideClipRow | None, cost_usd: float) -> SlideProgress:
    return SlideProgress(
        number=item.number,
        title=title,
        step=Step(item.step),
        status=Status(item.status),
        reused=item.reused,
        estimated_s=item.estimated_s,
        warnings=item.warnings,
        error=_error(item.error_code, item.error_message),
        clip_key=clip.asset_key if clip else None,
        frames=clip.frames if clip else 0,
        speech_duration_s=clip.speech_duration_s if clip else 0.0,
        cost_usd=cost_usd,
        made_at=clip.created_at if clip else None,
        started_at=item.started_at,
    )


def _error(code: str | None, message: str | None) -> dict[str, str] | None:
    return {"code": code, "message": message or ""} if code else None
