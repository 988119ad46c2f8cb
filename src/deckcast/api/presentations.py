"""Presentations: upload a deck, look at what is there, change how it is to be, delete it."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, StrictBool

from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller
from deckcast.api.idempotency import ONCE, answered_once
from deckcast.api.inputs import Body, GivenId, LanguageTag, Name, PresentationId
from deckcast.api.paging import Cursor, Limit, Page
from deckcast.api.parts import Parts
from deckcast.api.presentation_shapes import (
    ListedPresentation,
    PresentationShape,
    listed_shape,
    presentation_shape,
)
from deckcast.api.problems import problems
from deckcast.api.rates import UploadRate
from deckcast.api.shapes import Shape
from deckcast.api.uploads import FORM, received_deck
from deckcast.batches import control, presentations, samples, uploaded_decks
from deckcast.batches.presentation_changes import Changes, change_presentation
from deckcast.narration.models import Approach, Style
from deckcast.videos.models import Corner, Layout, Size
from deckcast.videos.models import Shape as Outline

UPLOAD = problems(401, 403, 408, 413, 422, 429, 503)
THIS_PROCESS = secrets.token_hex(4)  # settings count for what is stale, and may differ after a restart

router = APIRouter(prefix="/api/presentations", route_class=BoundedRoute, tags=["presentations"])


class PresentationChanges(Body):
    """What is to change; what is left out stays. Of the choices (language and below), null takes one back."""

    title: Name | None = None
    order: Annotated[tuple[GivenId, ...], Field(max_length=2000)] | None = None
    include: Annotated[tuple[GivenId, ...], Field(max_length=2000)] = ()
    exclude: Annotated[tuple[GivenId, ...], Field(max_length=2000)] = ()
    language: LanguageTag | None = None
    approach: Approach | None = None
    style: Style | None = None
    provider: Name | None = None
    voice: Name | None = None
    avatar: Name | None = None
    background: Name | None = None
    layout: Layout | None = None
    corner: Corner | None = None
    shape: Outline | None = None
    size: Size | None = None
    ai_mark: StrictBool | None = Field(None, description="Clips say in a corner that a machine made them.")

    def changes(self) -> Changes:
        """The same as a value of the service."""
        not_choices = {"title", "order", "include", "exclude"}
        given = self.model_fields_set - not_choices
        return Changes(
            title=self.title,
            order=self.order,
            include=self.include,
            exclude=self.exclude,
            choices={name: getattr(self, name) for name in given},
        )


class Deleted(Shape):
    """`gone`: it is removed already; else as soon as the paid work that still runs at a provider has ended."""

    gone: bool


@router.post(
    "",
    operation_id="createPresentation",
    status_code=202,
    response_model=PresentationShape,
    responses={**UPLOAD, **problems(409)},
    openapi_extra=FORM,
    dependencies=[UploadRate, *ONCE],
)
async def create_presentation(request: Request, caller: Caller, parts: Parts) -> Response:
    """Upload a deck (field `file`). The answer comes at once, with the presentation in the state `importing`; it is
    `ready`, or `failed` with its reason, soon after."""
    async with received_deck(request, parts) as upload:

        async def create() -> Response:
            row = await uploaded_decks.create_presentation(caller.owner, upload)
            shape = presentation_shape(await presentations.show(row))
            headers = {"Location": f"/api/presentations/{row.id}"}
            return JSONResponse(shape.model_dump(mode="json", by_alias=True), 202, headers)

        return await answered_once(request, caller.owner, upload.sha256, create)


@router.post(
    "/sample",
    operation_id="createSample",
    status_code=202,
    responses=problems(401, 403, 404, 409, 429, 503),
    dependencies=[UploadRate],
)
async def create_sample(caller: Caller) -> PresentationShape:
    """Begin with Deckcast's sample deck, as if you had uploaded it."""
    return presentation_shape(await presentations.show(await samples.create_sample(caller.owner)))


@router.put(
    "/{presentation_id}/deck",
    operation_id="replaceDeck",
    status_code=202,
    responses={**UPLOAD, **problems(404, 409)},
    openapi_extra=FORM,
    dependencies=[UploadRate],
)
async def replace_deck(
    presentation_id: PresentationId, request: Request, caller: Caller, parts: Parts
) -> PresentationShape:
    """Upload a new version of the deck (field `file`). Slides that are in it again keep their narratives, their order
    and their videos. If it cannot be read, the old version stays."""
    await uploaded_decks.check_replaceable(caller.owner, presentation_id)
    async with received_deck(request, parts) as upload:
        await uploaded_decks.replace_deck(caller.owner, presentation_id, upload)
    return await _shown(caller.owner, presentation_id)


@router.get("", operation_id="listPresentations", responses=problems(401, 422))
async def list_presentations(
    caller: Caller, cursor: Cursor = None, limit: Limit = 50
) -> Page[ListedPresentation]:
    """Your presentations, newest first."""
    listed, after = await presentations.list_presentations(caller.owner, cursor, limit)
    return Page(items=tuple(listed_shape(each) for each in listed), next_cursor=after)


@router.get(
    "/{presentation_id}",
    operation_id="getPresentation",
    responses={**problems(401, 404, 422), 304: {"description": "Nothing has changed."}},
)
async def get_presentation(
    presentation_id: PresentationId,
    caller: Caller,
    response: Response,
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> PresentationShape:
    """A presentation with its slides, and what is there of each. Its ETag changes with `seq`."""
    row = await presentations.owned(caller.owner, presentation_id)
    tag = f'"{row.seq}-{THIS_PROCESS}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers=headers)  # type: ignore[return-value]
    response.headers.update(headers)
    return presentation_shape(await presentations.show(row))


@router.patch(
    "/{presentation_id}",
    operation_id="changePresentation",
    responses=problems(401, 404, 422, 502, 503),
)
async def patch_presentation(
    presentation_id: PresentationId, body: PresentationChanges, caller: Caller
) -> PresentationShape:
    """Change the title, the order of the slides, which of them belong to the film (`include`, `exclude`), and how
    speech and presenter are to be. Choices are checked: an unknown avatar or voice is refused."""
    await change_presentation(caller.owner, presentation_id, body.changes())
    return await _shown(caller.owner, presentation_id)


@router.delete(
    "/{presentation_id}",
    operation_id="deletePresentation",
    status_code=202,
    responses=problems(401, 404, 409, 422, 503),
)
async def delete_presentation(presentation_id: PresentationId, caller: Caller) -> Deleted:
    """Delete a presentation with all that was made of it. What is queued stops; paid work that runs at a provider
    drains first."""
    row = await presentations.owned(caller.owner, presentation_id)
    return Deleted(gone=await control.delete_presentation(row.id))


async def _shown(owner: str, presentation_id: str) -> PresentationShape:
    return presentation_shape(await presentations.show(await presentations.owned(owner, presentation_id)))
