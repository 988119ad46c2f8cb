"""Words on their way through a batch: nothing of a person's is lost, nothing is made anew that is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from tests.batch_world import BATCH, ITEM, SLIDE, BatchWorld, batch_world
from tests.llm_fake import FakeModel

from deckcast.avatars.ports import AvatarProvider
from deckcast.batches import editing, stages, texts_repository
from deckcast.batches.models import DeckStep, MakeRequest, Step
from deckcast.batches.narratives import make_narrative
from deckcast.batches.orders import words_fingerprint
from deckcast.batches.slide_contents import own_content
from deckcast.db.models import BatchRow, ChargeRow, ItemRow, NarrativeRow, PresentationRow, SlideRow
from deckcast.kit.errors import WorkError
from deckcast.llm.ports import TokenPrices

EMPTY: dict[str, list[Any]] = {
    name: [] for name in ("boxes", "paragraphs", "tables", "charts", "picture_descriptions")
}
REQUEST = MakeRequest(provider="paid", avatar="ada", background="#FFFFFF", language="en")
WRITTEN = "Our model wrote these words about how the tides rise and fall along this coast every day."


def in_a_world(folder: Path, test: Callable[[BatchWorld], Awaitable[None]]) -> None:
    """Run `test` with a batch whose only slide has its narrative still to be written."""

    async def run() -> None:
        async with batch_world(folder) as world:
            async with world.db.write() as session:
                slide = await session.get_one(SlideRow, SLIDE)
                slide.content, slide.title = {**EMPTY, "paragraphs": [[0, "The tides of this coast"]]}, "Tides"
                (await session.get_one(BatchRow, BATCH)).request = REQUEST.to_json()
                item = await session.get_one(ItemRow, ITEM)
                item.todo, item.avatar_video_id = [Step.NARRATIVE], None
            await test(world)

    asyncio.run(run())


async def _item(world: BatchWorld) -> ItemRow:
    async with world.db.read() as session:
        return await session.get_one(ItemRow, ITEM)


async def _edit(world: BatchWorld, words: str) -> NarrativeRow:
    async with world.db.read() as session:
        presentation = await session.get_one(PresentationRow, "pre_1")
        slide = await session.get_one(SlideRow, SLIDE)
    return await editing.edit_narrative(presentation, slide, words, "en")


class SlowModel(FakeModel):
    """While it answers, `meanwhile` happens."""

    def __init__(self, meanwhile: Callable[[], Awaitable[Any]]) -> None:
        super().__init__([{"narrative": WRITTEN}])
        self._meanwhile = meanwhile

    async def ask(self, question: Any) -> Any:
        answer = await super().ask(question)
        await self._meanwhile()
        return answer


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_a_person_writes_while_a_model_writes_stays(tmp_path: Path, overwrite: bool) -> None:
    async def test(world: BatchWorld) -> None:
        async with world.db.write() as session:
            request = replace(REQUEST, overwrite_edits=overwrite)
            (await session.get_one(BatchRow, BATCH)).request = request.to_json()
        world.parts.model = SlowModel(lambda: _edit(world, "My own words."))
        await make_narrative(ITEM)
        async with world.db.read() as session:
            standing = await texts_repository.narrative_of(session, SLIDE, "en")
        assert standing is not None
        assert (standing.text, standing.source, standing.version) == ("My own words.", "edited", 1)
        item = await _item(world)
        assert item.narrative is not None
        assert (item.narrative["text"], item.narrative["drafted"]) == ("My own words.", False)
        assert item.todo == []

    in_a_world(tmp_path, test)


def test_words_that_were_to_be_written_over_are(tmp_path: Path) -> None:
    async def test(world: BatchWorld) -> None:
        await _edit(world, "My own words.")
        async with world.db.write() as session:
            batch = await session.get_one(BatchRow, BATCH)
            batch.request = replace(REQUEST, overwrite_edits=True).to_json()
            edited = await texts_repository.narrative_of(session, SLIDE, "en")
            assert edited is not None
            batch.created_at = edited.created_at
        world.parts.model = FakeModel([{"narrative": WRITTEN}])
        await make_narrative(ITEM)
        assert (await _item(world)).narrative == {
            "text": WRITTEN, "language": "en", "source": "written", "say": [], "drafted": True
        }  # fmt: skip

    in_a_world(tmp_path, test)


def test_a_failure_written_down_twice_is_told_once(tmp_path: Path) -> None:
    async def test(world: BatchWorld) -> None:
        async with world.db.write() as session:
            (await session.get_one(ItemRow, ITEM)).todo = [Step.ANALYSIS, Step.NARRATIVE]
        for _ in range(2):  # killed before the engine knew that it was done
            await stages.note_text_failure(ITEM, Step.ANALYSIS, "llm_busy", "Busy.", True)
            await stages.note_deck_failure(BATCH, DeckStep.EVENING, "over_cap", "Too dear.")
        item = await _item(world)
        assert [each["code"] for each in item.warnings] == ["not_analysed"]
        assert item.todo == [Step.NARRATIVE]
        async with world.db.read() as session:
            batch = await session.get_one(BatchRow, BATCH)
        assert [each["code"] for each in batch.warnings] == ["over_cap"]

    in_a_world(tmp_path, test)
