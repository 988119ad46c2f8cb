"""Where everything of a presentation is, in one answer: for who polls, and for who looks once."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Response
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from deckcast.api.caller import Caller
from deckcast.api.inputs import PresentationId
from deckcast.api.parts import Parts
from deckcast.api.presentation_shapes import Notice
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches import owned_repository, status
from deckcast.batches.models import BatchKind, BatchState, ImportState, Status, Step

MOVES_EVERY_S = 5  # while a batch is open, its share and the time left move with the clock

router = APIRouter(tags=["status"])


class Part(Shape):
    """What is read from a value of the same form."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, from_attributes=True
    )


class FailureReason(Part):
    """Why something failed: `code` never changes its meaning, `message` is for a person. `retryable`: whether trying
    again can help, null where that is not known."""

    code: str
    message: str
    retryable: bool | None


class PresentationState(Part):
    """The presentation itself; `importStep` says what an import is at."""

    id: str
    title: str
    state: ImportState
    import_step: str
    error: FailureReason | None
    updated_at: datetime


class BatchStatus(Part):
    """A batch. `total` = `completed` + `failed` + `skipped` (fresh already) + `cancelled` + `inProgress`; `draining`
    slides of a cancelled batch are brought to an end, because they are paid. `share` of the work is done (0 to 1);
    `etaS` is the shortest and longest likely time left in seconds, null until it can be trusted."""

    id: str
    kind: BatchKind
    label: str
    state: BatchState
    total: int
    completed: int
    failed: int
    skipped: int
    cancelled: int
    in_progress: int
    draining: int
    share: float = Field(ge=0, le=1)
    eta_s: tuple[float, float] | None
    cost_usd: float
    created_at: datetime
    ended_at: datetime | None
    cancelled_at: datetime | None
    error: FailureReason | None
    warnings: tuple[Notice, ...]


class SlideStatus(Part):
    """A slide of the deck. `step`, `status` and what follows say where it is in the newest batch that it was in: null
    and `idle` where there was none. `reused`: what the batch makes was there before. `queuePosition` is the slide's
    place among all slides, of whomever, that wait for the same; 1 is next, null where it does not wait."""

    id: str
    number: int
    position: int
    title: str
    included: bool
    step: Step | None
    status: Status | Literal["idle"]
    batch_id: str | None
    avatar_video_id: str | None
    reused: bool
    error: FailureReason | None
    warnings: tuple[Notice, ...]
    started_at: datetime | None
    ended_at: datetime | None
    estimated_s: float
    cost_usd: float
    queue_position: int | None


class StatusSnapshot(Part):
    """Everything, as it was when the presentation's last event had the number `seq`."""

    seq: int
    presentation: PresentationState
    batches: tuple[BatchStatus, ...]
    slides: tuple[SlideStatus, ...]


@router.get(
    "/api/presentations/{presentation_id}/status",
    operation_id="getPresentationStatus",
    response_model=StatusSnapshot,
    responses={304: {"description": "Nothing has changed"}, **problems(401, 404, 422, 503)},
)
async def presentation_status(
    presentation_id: PresentationId,
    caller: Caller,
    parts: Parts,
    if_none_match: Annotated[str | None, Header(max_length=400)] = None,
) -> Response:
    """Where every slide and batch of a presentation is: all open batches and the newest that have ended.

    Who polls sends the `ETag` of the last answer as `If-None-Match`: 304 says that nothing has changed. The WebSocket
    `/api/presentations/{presentation_id}/events?since=seq` tells the same as it happens.
    """
    async with parts.db.read() as session:
        await owned_repository.presentation(session, caller.owner, presentation_id)
    tag = _tag(*await status.version_of(presentation_id))
    if if_none_match is not None and tag in (each.strip() for each in if_none_match.split(",")):
        return Response(status_code=304, headers=_headers(tag))
    found = await status.status_of(presentation_id)
    content = StatusSnapshot.model_validate(found).model_dump_json(by_alias=True)
    return Response(
        content, headers=_headers(_tag(found.seq, found.is_moving)), media_type="application/json"
    )


def _tag(seq: int, is_moving: bool) -> str:
    moment = f"-{int(time.time()) // MOVES_EVERY_S}" if is_moving else ""
    return f'W/"{seq}{moment}"'


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"}
