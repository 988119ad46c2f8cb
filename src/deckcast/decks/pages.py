"""PDF pages drawn as slide pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from PIL import Image

from deckcast.decks.findings import DrawnPage
from deckcast.decks.models import Box
from deckcast.decks.pictures import letterboxed, save_picture
from deckcast.decks.places import Frame
from deckcast.decks.words import clean

_MAX_RECTS = 2_000
_MAX_SIDE_POINTS = 200_000


def draw_pages(
    path: Path, folder: Path, names: Sequence[str], may_open: Callable[[int], bool] = lambda index: True
) -> tuple[DrawnPage, ...]:
    """Draw the first len(names) pages at 1920 × 1080; a page that fails, or is missing, has no picture.

    `may_open` is asked before each page, by its index.
    """
    with pdfium.PdfDocument(path) as document:
        count = len(document)
        drawn = []
        for index, name in enumerate(names):
            if index >= count:
                drawn.append(DrawnPage(None, "it was left out"))
            elif not may_open(index):
                drawn.append(DrawnPage(None, "drawing it made the reader crash"))
            else:
                drawn.append(_draw(document, index, folder, name))
        return tuple(drawn)


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
