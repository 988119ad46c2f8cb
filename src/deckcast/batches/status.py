"""Where everything of a presentation is: one snapshot, and the present state of what an event has touched.

Whatever is read together is of one moment, so that `seq` and content agree, and takes a constant number of queries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import status_repository as repository
from deckcast.batches import turns
from deckcast.batches.context import current
from deckcast.batches.models import ENDED, BatchKind, Status
from deckcast.batches.money import usd
from deckcast.batches.progress import Progress, eta_of, progress_of_many
from deckcast.db.models import BatchRow, EventRow, ItemRow, PresentationRow
from deckcast.kit.errors import CallError

BATCHES = 50  # of a snapshot, unless more are open
EVENTS = 500  # who is further behind gets a snapshot
IDLE = "idle"  # the status of a slide of which nothing was ever made

_MADE = (Status.COMPLETED, Status.SKIPPED)
_OF_SLIDES = frozenset({"slide.changed", "narrative.changed"})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something failed. `retryable`: whether trying again can help, where that is known."""

    code: str
    message: str
    retryable: bool | None = None


@dataclass(frozen=True, slots=True)
class PresentationPart:
    """The presentation itself. `state` is batches.models.ImportState; `import_step` what an import is at."""

    id: str
    title: str
    state: str
    import_step: str
    error: Reason | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BatchPart:
    """A batch. `total` is the sum of the five counts after it; `skipped` were fresh. `draining` are the slides of a
    cancelled batch that are brought to an end, because they are paid. `share` is how much of the work is done, 0..1;
    `eta_s` the shortest and longest likely time left, None until it can be trusted."""

    id: str
    kind: str
    label: str
    state: str
    total: int
    completed: int
    failed: int
    skipped: int
    cancelled: int
    in_progress: int
    draining: int
    share: float
    eta_s: tuple[float, float] | None
    cost_usd: float
    created_at: datetime
    ended_at: datetime | None
    cancelled_at: datetime | None
    error: Reason | None
    warnings: Sequence[Any]


@dataclass(frozen=True, slots=True)
class SlidePart:
    """A slide of the deck. Step, status and what follows are those of its item in the newest batch that it was in:
    None and IDLE where there was none. `included`: whether it belongs to the film. `queue_position` is its place among
    all that wait for the same, 1 being the next; None where it does not wait."""

    id: str
    number: int
    position: int
    title: str
    included: bool
    step: str | None = None
    status: str = IDLE
    batch_id: str | None = None
    avatar_video_id: str | None = None
    reused: bool = False
    error: Reason | None = None
    warnings: Sequence[Any] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    estimated_s: float = 0.0
    cost_usd: float = 0.0
    queue_position: int | None = None


@dataclass(frozen=True, slots=True)
class PresentationStatus:
    """Everything, as it was when the presentation's last event had the number `seq`."""

    seq: int
    presentation: PresentationPart
    batches: tuple[BatchPart, ...]
    slides: tuple[SlidePart, ...]

    @property
    def is_moving(self) -> bool:
        """Whether a batch is open: its share and the time left move with the clock."""
        return any(batch.state not in ENDED for batch in self.batches)


@dataclass(frozen=True, slots=True)
class Told:
    """An event."""

    seq: int
    kind: str
    batch_id: str | None
    slide_id: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """The events `since` to `seq`, and what they touched as it is now. `whole`: these are all slides of the deck and
    all batches of a snapshot."""

    since: int
    seq: int
    events: tuple[Told, ...]
    whole: bool
    presentation: PresentationPart | None
    batches: tuple[BatchPart, ...]
    slides: tuple[SlidePart, ...]


async def status_of(presentation_id: str) -> PresentationStatus:
    """The snapshot. Raises CallError not_found."""
    async with current().db.read() as session:
        await repository.hold_still(session)
        return await _status(session, await _presentation_row(session, presentation_id))


async def change_since(
    presentation_id: str, since: int, upto: int | None = None
) -> Change | PresentationStatus | None:
    """What happened after the event `since`, or until `upto`; None: nothing. Where the events in between are not all
    kept, or are too many, the snapshot stands for them. Raises CallError not_found."""
    async with current().db.read() as session:
        await repository.hold_still(session)
        row = await _presentation_row(session, presentation_id)
        last = row.seq if upto is None else upto
        if since == last:
            return None
        if not 0 <= last - since <= EVENTS:
            return await _status(session, row)
        events = await repository.events_between(session, presentation_id, since, last)
        if len(events) != last - since:
            return await _status(session, row)
        return await _change(session, row, events)


async def running_batches(presentation_id: str) -> tuple[BatchPart, ...]:
    """The open batches as they are now: their shares and times left move with the clock."""
    async with current().db.read() as session:
        await repository.hold_still(session)
        return await _batches(session, await repository.batches_of(session, presentation_id, 0))


async def version_of(presentation_id: str) -> tuple[int, bool]:
    """The number of the last event, and whether a batch is open. Raises CallError not_found."""
    async with current().db.read() as session:
        await repository.hold_still(session)
        row = await _presentation_row(session, presentation_id)
        return row.seq, await repository.has_open_batch(session, presentation_id)


async def _presentation_row(session: AsyncSession, presentation_id: str) -> PresentationRow:
    row = await repository.presentation_with(session, presentation_id)
    if row is None:
        raise CallError("not_found", "There is no such presentation.")
    return row


async def _status(session: AsyncSession, row: PresentationRow) -> PresentationStatus:
    batches = await repository.batches_of(session, row.id, BATCHES)
    return PresentationStatus(
        seq=row.seq,
        presentation=_presentation(row),
        batches=await _batches(session, batches),
        slides=await _slides(session, row.id),
    )


async def _change(session: AsyncSession, row: PresentationRow, events: Sequence[EventRow]) -> Change:
    told = tuple(_told(event) for event in events)
    if all(event.kind in _OF_SLIDES for event in told):
        batches = await repository.batches_with(
            session, row.id, {event.batch_id for event in told if event.batch_id is not None}
        )
        slides = await _slides(
            session, row.id, {event.slide_id for event in told if event.slide_id is not None}
        )
        return Change(told[0].seq, told[-1].seq, told, False, None, await _batches(session, batches), slides)
    status = await _status(session, row)
    return Change(told[0].seq, told[-1].seq, told, True, status.presentation, status.batches, status.slides)


def _told(event: EventRow) -> Told:
    return Told(event.seq, event.kind, event.payload.get("batch_id"), event.payload.get("slide_id"))


def _presentation(row: PresentationRow) -> PresentationPart:
    return PresentationPart(
        id=row.id,
        title=row.title,
        state=row.state,
        import_step=row.import_step,
        error=_reason(row.error_code, row.error_message),
        updated_at=row.updated_at,
    )


async def _batches(session: AsyncSession, rows: Sequence[BatchRow]) -> tuple[BatchPart, ...]:
    if not rows:
        return ()
    ids = [row.id for row in rows]
    counts = await repository.counts_of(session, ids)
    costs = await repository.costs_of(session, ids)
    still_open = [row.id for row in rows if row.state not in ENDED]
    progress = {each.batch_id: each for each in await progress_of_many(session, still_open)}
    return tuple(
        _batch(row, [each for each in counts if each.batch_id == row.id], progress.get(row.id), costs[row.id])
        for row in rows
    )


def _batch(
    row: BatchRow, counts: Sequence[repository.Count], progress: Progress | None, cost_microusd: int
) -> BatchPart:
    ended: Counter[str] = Counter()
    for each in counts:
        ended[each.status] += each.items if each.ended else 0
    total = sum(each.items for each in counts)
    completed, skipped = ended[Status.COMPLETED], ended[Status.SKIPPED]
    cancelled, failed = ended[Status.CANCELLED], ended.total() - completed - skipped - ended[Status.CANCELLED]
    in_progress = total - ended.total()
    return BatchPart(
        id=row.id,
        kind=row.kind,
        label=BatchKind(row.kind).label,
        state=row.state,
        total=total,
        completed=completed,
        failed=failed,
        skipped=skipped,
        cancelled=cancelled,
        in_progress=in_progress,
        draining=in_progress if row.cancelled_at is not None else 0,
        share=round(progress.share if progress is not None else _made_share(counts), 4),
        eta_s=_eta(progress),
        cost_usd=usd(cost_microusd),
        created_at=row.created_at,
        ended_at=row.ended_at,
        cancelled_at=row.cancelled_at,
        error=_reason(row.error_code, row.error_message),
        warnings=row.warnings,
    )


def _made_share(counts: Sequence[repository.Count]) -> float:
    """How much of an ended batch was made, by the length of its slides."""
    whole = sum(each.seconds for each in counts)
    return sum(each.seconds for each in counts if each.status in _MADE) / whole if whole else 1.0


def _eta(progress: Progress | None) -> tuple[float, float] | None:
    eta = eta_of(progress) if progress is not None else None
    return (round(eta[0], 1), round(eta[1], 1)) if eta is not None else None


async def _slides(
    session: AsyncSession, presentation_id: str, only: Collection[str] | None = None
) -> tuple[SlidePart, ...]:
    items = await repository.newest_items(session, presentation_id, only)
    costs = await repository.item_costs(session, items.values())
    waiting = await turns.places_of(session, items.values())
    return tuple(
        _slide(place, item, usd(costs[item.id]), waiting.get(item.id))
        if (item := items.get(place.id)) is not None
        else _untouched(place)
        for place in await repository.slides_of(session, presentation_id, only)
    )


def _untouched(place: repository.Place) -> SlidePart:
    return SlidePart(place.id, place.number, place.position, place.title, place.is_included)


def _slide(place: repository.Place, item: ItemRow, cost_usd: float, queue_position: int | None) -> SlidePart:
    return SlidePart(
        id=place.id,
        number=place.number,
        position=place.position,
        title=place.title,
        included=place.is_included,
        step=item.step,
        status=item.status,
        batch_id=item.batch_id,
        avatar_video_id=item.avatar_video_id,
        reused=item.reused,
        error=_reason(item.error_code, item.error_message, item.retryable),
        warnings=item.warnings,
        started_at=item.started_at,
        ended_at=item.ended_at,
        estimated_s=round(item.estimated_s, 2),
        cost_usd=cost_usd,
        queue_position=queue_position,
    )


def _reason(code: str | None, message: str | None, retryable: bool | None = None) -> Reason | None:
    return Reason(code, message or "", retryable) if code is not None else None
