"""The sample deck is one to show: it says something on every slide and leaves the presenter a corner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

DECK = Path(__file__).resolve().parents[2] / "samples" / "deckcast.pptx"
PRESENTER_PX = 430
EMU_PER_PX = 12_192_000 / 1920


@pytest.fixture(scope="module")
def deck() -> Any:
    return Presentation(str(DECK))


def test_it_is_small_named_and_wide(deck: Any) -> None:
    assert DECK.stat().st_size < 500_000
    assert deck.core_properties.title
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=0.001)
    assert 7 <= len(deck.slides) <= 8


def test_every_slide_has_a_title_and_ten_to_twenty_seconds_to_say(deck: Any) -> None:
    for slide in deck.slides:
        words = slide.notes_slide.notes_text_frame.text.split()
        assert slide.shapes.title.text
        assert 10 < len(words) / 165 * 60 < 20


def test_it_shows_a_chart_a_table_and_pictures_with_descriptions(deck: Any) -> None:
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    assert any(shape.has_chart for shape in shapes)
    assert any(shape.has_table for shape in shapes)
    pictures = [shape.element.nvPicPr.cNvPr for shape in shapes if hasattr(shape, "image")]
    assert pictures
    assert all(picture.get("descr") for picture in pictures)


def test_one_slide_is_full_and_the_others_leave_a_corner(deck: Any) -> None:
    left = deck.slide_width - PRESENTER_PX * EMU_PER_PX
    top = deck.slide_height - PRESENTER_PX * EMU_PER_PX
    full = [
        number
        for number, slide in enumerate(deck.slides, start=1)
        if any(shape.left + shape.width > left and shape.top + shape.height > top for shape in slide.shapes)
    ]
    assert full == [7]
