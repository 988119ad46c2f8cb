"""A PDF read as a deck: titles, points, tables and charts, from where the letters and lines stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from deckcast.decks.drawings import Drawing, drawings_of, walls_of
from deckcast.decks.findings import ReadDeck, ReadSlide
from deckcast.decks.formats import broken, encrypted
from deckcast.decks.grids import number_table, ruled_tables
from deckcast.decks.letters import Piece, pieces_of
from deckcast.decks.models import Box, Slide, Table, Warning
from deckcast.decks.paragraphs import points_of, spoken, title_of, without_count
from deckcast.decks.places import SHOWING, Frame
from deckcast.decks.plots import FoundChart, chart_on
from deckcast.decks.running import running_pieces
from deckcast.decks.words import clean
from deckcast.kit.errors import DeckError

_MAX_RECTS = 2_000
_WHOLE = 0.85
_WORDS_FAILED = Warning("words_failed", "What stands on this slide could not be read.")
_PRODUCER = re.compile(r"^(microsoft (office )?powerpoint|powerpoint|impress)\s*-\s*", re.I)


@dataclass(frozen=True, slots=True)
class _Page:
    """What stands on a page, before it is understood; an unreadable page has nothing."""

    width: float = 1.0
    height: float = 1.0
    pieces: tuple[Piece, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    pictures: tuple[Box, ...] = ()


_UNREAD = _Page()


def read_pages(
    path: Path, name: Path, max_pages: int, may_open: Callable[[int], bool] = lambda index: True
) -> ReadDeck:
    """Read a PDF as a deck: each page's largest words are its title; there are no notes.

    `may_open` is asked before each page, by its index; a page that may not, or cannot, be read has a warning.

    Raises DeckError: deck_encrypted, deck_broken, deck_empty, deck_too_large.
    """
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise encrypted(name) from error
        raise broken(name, "it cannot be opened as PDF") from error
    with document:
        count = len(document)
        if not count:
            raise DeckError("deck_empty", f"{name.name} has no pages.", next_step="Add a page and try again.")
        if count > max_pages:
            raise DeckError(
                "deck_too_large",
                f"{name.name} has {count} pages; at most {max_pages} are read.",
                next_step="Split the deck, or raise DECKCAST_LIMITS__SLIDES.",
            )
        noted = document.get_metadata_dict()
        title = _PRODUCER.sub("", clean(noted.get("Title", "")))
        pages = [_page(document, index) if may_open(index) else _UNREAD for index in range(count)]
    running = running_pieces([(page.pieces, page.width, page.height) for page in pages])
    slides = (
        _safe_slide(number, page, out)
        for number, (page, out) in enumerate(zip(pages, running, strict=True), 1)
    )
    return ReadDeck(title, tuple(slides), clean(noted.get("Author", "")))


def _page(document: Any, number: int) -> _Page:
    try:
        page = document[number]
        width, height = page.get_size()
        drawings = drawings_of(page)
        pieces = pieces_of(page, walls_of(drawings))
        pictures = _picture_boxes(page, Frame.around(width, height), has_words=bool(pieces))
    except (pdfium.PdfiumError, ValueError, ArithmeticError):
        return _UNREAD
    return _Page(width, height, tuple(pieces), tuple(drawings), pictures)


def _picture_boxes(page: Any, frame: Frame, *, has_words: bool) -> tuple[Box, ...]:
    """Images and shadings of the page; one over the whole page counts only where there are no words on it."""
    boxes = []
    kinds = [raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING]
    for index, item in enumerate(page.get_objects(filter=kinds, max_depth=4)):
        if index >= _MAX_RECTS:
            break
        left, bottom, right, top = item.get_bounds()
        whole = right - left >= _WHOLE * frame.width and top - bottom >= _WHOLE * frame.height
        box = frame.box(left, frame.height - top, right - left, top - bottom)
        if box is not None and not (whole and has_words):
            boxes.append(box)
    return tuple(boxes)


def _safe_slide(number: int, page: _Page, running: set[int]) -> ReadSlide:
    """A page of nonsense (such as letters of endless size) loses its words, not the deck."""
    try:
        return _slide(number, page, running)
    except (ValueError, ArithmeticError, LookupError):
        return _slide(number, _UNREAD, set())


def _slide(number: int, page: _Page, running: set[int]) -> ReadSlide:
    pieces = [piece for index, piece in enumerate(page.pieces) if index not in running]
    title = title_of(pieces, page.height)
    rest = [piece for piece in pieces if piece not in title]
    tables, chart, rest = _figures(rest, page)
    if number > 1:
        rest = spoken(rest, title, page.height)
    cards = [item.rect for item in page.drawings if item.kind != "line" and item.fill is not None]
    slide = Slide(
        number,
        "",
        " ".join(piece.text for piece in title),
        points_of(without_count(rest), cards),
        tables=tuple(tables),
        charts=(chart.chart,) if chart else (),
        pictures=sum(box.width * box.height >= SHOWING for box in page.pictures),
        boxes=(*page.pictures, *_chart_boxes(chart, page)),
        warnings=(_WORDS_FAILED,) if page is _UNREAD else (),
    )
    return ReadSlide(slide)


def _chart_boxes(chart: FoundChart | None, page: _Page) -> list[Box]:
    if chart is None:
        return []
    rect = chart.rect
    box = Frame.around(page.width, page.height).box(rect.left, rect.top, rect.width, rect.height)
    return [box] if box else []


def _figures(pieces: Sequence[Piece], page: _Page) -> tuple[list[Table], FoundChart | None, list[Piece]]:
    """The tables, the chart, and the pieces that belong to neither."""
    left = list(pieces)
    ruled = ruled_tables(left, page.drawings)
    left = [piece for piece in left if not any(piece in found.pieces for found in ruled)]
    tables = [found.table for found in ruled]
    chart = None if ruled else chart_on(left, page.drawings, page.width, page.height)
    if chart:
        left = [piece for piece in left if piece not in chart.pieces]
    else:
        numbers = number_table(left)
        if numbers:
            tables.append(numbers.table)
            left = [piece for piece in left if piece not in numbers.pieces]
    return tables, chart, left
