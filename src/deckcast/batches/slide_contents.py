"""From a slide's row to its content: what decks read, put the way analysis and narration take it."""

from __future__ import annotations

from dataclasses import asdict

from deckcast.db.models import PresentationRow, SlideRow
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.slides import ChartContent, SeriesContent, SlideContent


def own_content(slide: SlideRow, presentation: PresentationRow, last: int) -> SlideContent:
    """The slide's content in the slide's own language, else the deck's, else English. Its place is that in the deck
    (`last`: texts_repository.last_number), whichever slides a batch is for: what is written for it stays."""
    return content_of(slide, last, slide.language or presentation.language or "en")


def slide_fingerprint(content: SlideContent) -> str:
    """Equal while a slide and its notes say the same; its place in the deck does not count."""
    own = asdict(content)
    for of_place in ("number", "total", "is_first", "is_last"):
        own.pop(of_place)
    return fingerprint("slide/1", **own)


def content_of(slide: SlideRow, last: int, language: str) -> SlideContent:
    """The slide's content, in `language` (BCP 47); `last` is the number of the deck's last slide that is shown."""
    content = slide.content
    return SlideContent(
        number=slide.number,
        total=last,
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
        layout=content.get("layout", ""),
        pictures=content.get("pictures", 0),
        is_first=slide.number == 1,
        is_last=slide.number == last,
    )
