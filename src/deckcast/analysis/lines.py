"""A slide's own lines: which of them are points, and how much they are."""

from __future__ import annotations

import re

from deckcast.analysis.words import plain_of
from deckcast.kit.slides import SlideContent

MOST_POINTS = 5
POINT_LENGTH = 160

_BULLET = re.compile(r"^\s*(?:[•‣▪▫●○◦■□◆◇►▶➔➜➢✓✔✗✘·∙\uf0b7\uf0a7\uf0d8]+\s*|[-–—*+>]\s+)+")
_ADDRESS = re.compile(r"^(?:https?://|www\.)\S+$|^(?:\S+ ){0,3}<?\S+@\S+\.\w+>?$", re.I)
_CODE = re.compile(r"^\"?%|^[<#/{}$%\[\\]|[;{}>]$|^\w+\(.*\)$|\s--?\w+=|^\d{1,3}(\.\d{1,3}){3}\b")
_FIGURE = re.compile(r"^[^\w\s]*\s?\d[\d.,]*\s?\W?[a-zA-Z]{0,3}[+%]?$")
_DENSE = 2.5  # a Han, kana or Hangul sign says as much as so many letters


def key_points(slide: SlideContent) -> tuple[str, ...]:
    """The slide's own main lines, at most five of at most 160 characters, in their order; the cells or series that
    stand for them where there are no lines. Empty where the slide has nothing but a title."""
    lines = [] if is_code(slide) else _top_lines(slide)
    if not lines:
        lines = [
            ", ".join(cell for cell in cells if cell) for table in slide.tables for cells in _heads(table)
        ]
    if not lines:
        lines = [chart.title or ", ".join(one.name for one in chart.series) for chart in slide.charts]
    if not lines:
        lines = list(slide.picture_descriptions)
    title = plain_of(slide.title)
    kept = dict.fromkeys(shortened(line) for line in lines if line and plain_of(line) != title)
    return tuple(kept)[:MOST_POINTS]


def is_code(slide: SlideContent) -> bool:
    """Whether its lines are a program or a configuration file, which are nothing to say."""
    found = sum(bool(_CODE.search(text.strip())) for _, text in slide.paragraphs)
    return found >= 2 and found * 5 >= len(slide.paragraphs)


def is_address(text: str) -> bool:
    """Whether a line is a web or an e-mail address, perhaps with a name before it."""
    return bool(_ADDRESS.search(text.strip()))


def _heads(table: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """What names the columns, and what names the rows."""
    return [table[0], tuple(row[0] for row in table[1:] if row)] if table else []


def shortened(line: str, length: int = POINT_LENGTH) -> str:
    """One line of at most `length` characters, cut between words, without the mark it ends with."""
    line = " ".join(_BULLET.sub("", line).split())
    if len(line) <= length:
        return line.rstrip(":;,，；：、 ")
    cut = line[: length - 1]
    spaced = cut.rsplit(" ", 1)[0]
    return (spaced if len(spaced) >= length // 2 else cut).rstrip(",;:，；：、 ") + "…"


def weight_of_text(slide: SlideContent) -> float:
    """How many letters stand on the slide, titles aside; a dense sign counts as 2.5 of them."""
    return sum(_letters(text) for _, text in slide.paragraphs)


def table_letters(slide: SlideContent) -> float:
    """How many letters stand in its tables."""
    return sum(_letters(cell) for table in slide.tables for row in table for cell in row)


def _letters(text: str) -> float:
    dense = sum(
        1 for character in text if "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"
    )
    return len(text) + dense * (_DENSE - 1)


def _top_lines(slide: SlideContent) -> list[str]:
    """The uppermost points; where one line only announces the others, those below it."""
    lines = [(level, text.strip()) for level, text in slide.paragraphs if _is_said(text, slide)]
    if len(lines) == 2 and lines[0][1].endswith(":") and lines[0][1].islower():
        lines = lines[1:]  # says: “…”
    lines = _with_figures(lines)
    top = min((level for level, _ in lines), default=0)
    uppermost = [text for level, text in lines if level == top]
    if len(uppermost) <= 1 < len(lines):
        below = [(level, text) for level, text in lines if level > top] or lines
        next_level = min(level for level, _ in below)
        return [text for level, text in below if level == next_level]
    if len(lines) > 2 and lines[0][1].endswith((":", "：")) and all(level == top for level, _ in lines):
        return uppermost[1:]
    return uppermost


def _is_said(text: str, slide: SlideContent) -> bool:
    line = text.strip()
    if not any(character.isalnum() for character in line) or line == str(slide.number):
        return False
    return not is_address(line) and not _CODE.search(line)


def _with_figures(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """A big figure and the words below it belong together: `42 %` + `of customers stay`."""
    whole: list[tuple[int, str]] = []
    for level, text in lines:
        if whole and len(whole[-1][1]) <= 9 and _FIGURE.match(whole[-1][1]) and not re.search(r"\d", text):
            whole[-1] = (whole[-1][0], f"{whole[-1][1]} {text}")
        else:
            whole.append((level, text))
    return whole
