"""From a slide's row to its content: what decks read, put the way analysis and narration take it."""

from __future__ import annotations

from deckcast.db.models import SlideRow
from deckcast.kit.slides import ChartContent, SeriesContent, SlideContent


def content_of(slide: SlideRow, total: int, language: str) -> SlideContent:
    """The slide's content, in `language` (BCP 47); `total` counts the slides of the film."""
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
