"""The stages of a batch under races: with the real engine, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from sqlalchemy import func, select, text

from deckcast.batches import control, repository, rescue, stages
from deckcast.batches.context import Context
from deckcast.batches.editing import edit_narrative
from deckcast.batches.models import BatchKind, MakeRequest
from deckcast.batches.plan import plan_batch
from deckcast.batches.progress import Progress, progress_of
from deckcast.db.accounts import SpendRow
from deckcast.db.models import Base, ChargeRow, EventRow, ItemRow, NarrativeRow, PresentationRow, SlideRow
from deckcast.kit.errors import WorkError
from deckcast.kit.ids import new_id
from deckcast.kit.settings import Settings
from deckcast.llm.ports import Question, TokenPrices, cost_usd
from deckcast.wiring import open_context, running_engine
from llm_fake import FakeModel

SENTENCE = "Here we look at what all of this says to us. "


def reply(question: Question[Any]) -> dict[str, Any]:
    """A plain answer in the form asked for; every narrative begins alike and has the length that is wanted."""
    wanted = re.search(r'"words": (\d+)', question.text)
    numbers = re.findall(r'"number": (\d+)', question.text)
    words = SENTENCE * round(int(wanted[1]) / len(SENTENCE.split())) if wanted else ""
    return {
        "SlideForm": {"kind": "content", "key_points": [], "shows": "", "weight": 1.0},
        "DeckForm": {"audience": "", "thread": "", "tone": ""},
        "Written": {"narrative": words},
        "NewWords": {"slides": [other_opening(int(number)) for number in numbers]},
    }[question.form.__name__]


def other_opening(number: int) -> dict[str, Any]:
    """Another first sentence for each slide."""
    opening = f"{('Apples', 'Bridges', 'Clocks', 'Drums')[number % 4]} are what all of this comes down to."
    return {"number": number, "first_sentence": opening, "last_sentence": ""}


def _of_no_use(spent_usd: Decimal) -> WorkError:
    error = WorkError("llm_malformed", "This answer is of no use.", retryable=True)
    error.spent_usd = spent_usd
    return error


class GatedModel(FakeModel):
    """Keeps its answers to one kind of question back until it is let go, after the first `failing` ones, which are of
    no use."""

    prices = TokenPrices(Decimal(2), Decimal(10))

    def __init__(self, kept_back: str = "", failing: int = 0) -> None:
        super().__init__(reply)
        self._failing = failing
        self._kept_back, self._let_go = kept_back, asyncio.Event()

    async def ask(self, question: Question[Any]) -> Any:
        answer = await super().ask(question)
        if question.form.__name__ == self._kept_back:
            self._failing -= 1
            if self._failing >= 0:
                raise _of_no_use(cost_usd(answer.usage, self.prices))
            await self._let_go.wait()
        return answer

    def let_go(self) -> None:
        self._let_go.set()

    def forms(self) -> Counter[str]:
        """How often each kind of question was asked."""
        return Counter(question.form.__name__ for question in self.asked)

    async def was_asked(self, form: str, times: int) -> None:
        while self.forms()[form] < times:
            await asyncio.sleep(0.01)


@dataclass
class World:
    """A presentation, the parts, and shortcuts to its rows."""

    parts: Context
    model: GatedModel
    presentation: PresentationRow
    batches: list[str] = field(default_factory=list)

    async def plan(self, kind: BatchKind = BatchKind.ALL_NARRATIVES, **wish: Any) -> str:
        self.batches.append(await plan_batch(self.presentation, kind, MakeRequest(**wish)))
        return self.batches[-1]

    async def ended(self, batch_id: str) -> Progress:
        while not (progress := await progress_of(batch_id)).ended:
            await asyncio.sleep(0.02)
        return progress

    async def works(self) -> Counter[str]:
        """The workflows that there are, by name, once none is at work any more."""
        while True:
            found = await self._all()
            if not any(work.status in ("ENQUEUED", "PENDING") for work in found):
                return Counter(work.name for work in found)
            await asyncio.sleep(0.05)

    async def _all(self) -> list[Any]:
        async with self.parts.db.read() as session:
            items = await session.scalars(select(ItemRow.id).where(ItemRow.batch_id.in_(self.batches)))
            subjects = [*self.batches, *items]
        names = ("analyse", "write", "deck_analysis", "evening_out", "finish")
        ids = [f"{subject}.{name}" for subject in subjects for name in names]
        return await DBOS.list_workflows_async(workflow_ids=ids)

    async def items(self, batch_id: str) -> list[ItemRow]:
        async with self.parts.db.read() as session:
            return list(await repository.items_of(session, batch_id))

    async def narratives(self) -> list[NarrativeRow]:
        async with self.parts.db.read() as session:
            return list(await session.scalars(select(NarrativeRow).order_by(NarrativeRow.version)))

    async def spend(self) -> tuple[int, int]:
        """Reserved and spent, in millionths of a dollar; the charges say the same."""
        async with self.parts.db.read() as session:
            sums = [
                (await session.execute(select(func.sum(reserved), func.sum(cost)))).one()
                for reserved, cost in (
                    (SpendRow.reserved_microusd, SpendRow.spent_microusd),
                    (ChargeRow.reserved_microusd, ChargeRow.cost_microusd),
                )
            ]
        day, charges = ((int(one or 0), int(other or 0)) for one, other in sums)
        assert day == charges
        return day

    async def events(self, kind: str) -> int:
        async with self.parts.db.read() as session:
            return await session.scalar(select(func.count()).where(EventRow.kind == kind)) or 0


@asynccontextmanager
async def world(
    url: str, folder: Path, slides: int, kept_back: str = "", failing: int = 0
) -> AsyncIterator[World]:
    """A deck of slides without notes, and the engine at work for it."""
    settings = Settings(data_dir=folder, database_url=url if url.startswith("postgresql") else None)
    presentation = PresentationRow(id=new_id("pre"), owner="ann", source="deck.pptx", deck_sha256="d")
    async with open_context(settings, presentation.id) as parts:
        model = GatedModel(kept_back, failing)
        parts.model = model
        try:
            await _add_deck(parts, presentation, slides)
            async with running_engine(parts):
                yield World(parts, model, presentation)
        finally:
            async with parts.db.engine().begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
                if not parts.db.is_sqlite:
                    await connection.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))


async def _add_deck(parts: Context, presentation: PresentationRow, slides: int) -> None:
    async with parts.db.write() as session:
        session.add(presentation)
        await session.flush()
        for number in range(1, slides + 1):
            slide = SlideRow(
                id=new_id("sli"), presentation_id=presentation.id, key=f"{number}", number=number
            )
            slide.title, slide.notes, slide.language = f"Plan {number}", "", "en"
            slide.content = {"paragraphs": [[0, "All of it is well"]], "tables": [], "charts": []}
            slide.content |= {"picture_descriptions": [], "boxes": []}
            session.add(slide)


def together(work: Callable[..., Awaitable[Any]], parties: int) -> Callable[..., Awaitable[Any]]:
    """The same step, but nobody begins it before all others are there too."""
    barrier = asyncio.Barrier(parties)

    @wraps(work)
    async def run(*args: Any) -> Any:
        await barrier.wait()
        return await work(*args)

    return run


@pytest.mark.parametrize("kind", [BatchKind.ALL_ANALYSES, BatchKind.ALL_NARRATIVES])
def test_slides_that_end_at_once_start_the_next_stage_once(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: BatchKind
) -> None:
    slides = 4

    async def run() -> None:
        async with world(database_url, tmp_path, slides) as there:
            monkeypatch.setattr(stages, "stage_ended", together(stages.stage_ended, slides))
            batch_id = await there.plan(kind)
            await asyncio.gather(*(stages.start(batch_id) for _ in range(3)))
            assert (await there.ended(batch_id)).state == "completed"
            words = kind == BatchKind.ALL_NARRATIVES
            assert (
                await there.works()
                == Counter(
                    analyse_slide=slides,
                    analyse_deck=1,
                    write_narrative=slides if words else 0,
                    even_out=int(words),
                    finish_batch=1,
                )
                - Counter()
            )
            asked = there.model.forms()
            assert (
                asked
                == Counter(SlideForm=slides, DeckForm=1, Written=slides if words else 0, NewWords=int(words))
                - Counter()
            )
            assert await there.events("batch.ended") == 1
            rows = await there.narratives()
            assert [row.version for row in rows] == [1] * (slides if words else 0)
            assert sum(not row.text.startswith(SENTENCE) for row in rows) == (slides - 1 if words else 0)
            told = {str((item.narrative or {}).get("text")) for item in await there.items(batch_id)}
            assert told == ({row.text for row in rows} or {"None"})
            assert await there.spend() == (0, 300 * asked.total())

    asyncio.run(run())


@pytest.mark.parametrize("failing", [0, 2])
def test_what_is_cancelled_in_the_middle_of_a_stage_stays_as_it_was(
    database_url: str, tmp_path: Path, failing: int
) -> None:
    async def run() -> None:
        async with world(database_url, tmp_path, 3, "Written", failing) as there:
            batch_id = await there.plan()
            await stages.start(batch_id)
            await there.model.was_asked("Written", 3 + failing)
            assert (await there.spend())[0] > 0
            assert await control.cancel(batch_id) == 0
            ended = await there.items(batch_id)
            assert [item.status for item in ended] == ["cancelled"] * 3
            assert (await there.spend())[0] == 0, "what was set aside is free at once"
            there.model.let_go()
            await there.works()
            assert (await progress_of(batch_id)).state == "cancelled"
            for before, after in zip(ended, await there.items(batch_id), strict=True):
                assert (after.status, after.narrative, after.ended_at) == ("cancelled", None, before.ended_at)
            reserved, spent = await there.spend()
            assert reserved == 0
            assert spent >= 300 * (7 + failing), "the answers that were under way are paid all the same"
            assert there.model.forms()["NewWords"] == 0
            again = await there.plan()
            await stages.start(again)
            assert (await there.ended(again)).state == "completed"
            assert there.model.forms()["Written"] == 3 + failing, "they are kept, and used"

    asyncio.run(run())


def test_evening_out_that_comes_after_the_end_changes_nothing(database_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with world(database_url, tmp_path, 3, kept_back="NewWords") as there:
            batch_id = await there.plan()
            await stages.start(batch_id)
            await there.model.was_asked("NewWords", 1)
            await control.cancel(batch_id)
            there.model.let_go()
            await there.works()
            assert all(row.text.startswith(SENTENCE) for row in await there.narratives())
            assert (await there.spend())[0] == 0

    asyncio.run(run())


@pytest.mark.parametrize("wish", [{}, {"overwrite_edits": True}])
def test_what_a_person_writes_meanwhile_is_not_written_over(
    database_url: str, tmp_path: Path, wish: dict[str, Any]
) -> None:
    async def run() -> None:
        async with world(database_url, tmp_path, 2, kept_back="Written") as there:
            async with there.parts.db.read() as session:
                slides = await repository.slides_of(session, there.presentation.id)
            batch_id = await there.plan(**wish)
            await edit_narrative(there.presentation, slides[0], "Mine, before its turn.", "en")
            await stages.start(batch_id)
            await there.model.was_asked("Written", 1)
            await edit_narrative(there.presentation, slides[1], "Mine, while it was written.", "en")
            there.model.let_go()
            assert (await there.ended(batch_id)).state == "completed"
            assert there.model.forms()["Written"] == 1
            told = [(item.narrative or {})["text"] for item in await there.items(batch_id)]
            assert told == ["Mine, before its turn.", "Mine, while it was written."]
            assert {row.text for row in await there.narratives()} == set(told)

    asyncio.run(run())


@pytest.mark.parametrize("name", ["analyse", "write"])
@pytest.mark.parametrize("given_up", [1, 3])
def test_slides_whose_words_the_engine_gave_up_are_named_and_the_rest_goes_on(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, given_up: int
) -> None:
    async def run() -> None:
        async with world(database_url, tmp_path, 3) as there:
            batch_id = await there.plan()
            works = {f"{item.id}.{name}" for item in (await there.items(batch_id))[:given_up]}
            monkeypatch.setattr(rescue, "ended_works", _known(works))
            await rescue.settle_given_up(batch_id)
            assert (await there.ended(batch_id)).state == ("partial" if given_up == 1 else "failed")
            await there.works()
            codes = [item.error_code for item in await there.items(batch_id)]
            assert codes == ["crashed_repeatedly"] * given_up + [None] * (3 - given_up)
            assert len(await there.narratives()) == 3 - given_up
            assert await there.events("batch.ended") == 1
            assert (await there.spend())[0] == 0

    asyncio.run(run())


@pytest.mark.parametrize(("step", "form"), [("deck_analysis", "DeckForm"), ("evening_out", "NewWords")])
def test_what_was_given_up_for_all_slides_together_is_left_out_and_said(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, form: str
) -> None:
    async def run() -> None:
        async with world(database_url, tmp_path, 3) as there:
            batch_id = await there.plan()
            monkeypatch.setattr(rescue, "ended_works", _known({f"{batch_id}.{step}"}))
            await rescue.settle_given_up(batch_id)
            await rescue.settle_given_up(batch_id)
            progress = await there.ended(batch_id)
            assert progress.state == "completed"
            assert [warning["code"] for warning in progress.warnings] == ["crashed_repeatedly"]
            assert there.model.forms()[form] == 0
            assert len(await there.narratives()) == 3

    asyncio.run(run())


def _known(given_up: set[str]) -> Callable[[list[str], list[str]], Awaitable[set[str]]]:
    """What the engine says of workflows: these it has given up."""

    async def of(works: list[str], statuses: list[str]) -> set[str]:
        return given_up & set(works) if statuses == rescue.GIVEN_UP else set()

    return of
