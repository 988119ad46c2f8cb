"""Narratives that a language model writes: what it is asked, and what becomes of its answers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from deckcast.kit.errors import WorkError
from deckcast.kit.slides import DeckAnalysis, SlideAnalysis, SlideContent, SlideKind
from deckcast.llm.ports import Question, Usage
from deckcast.narration.models import Approach, Narrative, Style, Surroundings, Wish
from deckcast.narration.service import NARRATION_VERSION, narrate, narrative_fingerprint, needs_model, write
from llm_fake import FakeModel, Reply

SLIDE = SlideContent(
    4, 9, title="Revenue", language="en",
    paragraphs=((0, "Revenue up 12% to $4.5M"), (0, "Customers stay longer"), (1, "In every region")),
)  # fmt: skip
NOTED = replace(SLIDE, notes="revenue up 12%, thanks to all of you. (pause) customers stay longer.")
ANALYSIS = SlideAnalysis(SlideKind.CONTENT, ("Revenue up 12%",), "", 1.0, "fake:model")
DECK = DeckAnalysis("Annual review", "Jane", "the board", "from past to plan", "factual", "fake:model")
GOOD = (
    "Revenue rose by twelve percent this year, and that is no accident. Customers who came to us once now stay with us "
    "longer, in every region where we work, and each of them brings a little more than before. [pause] That is what "
    "carried us to four point five million dollars, and what we want to build on from here."
)
GERMAN = (
    "Der Umsatz ist in diesem Jahr deutlich gestiegen, und das ist kein Zufall. Kunden, die einmal zu uns kamen, "
    "bleiben heute länger bei uns, in jeder Region, in der wir arbeiten. Das hat uns getragen und darauf bauen wir auf."
)


async def _write(
    replies: list[str] | Exception, slide: SlideContent = SLIDE, wish: Wish | None = None
) -> tuple[Narrative, FakeModel, Usage]:
    answers: list[Reply] = (
        [replies] if isinstance(replies, Exception) else [{"narrative": text} for text in replies]
    )
    model = FakeModel(answers)
    around = Surroundings("Agenda", "So much for what we cover today.", "Costs")
    narrative, usage = await write(model, slide, ANALYSIS, DECK, wish or Wish(Approach.ANEW), around)
    return narrative, model, usage


def _block(question: Question[Any]) -> dict[str, Any]:
    found = re.fullmatch(r"```json\n(.*)\n```", question.text, re.DOTALL)
    assert found
    block: dict[str, Any] = json.loads(found[1])
    return block


def run(coroutine: Any) -> Any:
    import asyncio

    return asyncio.run(coroutine)


def test_the_question_holds_slide_analysis_neighbours_and_target() -> None:
    narrative, model, usage = run(_write([GOOD], wish=Wish(Approach.ANEW, Style.TEACHING, "en-GB")))
    assert narrative == Narrative(GOOD, "en-GB", "written")
    assert usage == Usage(100, 10)
    block = _block(model.asked[0])
    assert block["slide"]["paragraphs"] == [
        "Revenue up 12% to $4.5M",
        "Customers stay longer",
        "  In every region",
    ]
    assert block["analysis"] == {"kind": "content", "key_points": ["Revenue up 12%"]}
    assert block["presentation"]["audience"] == "the board"
    assert block["neighbours"] == {
        "previous_title": "Agenda", "previous_text": "So much for what we cover today.", "next_title": "Costs"
    }  # fmt: skip
    assert block["place"] == "middle"
    assert block["target"]["narrative_language"] == "en-GB"
    assert 30 < block["target"]["words"] < 100
    assert "teaching" in model.asked[0].instructions
    assert "[pause]" in model.asked[0].instructions


def test_each_style_has_guidance_of_its_own() -> None:
    told = set()
    for style in Style:
        _, model, _ = run(_write([GOOD], wish=Wish(Approach.ANEW, style)))
        told.add(model.asked[0].instructions)
    assert len(told) == len(Style)


def test_notes_are_spoken_as_they_are_without_asking() -> None:
    narrative, model, usage = run(_write([GOOD], NOTED, Wish(Approach.NOTES)))
    assert narrative == narrate(NOTED)
    assert narrative.text == "Revenue up 12%, thanks to all of you. [pause] customers stay longer."
    assert (model.asked, usage) == ([], Usage())


def test_without_notes_the_model_writes_also_where_notes_are_wished_for() -> None:
    narrative, _, _ = run(_write([GOOD], wish=Wish(Approach.NOTES)))
    assert narrative.source == "written"


def test_notes_are_polished_or_translated() -> None:
    polished = "Revenue is up twelve percent, thanks to all of you. [pause] Customers stay longer."
    narrative, model, _ = run(_write([polished], NOTED, Wish(Approach.POLISH)))
    assert (narrative.source, narrative.text, narrative.warnings) == ("polished", polished, ())
    assert "own notes" in model.asked[0].instructions
    german = (
        "Der Umsatz ist um zwölf Prozent gestiegen, und das verdanken wir Ihnen allen. Kunden bleiben länger."
    )
    narrative, model, _ = run(_write([german], NOTED, Wish(Approach.NOTES, language="de")))
    assert (narrative.source, narrative.language, narrative.warnings) == ("translated", "de", ())
    assert "Translate" in model.asked[0].instructions


def test_a_slide_with_nothing_to_go_by_is_not_asked_about() -> None:
    bare = SlideContent(2, 9, language="en")
    model = FakeModel([{"narrative": GOOD}])
    narrative, _ = run(write(model, bare, ANALYSIS, DECK, Wish(Approach.ANEW), Surroundings()))
    assert (narrative.source, model.asked) == ("none", [])
    seen = replace(ANALYSIS, shows="Two people shake hands in front of a new factory.")
    narrative, _ = run(write(model, bare, seen, DECK, Wish(Approach.ANEW), Surroundings()))
    assert narrative.source == "written"


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (GERMAN, "language"),
        (GOOD.replace("twelve", "fourteen"), "fourteen"),
        (f"## Revenue\n{GOOD}", "plain sentences"),
        (GOOD * 5, "too long"),
        ("Revenue rose.", "too short"),
        ("", "empty"),
    ],
)
def test_what_is_wrong_is_asked_again_once_with_the_complaint(bad: str, complaint: str) -> None:
    narrative, model, usage = run(_write([bad, GOOD]))
    assert (narrative.text, narrative.warnings) == (GOOD, ())
    assert usage == Usage(200, 20)
    again = _block(model.asked[1])
    assert complaint in " ".join(again["complaints"])
    assert again["previous_answer"] == bad
    assert len(model.asked) == 2


def test_markdown_that_stays_is_taken_out() -> None:
    narrative, model, _ = run(_write([f"## Revenue\n\n**Well:** {GOOD}"]))
    assert narrative.text == f"Well: {GOOD}"
    assert narrative.warnings == ()
    assert len(model.asked) == 2


def test_figures_and_lengths_that_stay_wrong_are_warnings() -> None:
    narrative, _, _ = run(_write([GOOD.replace("twelve percent", "14 percent")]))
    assert [code for code, _ in narrative.warnings] == ["figure_not_on_slide"]
    assert "14" in narrative.warnings[0][1]
    narrative, _, _ = run(_write([GOOD * 6]))
    assert [code for code, _ in narrative.warnings] == ["narrative_length"]


def test_a_second_answer_that_is_worse_is_not_taken() -> None:
    narrative, _, _ = run(_write([GOOD.replace("twelve", "fourteen"), GERMAN]))
    assert narrative.text == GOOD.replace("twelve", "fourteen")
    assert [code for code, _ in narrative.warnings] == ["figure_not_on_slide"]


@pytest.mark.parametrize("text", [GERMAN, "", "[pause]", "…"])
def test_the_wrong_language_or_nothing_is_no_narrative(text: str) -> None:
    with pytest.raises(WorkError) as caught:
        run(_write([text]))
    assert (caught.value.code, caught.value.retryable) == ("narrative_unusable", True)


def test_what_the_model_raises_goes_on() -> None:
    with pytest.raises(WorkError) as caught:
        run(_write(WorkError("llm_busy", "Busy.", retryable=True)))
    assert caught.value.code == "llm_busy"


def test_three_hundred_words_never_pass_silently() -> None:
    notes = "We go on and say a bit more on it. " * 40
    long = replace(SLIDE, notes=notes)
    polished, _, _ = run(_write([notes], long, Wish(Approach.POLISH)))
    assert [code for code, _ in polished.warnings] == ["narrative_length"]
    assert [code for code, _ in narrate(long).warnings] == ["text_too_long"]


def test_a_narrative_without_a_model_stays_as_it_is() -> None:
    for approach in Approach:
        assert narrate(NOTED, Wish(approach)) == narrate(NOTED)


def test_words_in_another_language_than_asked_for_are_named() -> None:
    german = replace(SLIDE, notes=GERMAN, language="de")
    assert narrate(german).warnings == ()
    assert narrate(german, Wish(language="de-CH")).warnings == ()
    narrative = narrate(german, Wish(language="en"))
    assert [code for code, _ in narrative.warnings] == ["not_translated"]
    assert narrative.source == "notes"
    points = tuple((0, line) for line in GERMAN.split(". "))
    outlined = SlideContent(2, 9, title="Umsatz", paragraphs=points, language="de")
    assert [code for code, _ in narrate(outlined, Wish(language="en")).warnings] == ["not_translated"]
    assert narrate(SlideContent(2, 9, title="Umsatz"), Wish(language="en")).warnings == ()


def test_when_a_model_is_needed() -> None:
    assert not needs_model(NOTED, Wish())
    assert needs_model(SLIDE, Wish())
    assert needs_model(NOTED, Wish(Approach.POLISH))
    assert needs_model(NOTED, Wish(language="de"))
    assert not needs_model(NOTED, Wish(language="en-GB"))


def test_the_fingerprint_knows_no_place() -> None:
    def of(slide: SlideContent, writer: str = "fake:model", wish: Wish | None = None) -> str:
        return narrative_fingerprint(slide, wish or Wish(), writer, ANALYSIS)

    moved = replace(SLIDE, number=1, total=30, is_first=True)
    assert of(moved) == of(SLIDE) != of(replace(SLIDE, title="Costs"))
    assert of(SLIDE) != of(NOTED)
    assert of(SLIDE) != of(SLIDE, "other:model")
    assert of(SLIDE) != of(SLIDE, wish=Wish(style=Style.WRY))
    assert of(SLIDE) != narrative_fingerprint(SLIDE, Wish(), "fake:model", replace(ANALYSIS, shows="More."))


def test_without_a_model_only_what_it_uses_counts() -> None:
    def of(wish: Wish, analysis: SlideAnalysis | None = ANALYSIS) -> str:
        return narrative_fingerprint(SLIDE, wish, NARRATION_VERSION, analysis)

    assert of(Wish()) == of(Wish(Approach.ANEW, Style.WRY), None)
    assert of(Wish()) != of(Wish(language="de"))
