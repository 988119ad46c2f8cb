"""Read the slides of a .pptx (or .pptm, .ppsx, .potx): words, notes, tables, charts, and where content stands.

Runs locked in (see reader.py): it parses what a stranger wrote, and the library below can raise anything.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pptx.opc.package import PartFactory
from pptx.oxml.ns import qn
from pptx.package import Package
from pptx.parts.presentation import PresentationPart

from deckcast.decks import diagrams
from deckcast.decks.boxes import content_boxes
from deckcast.decks.findings import ReadDeck, ReadSlide
from deckcast.decks.fonts_named import fonts_of
from deckcast.decks.formats import broken
from deckcast.decks.models import Chart, Slide, Table
from deckcast.decks.places import SHOWING, Frame
from deckcast.decks.preflight import slide_warnings
from deckcast.decks.shapes import Node, choose_alternates, in_reading_order, leaves, nodes_of, placeholder
from deckcast.decks.words import clean, clean_lines, is_right_to_left
from deckcast.kit.errors import DeckError

_MACRO_SHOWS = (
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
)
_TITLES = ("title", "ctrTitle")
_LAYOUTS = {"title": "title", "secHead": "section", "blank": "", "cust": ""}
_FURNITURE = ("dt", "ftr", "sldNum", "hdr")
_FILE_NAME = re.compile(r"(^|[\\/])[^\\/]{1,200}\.(png|jpe?g|gif|bmp|tiff?|svg|emf|wmf|webp|heic|pdf)$", re.I)
_AUTOMATIC = re.compile(
    r"(description (automatically )?generated.*|ai-generated content may be incorrect\.?|automatisch generiert.*)$",
    re.I | re.S,
)
_NO_DESCRIPTION = re.compile(
    r"^((picture|image|grafik|bild|content placeholder|graphic) ?\d*|https?://\S+|\S*_\S*)$", re.I
)
_ALONE = 0.01
_TOP_PART = 0.5
_SURE_TOP = 0.3
_TITLE_LENGTH = 120


def read_powerpoint(path: Path, name: Path, max_slides: int) -> ReadDeck:
    """Read the deck at `path`; `name` is the file's name as the person knows it.

    Raises DeckError: deck_empty, deck_too_large, deck_broken.
    """
    for kind in _MACRO_SHOWS:
        PartFactory.part_type_for.setdefault(kind, PresentationPart)
    package = Package.open(str(path))
    part = package.main_document_part
    if not isinstance(part, PresentationPart):
        raise broken(name, "it holds no presentation")
    presentation = part.presentation
    ids = [item for item in presentation.slides._sldIdLst if item.rId]
    if not ids:
        raise DeckError("deck_empty", f"{name.name} has no slides.", next_step="Add a slide and try again.")
    if len(ids) > max_slides:
        raise DeckError(
            "deck_too_large",
            f"{name.name} has {len(ids)} slides; at most {max_slides} are read.",
            next_step="Split the deck, or raise DECKCAST_LIMITS__SLIDES.",
        )
    frame = Frame.around(presentation.slide_width or 9_144_000, presentation.slide_height or 6_858_000)
    slides = tuple(
        _read_slide(part.related_part(item.rId).slide, number, str(item.id), frame)
        for number, item in enumerate(ids, start=1)
    )
    return ReadDeck(_noted(package, "title"), slides, _noted(package, "author"))


def _noted(package: Any, name: str) -> str:
    """A property of the file: its title, its author."""
    try:
        return clean(getattr(package.core_properties, name) or "")
    except Exception:  # noqa: BLE001 - a broken properties part must not lose the deck
        return ""


@dataclass(slots=True)
class _Content:
    """What is gathered from one slide's shapes."""

    title: str
    paragraphs: list[tuple[int, str]]
    tables: list[Table]
    charts: list[Chart]
    descriptions: list[str]


def _read_slide(slide: Any, number: int, key: str, frame: Frame) -> ReadSlide:
    choose_alternates(slide._element)
    nodes = nodes_of(slide.shapes)
    notes = _notes(slide)
    content = _content(slide, nodes, frame, right_to_left=is_right_to_left(_plain(slide)))
    solid, frames, furniture = content_boxes(slide, nodes, frame)
    read = Slide(
        number=number,
        key=key,
        title=content.title,
        paragraphs=tuple(content.paragraphs),
        notes=notes,
        hidden=slide._element.get("show") in ("0", "false"),
        tables=tuple(content.tables),
        charts=tuple(content.charts),
        boxes=solid,
        layout=_layout(slide),
        pictures=_pictures(nodes, frame, is_bare=not content.paragraphs and not content.title),
        picture_descriptions=tuple(dict.fromkeys(content.descriptions)),
        warnings=slide_warnings(slide),
    )
    return ReadSlide(read, frames, furniture, tuple(sorted(fonts_of(slide))), _language_tags(slide))


def _layout(slide: Any) -> str:
    try:
        kind = slide.slide_layout._element.get("type")
    except Exception:  # noqa: BLE001 - a missing or broken layout must not lose the slide
        return ""
    return _LAYOUTS.get(kind, "content") if kind else ""


def _pictures(nodes: list[Node], frame: Frame, *, is_bare: bool) -> int:
    """Pictures, and objects of other programs that are drawn as one; where there are no words, small ones count."""
    least = (_ALONE if is_bare else SHOWING) * frame.width * frame.height
    return sum(_is_picture(node) and node.rect.width * node.rect.height >= least for node in leaves(nodes))


def _is_picture(node: Node) -> bool:
    element = node.shape._element
    drawn = next(element.iter(qn("p:oleObj")), None)
    return element.tag == qn("p:pic") or (drawn is not None and drawn.get("showAsIcon") not in ("1", "true"))


def _content(slide: Any, nodes: list[Node], frame: Frame, *, right_to_left: bool) -> _Content:
    ordered = in_reading_order(nodes, right_to_left=right_to_left)
    titled = [node for node in ordered if placeholder(node.shape) in _TITLES and _paragraphs(node.shape)]
    chosen = titled[:1] or _title_by_place(ordered, frame)
    title = clean(" ".join(text for node in chosen for _, text in _paragraphs(node.shape)))
    found = _Content(title, [], [], [], [])
    for node in ordered:
        if node not in chosen and placeholder(node.shape) not in _FURNITURE:
            _gather(node.shape, slide.part, found)
    return found


def _gather(shape: Any, part: Any, found: _Content) -> None:
    if getattr(shape, "has_chart", False):
        found.charts.append(diagrams.chart_of(shape))
    elif getattr(shape, "has_table", False):
        found.tables.append(diagrams.table_of(shape))
    elif shape._element.tag == qn("p:graphicFrame"):
        found.paragraphs.extend(diagrams.smartart_of(shape, part))
    elif shape._element.tag == qn("p:pic"):
        found.descriptions.extend(_description(shape))
    else:
        found.paragraphs.extend(_paragraphs(shape))


def _title_by_place(ordered: list[Node], frame: Frame) -> list[Node]:
    """Where no title is marked: a short text that stands alone, or the largest one in the upper half."""
    texts = [node for node in ordered if _paragraphs(node.shape)]
    short = [node for node in texts if sum(len(text) for _, text in _paragraphs(node.shape)) <= _TITLE_LENGTH]
    if len(texts) == 1 == len(ordered):
        return short
    sizes = {id(node): _font_size(node.shape) for node in texts}
    largest = max(sizes.values(), default=0)
    biggest = [node for node in texts if sizes[id(node)] == largest and largest]
    if len(biggest) == 1 and biggest[0] in short and biggest[0].rect.top <= _TOP_PART * frame.height:
        return biggest
    return short if len(texts) == 1 and texts[0].rect.top <= _SURE_TOP * frame.height else []


def _font_size(shape: Any) -> int:
    sizes = [int(run.get("sz", 0)) for run in shape._element.iter(qn("a:rPr"))]
    return max(sizes, default=0)


def _paragraphs(shape: Any) -> list[tuple[int, str]]:
    if not getattr(shape, "has_text_frame", False):
        return []
    lines = ((paragraph.level, clean(paragraph.text)) for paragraph in shape.text_frame.paragraphs)
    return [(level, text) for level, text in lines if text]


def _description(shape: Any) -> list[str]:
    """The picture's alternative text, where a person (or a describing program) wrote one."""
    properties = shape._element.xpath("./*/p:cNvPr")[0]
    if properties.xpath(".//*[local-name()='decorative' and @val='1']"):
        return []
    text = clean(_AUTOMATIC.sub("", properties.get("descr") or ""))
    return [] if not text or _FILE_NAME.search(text) or _NO_DESCRIPTION.match(text) else [text]


def _notes(slide: Any) -> str:
    if not slide.has_notes_slide:
        return ""
    frame = slide.notes_slide.notes_text_frame
    return (
        clean_lines("\n".join(paragraph.text for paragraph in frame.paragraphs)) if frame is not None else ""
    )


def _plain(slide: Any) -> str:
    return " ".join(part.text or "" for part in slide._element.iter(qn("a:t")))


def _language_tags(slide: Any) -> dict[str, int]:
    tags: Counter[str] = Counter()
    for run in slide._element.iter(qn("a:r")):
        properties = run.find(qn("a:rPr"))
        if properties is not None and properties.get("lang"):
            tags[properties.get("lang")] += len(run.findtext(qn("a:t")) or "")
    return dict(tags)
