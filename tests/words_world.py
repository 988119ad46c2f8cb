"""A presentation's slides in a database, and what a person does to their words; the durable engine is not started."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from databases import with_database
from deckcast.avatars.ledger import Ledger
from deckcast.batches import context, plan, repository, texts_repository
from deckcast.batches.context import Context
from deckcast.batches.models import BatchKind, BatchState, MakeRequest
from deckcast.db.database import Database
from deckcast.db.models import BatchRow, ItemRow, NarrativeRow, PresentationRow, SlideRow
from deckcast.kit.settings import Settings
from deckcast.llm.ports import LanguageModel
from deckcast.publishing.service import open_store
from deckcast.speech.service import open_engines

EMPTY: dict[str, list[Any]] = {
    name: [] for name in ("boxes", "paragraphs", "tables", "charts", "picture_descriptions")
}


class WordsWorld:
    """Shortcuts to the rows of one presentation."""

    def __init__(self, parts: Context) -> None:
        self.parts, self.db = parts, parts.db

    async def presentation(self) -> PresentationRow:
        async with self.db.read() as session:
            return await session.get_one(PresentationRow, "pre_1")

    async def slide(self, number: int = 1) -> SlideRow:
        async with self.db.read() as session:
            return await session.get_one(SlideRow, f"sli_{number}")

    async def change(self, at: int, **values: Any) -> None:
        """Give a slide other values, as an import of the changed deck does."""
        async with self.db.write() as session:
            row = await session.get_one(SlideRow, f"sli_{at}")
            for name, value in values.items():
                setattr(row, name, value)

    async def versions(self, number: int = 1, language: str = "en") -> Sequence[NarrativeRow]:
        async with self.db.read() as session:
            return await texts_repository.versions_of(session, f"sli_{number}", language)

    async def texts(self, number: int = 1, language: str = "en") -> list[str]:
        return [row.text for row in await self.versions(number, language)]

    async def item(self, item_id: str) -> ItemRow:
        async with self.db.read() as session:
            return await session.get_one(ItemRow, item_id)

    async def planned(self, **wished: Any) -> list[ItemRow]:
        """Plan narratives; without a model they are written then. The items, in the film's order."""
        request = MakeRequest(**wished)
        batch_id = await plan.plan_batch(await self.presentation(), BatchKind.ALL_NARRATIVES, request)
        async with self.db.read() as session:
            return list(await repository.items_of(session, batch_id))

    async def narrate(self, **wished: Any) -> list[ItemRow]:
        """The same, and end the batch."""
        items = await self.planned(**wished)
        async with self.db.write() as session:
            (await session.get_one(BatchRow, items[0].batch_id)).state = BatchState.COMPLETED
        return items


def told(
    url: str,
    folder: Path,
    notes: Sequence[str],
    story: Callable[[WordsWorld], Awaitable[None]],
    *,
    model: LanguageModel | None = None,
    **more: Any,
) -> None:
    """Tell a story of a deck with these notes on an empty database; `more` are the slides' other values."""

    async def run(db: Database) -> None:
        settings = Settings(data_dir=folder)
        parts = Context(
            settings=settings,
            db=db,
            store=open_store(settings),
            providers={},
            not_configured={},
            model=model,
            engines=open_engines(settings),
            accounts={},
            watches={},
            ledger=Ledger(db),
            scratch=folder,
            cache=folder,
            scope="pre_1",
        )
        context.use(parts)
        try:
            await _add_rows(db, notes, more)
            await asyncio.wait_for(story(WordsWorld(parts)), 60)
        finally:
            context.use(None)

    with_database(url, run)


async def _add_rows(db: Database, notes: Sequence[str], more: dict[str, Any]) -> None:
    async with db.write() as session:
        session.add(PresentationRow(id="pre_1", owner="local", source="deck.pptx", language="en"))
        await session.flush()
        for number, note in enumerate(notes, start=1):
            slide = SlideRow(id=f"sli_{number}", presentation_id="pre_1", key=str(number), number=number)
            slide.title, slide.notes, slide.language, slide.content = f"Slide {number}", note, "en", EMPTY
            for name, value in more.items():
                setattr(slide, name, value)
            session.add(slide)
