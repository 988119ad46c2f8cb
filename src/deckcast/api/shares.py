"""Shares: links that open a film for whoever has them, and what they open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from deckcast.api import page
from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller
from deckcast.api.files import Download, file_answer, gives
from deckcast.api.inputs import NUMBER, Body, PresentationId, Secret, ShareId
from deckcast.api.parts import Parts
from deckcast.api.presentation_shapes import CaptionsShape
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches import media, shares
from deckcast.batches.film_of import film_of

router = APIRouter(prefix="/api", route_class=BoundedRoute, tags=["shares"])


class NewShare(Body):
    """How long a share is to open the film: a minute to 30 days, in seconds."""

    expires_in_s: Annotated[int, Field(ge=60, le=shares.LONGEST_S), NUMBER] = 7 * 24 * 3600


class ShareShape(Shape):
    """A share. Its address is shown once, when it is made."""

    id: str
    created_at: datetime
    expires_at: datetime


class MadeShare(ShareShape):
    """A new share with its addresses, which nobody can read again: `url` for people, where the page is served, else as
    `api_url`; `api_url` for programs; `media_url` is the film itself."""

    url: str
    api_url: str
    media_url: str


class Shares(Shape):
    """The shares of a presentation that still open it, newest first."""

    items: tuple[ShareShape, ...]
    next_cursor: str | None = None


class SharedFilm(Shape):
    """What a share opens."""

    title: str
    duration_s: float
    video_url: str
    poster_url: str
    captions: CaptionsShape


@router.post(
    "/presentations/{presentation_id}/shares",
    operation_id="createShare",
    status_code=201,
    responses=problems(401, 404, 409, 422),
)
async def create_share(
    presentation_id: PresentationId, body: NewShare, request: Request, caller: Caller, parts: Parts
) -> MadeShare:
    """Make a link that opens the presentation's film, always the newest, for a while and for whoever has it."""
    row, secret = await shares.share(caller.owner, presentation_id, body.expires_in_s)
    base = (parts.settings.public_url or str(request.base_url)).rstrip("/")
    at = f"{base}/api/shared/{secret}"
    return MadeShare(
        id=row.id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        url=f"{base}/shared/{secret}" if page.is_served(request.app) else at,
        api_url=at,
        media_url=f"{at}/media",
    )


@router.get(
    "/presentations/{presentation_id}/shares",
    operation_id="listShares",
    responses=problems(401, 404, 422),
)
async def list_shares(presentation_id: PresentationId, caller: Caller) -> Shares:
    """The links that still open this presentation's film."""
    rows = await shares.shares_of(caller.owner, presentation_id)
    return Shares(
        items=tuple(
            ShareShape(id=row.id, created_at=row.created_at, expires_at=row.expires_at) for row in rows
        )
    )


@router.delete(
    "/presentations/{presentation_id}/shares/{share_id}",
    operation_id="deleteShare",
    status_code=204,
    responses=problems(401, 404, 422),
)
async def delete_share(presentation_id: PresentationId, share_id: ShareId, caller: Caller) -> None:
    """Have a link open nothing any more, at once."""
    await shares.remove_share(caller.owner, presentation_id, share_id)


@router.get("/shared/{secret}", operation_id="getShared", responses=problems(404, 422))
async def get_shared(secret: Secret) -> SharedFilm:
    """What a share opens. No login is asked for: the secret is enough."""
    row, at = await shares.shared(secret), f"/api/shared/{secret}"
    film = await film_of(row)
    if film is None:
        raise media.not_made("film")
    return SharedFilm(
        title=row.title,
        duration_s=film.duration_s,
        video_url=f"{at}/media",
        poster_url=f"{at}/poster",
        captions=CaptionsShape(
            language=film.language, vtt_url=f"{at}/captions.vtt", srt_url=f"{at}/captions.srt"
        ),
    )


@router.get("/shared/{secret}/media", operation_id="getSharedMedia", **gives("video/mp4", asks_login=False))
@router.head("/shared/{secret}/media", include_in_schema=False)
async def shared_media(secret: Secret, request: Request, download: Download = False) -> Response:
    """The film that a share opens."""
    file = await media.film_file_of(await shares.shared(secret), "film")
    return await file_answer(request, file, download=download)


@router.get(
    "/shared/{secret}/poster", operation_id="getSharedPoster", **gives("image/jpeg", asks_login=False)
)
@router.head("/shared/{secret}/poster", include_in_schema=False)
async def shared_poster(secret: Secret, request: Request) -> Response:
    """A picture of the film that a share opens."""
    return await file_answer(request, await media.film_file_of(await shares.shared(secret), "poster"))


@router.get(
    "/shared/{secret}/captions.vtt",
    operation_id="getSharedCaptionsVtt",
    **gives("text/vtt", asks_login=False),
)
@router.head("/shared/{secret}/captions.vtt", include_in_schema=False)
async def shared_vtt(secret: Secret, request: Request) -> Response:
    """The captions, as WebVTT, of the film that a share opens."""
    file = await media.film_file_of(await shares.shared(secret), "vtt")
    return await file_answer(request, file, direct=True)


@router.get(
    "/shared/{secret}/captions.srt",
    operation_id="getSharedCaptionsSrt",
    **gives("application/x-subrip", asks_login=False),
)
@router.head("/shared/{secret}/captions.srt", include_in_schema=False)
async def shared_srt(secret: Secret, request: Request) -> Response:
    """The captions, as SubRip, of the film that a share opens."""
    file = await media.film_file_of(await shares.shared(secret), "srt")
    return await file_answer(request, file, direct=True)
