"""Narratives as versions, and pronunciations: what a person wrote stays, and nothing is written without need."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deckcast.batches import editing
from deckcast.batches.narratives import make_narrative
from deckcast.kit.errors import CallError
from deckcast.llm.ports import Answer, Question
from llm_fake import FakeModel
from words_world import EMPTY, WordsWorld, told

LONG = (
    "This is what we have seen in the last year, and it is why we are here with you for the rest of this day: "
    "the numbers that we show were not those of the year before."
)
NOTES = ["The first words.", "The second words."]
POINTS = {**EMPTY, "paragraphs": [[0, "Sales grew"], [0, "Costs fell"]]}


def warnings(item) -> list[str]:  # type: ignore[no-untyped-def]
    return [warning["code"] for warning in item.warnings]


def test_every_change_is_one_version_and_the_same_words_are_none(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        presentation, slide = await world.presentation(), await world.slide()
        assert [item.reused for item in await world.narrate()] == [False, False]
        assert [item.reused for item in await world.narrate()] == [True, True]
        assert [item.reused for item in await world.narrate(regenerate=True)] == [False, False]
        assert await world.texts() == ["The first words."]
        await editing.edit_narrative(presentation, slide, "  Mine. \nAll mine.\n\n")
        await editing.edit_narrative(presentation, slide, "Mine.\nAll mine.")
        assert await world.texts() == ["The first words.", "Mine.\nAll mine."]
        await editing.restore_narrative(presentation, slide, 1)
        await editing.restore_narrative(presentation, slide, 1)
        rows = await world.versions()
        assert [row.version for row in rows] == [1, 2, 3]
        assert (rows[-1].text, rows[-1].source) == (rows[0].text, "edited")
        with pytest.raises(CallError) as caught:
            await editing.restore_narrative(presentation, slide, 7)
        assert (caught.value.code, "1 to 3" in caught.value.message) == ("version_not_found", True)

    told(database_url, tmp_path, NOTES, story)


def test_outlines_written_again_are_the_same_and_no_version(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        await world.narrate()
        before = [await world.texts(number) for number in (1, 2, 3, 4)]
        assert [len(texts) for texts in before] == [1] * 4
        await world.narrate(regenerate=True)
        assert [await world.texts(number) for number in (1, 2, 3, 4)] == before

    told(database_url, tmp_path, [""] * 4, story, content=POINTS, title="Results")


def test_edits_are_written_over_only_where_that_is_said(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        await world.narrate()
        await editing.edit_narrative(await world.presentation(), await world.slide(), "Mine.")
        items = await world.narrate(regenerate=True)
        assert [item.narrative["text"] for item in items] == ["Mine.", "The second words."]
        items = await world.narrate(regenerate=True, overwrite_edits=True)
        assert [item.narrative["text"] for item in items] == NOTES
        assert await world.texts() == ["The first words.", "Mine.", "The first words."]
        assert [item.narrative["text"] for item in await world.narrate()] == NOTES

    told(database_url, tmp_path, NOTES, story)


def test_edited_words_of_a_slide_that_changed_stay_and_are_named_until_they_are_set_again(
    database_url: str, tmp_path: Path
) -> None:
    async def story(world: WordsWorld) -> None:
        presentation = await world.presentation()
        await world.narrate()
        await editing.edit_narrative(presentation, await world.slide(), "Mine.")
        await world.change(1, number=2)
        await world.change(2, number=1)  # moved: that is no change
        assert [warnings(item) for item in await world.narrate()] == [[], []]
        await world.change(1, notes="Other notes.")
        items = await world.narrate()
        assert [(item.narrative["text"], warnings(item)) for item in items] == [
            ("The second words.", []),
            ("Mine.", ["edited_before_change"]),
        ]
        await editing.edit_narrative(presentation, await world.slide(), "Mine.")
        assert [warnings(item) for item in await world.narrate()] == [[], []]
        assert await world.texts() == ["The first words.", "Mine."]

    told(database_url, tmp_path, NOTES, story)


def test_no_words_are_a_silent_slide_and_too_many_are_refused(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        presentation, slide = await world.presentation(), await world.slide()
        await world.narrate()
        await editing.edit_narrative(presentation, slide, " \n ")
        (silent, _) = await world.narrate()
        assert (silent.narrative["text"], silent.estimated_s) == ("", 4.0)
        with pytest.raises(CallError) as caught:
            await editing.edit_narrative(presentation, slide, "word " * 5000)
        assert caught.value.code == "narrative_too_long"
        assert await world.texts() == ["The first words.", ""]

    told(database_url, tmp_path, NOTES, story)


def test_each_language_has_versions_of_its_own_and_edits_go_to_the_one_made_last(
    database_url: str, tmp_path: Path
) -> None:
    async def story(world: WordsWorld) -> None:
        presentation, slide = await world.presentation(), await world.slide()
        await world.narrate()
        await world.narrate(language="de")
        assert (await editing.edit_narrative(presentation, slide, "Meine Worte.")).language == "de"
        assert [item.reused for item in await world.narrate(language="en")] == [True, True]
        assert (await editing.edit_narrative(presentation, slide, "My words.")).language == "en"
        assert await world.texts() == ["The first words.", "My words."]
        assert await world.texts(language="de") == ["The first words.", "Meine Worte."]
        (first, _) = await world.narrate(language="de")
        assert first.narrative == {"text": "Meine Worte.", "language": "de", "source": "edited", "say": []}
        assert [row.version for row in await editing.versions_of(presentation, slide)] == [1, 2]

    told(database_url, tmp_path, NOTES, story)


def test_edits_at_once_are_all_kept(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        presentation, slide = await world.presentation(), await world.slide()
        await world.narrate()
        wanted = [f"Edit {number}." for number in range(8)]
        edits = [editing.edit_narrative(presentation, slide, text) for text in wanted]
        await asyncio.gather(*edits, world.narrate(regenerate=True, overwrite_edits=True))
        rows = await world.versions()
        assert {row.text for row in rows} >= set(wanted)
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))

    told(database_url, tmp_path, NOTES, story)


def test_pronunciations_are_set_changed_and_forgotten(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        await asyncio.gather(*(editing.pronounce("pre_1", "SQL", "sequel") for _ in range(4)))
        await editing.pronounce("pre_1", " My  word ", "mine")
        await editing.pronounce("pre_1", "SQL", "ess cue ell")
        assert await editing.pronunciations_of("pre_1") == [("My word", "mine"), ("SQL", "ess cue ell")]
        await editing.pronounce("pre_1", "SQL", None)
        for written, spoken, code in (
            ("SQL", None, "pronunciation_not_found"),
            (" ", "nothing", "pronunciation_invalid"),
            ("w" * 101, "long", "pronunciation_invalid"),
        ):
            with pytest.raises(CallError) as caught:
                await editing.pronounce("pre_1", written, spoken)
            assert caught.value.code == code
        assert await editing.pronunciations_of("pre_1") == [("My word", "mine")]

    told(database_url, tmp_path, NOTES, story)


def test_a_pronunciation_concerns_only_slides_that_hold_its_word(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        await editing.pronounce("pre_1", "SQL", "sequel")
        await editing.pronounce("pre_1", "us", "you and me")
        items = await world.narrate()
        assert [item.narrative["say"] for item in items] == [
            [["SQL", "sequel"]],
            [],
            [["us", "you and me"]],
            [["SQL", "sequel"]],
        ]

    notes = ["We ask SQL.", "MySQL in use.", "Between Us.", "Here is *SQL* at work."]
    told(database_url, tmp_path, notes, story)


def test_an_edit_makes_an_interrupted_batch_another_one(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        (first, _) = await world.planned()
        (same, _) = await world.planned()
        assert same.batch_id == first.batch_id
        await editing.edit_narrative(await world.presentation(), await world.slide(), "Mine.")
        (new, _) = await world.planned()
        assert (new.batch_id != first.batch_id, new.narrative["text"]) == (True, "Mine.")
        await editing.pronounce("pre_1", "Mine", "mined")
        (newer, _) = await world.planned()
        assert newer.batch_id not in (first.batch_id, new.batch_id)

    told(database_url, tmp_path, NOTES, story)


GERMAN = "Das sind die ersten Worte, die wir heute an Sie richten."


class EditedMeanwhile(FakeModel):
    """A model that somebody is faster than."""

    world: WordsWorld

    async def ask(self, question: Question[Any]) -> Answer[Any]:
        presentation, slide = await self.world.presentation(), await self.world.slide()
        await editing.edit_narrative(presentation, slide, "Mine.", "de")
        return await super().ask(question)


def test_a_model_writes_over_no_words_of_a_person_that_came_meanwhile(
    database_url: str, tmp_path: Path
) -> None:
    async def story(world: WordsWorld) -> None:
        model.world = world
        first, second = await world.planned(language="de")
        await make_narrative(first.id)  # edited while the model is asked
        assert await world.texts(language="de") == ["Mine."]
        await editing.edit_narrative(await world.presentation(), await world.slide(2), "Mine, too.", "de")
        await make_narrative(second.id)  # edited before
        assert await world.texts(2, "de") == ["Mine, too."]
        assert len(model.asked) == 1
        items = [await world.item(each.id) for each in (first, second)]
        assert [(item.narrative["text"], item.narrative["drafted"]) for item in items] == [
            ("Mine.", False),
            ("Mine, too.", False),
        ]

    model = EditedMeanwhile([{"narrative": GERMAN}])
    told(database_url, tmp_path, NOTES, story, model=model)


def test_translations_are_versions_of_their_own_and_none_is_asked_for_twice(
    database_url: str, tmp_path: Path
) -> None:
    async def story(world: WordsWorld) -> None:
        assert [item.todo for item in await world.narrate()] == [[]]
        (item,) = await world.narrate(language="de")
        assert item.todo == ["analysis", "narrative"]
        await make_narrative(item.id)
        for language in ("en", "de", "en"):
            (item,) = await world.narrate(language=language)
            assert (item.todo, item.reused) == ([], True)
        (english,), (german,) = await world.versions(), await world.versions(language="de")
        assert (english.source, german.source, german.text) == ("notes", "translated", GERMAN)
        assert len(model.asked) == 1

    model = FakeModel([{"narrative": GERMAN}])
    told(database_url, tmp_path, NOTES[:1], story, model=model)


def test_without_a_model_words_in_another_language_are_named(database_url: str, tmp_path: Path) -> None:
    async def story(world: WordsWorld) -> None:
        (item,) = await world.narrate(language="de")
        assert (item.narrative["text"], warnings(item)) == (LONG, ["not_translated"])

    told(database_url, tmp_path, [LONG], story)
