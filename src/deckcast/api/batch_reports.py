"""JSON bodies of what became of a batch and of its slides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from deckcast.api.presentation_shapes import Notice
from deckcast.api.shapes import Shape
from deckcast.batches.models import BatchKind, BatchState, MakeRequest, Status, Step
from deckcast.batches.reports import BatchReport
from deckcast.db.models import ItemRow
from deckcast.narration.models import Approach, Style
from deckcast.videos.models import Corner, Layout, Size
from deckcast.videos.models import Shape as Outline


class Failure(Shape):
    """Why something did not come out. `code` is one of docs/errors.md; `message` says what to do, too."""

    code: str
    message: str
    retryable: bool

    @classmethod
    def of(cls, code: str | None, message: str | None, retryable: bool) -> Failure | None:
        """The failure in a row, if there is one."""
        return cls(code=code, message=message or "", retryable=retryable) if code else None


def notices(rows: Sequence[Mapping[str, Any]]) -> tuple[Notice, ...]:
    """The warnings of a row."""
    return tuple(Notice(code=str(each["code"]), message=str(each["message"])) for each in rows)


class Requested(Shape):
    """What a batch was asked for, with what Deckcast chose. `background` is "#RRGGBB", "transparent" or "picture"."""

    provider: str | None
    avatar_id: str | None
    voice_id: str | None
    language: str | None
    approach: Approach
    style: Style
    background: str | None
    layout: Layout | None
    corner: Corner | None
    shape: Outline | None
    size: Size | None
    ai_mark: bool
    slide_numbers: tuple[int, ...] | None = Field(description="Null: all that are shown.")
    regenerate_existing: bool
    overwrite_edits: bool
    max_cost_usd: float | None

    @classmethod
    def of(cls, kind: BatchKind, request: MakeRequest) -> Requested:
        """A stored request."""
        background = request.background
        is_picture = bool(background) and not background.startswith("#") and background != "transparent"
        return cls(
            provider=request.provider or None,
            avatar_id=request.avatar or None,
            voice_id=request.voice,
            language=request.language,
            approach=Approach(request.approach),
            style=Style(request.style),
            background="picture" if is_picture else background or None,
            layout=Layout(request.layout) if kind.draws else None,
            corner=Corner(request.corner) if request.corner else None,
            shape=Outline(request.shape) if kind.draws else None,
            size=Size(request.size) if request.size else None,
            ai_mark=request.ai_mark,
            slide_numbers=request.slides,
            regenerate_existing=bool(request.nonce or request.regenerate),
            overwrite_edits=request.overwrite_edits,
            max_cost_usd=request.max_cost_usd,
        )


class Batch(Shape):
    """A batch: total = completed + failed + skipped + cancelled + inProgress."""

    id: str
    presentation_id: str
    kind: BatchKind
    label: str
    state: BatchState
    total: int
    completed: int
    failed: int
    skipped: int
    cancelled: int
    in_progress: int
    cost_usd: float
    error: Failure | None
    warnings: tuple[Notice, ...]
    request: Requested
    created_at: datetime
    cancelled_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, report: BatchReport) -> Batch:
        """A batch as it stands."""
        return cls(**_fields(report))


class BatchSlide(Shape):
    """One slide's way through a batch. `reused`: what the batch makes was there before."""

    slide_id: str
    slide_number: int
    step: Step
    status: Status
    reused: bool
    avatar_video_id: str | None
    error: Failure | None
    warnings: tuple[Notice, ...]
    cost_usd: float
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, item: ItemRow, cost_usd: float) -> BatchSlide:
        """A slide as it stands."""
        return cls(
            slide_id=item.slide_id,
            slide_number=item.number,
            step=Step(item.step),
            status=Status(item.status),
            reused=item.reused,
            avatar_video_id=item.avatar_video_id,
            error=Failure.of(item.error_code, item.error_message, item.retryable),
            warnings=notices(item.warnings),
            cost_usd=cost_usd,
            started_at=item.started_at,
            ended_at=item.ended_at,
        )


class BatchDetail(Batch):
    """A batch with its slides, in the order of the film."""

    items: tuple[BatchSlide, ...]

    @classmethod
    def of(cls, report: BatchReport) -> BatchDetail:
        """A batch as it stands."""
        costs = report.item_costs_usd or {}
        items = tuple(BatchSlide.of(item, costs.get(item.id, 0.0)) for item in report.items)
        return cls(**_fields(report), items=items)


class Cancelled(Shape):
    """What is left of a batch that was cancelled."""

    draining: int = Field(description="Avatar videos that run at a provider and are brought to their end.")
    may_still_be_charged_usd: float


def _fields(report: BatchReport) -> dict[str, Any]:
    row, kind = report.batch, BatchKind(report.batch.kind)
    return {
        "id": row.id,
        "presentation_id": row.presentation_id,
        "kind": kind,
        "label": kind.label,
        "state": BatchState(row.state),
        "total": report.total,
        "completed": report.count(Status.COMPLETED),
        "failed": report.count(Status.FAILED, Status.TIMED_OUT),
        "skipped": report.count(Status.SKIPPED),
        "cancelled": report.count(Status.CANCELLED),
        "in_progress": report.in_progress,
        "cost_usd": report.cost_usd,
        "error": Failure.of(row.error_code, row.error_message, True),
        "warnings": notices(row.warnings),
        "request": Requested.of(kind, MakeRequest.from_json(row.request)),
        "created_at": row.created_at,
        "cancelled_at": row.cancelled_at,
        "ended_at": row.ended_at,
    }
