"""The files of slides and avatar videos, at addresses that stay."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from deckcast.api.caller import Caller
from deckcast.api.files import Download, file_answer, gives
from deckcast.api.inputs import AvatarVideoId, SlideId
from deckcast.batches import media

router = APIRouter(prefix="/api", tags=["media"])


@router.get("/slides/{slide_id}/image", operation_id="getSlideImage", **gives("image/png", "image/jpeg"))
@router.head("/slides/{slide_id}/image", include_in_schema=False)
async def slide_image(
    slide_id: SlideId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """A slide's picture, 1920 × 1080."""
    return await file_answer(request, await media.slide_image(caller.owner, slide_id), download=download)


@router.get("/slides/{slide_id}/audio", operation_id="getSlideAudio", **gives("audio/wav"))
@router.head("/slides/{slide_id}/audio", include_in_schema=False)
async def slide_audio(
    slide_id: SlideId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """A slide's speech."""
    return await file_answer(request, await media.slide_audio(caller.owner, slide_id), download=download)


@router.get("/slides/{slide_id}/clip", operation_id="getSlideClip", **gives("video/mp4"))
@router.head("/slides/{slide_id}/clip", include_in_schema=False)
async def slide_clip(
    slide_id: SlideId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """A slide's part of the film: its picture, its presenter and its speech."""
    return await file_answer(request, await media.slide_clip(caller.owner, slide_id), download=download)


@router.get(
    "/avatar-videos/{avatar_video_id}/media",
    operation_id="getAvatarVideoMedia",
    **gives("video/mp4", "video/webm"),
)
@router.head("/avatar-videos/{avatar_video_id}/media", include_in_schema=False)
async def avatar_video_media(
    avatar_video_id: AvatarVideoId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """An avatar video, as the provider made it."""
    return await file_answer(
        request, await media.avatar_video(caller.owner, avatar_video_id), download=download
    )
