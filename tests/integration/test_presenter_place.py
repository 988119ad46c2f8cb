"""By default the presenter covers nothing: over the sample deck, and over any folder of real decks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deckcast.decks.models import Box
from deckcast.decks.sandbox import sandbox_state
from deckcast.decks.service import read_deck
from deckcast.kit.settings import LimitSettings
from deckcast.videos.models import HEIGHT, WIDTH, Layout, PixelBox, Shape
from deckcast.videos.presentation import place_slides

SAMPLE = Path(__file__).parents[2] / "samples" / "deckcast.pptx"
REAL = sorted(Path(os.environ.get("DECKCAST_TEST_DECKS", "/nonexistent")).glob("*.pptx"))


def meets(box: Box, presenter: PixelBox) -> bool:
    return (
        box.x * WIDTH < presenter.x + presenter.width
        and presenter.x < (box.x + box.width) * WIDTH
        and box.y * HEIGHT < presenter.y + presenter.height
        and presenter.y < (box.y + box.height) * HEIGHT
    )


@pytest.mark.parametrize("path", [SAMPLE, *REAL], ids=lambda path: path.stem)
def test_the_presenter_covers_nothing(path: Path, tmp_path: Path) -> None:
    limits = LimitSettings()
    deck = read_deck(path, tmp_path / "pictures", limits, tmp_path, not sandbox_state().works)
    slides = [
        (tuple((box.x, box.y, box.width, box.height) for box in slide.boxes), slide.image)
        for slide in deck.slides
    ]
    placements = place_slides(slides, Layout.AUTO, None, Shape.CIRCLE)
    assert len(placements) == len(deck.slides)
    for slide, placement in zip(deck.slides, placements, strict=True):
        if placement.layout is Layout.CORNER:
            assert placement.presenter is not None
            covered = [box for box in slide.boxes if meets(box, placement.presenter)]
            assert covered == [], f"slide {slide.number}"
        else:
            assert placement.layout is Layout.BESIDE
