"""Slides, and the versions of their narratives."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller
from deckcast.api.inputs import NUMBER, Body, LanguageTag, SlideId, Text
from deckcast.api.presentation_shapes import NarrativeShape, SlideShape, narrative_shape, slide_shape
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches import editing, presentations
from deckcast.batches.freshness import freshness_of
from deckcast.batches.requests import Choices, language_tag
from deckcast.db.models import PresentationRow, SlideRow

router = APIRouter(prefix="/api/slides/{slide_id}", route_class=BoundedRoute, tags=["slides"])

Language = Annotated[
    LanguageTag | None,
    Query(description="A BCP 47 tag; left out, the language that was chosen, else the slide's own."),
]


class NarrativeEdit(Body):
    """Words for a slide; empty ones make it silent. `if_version` is the version that was edited (0: there was none):
    where it holds no longer, nothing is changed."""

    text: Text
    language: LanguageTag | None = None
    if_version: Annotated[int, Field(ge=0, le=1_000_000), NUMBER] | None = None


class RestoredVersion(Body):
    """Which version of a narrative shall hold again."""

    version: Annotated[int, Field(ge=1, le=1_000_000), NUMBER]
    language: LanguageTag | None = None


class Versions(Shape):
    """Every version of a narrative in a language, newest first."""

    items: tuple[NarrativeShape, ...]
    next_cursor: str | None = None


@router.get("", operation_id="getSlide", responses=problems(401, 404, 422))
async def get_slide(slide_id: SlideId, caller: Caller) -> SlideShape:
    """A slide, and what is there of it."""
    return slide_shape(*await presentations.show_slide(caller.owner, slide_id))


@router.get(
    "/narrative",
    operation_id="getNarrative",
    response_model=NarrativeShape | None,
    responses=problems(401, 404, 422),
)
async def get_narrative(
    slide_id: SlideId, caller: Caller, language: Language = None
) -> NarrativeShape | None:
    """The words that hold for a slide; null where there are none yet."""
    presentation, slide = await presentations.owned_slide(caller.owner, slide_id)
    fresh = (await freshness_of(presentation)).get(slide_id)
    wanted = _language(presentation, slide, language)
    if fresh is not None and fresh.language == wanted:
        return narrative_shape(fresh.narrative, fresh) if fresh.narrative else None
    versions = await editing.versions_of(presentation, slide, wanted)
    return narrative_shape(versions[-1]) if versions else None


@router.put("/narrative", operation_id="editNarrative", responses=problems(401, 404, 409, 422))
async def edit_narrative(slide_id: SlideId, body: NarrativeEdit, caller: Caller) -> NarrativeShape:
    """Write a slide's words yourself: a new version, which nothing writes over unasked."""
    presentation, slide = await presentations.owned_slide(caller.owner, slide_id)
    language = _language(presentation, slide, body.language)
    row = await editing.edit_narrative(presentation, slide, body.text, language, if_version=body.if_version)
    return narrative_shape(row)


@router.get("/narrative/versions", operation_id="listNarrativeVersions", responses=problems(401, 404, 422))
async def list_versions(slide_id: SlideId, caller: Caller, language: Language = None) -> Versions:
    """Every version of a slide's narrative, newest first."""
    presentation, slide = await presentations.owned_slide(caller.owner, slide_id)
    rows = await editing.versions_of(presentation, slide, _language(presentation, slide, language))
    return Versions(items=tuple(narrative_shape(row) for row in reversed(rows)))


@router.post("/narrative/restore", operation_id="restoreNarrative", responses=problems(401, 404, 422))
async def restore_narrative(slide_id: SlideId, body: RestoredVersion, caller: Caller) -> NarrativeShape:
    """Let the words of an earlier version hold again, as an edit of today."""
    presentation, slide = await presentations.owned_slide(caller.owner, slide_id)
    language = _language(presentation, slide, body.language)
    return narrative_shape(await editing.restore_narrative(presentation, slide, body.version, language))


def _language(presentation: PresentationRow, slide: SlideRow, given: str | None) -> str:
    """Raises CallError language_invalid."""
    if given is not None:
        return language_tag(given)
    chosen = Choices.from_json(presentation.choices).language
    return chosen or slide.language or presentation.language or "en"
