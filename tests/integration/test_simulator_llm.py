"""A deck of fifty slides analysed and narrated by a simulated model, with everything going wrong now and then."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from deckcast.analysis.service import analyse_deck, analyse_slide
from deckcast.kit.settings import LlmSettings
from deckcast.kit.slides import ChartContent, SeriesContent, SlideAnalysis, SlideContent
from deckcast.llm.model import AskedModel, patience
from deckcast.llm.ports import LanguageModel
from deckcast.llm.service import choose
from deckcast.narration.evening import even_out
from deckcast.narration.models import Narrative, Surroundings, Wish
from deckcast.narration.repeats import Draft, find_repeats
from deckcast.narration.service import write
from deckcast.simulators.llm import running

THINGS = (
    "apples",
    "bridges",
    "clocks",
    "drums",
    "engines",
    "forests",
    "gardens",
    "harbours",
    "islands",
    "journals",
)


def deck(slides: int) -> list[SlideContent]:
    """Slides of all kinds, each with words and figures of its own."""
    made = []
    for number in range(1, slides + 1):
        thing = THINGS[number % len(THINGS)]
        chart = ChartContent(
            "bar", f"Sales of {thing}", ("2024", "2025"), (SeriesContent("Sales", (10.0, float(number))),)
        )
        made.append(
            SlideContent(
                number=number,
                total=slides,
                title=f"Plan {chr(64 + number % 26 + 1)}{number}: {thing} in the year {1950 + number}",
                paragraphs=((0, f"{number} {thing} were counted"), (1, "None of them is for sale")),
                language="en",
                charts=(chart,) if number % 5 == 0 else (),
                is_first=number == 1,
                is_last=number == slides,
            )
        )
    return made


@contextmanager
def simulated(**plan: Any) -> Iterator[tuple[LanguageModel, str]]:
    """A model that waits for nothing, and the simulator's address."""
    with running(plan) as base_url:
        settings = LlmSettings(model="openai:gpt-5.2", api_key=SecretStr("sim-1"), base_url=base_url)
        chosen = choose(settings)
        assert chosen is not None
        yield AskedModel(chosen, settings, retries=patience(10, lambda seconds: asyncio.sleep(0))), base_url


def ledger(base_url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{base_url}/_ledger") as answer:
        return dict(json.load(answer))


async def narrated(
    model: LanguageModel, slides: list[SlideContent], wish: Wish
) -> tuple[list[SlideAnalysis], list[Narrative]]:
    """All slides analysed, the deck too, and all slides narrated."""
    found = await asyncio.gather(*(analyse_slide(model, slide, None, "Plans") for slide in slides))
    analyses = [analysis for analysis, _ in found]
    whole, _ = await analyse_deck(model, "Plans", "Ada", slides, analyses)
    assert slides[0].title in whole.thread
    written = await asyncio.gather(
        *(
            write(model, slide, analysis, whole, wish, Surroundings())
            for slide, analysis in zip(slides, analyses, strict=True)
        )
    )
    await model.close()
    return analyses, [narrative for narrative, _ in written]


def test_fifty_slides_come_out_although_a_third_of_all_calls_fail() -> None:
    slides = deck(50)
    with simulated(rate=0.3, seed=5) as (model, base_url):
        analyses, narratives = asyncio.run(narrated(model, slides, Wish()))
        seen = ledger(base_url)
    for slide, analysis, narrative in zip(slides, analyses, narratives, strict=True):
        assert analysis.key_points == tuple(text for _, text in slide.paragraphs)
        assert (narrative.source, narrative.language) == ("written", "en")
        assert slide.title in narrative.text
        assert slide.paragraphs[0][1] in narrative.text
        assert narrative.warnings == ()
    assert analyses[9].shows.startswith("A bar chart: Sales of apples")
    assert seen["questions"] == 101
    assert seen["asked"] > 130
    assert seen["most_at_once"] <= 10


@pytest.mark.parametrize("language", ["de", "zh", "ar"])
def test_narratives_come_in_the_language_asked_for(language: str) -> None:
    with simulated() as (model, _):
        narratives = asyncio.run(narrated(model, deck(4), Wish(language=language)))[1]
    assert [(item.language, item.warnings) for item in narratives] == [(language, ())] * 4


def test_slides_that_begin_alike_are_evened_out() -> None:
    slides = deck(12)
    rule = {"call": "ask", "fault": "repeats_opening"}

    async def story(model: LanguageModel) -> tuple[list[Draft], list[Draft]]:
        wish = Wish()
        written = [await write(model, slide, None, None, wish, Surroundings()) for slide in slides]
        drafts = [
            Draft(n, slide, item[0]) for n, (slide, item) in enumerate(zip(slides, written, strict=True))
        ]
        evened, _ = await even_out(model, drafts, None, wish)
        await model.close()
        after = [
            Draft(
                item.index,
                item.slide,
                Narrative(evened.texts.get(item.index, item.narrative.text), "en", "written"),
            )
            for item in drafts
        ]
        return drafts, after

    with simulated(rules=[rule]) as (model, _):
        drafts, after = asyncio.run(story(model))
    openings = [repeat for repeat in find_repeats(drafts) if repeat.place == "opening"]
    assert [len(repeat.indexes) for repeat in openings] == [12]
    assert [repeat for repeat in find_repeats(after) if repeat.place == "opening"] == []
