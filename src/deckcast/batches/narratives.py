"""From a slide's row to its narrative: what decks read, put the way narration takes it."""

from __future__ import annotations

from deckcast.db.models import SlideRow
from deckcast.kit.slides import ChartContent, SeriesContent, SlideContent
from deckcast.narration.models import Narrative
from deckcast.narration.service import narrate


def content_of(slide: SlideRow, total: int, language: str) -> SlideContent:
    """The slide as narration wants it; `total` counts the slides of the film."""
    content = slide.content
    return SlideContent(
        number=slide.number,
        total=total,
        title=slide.title,
        paragraphs=tuple((int(level), str(text)) for level, text in content["paragraphs"]),
        notes=slide.notes,
        language=language,
        tables=tuple(tuple(tuple(row) for row in table["rows"]) for table in content["tables"]),
        charts=tuple(
            ChartContent(
                kind=chart["kind"],
                title=chart["title"],
                categories=tuple(chart["categories"]),
                series=tuple(
                    SeriesContent(series["name"], tuple(series["values"])) for series in chart["series"]
                ),
            )
            for chart in content["charts"]
        ),
        picture_descriptions=tuple(content["picture_descriptions"]),
        is_first=slide.number == 1,
        is_last=slide.number == total,
    )


def narrative_of(slide: SlideRow, total: int, deck_language: str, asked_language: str | None) -> Narrative:
    """The slide's narrative, in the language asked for, else the slide's, else the deck's, else English."""
    language = asked_language or slide.language or deck_language or "en"
    return narrate(content_of(slide, total, language))
