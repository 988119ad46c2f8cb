"""How the words of a presentation are said."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller
from deckcast.api.inputs import Body, Name, PresentationId
from deckcast.api.problems import problems
from deckcast.batches import editing, presentations

router = APIRouter(
    prefix="/api/presentations/{presentation_id}/pronunciations",
    route_class=BoundedRoute,
    tags=["pronunciations"],
)


Word = Annotated[Name, Field(max_length=editing.LONGEST_WORD_CHARS)]


class Pronunciation(Body):
    """A word as it is written, and as it is said."""

    written: Word
    spoken: Word


class Pronunciations(Body):
    """All of a presentation's; the list stands as a whole."""

    items: Annotated[tuple[Pronunciation, ...], Field(max_length=editing.MOST_PRONUNCIATIONS)]


@router.get("", operation_id="getPronunciations", responses=problems(401, 404, 422))
async def get_pronunciations(presentation_id: PresentationId, caller: Caller) -> Pronunciations:
    """How words of the presentation are said."""
    row = await presentations.owned(caller.owner, presentation_id)
    return await _all(row.id)


@router.put("", operation_id="setPronunciations", responses=problems(401, 404, 422))
async def set_pronunciations(
    presentation_id: PresentationId, body: Pronunciations, caller: Caller
) -> Pronunciations:
    """Say how words are to be said: this whole list, and nothing that was there before. Speech that holds one of
    them becomes stale."""
    row = await presentations.owned(caller.owner, presentation_id)
    await editing.set_pronunciations(row.id, [(each.written, each.spoken) for each in body.items])
    return await _all(row.id)


async def _all(presentation_id: str) -> Pronunciations:
    pairs = await editing.pronunciations_of(presentation_id)
    items = tuple(Pronunciation(written=written, spoken=spoken) for written, spoken in sorted(pairs))
    return Pronunciations(items=items)
