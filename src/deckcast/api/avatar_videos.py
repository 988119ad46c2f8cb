"""Every attempt at an avatar video: listed, looked at, and settled by a person where nobody else can."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field, StrictBool, model_validator

from deckcast.api.batch_reports import Failure
from deckcast.api.caller import Caller
from deckcast.api.idempotency import ONCE, OnceRoute
from deckcast.api.inputs import ID, AvatarVideoId, Body, Name, PresentationId
from deckcast.api.paging import Cursor, Limit, Page
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches import reports, resolving
from deckcast.batches.models import Status
from deckcast.batches.money import usd
from deckcast.batches.reports import VideoReport

router = APIRouter(prefix="/api", route_class=OnceRoute, tags=["avatar videos"])


class AvatarVideo(Shape):
    """One attempt at a slide's avatar video. `video_url` answers with a short-lived link, once it is completed;
    `stale`: another one would be made today."""

    id: str
    slide_id: str
    slide_number: int
    batch_id: str | None
    status: Status
    provider: str
    provider_video_id: str | None
    provider_metadata: dict[str, Any]
    duration_s: float | None
    cost_usd: float
    error: Failure | None
    video_url: str | None
    stale: bool
    created_at: datetime

    @classmethod
    def of(cls, report: VideoReport) -> AvatarVideo:
        """An attempt as it stands."""
        row = report.video
        there = row.status == Status.COMPLETED and row.asset_key is not None
        return cls(
            id=row.id,
            slide_id=row.slide_id,
            slide_number=report.slide.number,
            batch_id=row.batch_id,
            status=Status(row.status),
            provider=row.provider,
            provider_video_id=row.provider_video_id,
            provider_metadata=row.provider_metadata,
            duration_s=row.duration_s,
            cost_usd=usd(row.cost_microusd),
            error=Failure.of(row.error_code, row.error_message, row.retryable),
            video_url=f"/api/avatar-videos/{row.id}/media" if there else None,
            stale=report.stale,
            created_at=row.created_at,
        )


ONE_OF_BOTH: dict[str, Any] = {
    "oneOf": [
        {"required": ["jobId"], "properties": {"jobId": {"type": "string"}, "notMade": {"const": False}}},
        {"required": ["notMade"], "properties": {"jobId": {"type": "null"}, "notMade": {"const": True}}},
    ]
}


class Resolution(Body):
    """What became of a call whose answer was lost: it is the provider's job `job_id`, or nothing was made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=ONE_OF_BOTH)

    job_id: Name | None = None
    not_made: StrictBool = Field(False, description="True: the provider has no such job.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Resolution:
        if (self.job_id is not None) == self.not_made:
            raise ValueError("give either jobId, or notMade: true")
        return self


@router.get(
    "/presentations/{presentation_id}/avatar-videos",
    operation_id="listAvatarVideos",
    responses=problems(401, 404, 422, 503),
)
async def list_avatar_videos(
    presentation_id: PresentationId,
    caller: Caller,
    slide_id: Annotated[str | None, Query(alias="slideId", pattern=ID)] = None,
    status: Status | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AvatarVideo]:
    """Every attempt at avatar videos of a presentation, newest first."""
    found = await reports.video_reports(
        caller.owner, presentation_id, cursor, limit + 1, slide_id=slide_id, status=status
    )
    items = tuple(AvatarVideo.of(each) for each in found[:limit])
    return Page(items=items, next_cursor=items[-1].id if len(found) > limit else None)


@router.get(
    "/avatar-videos/{avatar_video_id}", operation_id="getAvatarVideo", responses=problems(401, 404, 422, 503)
)
async def get_avatar_video(avatar_video_id: AvatarVideoId, caller: Caller) -> AvatarVideo:
    """One attempt at an avatar video."""
    return AvatarVideo.of(await reports.video_report(caller.owner, avatar_video_id))


@router.post(
    "/avatar-videos/{avatar_video_id}/resolve",
    operation_id="resolveAvatarVideo",
    dependencies=ONCE,
    responses=problems(401, 403, 404, 408, 409, 413, 422, 502, 503),
)
async def resolve_avatar_video(
    avatar_video_id: AvatarVideoId, body: Resolution, caller: Caller
) -> AvatarVideo:
    """Say what became of a paid call whose answer was lost, and which the provider cannot account for. The next batch
    goes on from there: with this job, or with a new order."""
    await resolving.resolve(caller.owner, avatar_video_id, body.job_id)
    return AvatarVideo.of(await reports.video_report(caller.owner, avatar_video_id))
