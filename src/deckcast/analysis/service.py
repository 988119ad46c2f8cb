"""Slide and deck analysis: built in, from the deck's own data, or by a language model that may look at the slide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deckcast.analysis import asking
from deckcast.analysis.kinds import kind_of
from deckcast.analysis.lines import key_points, shortened, table_letters, weight_of_text
from deckcast.analysis.shown import shows
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.slides import DeckAnalysis, SlideAnalysis, SlideContent, SlideKind
from deckcast.llm.ports import LanguageModel, Usage

ANALYSIS_VERSION = "1"
"""Part of every analysis' fingerprint: changes when the same slide would be analysed otherwise."""

BUILT_IN = f"built-in/{ANALYSIS_VERSION}"

_LEAST, _MOST = 0.2, 2.0
_THREAD_LENGTH = 400
_MOST_MILESTONES = 12
_BASE = {
    SlideKind.TITLE: 0.5, SlideKind.AGENDA: 0.6, SlideKind.SECTION: 0.4, SlideKind.CLOSING: 0.4,
    SlideKind.QUOTE: 0.7, SlideKind.PICTURE: 0.8, SlideKind.CHART: 1.1, SlideKind.TABLE: 1.0, SlideKind.CONTENT: 0.6,
}  # fmt: skip
_GROWS = {SlideKind.CONTENT: 300.0, SlideKind.CHART: 500.0, SlideKind.TABLE: 800.0, SlideKind.QUOTE: 600.0}


def analyse_built_in(slide: SlideContent) -> SlideAnalysis:
    """What the deck's own data say of a slide, the same for the same slide. It looks at no picture."""
    kind = kind_of(slide)
    return SlideAnalysis(kind, key_points(slide), shows(slide), _weight(slide, kind), BUILT_IN)


def analyse_deck_built_in(
    title: str, author: str, slides: Sequence[SlideContent], analyses: Sequence[SlideAnalysis]
) -> DeckAnalysis:
    """Title and author as the file has them, and the thread as the titles of its sections or, where it has none,
    of its agenda or its slides. Audience and tone are not known. `analyses` belong to `slides`, in their order."""
    thread = shortened(" → ".join(dict.fromkeys(_milestones(slides, analyses))), _THREAD_LENGTH)
    return DeckAnalysis(title, author, "", thread, "", BUILT_IN)


async def analyse_slide(
    model: LanguageModel, slide: SlideContent, picture: Path | None, deck_title: str
) -> tuple[SlideAnalysis, Usage]:
    """What a model finds on a slide; `picture` (PNG or JPEG) is shown to a model that sees pictures.

    What it says is checked against the slide: sentences with figures that do not stand there are dropped, and so
    are points that have nothing to do with it; where none is left, the slide's own lines stand in for them.
    Raises what `LanguageModel.ask` raises.
    """
    return await asking.slide_analysis(model, slide, picture, deck_title, analyse_built_in(slide))


async def analyse_deck(
    model: LanguageModel,
    title: str,
    author: str,
    slides: Sequence[SlideContent],
    analyses: Sequence[SlideAnalysis],
) -> tuple[DeckAnalysis, Usage]:
    """What a model makes of the whole deck, from a bounded summary of each slide, so that 500 fit one question.

    Raises what `LanguageModel.ask` raises.
    """
    own = analyse_deck_built_in(title, author, slides, analyses)
    return await asking.deck_analysis(model, slides, analyses, own)


def analysis_fingerprint(slide: SlideContent, image_sha256: str | None, analyst: str) -> str:
    """Of the slide's own content, its picture where the analyst is a model, and who analyses; never of its number
    or its neighbours, so that moving a slide or adding another makes no analysis anew."""
    return fingerprint(
        f"analysis/{ANALYSIS_VERSION}",
        analyst=analyst,
        image=None if analyst.startswith("built-in/") else image_sha256,
        slide=asking.matter_of(slide),
    )


def _weight(slide: SlideContent, kind: SlideKind) -> float:
    """How long to speak about it: what it is for, and how much stands on it."""
    amount = weight_of_text(slide) + (table_letters(slide) if kind is SlideKind.TABLE else 0)
    grown = amount / _GROWS[kind] if kind in _GROWS else 0.0
    if kind is SlideKind.CONTENT and not slide.title and not amount:
        return _LEAST
    return round(min(max(_BASE[kind] + min(grown, 1.0), _LEAST), _MOST), 2)


def _milestones(slides: Sequence[SlideContent], analyses: Sequence[SlideAnalysis]) -> list[str]:
    pairs = list(zip(slides, analyses, strict=True))
    agenda = [point for _, found in pairs if found.kind is SlideKind.AGENDA for point in found.key_points]
    if agenda:
        return agenda
    sections = [slide.title for slide, found in pairs if found.kind is SlideKind.SECTION and slide.title]
    if len(sections) >= 3:
        return sections
    aside = (SlideKind.TITLE, SlideKind.CLOSING)
    titles = [slide.title for slide, found in pairs if slide.title and found.kind not in aside]
    step = max(1, -(-len(titles) // _MOST_MILESTONES))
    return titles[::step]
