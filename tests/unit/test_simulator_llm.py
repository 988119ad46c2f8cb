"""The simulated model: what it answers, which faults it has, and that docs/models.md tells them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from deckcast.simulators.llm.answering import reply_to
from deckcast.simulators.llm.asked import Asked
from deckcast.simulators.llm.faults import FAULTS, NARRATIVES, FaultPlan, faults_of, plan_from
from deckcast.simulators.llm.matter import matter_of
from deckcast.simulators.llm.server import read_plan
from deckcast.simulators.llm.words import SPOKEN

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "models.md").read_text(encoding="utf-8")


class Spoken(BaseModel):
    narrative: str


class Ends(BaseModel):
    index: int
    first: str = Field(max_length=80)
    last: str


class Everything(BaseModel):
    kind: Literal["title", "content", "chart"]
    key_points: list[str] = Field(min_length=1, max_length=2)
    weight: float = Field(ge=0.2, le=2)
    sure: bool
    remark: str | None
    replacements: list[Ends]


SLIDE = {
    "title": "Growth in Europe",
    "paragraphs": ["Sales rose by 12 percent.", "New stores in Lyon", "Fewer returns"],
    "language": "en",
}


def asked(form: type[BaseModel] | None, repair: bool = False, **block: Any) -> Asked:
    text = f"The slide:\n```json\n{json.dumps(block)}\n```"
    schema = form.model_json_schema() if form else None
    return Asked("m", "Instructions.", text, schema, "final_result", 0, repair)


def spoken(fault: str = "", language: str = "en", words: int = 50, **more: Any) -> str:
    target = {"narrative_language": language, "words": words, "least": words - 15, "most": words + 15, **more}
    question = asked(Spoken, slide=SLIDE, target=target)
    return Spoken.model_validate_json(reply_to(question, fault)).narrative


def test_a_form_is_filled_from_the_matter_within_its_bounds() -> None:
    drafts = [{"index": 4, "title": "Alpha"}, {"index": 7, "title": "Beta"}]
    reply = reply_to(asked(Everything, slide=SLIDE, is_first=True, drafts=drafts, language="de"))
    value = Everything.model_validate_json(reply)
    assert (value.kind, value.weight) == ("title", 1.0)
    assert value.key_points == ["Sales rose by 12 percent", "New stores in Lyon"]
    assert [item.index for item in value.replacements] == [4, 7]
    assert ["Alpha" in value.replacements[0].first, "Beta" in value.replacements[1].first] == [True, True]


def test_a_narrative_has_the_slides_words_and_the_wanted_length() -> None:
    text = spoken()
    assert "Growth in Europe" in text
    assert "Sales rose by 12 percent" in text
    assert 35 <= len(text.split()) <= 65
    assert set(re.findall(r"\d+", text)) == {"12"}
    assert text == spoken()


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_a_narrative_is_in_the_language_asked_for(language: str) -> None:
    text = spoken(
        language=f"{language}-XX", **({"signs": 90, "most": 140} if language in ("zh", "ja") else {})
    )
    assert any(sentence in text for sentence in SPOKEN[language].more)


def test_notes_to_be_polished_are_kept() -> None:
    question = asked(Spoken, slide={**SLIDE, "notes": "We  grew.\nThank you."}, target={"approach": "polish"})
    assert json.loads(reply_to(question)) == {"narrative": "We grew. Thank you."}


def test_each_fault_of_a_narrative_is_what_it_says() -> None:
    assert spoken("empty") == ""
    assert spoken("markdown").startswith("## Growth in Europe\n\n- **")
    assert "7319" in spoken("invented_number")
    assert len(spoken("too_long").split()) >= 300
    assert any(sentence in spoken("wrong_language") for sentence in SPOKEN["de"].more)
    assert any(sentence in spoken("wrong_language", "fr") for sentence in SPOKEN["en"].more)
    assert spoken("repeats_opening").startswith(SPOKEN["en"].repeated)


def test_a_broken_form_is_broken() -> None:
    with pytest.raises(ValueError, match=r"\w"):
        json.loads(reply_to(asked(Spoken, slide=SLIDE), "malformed_json"))
    with pytest.raises(ValueError, match="narrative"):
        Spoken.model_validate_json(reply_to(asked(Spoken, slide=SLIDE), "wrong_form"))


def test_a_question_asked_again_is_the_same_question() -> None:
    first = asked(Spoken, slide=SLIDE)
    again = asked(Spoken, repair=True, slide=SLIDE, previous_answer="No.", complaints=["Too short."])
    assert first.digest == again.digest
    assert first.digest != asked(Everything, slide=SLIDE).digest
    assert first.digest != asked(Spoken, slide={**SLIDE, "title": "Costs"}).digest


def test_the_matter_is_all_json_in_a_text() -> None:
    matter = matter_of(
        'Look: {"a": {"title": "deep"}} and {not json} and {"title": "top", "list": [{"x": 1}]}.'
    )
    assert (matter.text("title"), matter.number("x"), matter.items("none")) == ("top", 1.0, [{"x": 1}])
    assert matter_of("no JSON").find("title") is None


def test_a_rule_can_name_a_slide_and_a_provider() -> None:
    rule = {"call": "ask", "fault": "markdown", "text": "Growth", "provider": "openai"}
    faults = faults_of(plan_from({"rules": [rule]}))
    found = [
        faults.draw("ask", text, text=text, provider=provider) is not None
        for text in ("Growth in Europe", "Costs")
        for provider in ("openai", "gemini")
    ]
    assert found == [True, False, False, False]


def test_a_rate_draws_only_what_a_client_can_get_over() -> None:
    faults = faults_of(FaultPlan(rate=1.0))
    drawn = {rule.fault for number in range(300) if (rule := faults.draw("ask", str(number)))}
    assert drawn == {
        "rate_limit", "error_before", "error_after", "drop_before", "drop_after", "malformed_body",
        "malformed_json", "wrong_form",
    }  # fmt: skip
    assert drawn.isdisjoint(NARRATIVES)


@pytest.mark.parametrize(
    "wrong",
    [{"rules": [{"call": "ask", "fault": "html"}]}, {"speed": 3}, {"rate": 2}, {"busy_for_s": "long"}],
)
def test_a_plan_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        plan_from(wrong)


def test_every_fault_is_told() -> None:
    told = set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))
    assert set(FAULTS["ask"]) - told == set()
    assert FAULTS["ask"] == FAULTS["repair"]


def test_the_example_of_a_faults_file_can_be_used(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    file = tmp_path / "faults.toml"
    file.write_text(found[1], encoding="utf-8")
    plan = read_plan(file)
    assert (plan.rate, plan.busy_for_s, len(plan.rules)) == (0.3, 30.0, 3)
