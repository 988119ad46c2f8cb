"""PDF pages: drawn as slide pictures, and read where the PDF is the deck itself."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from deckcast.decks.findings import DrawnPage, ReadDeck, ReadSlide
from deckcast.decks.formats import broken, encrypted
from deckcast.decks.models import Box, Slide
from deckcast.decks.pictures import letterboxed, save_picture
from deckcast.decks.places import Frame, Rect, reading_order
from deckcast.decks.words import clean
from deckcast.kit.errors import DeckError

_MAX_CHARACTERS = 20_000
_MAX_RECTS = 2_000
_MAX_SIDE_POINTS = 200_000
_WHOLE = 0.85
_BULLET = re.compile(r"^\s*([•◦▪▫‣·●○■□–—*-]|\d{1,2}[.)])\s+")
_FIGURE = re.compile(r"[^\w\s]?\d.{0,8}")
_FIGURE_LETTERS = 3
_PRODUCER = re.compile(r"^(microsoft (office )?powerpoint|powerpoint|impress)\s*-\s*", re.I)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    rect: Rect
    size: float


def draw_pages(path: Path, folder: Path, names: Sequence[str]) -> tuple[DrawnPage, ...]:
    """Draw the first len(names) pages at 1920 × 1080; a page that fails, or is missing, has no picture."""
    with pdfium.PdfDocument(path) as document:
        count = len(document)
        return tuple(
            _draw(document, number, folder, name) if number < count else DrawnPage(None, "it was left out")
            for number, name in enumerate(names)
        )


def _draw(document: Any, number: int, folder: Path, name: str) -> DrawnPage:
    try:
        page = document[number]
        frame, picture = _picture(page)
        return DrawnPage(save_picture(letterboxed(picture), folder, name), words=_word_boxes(page, frame))
    except (pdfium.PdfiumError, ValueError, ArithmeticError, MemoryError) as error:
        return DrawnPage(None, clean(str(error))[:200] or type(error).__name__)


def _picture(page: Any) -> tuple[Frame, Image.Image]:
    width, height = page.get_size()
    if not (0 < width <= _MAX_SIDE_POINTS and 0 < height <= _MAX_SIDE_POINTS):
        raise ValueError(f"the page measures {width:.0f} × {height:.0f} points")
    frame = Frame.around(width, height)
    scale = max(frame.width_px / width, frame.height_px / height)
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
    picture = bitmap.to_pil().convert("RGB")
    if picture.size != (frame.width_px, frame.height_px):
        picture = picture.resize((frame.width_px, frame.height_px), Image.Resampling.LANCZOS)
    return frame, picture


def _word_boxes(page: Any, frame: Frame) -> tuple[Box, ...]:
    text = page.get_textpage()
    boxes = []
    for index in range(min(text.count_rects(), _MAX_RECTS)):
        left, bottom, right, top = text.get_rect(index)
        box = frame.box(left, frame.height - top, right - left, top - bottom)
        if box is not None:
            boxes.append(box)
    return tuple(boxes)


def read_pages(path: Path, name: Path, max_pages: int) -> ReadDeck:
    """Read a PDF as a deck: each page's largest line is its title; there are no notes.

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
        title = _PRODUCER.sub("", clean(document.get_metadata_dict().get("Title", "")))
        return ReadDeck(title, tuple(_read(document, number) for number in range(count)))


def _read(document: Any, number: int) -> ReadSlide:
    try:
        page = document[number]
        width, height = page.get_size()
        frame = Frame.around(width, height)
        lines = _lines(page, height, str(number + 1))
        solid = _picture_boxes(page, frame, has_words=bool(lines))
    except (pdfium.PdfiumError, ValueError, ArithmeticError):
        return ReadSlide(Slide(number + 1, "", ""))
    title, paragraphs = _title_and_paragraphs(lines)
    return ReadSlide(Slide(number + 1, "", title, paragraphs, boxes=solid))


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


def _lines(page: Any, height: float, page_number: str) -> list[_Line]:
    """The page's lines of text in reading order, without its page number."""
    text = page.get_textpage()
    lines: list[_Line] = []
    letters: list[tuple[str, Rect]] = []
    for index in range(min(text.count_chars(), _MAX_CHARACTERS)):
        character = chr(raw.FPDFText_GetUnicode(text, index))
        if character in "\r\n":
            lines += _line(letters)
            letters = []
        elif character not in "\x00\ufffe\uffff":
            letters.append((character, _letter_rect(text, index, height)))
    lines += _line(letters)
    kept = [line for line in lines if line.text != page_number or line.rect.top < 0.8 * height]
    return reading_order(kept, lambda line: line.rect)


def _letter_rect(text: Any, index: int, height: float) -> Rect:
    rect = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(rect)):
        return Rect(0.0, 0.0, 0.0, 0.0)
    return Rect(
        rect.left, height - rect.top, max(rect.right - rect.left, 0.0), max(rect.top - rect.bottom, 0.0)
    )


def _line(letters: list[tuple[str, Rect]]) -> list[_Line]:
    text = clean("".join(character for character, _ in letters))
    rects = [rect for character, rect in letters if not character.isspace() and rect.height > 0]
    if not text or not rects:
        return []
    left, top = min(rect.left for rect in rects), min(rect.top for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    return [_Line(text, Rect(left, top, right - left, bottom - top), median(rect.height for rect in rects))]


def _title_and_paragraphs(lines: list[_Line]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The first line of the largest letters, and what follows it in the same size, is the title. A large figure
    ("1 of 8", "42 %") is none, where there are other words."""
    if not lines:
        return "", ()
    worded = [line for line in lines if not _is_figure(line.text)] or lines
    largest = max(line.size for line in worded)
    start = next(index for index, line in enumerate(lines) if line in worded and line.size >= 0.92 * largest)
    end = start + 1
    while end < len(lines) and end < start + 3 and _goes_on(lines[end - 1], lines[end]):
        end += 1
    alone = all(abs(line.size - largest) < 0.05 * largest for line in lines) and len(lines) > 3
    if alone:
        end = start + 1
    title = _joined([line.text for line in lines[start:end]])
    return title, _paragraphs(lines[:start]) + _paragraphs(lines[end:])


def _is_figure(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return letters <= _FIGURE_LETTERS and _FIGURE.fullmatch(text) is not None


def _paragraphs(lines: list[_Line]) -> tuple[tuple[int, str], ...]:
    """Lines that belong together become one paragraph; bullets start a new one."""
    groups: list[list[_Line]] = []
    for line in lines:
        if groups and not _BULLET.match(line.text) and _goes_on(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    texts = (_BULLET.sub("", _joined([line.text for line in group])) for group in groups)
    return tuple((0, text) for text in texts if text)


def _goes_on(line: _Line, following: _Line) -> bool:
    gap = following.rect.top - line.rect.bottom
    alike = abs(following.size - line.size) <= 0.12 * line.size
    near = -0.5 * line.size <= gap <= (0.8 if _unfinished(line.text, following.text) else 0.45) * line.size
    overlap = min(line.rect.right, following.rect.right) - max(line.rect.left, following.rect.left)
    return alike and near and overlap > 0 and not line.text.endswith((".", "!", "?", ":", "。"))


def _unfinished(text: str, following: str) -> bool:
    """Whether a wrapped sentence goes on, so that its lines belong together however far they are apart."""
    open_end = len(text.split()) >= 3 and (text[-1].islower() or text.endswith(","))
    return open_end and (following[0].islower() or following[0].isdigit())


def _joined(texts: list[str]) -> str:
    whole = ""
    for text in texts:
        if whole.endswith("-") and text[:1].islower():
            whole = whole[:-1] + text
        elif whole and whole[-1] > "\u2e80" and text[:1] > "\u2e80":
            whole += text
        else:
            whole = f"{whole} {text}".strip()
    return whole
