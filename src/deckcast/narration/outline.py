"""An honest account of a slide without notes: its own words and numbers, in sentences."""

from __future__ import annotations

import re

from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.slides import SlideContent
from deckcast.narration.figures import chart_sentences, table_sentences
from deckcast.narration.lengths import word_count
from deckcast.narration.phrases import Phrases
from deckcast.narration.wording import cleaned, has_words, joined, listed, sentence

_SHORT_CHARS, _SHORT_WORDS = 42, 5
_FEW = 3
_LONGEST_LIST = 8
_LED_WORDS = 4
_MOST_PICTURES = 2
_FILE_LIKE = re.compile(
    r"\.\w{3,4}$|^(picture|image|graphic|grafik|bild|photo|img|imagen|immagine|图片|図)[\s_-]*\d*$", re.I
)
_CODE_SIGNS = frozenset("{}[]\\|<>=^~_;")
_CODE = re.compile(r"%\{|\\\"|\]\s\"|</|/>|\(\)\s*[{;]|^[$#]\s")
_MACHINE_MADE = re.compile(
    r"\s*(description|beschreibung|descripción|descrizione)\b.*(generated|generiert|generada)[^.]*\.?", re.I
)


def outline(slide: SlideContent, table: Phrases, turn: int = 0) -> str:
    """The narration of a slide from title, points, tables, charts and pictures; empty where it has none. Another
    `turn` puts other phrases around the same words."""
    title = cleaned(slide.title, table)
    points = _points(slide, title, table)
    turn += _turn_of(slide)
    parts = [_opening(slide, title, table, turn)]
    if slide.is_first or _is_closing(slide, title, table):
        parts += [sentence(_with_children(text, below, table), table) for text, below in points]
    else:
        parts += _said_points(points, title, table, turn)
    for rows in slide.tables:
        parts += table_sentences(rows, table)
    for chart in slide.charts:
        parts += chart_sentences(chart, title, table)
    parts += _pictures(slide, title, bool(points), table)
    return joined([part for part in parts if has_words(part)], table)


def _opening(slide: SlideContent, title: str, table: Phrases, turn: int) -> str:
    if not has_words(title):
        return ""
    speaks_for_itself = title.endswith(("?", "!", "？", "！")) or _is_closing(slide, title, table)
    if slide.is_first:
        variants = table.first_openings
    elif speaks_for_itself or _stands_alone(title, table):
        variants = ("{title}",)
    elif _is_bare(slide) and not slide.is_last:
        variants = table.openings[:2]
    elif slide.is_last:
        variants = table.last_openings
    else:
        variants = table.openings
    return sentence(_varied(variants, turn).format(title=title), table)


def _is_bare(slide: SlideContent) -> bool:
    """A title and nothing else: there is nothing to be looked at."""
    return not (slide.paragraphs or slide.tables or slide.charts or slide.picture_descriptions)


def _stands_alone(title: str, table: Phrases) -> bool:
    """Titles that no phrase fits before: agendas, summaries, and those with a colon of their own."""
    return bool(re.search("[:：]", title)) or title.lower().startswith(
        (*table.agenda_words, *table.summary_words)
    )


def _is_agenda(title: str, table: Phrases) -> bool:
    return title.lower().startswith(table.agenda_words)


def _is_closing(slide: SlideContent, title: str, table: Phrases) -> bool:
    """Thanks, questions, contact: one of the last slides, which speaks for itself."""
    if slide.number < slide.total - 1:
        return False
    return any(re.search(rf"(?<![a-zà-ÿ]){re.escape(word)}", title.lower()) for word in table.closing_words)


def _points(slide: SlideContent, title: str, table: Phrases) -> list[tuple[str, list[str]]]:
    """Each top point with the points below it; repeats of the title and bare slide numbers left out."""
    lines: list[tuple[int, str]] = []
    for level, raw in slide.paragraphs:
        for part in raw.replace("\v", "\n").split("\n"):
            text = cleaned(part, table).lstrip("… ")
            repeated = text.casefold() in (title.casefold(), lines[-1][1].casefold() if lines else "")
            if has_words(text) and not repeated and text != str(slide.number) and not _is_code(text):
                lines.append((level, text))
    lines = _figures_with_labels(lines, table)
    top = min((level for level, _ in lines), default=0)
    points: list[tuple[str, list[str]]] = []
    for level, text in lines:
        announced = bool(points) and points[-1][0].endswith((":", "：")) and not text.endswith((":", "："))
        if points and (level > top or announced):
            points[-1][1].append(text)
        else:
            points.append((text, []))
    return points


def _is_code(text: str) -> bool:
    """Lines of programs and logs, which are there to be read."""
    return len(set(text) & _CODE_SIGNS) >= 3 or bool(_CODE.search(text))


def _figures_with_labels(lines: list[tuple[int, str]], table: Phrases) -> list[tuple[int, str]]:
    """A big figure and the words below it belong together: `42 %` + `of customers stay`."""
    whole: list[tuple[int, str]] = []
    for level, text in lines:
        if whole and _is_figure(whole[-1][1]) and not re.search(r"\d", text):
            link = " " if text[0].islower() else table.colon
            whole[-1] = (whole[-1][0], whole[-1][1] + link + text)
        else:
            whole.append((level, text))
    return whole


def _is_figure(text: str) -> bool:
    return len(text) <= 9 and bool(re.match(r"^[^\w\s]*\s?\d[\d.,]*\s?\W?[a-zA-Z]{0,3}[+%]?$", text))


def _said_points(points: list[tuple[str, list[str]]], title: str, table: Phrases, turn: int) -> list[str]:
    if _is_list(points):
        items = [text.rstrip(".;,。；，") for text, _ in points]
        template = "{items}" if len(items) <= _FEW else _varied(table.lists, turn)
        template = table.agenda if _is_agenda(title, table) else template
        return [sentence(template.format(items=listed(items, table)), table)]
    said = [_with_children(text, below, table) for text, below in points]
    if len(points) >= 3 and _can_be_led(said[0]) and _can_be_led(said[-1]):
        said[0] = _varied(table.first_points, turn).format(point=said[0])
        said[-1] = _varied(table.last_points, turn).format(point=said[-1])
    return [sentence(text, table) for text in said]


def _can_be_led(point: str) -> bool:
    """Whether `First of all: …` may stand before it: a statement of some length, without a colon of its own."""
    long_enough = word_count(point, "") >= _LED_WORDS
    return (
        long_enough
        and not re.search(r"[:：]", point)
        and not re.search(r"^[\W\d]|[^\W\d_]\.[^\W\d_]{2,}$", point)
    )


def _is_list(points: list[tuple[str, list[str]]]) -> bool:
    """Short items that read best in one sentence."""
    return 2 <= len(points) <= _LONGEST_LIST and all(not below and _is_item(text) for text, below in points)


def _is_item(text: str) -> bool:
    words = len(text.split())
    return (
        len(text) <= _SHORT_CHARS
        and words <= _SHORT_WORDS
        and not re.search(r"[,;:!?،、，；：？！]|\.\s|@|\w\.\w{2,}$", text)
    )


def _with_children(text: str, below: list[str], table: Phrases) -> str:
    """A point and what stands below it: a short list after a colon, else sentences of their own."""
    if not below:
        return text
    if len(below) <= _LONGEST_LIST and all(_is_item(item) for item in below):
        items = listed([item.rstrip(".;。；") for item in below], table)
        joint = table.space if text.endswith(("!", "?", "！", "？")) else table.colon
        return text.rstrip(".:;：。") + joint + items
    head = text.rstrip(": ：") + table.colon.rstrip() if text.endswith((":", "：")) else sentence(text, table)
    return joined([head, *(sentence(item, table) for item in below)], table)


def _pictures(slide: SlideContent, title: str, has_points: bool, table: Phrases) -> list[str]:
    if has_points or slide.tables or slide.charts:
        return []
    said: list[str] = []
    for raw in slide.picture_descriptions:
        text = _MACHINE_MADE.sub("", cleaned(raw, table)).strip()
        if has_words(text) and not _FILE_LIKE.search(text) and text.casefold() != title.casefold():
            said.append(sentence(table.picture.format(text=text.rstrip(".")), table))
    return said[:_MOST_PICTURES]


def _turn_of(slide: SlideContent) -> int:
    """Told by the slide's own words, not by its place: a slide that is moved says the same."""
    words = "\n".join([slide.title, *(text for _, text in slide.paragraphs)])
    return int(fingerprint("outline", words=words)[:8], 16)


def _varied(variants: tuple[str, ...], turn: int) -> str:
    return variants[turn % len(variants)]
