"""Presentations as an import leaves them, for tests of the API: rows only, no deck and no pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deckcast.db.database import Database
from deckcast.db.models import PresentationRow, SlideRow

EMPTY: dict[str, list[Any]] = {
    name: [] for name in ("boxes", "paragraphs", "tables", "charts", "picture_descriptions")
}


async def add_presentation(
    db: Database,
    name: str = "1",
    notes: Sequence[str] = ("One.", "Two."),
    owner: str = "local",
    **values: Any,
) -> str:
    """The id of a presentation whose slides have these notes; the slides are sli_<name>_1 and so on."""
    async with db.write() as session:
        row = PresentationRow(id=f"pre_{name}", owner=owner, source=f"{name}.pptx", language="en", **values)
        session.add(row)
        await session.flush()
        for number, note in enumerate(notes, start=1):
            slide = SlideRow(id=f"sli_{name}_{number}", presentation_id=row.id, key=str(number))
            slide.number = slide.position = number
            slide.title, slide.notes, slide.language, slide.content = f"Slide {number}", note, "en", EMPTY
            session.add(slide)
    return row.id
