"""What a slide would look like in the film, before anything is made."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from deckcast.api.batch_shapes import Color
from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller
from deckcast.api.catalogue import Lists
from deckcast.api.inputs import Body, Name, SlideId
from deckcast.api.problems import problems
from deckcast.api.rates import LookRate
from deckcast.batches.previews import Previews
from deckcast.batches.requests import Asked
from deckcast.videos.models import Corner, Layout, Size
from deckcast.videos.models import Shape as Outline

router = APIRouter(prefix="/api", route_class=BoundedRoute, tags=["slides"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}},
    304: {"description": "The picture is the one that is known already."},
}


class Looks(Body):
    """How slide and presenter are to look. What is left out is as it was chosen for the presentation."""

    layout: Layout | None = None
    corner: Corner | Literal["auto"] | None = None
    size: Size | Literal["auto"] | None = None
    shape: Outline | None = None
    provider: Name | None = None
    avatar: Name | None = None
    background: Color | None = None
    ai_mark: bool | None = None


def previews(request: Request, lists: Lists) -> Previews:
    """The pictures of this process."""
    state = request.app.state
    if not hasattr(state, "previews"):
        state.previews = Previews(lists)
    return cast(Previews, state.previews)


@router.get(
    "/slides/{slide_id}/preview",
    operation_id="getSlidePreview",
    response_class=Response,
    responses={**ANSWERS, **problems(401, 404, 422, 429, 502, 503)},
    dependencies=[LookRate],
)
async def slide_preview(
    slide_id: SlideId,
    looks: Annotated[Looks, Query()],
    caller: Caller,
    pictures: Annotated[Previews, Depends(previews)],
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """A still picture (JPEG, 960 × 540) of the slide as the film would show it, with its presenter: composed as clips
    are. Nothing is kept or ordered. A provider's avatar is shown by the provider's picture, or as a silhouette."""
    asked = Asked(**looks.model_dump())
    found = await pictures.preview(caller.owner, slide_id, asked, if_none_match or "")
    headers = {"ETag": f'"{found.fingerprint}"', "Cache-Control": "private, no-cache"}
    if found.picture is None:
        return Response(status_code=304, headers=headers)
    return Response(found.picture, media_type="image/jpeg", headers=headers)
