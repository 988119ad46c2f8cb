"""The whole deck in one go: what repeats is found, and only that gets other words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from deckcast.kit.errors import WorkError
from deckcast.kit.slides import SlideContent
from deckcast.llm.ports import Question, Usage
from deckcast.narration.evening import Evened, even_out
from deckcast.narration.models import Narrative, Source, Wish
from deckcast.narration.repeats import Draft, find_repeats, key_of, sentences
from deckcast.narration.service import narrate
from llm_fake import FakeModel, Reply


def _draft(
    index: int, text: str, source: Source = "written", *, title: str = "", kept: bool = False
) -> Draft:
    slide = SlideContent(index, 20, title=title, paragraphs=((0, text),), language="en")
    return Draft(index, slide, Narrative(text, "en", source), kept=kept)


def _even(model: FakeModel | None, drafts: Sequence[Draft]) -> tuple[Evened, Usage]:
    return asyncio.run(even_out(model, drafts, None, Wish()))


MIDDLE = "The second sentence says what matters most about the whole thing."


def _alike(count: int, source: Source = "written") -> list[Draft]:
    return [
        _draft(n, f"Let us look at part {name}. {MIDDLE} And that is {name}.", source, title=f"Part {name}")
        for n, name in enumerate(("alpha", "beta", "gamma", "delta", "epsilon")[:count], start=1)
    ]


def _new(question: Question[Any]) -> Reply:
    slides = json.loads(question.text.removeprefix("```json").removesuffix("```"))["slides"]
    starts = ("Now comes", "Then we reach", "Another matter is", "What remains is")
    return {
        "slides": [
            {
                "number": item["number"],
                "first_sentence": f"{starts[item['number'] % 4]} the next part.",
                "last_sentence": f"Keep number {'xyzuvwabcdefghij'[item['number']]} in mind, please.",
            }
            for item in slides
        ]
    }


def test_near_slides_that_begin_alike_are_found() -> None:
    drafts = [
        _draft(1, f"Let us look at sales. {MIDDLE}"),
        _draft(2, f"Costs come next. {MIDDLE}"),
        _draft(3, f"Let us look at people! {MIDDLE}"),
        _draft(9, f"Let us look at plans. {MIDDLE}"),
    ]
    openings = [repeat for repeat in find_repeats(drafts) if repeat.place == "opening"]
    assert [(item.words, item.indexes, item.changeable) for item in openings] == [
        ("let us look", (1, 3), (3,))
    ]
    closings = [repeat for repeat in find_repeats(drafts) if repeat.place == "closing"]
    assert [(item.indexes, item.changeable) for item in closings] == [((1, 2, 3, 9), (2, 3, 9))]


def test_what_many_slides_share_is_found_however_far_apart() -> None:
    drafts = [_draft(n * 5, f"As we all know, thing {n} matters.") for n in range(1, 5)]
    assert [item.changeable for item in find_repeats(drafts)] == [(10, 15, 20)]
    assert find_repeats(drafts[:3]) == ()


def test_a_title_is_no_opening_and_other_titles_do_not_hide_one() -> None:
    assert key_of("Our plan. It is good.", "Our plan", "opening") == "our plan"
    assert key_of("Next: Our plan. It is good.", "Our plan", "opening") == "next"
    assert key_of("Nun zu Kosten. Sie sinken.", "Kosten", "opening") == "nun zu"
    assert key_of("我们来看收入。收入增长了。", "收入", "opening") == "我们来看"
    assert key_of("One sentence.", "", "closing") == ""


def test_sentences() -> None:
    text = "Dr. Smith paid 2.5 million. [pause] Why?\nBecause. 我们。好的。"
    assert [text[slice(*span)] for span in sentences(text)] == [
        "Dr. Smith paid 2.5 million.", "[pause] Why?", "Because.", "我们。", "好的。"
    ]  # fmt: skip


def test_only_first_and_last_sentences_change() -> None:
    model = FakeModel(_new)
    drafts = _alike(3)
    evened, usage = _even(model, drafts)
    assert usage == Usage(100, 10)
    assert set(evened.texts) == {2, 3}
    assert evened.texts[2] == f"Another matter is the next part. {MIDDLE} Keep number z in mind, please."
    after = [
        _draft(draft.index, evened.texts.get(draft.index, draft.narrative.text), title=draft.slide.title)
        for draft in drafts
    ]
    assert [item for item in find_repeats(after) if item.place == "opening"] == []


@pytest.mark.parametrize("source", ["notes", "edited"])
def test_notes_and_edits_are_never_touched(source: Source) -> None:
    model = FakeModel(_new)
    evened, _ = _even(model, _alike(3, source))
    assert (evened.texts, model.asked) == ({}, [])


def test_kept_drafts_are_only_compared_with() -> None:
    first, second = _alike(2)
    kept = _draft(2, second.narrative.text, kept=True, title=second.slide.title)
    evened, _ = _even(FakeModel(_new), [first, kept])
    assert set(evened.texts) == {1}


@pytest.mark.parametrize(
    "sentence",
    ["Let us look at it again.", "## Now", "It grew by 77 percent.", "- Next", "So " + "many words " * 20,
     "Jetzt sehen wir uns den Umsatz an und was dahinter steht, denn das Jahr lief für alle gut."],
)  # fmt: skip
def test_a_sentence_that_is_no_better_is_dropped(sentence: str) -> None:
    def replies(question: Question[Any]) -> Reply:
        return {"slides": [{"number": 2, "first_sentence": sentence, "last_sentence": ""}]}

    evened, _ = _even(FakeModel(replies), _alike(2))
    assert evened.texts == {}


def test_slides_that_were_not_asked_about_stay() -> None:
    reply = {"slides": [{"number": 1, "first_sentence": "Hello there.", "last_sentence": ""}]}
    evened, _ = _even(FakeModel([reply]), _alike(2))
    assert evened.texts == {}


def test_a_failing_model_leaves_the_drafts() -> None:
    evened, usage = _even(FakeModel([WorkError("llm_unreachable", "Nobody answers.")]), _alike(3))
    assert (evened.texts, usage) == ({}, Usage())
    assert [code for code, _ in evened.warnings] == ["narratives_not_evened"]


def test_many_slides_are_asked_about_in_windows() -> None:
    model = FakeModel(_new)
    drafts = [_draft(n, f"As we all know, thing {n} is here. {MIDDLE}") for n in range(1, 21)]

    def replies(question: Question[Any]) -> Reply:
        slides = json.loads(question.text.removeprefix("```json").removesuffix("```"))["slides"]
        assert len(slides) <= 8
        return {"slides": []}

    model = FakeModel(replies)
    _even(model, drafts)
    assert len(model.asked) == 3


@pytest.mark.parametrize("language", ["en", "de", "fr", "zh", "ar"])
def test_outlines_that_begin_alike_are_varied_without_a_model(language: str) -> None:
    drafts = []
    for index in range(2, 12):
        slide = SlideContent(
            index, 20, title="Plan B", paragraphs=((0, "Tea, and so on"),), language=language
        )
        drafts.append(Draft(index, slide, narrate(slide)))
    evened, usage = _even(None, drafts)
    texts = [evened.texts.get(draft.index, draft.narrative.text) for draft in drafts]
    assert all(one != two for one, two in pairwise(texts))
    assert all("Plan B" in text for text in texts)
    assert usage == Usage()
    assert _even(None, drafts)[0] == evened


def test_slides_of_different_languages_are_asked_for_apart() -> None:
    german = [
        replace(draft, index=draft.index + 10, narrative=replace(draft.narrative, language="de"))
        for draft in _alike(3)
    ]
    model = FakeModel(_new)
    _even(model, [*_alike(3), *german])
    blocks = [json.loads(each.text.removeprefix("```json").removesuffix("```")) for each in model.asked]
    told = [
        (block["narrative_language"], {item["number"] > 10 for item in block["slides"]}) for block in blocks
    ]
    assert told == [("en", {False}), ("de", {True})]
