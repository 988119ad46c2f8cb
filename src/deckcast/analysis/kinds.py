"""What a slide is for, told from its layout, its place, its title's words and what stands on it."""

from __future__ import annotations

import re

from deckcast.analysis.lines import is_address, table_letters, weight_of_text
from deckcast.analysis.words import says
from deckcast.kit.slides import SlideContent, SlideKind

_TITLE_LETTERS = 250
_FEW_LETTERS = 90  # what stands beside a picture that is the matter, or below a section's title
_LONG_CLOSING = 250
_AGENDA_WORDS = 7
_SHORT_LINE = 70
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{4}年")
_QUOTED = re.compile(r"[“„«「『\"‹‚](?P<said>[^“”„«»「」『』\"‹›]{12,})[”“»」』\"›’]")
_QUOTE_SHARE = 0.6
_BY = re.compile(r"^\s*[—–―-]\s?\w")


def kind_of(slide: SlideContent) -> SlideKind:
    """The kind that the deck's own data speak for; what speaks for nothing else is content."""
    if _is_closing(slide):
        return SlideKind.CLOSING
    if _is_title(slide):
        return SlideKind.TITLE
    if _is_agenda(slide):
        return SlideKind.AGENDA
    if slide.charts:
        return SlideKind.CHART
    if slide.tables and table_letters(slide) >= 0.5 * weight_of_text(slide):
        return SlideKind.TABLE
    if _is_quote(slide):
        return SlideKind.QUOTE
    if _is_picture(slide):
        return SlideKind.PICTURE
    return SlideKind.SECTION if _is_section(slide) else SlideKind.CONTENT


def _has_figures(slide: SlideContent) -> bool:
    return bool(slide.charts or slide.tables)


def _is_closing(slide: SlideContent) -> bool:
    """Thanks, questions, contact or nothing but addresses: in the last third, or anywhere where nothing else
    stands there."""
    heading = slide.title or (slide.paragraphs[0][1] if len(slide.paragraphs) == 1 else "")
    late = slide.number * 3 >= slide.total * 2
    if slide.number == 1 or _has_figures(slide):
        return False
    if late and slide.paragraphs and all(is_address(text) for _, text in slide.paragraphs):
        return True
    if not says(heading, "closing", slide.language):
        return False
    letters = weight_of_text(slide) if slide.title else 0
    return letters <= (_LONG_CLOSING if late else 0)


def _is_title(slide: SlideContent) -> bool:
    """The first slide, where it is laid out as one or holds no more than one does."""
    if not (slide.is_first or slide.number == 1) or not slide.title or _has_figures(slide):
        return False
    if weight_of_text(slide) > _TITLE_LETTERS:
        return False
    if slide.layout in ("title", "section") or not slide.paragraphs:
        return True
    texts = [text.rstrip() for _, text in slide.paragraphs]
    if any(len(text) > _SHORT_LINE for text in texts):
        return False
    if any(_DATE.search(text) or is_address(text) for text in texts):
        return True
    return len(texts) <= 2 and not any(text.endswith((".", "。", ";", "；")) for text in texts)


def _is_agenda(slide: SlideContent) -> bool:
    items = len(slide.paragraphs) + sum(len(table) for table in slide.tables)
    return (
        items >= 2
        and not slide.charts
        and len(slide.title.split()) <= _AGENDA_WORDS
        and says(slide.title, "agenda", slide.language)
    )


def _is_quote(slide: SlideContent) -> bool:
    """Most of the words stand between quotation marks, or one saying is followed by who said it."""
    texts = [text for _, text in slide.paragraphs] or [slide.title]
    whole = " ".join(texts)
    quoted = sum(len(match["said"]) for match in _QUOTED.finditer(whole))
    spoken = len(re.sub(r"https?://\S+", "", whole))
    if spoken and quoted >= _QUOTE_SHARE * spoken:
        return True
    return len(texts) == 2 and len(texts[0]) >= 30 and bool(_BY.match(texts[1])) and len(texts[1]) <= 80


def _is_picture(slide: SlideContent) -> bool:
    shown = slide.pictures or len(slide.picture_descriptions)
    return bool(shown) and weight_of_text(slide) <= _FEW_LETTERS and len(slide.paragraphs) <= 1


def _is_section(slide: SlideContent) -> bool:
    if not slide.title or _has_figures(slide):
        return False
    letters, lines = weight_of_text(slide), len(slide.paragraphs)
    if slide.layout == "section":
        return letters <= _TITLE_LETTERS
    if slide.layout == "title":
        return letters <= _FEW_LETTERS and lines <= 2
    return not lines and not slide.picture_descriptions
