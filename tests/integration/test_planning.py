"""Planning costs a constant number of queries, however many slides there are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from tests.batch_world import BatchWorld, batch_world

from deckcast.batches import plan
from deckcast.batches.estimates import summary_of
from deckcast.batches.models import BatchKind, MakeRequest
from deckcast.db.models import PresentationRow, SlideRow
from deckcast.videos.models import Layout, Placement, Shape

REQUEST = MakeRequest(provider="paid", avatar="ada", background="#FFFFFF", language="en")

EMPTY: dict[str, list[Any]] = {
    name: [] for name in ("boxes", "paragraphs", "tables", "charts", "picture_descriptions")
}


@pytest.fixture(autouse=True)
def placed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the presenter stands is computed in a child, without any query."""

    async def run(_work: Any, slides: Any, *_rest: Any) -> list[Placement]:
        placement = Placement(layout=Layout.NONE, slide=None, presenter=None, shape=Shape.CIRCLE, corner=None)
        return [placement for _ in slides]

    monkeypatch.setattr(plan, "run_in_child", run)


async def _presentation(world: BatchWorld, slides: int) -> PresentationRow:
    async with world.db.write() as session:
        row = PresentationRow(id=f"pre_{slides}", owner="ann", source=f"{slides}.pptx", language="en")
        session.add(row)
        await session.flush()
        for number in range(1, slides + 1):
            slide = SlideRow(id=f"{slides}_{number}", presentation_id=row.id, key=str(number), number=number)
            slide.title, slide.notes, slide.language = f"Slide {number}", "Some words to be said.", "en"
            slide.content = EMPTY
            session.add(slide)
    return row


async def _queries(world: BatchWorld, slides: int) -> int:
    """Queries of planning anew what another request has planned, and of its summary."""
    presentation = await _presentation(world, slides)
    another = MakeRequest(**{**REQUEST.to_json(), "avatar": "bob"})
    await plan.plan_batch(presentation, BatchKind.PRESENTATION_VIDEO, another)
    seen: list[str] = []
    engine = world.db.engine().sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        batch_id = await plan.plan_batch(presentation, BatchKind.PRESENTATION_VIDEO, REQUEST)
        assert (await summary_of(batch_id)).total == slides
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_planning_takes_as_many_queries_for_fifty_slides_as_for_five(tmp_path: Path) -> None:
    async def run() -> tuple[int, int]:
        async with batch_world(tmp_path) as world:
            return await _queries(world, 5), await _queries(world, 50)

    few, many = asyncio.run(run())
    assert 0 < few == many
