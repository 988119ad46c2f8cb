"""Words on their way through a batch: nothing of a person's is lost, nothing is made anew that is the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from tests.batch_world import BATCH, ITEM, SLIDE, BatchWorld, PaidProvider, batch_world
from tests.llm_fake import FakeModel

from deckcast.avatars.ports import AvatarProvider
from deckcast.batches import editing, engine, plan, stages, texts_repository
from deckcast.batches.charges import charged
from deckcast.batches.films import close
from deckcast.batches.models import BatchKind, DeckStep, MakeRequest, Step
from deckcast.batches.narratives import make_narrative
from deckcast.batches.orders import words_fingerprint
from deckcast.batches.slide_contents import own_content
from deckcast.batches.speeches import make_speech
from deckcast.batches.texts import plan_words
from deckcast.db.models import (
    BatchRow,
    ChargeRow,
    ItemRow,
    NarrativeRow,
    PresentationRow,
    SlideRow,
    SpeechRow,
)
from deckcast.kit.clock import now
from deckcast.kit.errors import WorkError
from deckcast.llm.ports import TokenPrices
from deckcast.speech.ports import SpeechCapabilities, TimingSource, Voice
from deckcast.speech.service import SpeechEngines
from deckcast.wiring import running_engine

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
                slide.content, slide.title = (
                    {**EMPTY, "paragraphs": [[0, "The tides of this coast"]]},
                    "Tides",
                )
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


async def _cost(world: BatchWorld, step: str) -> Decimal:
    async with world.db.read() as session:
        charge = await session.get_one(ChargeRow, f"{ITEM}.{step}")
    assert charge.reserved_microusd == 0
    return Decimal(charge.cost_microusd) / 1_000_000


def _priced(*replies: Any) -> FakeModel:
    """Each answer takes 100 tokens in and 10 out: it costs $0.11."""
    model = FakeModel(replies)
    model.prices = TokenPrices(Decimal(1000), Decimal(1000))
    return model


def _useless() -> WorkError:
    error = WorkError("llm_malformed", "No use.", retryable=True)
    error.spent_usd = Decimal("0.22")
    return error


def test_answers_of_no_use_are_counted(tmp_path: Path) -> None:
    async def test(world: BatchWorld) -> None:
        world.parts.model = _priced(_useless())
        with pytest.raises(WorkError):
            await make_narrative(ITEM)
        assert await _cost(world, Step.NARRATIVE) == Decimal("0.22")
        world.parts.model = _priced({"narrative": WRITTEN})
        await make_narrative(ITEM)
        assert await _cost(world, Step.NARRATIVE) >= Decimal("0.33")

    in_a_world(tmp_path, test)


def test_a_first_answer_with_a_small_fault_stays_where_no_second_can_be_had(tmp_path: Path) -> None:
    async def test(world: BatchWorld) -> None:
        world.parts.model = _priced({"narrative": f"{WRITTEN} It rises 4711 metres."}, _useless())
        await make_narrative(ITEM)
        item = await _item(world)
        assert item.narrative is not None
        assert "4711" in item.narrative["text"]
        assert "figure_not_on_slide" in [each["code"] for each in item.warnings]
        assert await _cost(world, Step.NARRATIVE) == Decimal("0.33")

    in_a_world(tmp_path, test)


def test_lost_answers_of_a_speech_service_are_counted(tmp_path: Path) -> None:
    class Lossy:
        """An engine whose every answer is lost after it was paid."""

        name, version = "openai", "lossy/1"
        capabilities = SpeechCapabilities(False, TimingSource.NONE, usd_per_million_chars=Decimal(15))

        async def voices(self) -> tuple[Voice, ...]:
            return (Voice("openai:nova", "nova", "", "openai"),)

        async def speak(self, _request: Any, _out: Path) -> Any:
            raise _useless()

    async def test(world: BatchWorld) -> None:
        world.parts.engines = SpeechEngines({"openai": cast("Any", Lossy())}, {}, "openai")
        await world.parts.engines.load()
        async with world.db.write() as session:
            item = await session.get_one(ItemRow, ITEM)
            item.todo, item.placement = [], {"layout": "none", "presenter": None}
            item.narrative = {"text": "Some words.", "language": "en", "source": "notes", "say": []}
        with pytest.raises(WorkError):
            await make_speech(ITEM)
        assert await _cost(world, Step.SPEECH) == Decimal("0.22")

    in_a_world(tmp_path, test)


def test_a_pronunciation_changes_only_slides_that_hold_the_word() -> None:
    row = NarrativeRow(text="I said it again.", language="en", source="notes")
    assert texts_repository.said_of(row, [("AI", "A.I."), ("said", "sed")])["say"] == [["said", "sed"]]
    row.text = "*Open*\nAI [pause] is said."
    assert texts_repository.said_of(row, [("Open AI", "open A.I.")])["say"] == [["Open AI", "open A.I."]]


@pytest.mark.parametrize("narrative", ["The *tides* of [pause] this coast.", "The tides of this coast."])
def test_marks_that_no_provider_hears_buy_no_other_video(narrative: str) -> None:
    item = ItemRow(number=1, placement={"layout": "corner", "presenter": [0, 0, 10, 10]})
    item.narrative = {"text": narrative, "language": "en"}
    request = replace(REQUEST, voice="paid:v1")
    provider = cast("AvatarProvider", PaidProvider())
    plain = words_fingerprint(request, provider, item)
    item.narrative = {"text": "The tides of this coast.", "language": "en"}
    assert words_fingerprint(request, provider, item) == plain is not None


def test_a_slide_stands_where_it_stands_in_the_deck(tmp_path: Path) -> None:
    """What is written for a slide stays when the whole film is made: a part's last slide is not the last."""

    async def test(world: BatchWorld) -> None:
        async with world.db.write() as session:
            for number in (2, 3, 4):
                slide = SlideRow(id=f"s{number}", presentation_id="pre_1", key=f"{number}", number=number)
                slide.title, slide.notes, slide.language = "Harbours", "", "en"
                slide.content, slide.hidden = EMPTY, number == 4
                session.add(slide)
            await session.flush()
            presentation = await session.get_one(PresentationRow, "pre_1")
            part = [await session.get_one(SlideRow, key) for key in (SLIDE, "s2")]
            kind = BatchKind.ALL_NARRATIVES
            planned = await plan_words(session, presentation, part, kind, REQUEST, None)
            last = await texts_repository.last_number(session, "pre_1")
            assert own_content(await session.get_one(SlideRow, "s3"), presentation, last).is_last
        narrative = planned["s2"].narrative
        assert narrative is not None
        assert not re.match("(To close|Finally|And finally|Last)", narrative.text), narrative.text

    in_a_world(tmp_path, test)


def test_another_speaker_is_another_wish(tmp_path: Path) -> None:
    async def test(world: BatchWorld) -> None:
        async with world.db.read() as session:
            presentation = await session.get_one(PresentationRow, "pre_1")
        film, words = BatchKind.PRESENTATION_VIDEO, BatchKind.ALL_NARRATIVES
        before = [plan._fingerprint(presentation, kind, REQUEST, []) for kind in (film, words)]
        settings = world.parts.settings
        speech = settings.speech.model_copy(update={"engine": "openai"})
        world.parts.settings = settings.model_copy(update={"speech": speech})
        after = [plan._fingerprint(presentation, kind, REQUEST, []) for kind in (film, words)]
        assert before[0] != after[0]
        assert before[1] == after[1]

    in_a_world(tmp_path, test)


def test_who_spoke_most_slides_speaks_again(tmp_path: Path) -> None:
    async def test(world: BatchWorld) -> None:
        async with world.db.write() as session:
            for number in (2, 3):
                slide = SlideRow(id=f"s{number}", presentation_id="pre_1", key=f"{number}", number=number)
                slide.title, slide.notes, slide.language, slide.content = "", "", "en", EMPTY
                session.add(slide)
            await session.flush()
            for number, (slide_id, voice, language) in enumerate([
                (SLIDE, "x:old", "en"), (SLIDE, "x:a", "en"), ("s2", "x:a", "en"), ("s3", "x:b", "en"),
                ("s3", "x:c", "de"),
            ]):  # fmt: skip
                speech = SpeechRow(
                    id=f"spe_{number}", slide_id=slide_id, fingerprint=str(number), voice=voice
                )
                speech.language, speech.text, speech.audio_key = language, "", ""
                speech.duration_s, speech.timings = 1.0, {}
                speech.created_at = now() + timedelta(seconds=number)
                session.add(speech)
        async with world.db.read() as session:
            voices = await texts_repository.voices_of(session, "pre_1")
        assert voices == {"en": ["x:a", "x:b"], "de": ["x:c"]}

    in_a_world(tmp_path, test)


def test_slides_that_wait_for_an_engine_whose_key_is_gone_come_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The durable engine works on queues by name: one that nobody listens to would keep its slides for ever."""
    listened: dict[str, int] = {}

    async def launch(_url: str, _scope: str, places: dict[str, int], _worker_id: str | None) -> None:
        listened.update(places)

    monkeypatch.setattr(engine, "launch", launch)
    monkeypatch.setattr(engine, "stop", lambda: None)

    async def test(world: BatchWorld) -> None:
        assert "openai" in world.parts.engines.not_configured
        async with running_engine(world.parts):
            assert engine.SPEECH in listened

    in_a_world(tmp_path, test)


def test_a_call_during_which_the_process_was_killed_counts_as_spent(tmp_path: Path) -> None:
    async def test(world: BatchWorld) -> None:
        async def call() -> None:
            async with charged(BATCH, ITEM, Step.SPEECH, Decimal("0.02")) as bill:
                bill.cost_usd = Decimal("0.01")

        killed = charged(BATCH, ITEM, Step.SPEECH, Decimal("0.02"))
        await killed.__aenter__()
        assert await world.spend() == (20_000, 0)
        await call()
        assert await _cost(world, Step.SPEECH) == Decimal("0.03")
        assert await world.spend() == (0, 30_000)

    in_a_world(tmp_path, test)


@pytest.mark.parametrize("returns", [True, False])
def test_a_call_that_is_under_way_when_its_batch_ends_counts_as_spent(tmp_path: Path, returns: bool) -> None:
    async def test(world: BatchWorld) -> None:
        async with charged(BATCH, ITEM, Step.SPEECH, Decimal("0.02")) as first:
            first.cost_usd = Decimal("0.01")
        under_way = charged(BATCH, ITEM, Step.SPEECH, Decimal("0.02"))
        bill = await under_way.__aenter__()
        await close(BATCH)
        assert await world.spend() == (0, 30_000)
        if returns:
            bill.cost_usd = Decimal("0.02")
            await under_way.__aexit__(None, None, None)
        assert await world.spend() == (0, 30_000)

    in_a_world(tmp_path, test)
