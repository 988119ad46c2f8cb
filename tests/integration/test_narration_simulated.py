"""Narratives by a simulated model that writes what it should not: once, and again and again."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

import pytest
from pydantic import SecretStr

from deckcast.kit.errors import WorkError
from deckcast.kit.settings import LlmSettings
from deckcast.kit.slides import SlideContent
from deckcast.llm.service import open_model
from deckcast.narration.models import Approach, Narrative, Surroundings, Wish
from deckcast.narration.service import write
from deckcast.simulators.llm import running

SLIDE = SlideContent(
    3, 9, title="Sales in the north", language="en",
    paragraphs=((0, "Sales rose by 12 percent"), (0, "New stores opened in Bergen"), (0, "Costs stayed level")),
)  # fmt: skip


def _written(*rules: dict[str, Any], wish: Wish | None = None) -> tuple[Narrative, dict[str, Any]]:
    """The narrative, and the simulator's ledger."""

    async def story(base_url: str) -> Narrative:
        model = open_model(LlmSettings(model="openai:gpt-5.2", api_key=SecretStr("sim-1"), base_url=base_url))
        assert model is not None
        try:
            wished = wish or Wish(Approach.ANEW)
            return (await write(model, SLIDE, None, None, wished, Surroundings()))[0]
        finally:
            await model.close()

    with running({"rules": list(rules)}) as base_url:
        narrative = asyncio.run(story(base_url))
        with urllib.request.urlopen(f"{base_url}/_ledger") as answer:
            return narrative, dict(json.load(answer))


@pytest.mark.parametrize("fault", ["markdown", "wrong_language", "invented_number", "too_long", "empty"])
def test_a_fault_that_happens_once_is_mended_by_asking_again(fault: str) -> None:
    narrative, ledger = _written({"call": "ask", "fault": fault, "nth": [1]})
    assert (narrative.source, narrative.language, narrative.warnings) == ("written", "en", ())
    assert "12 percent" in narrative.text
    assert ledger["answered"] == 2


def test_markdown_that_stays_is_taken_out() -> None:
    narrative, _ = _written({"call": "ask", "fault": "markdown"})
    assert not set(narrative.text) & set("#*-")
    assert "New stores opened in Bergen" in narrative.text
    assert narrative.warnings == ()


@pytest.mark.parametrize(
    ("fault", "code", "named"),
    [("invented_number", "figure_not_on_slide", "7319"), ("too_long", "narrative_length", "words")],
)
def test_figures_and_lengths_that_stay_wrong_are_named(fault: str, code: str, named: str) -> None:
    narrative, ledger = _written({"call": "ask", "fault": fault})
    assert [warning[0] for warning in narrative.warnings] == [code]
    assert named in narrative.warnings[0][1]
    assert ledger["answered"] == 2


@pytest.mark.parametrize("fault", ["wrong_language", "empty"])
def test_what_cannot_be_used_fails_the_slide(fault: str) -> None:
    with pytest.raises(WorkError) as caught:
        _written({"call": "ask", "fault": fault})
    assert (caught.value.code, caught.value.retryable) == ("narrative_unusable", True)


def test_a_translation_is_in_the_language_asked_for() -> None:
    narrative, _ = _written(wish=Wish(language="it"))
    assert (narrative.language, narrative.warnings) == ("it", ())
