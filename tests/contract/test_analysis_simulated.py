"""Slides and a deck analysed over HTTP, by each provider's API as the simulator speaks it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pydantic import SecretStr

from deckcast.analysis.service import analyse_built_in, analyse_deck, analyse_slide
from deckcast.kit.settings import LlmSettings
from deckcast.kit.slides import ChartContent, DeckAnalysis, SeriesContent, SlideAnalysis, SlideContent
from deckcast.llm.ports import LanguageModel, Usage
from deckcast.llm.service import open_model
from deckcast.simulators.llm import running

MODELS = ("openai:gpt-5.2", "anthropic:claude-sonnet-5", "gemini:gemini-3-flash", "ollama:gemma3")
CHART = ChartContent("bar", "Ships by quarter", ("Q1", "Q2"), (SeriesContent("North pier", (12, 15.5)),))
SLIDES = (
    SlideContent(1, 3, "Harbour report", ((0, "Annual meeting 2026"),), language="en", is_first=True),
    SlideContent(2, 3, "Ships", ((0, "More ships came"), (0, "Fewer were late")), language="en", charts=(CHART,)),
    SlideContent(3, 3, "港口的变化", ((0, "新码头可以停靠大型船只"),), language="zh", is_last=True),
)  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as url:
        yield url


async def analysed(
    model: LanguageModel, picture: Path
) -> tuple[list[SlideAnalysis], DeckAnalysis, list[Usage]]:
    try:
        pairs = [await analyse_slide(model, one, picture, "Harbour report") for one in SLIDES]
        found = [pair[0] for pair in pairs]
        deck, usage = await analyse_deck(model, "Harbour report", "Ada", SLIDES, found)
        return found, deck, [*(pair[1] for pair in pairs), usage]
    finally:
        await model.close()


@pytest.mark.parametrize("name", MODELS)
def test_a_deck_is_analysed_in_its_own_words(address: str, name: str, tmp_path: Path) -> None:
    key = None if name.startswith("ollama") else SecretStr("sim-1")
    model = open_model(LlmSettings(model=name, base_url=address, api_key=key))
    assert model is not None
    Image.new("RGB", (64, 36), "orange").save(tmp_path / "slide.png")
    found, deck, usages = asyncio.run(analysed(model, tmp_path / "slide.png"))
    assert [one.kind for one in found] == ["title", "chart", "closing"]
    assert found[1].key_points == ("More ships came", "Fewer were late")
    assert "Ships by quarter" in found[1].shows
    assert found[2].key_points == ("新码头可以停靠大型船只",)
    assert all(one.analyst == model.name and 0.2 <= one.weight <= 2 for one in found)
    assert found != [analyse_built_in(one) for one in SLIDES]
    assert (deck.title, deck.author, deck.analyst) == ("Harbour report", "Ada", model.name)
    assert "Ships" in deck.thread
    assert deck.audience
    assert all(usage.input_tokens > 0 and usage.output_tokens > 0 for usage in usages)
