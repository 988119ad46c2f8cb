"""The presenter never covers content, and moves as seldom as the slides allow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from deckcast.videos.layout import place, place_deck
from deckcast.videos.measures import MARGIN, MEASURES, avatar_size, corner_box
from deckcast.videos.models import HEIGHT, WIDTH, Corner, Layout, PixelBox, Placement, Shape, Size

fractions = st.floats(0, 1)
content = st.tuples(fractions, fractions, fractions, fractions)
ALL_BUT_BOTTOM_LEFT = [(0.0, 0.0, 1.0, 0.5), (0.5, 0.0, 0.5, 1.0)]


def meets(box: PixelBox, boxes: list[tuple[float, float, float, float]]) -> bool:
    return any(
        box.x < (x + w) * WIDTH
        and x * WIDTH < box.x + box.width
        and box.y < (y + h) * HEIGHT
        and y * HEIGHT < box.y + box.height
        for x, y, w, h in boxes
    )


def picture(colour: int = 255) -> Image.Image:
    return Image.new("RGB", (960, 540), (colour, colour, colour))


def auto(image: Image.Image | None, *boxes: tuple[float, float, float, float]) -> Placement:
    return place(boxes, None if image is None else np.asarray(image), Layout.AUTO)


@given(
    st.lists(content, max_size=6),
    st.sampled_from([None, *Size]),
    st.sampled_from(list(Shape)),
)
@settings(max_examples=400, deadline=None)
def test_in_auto_the_presenter_meets_no_content(
    boxes: list[tuple[float, float, float, float]], size: Size | None, shape: Shape
) -> None:
    placed = place(boxes, None, Layout.AUTO, None, shape, size=size)
    assert placed.layout in (Layout.CORNER, Layout.BESIDE)
    assert placed.presenter is not None
    assert all(value % 2 == 0 for value in placed.presenter)
    if placed.layout is Layout.CORNER:
        assert not meets(placed.presenter, boxes)
        margin = 0 if shape is Shape.CUT_OUT else MARGIN
        assert placed.presenter.x >= margin
        assert placed.presenter.x + placed.presenter.width <= WIDTH - margin
        assert placed.presenter.y + placed.presenter.height <= HEIGHT - margin
    else:
        assert placed.slide is not None
        assert placed.slide.x + placed.slide.width <= placed.presenter.x
        assert all(value % 2 == 0 for value in placed.slide)


@given(st.lists(st.lists(content, max_size=4), max_size=8))
@settings(max_examples=60, deadline=None)
def test_over_a_deck_the_presenter_meets_no_content(
    deck: list[list[tuple[float, float, float, float]]],
) -> None:
    placed = place_deck([(boxes, None) for boxes in deck], Layout.AUTO)
    assert len(placed) == len(deck)
    for placement, boxes in zip(placed, deck, strict=True):
        if placement.layout is Layout.CORNER:
            assert placement.presenter is not None
            assert not meets(placement.presenter, boxes)


def test_an_empty_slide_has_the_presenter_at_the_bottom_right() -> None:
    placed = auto(picture())
    assert placed.corner is Corner.BOTTOM_RIGHT
    assert placed.presenter == corner_box(Corner.BOTTOM_RIGHT, MEASURES[None].corner_px[0])
    assert placed.slide == (0, 0, WIDTH, HEIGHT)


def test_the_one_free_corner_is_found() -> None:
    assert auto(None, *ALL_BUT_BOTTOM_LEFT).corner is Corner.BOTTOM_LEFT


def test_a_chart_over_the_whole_slide_puts_the_presenter_beside_it() -> None:
    image = picture()
    pen = ImageDraw.Draw(image)
    for line in range(8):
        pen.line((110, 132 + 47 * line, 848, 132 + 47 * line), fill=(160, 160, 160))
    pen.rectangle((756, 275, 808, 463), fill=(190, 80, 75))
    pen.text((160, 50), "Sales by region", fill=0, font_size=42)
    pen.text((150, 470), "East        West        North        South", fill=0, font_size=18)
    pen.rectangle((40, 500, 300, 520), fill=(80, 130, 190))
    assert auto(image, (0.1, 0.08, 0.8, 0.12)).layout in (Layout.BESIDE, Layout.CORNER)
    placed = auto(image)
    assert placed.presenter is not None
    if placed.layout is Layout.CORNER:
        x, y, w, h = (value // 2 for value in placed.presenter)
        assert np.asarray(image)[y : y + h, x : x + w].std() == 0


@pytest.mark.parametrize("size", [8, 14, 24])
def test_even_a_small_word_in_a_corner_is_not_covered(size: int) -> None:
    image = picture()
    ImageDraw.Draw(image).text((800, 450), "Source: survey", fill=(90, 90, 90), font_size=size)
    assert auto(image).corner is not Corner.BOTTOM_RIGHT


def test_a_thin_line_is_content() -> None:
    image = picture()
    ImageDraw.Draw(image).line((700, 440, 960, 440), fill=(200, 200, 200), width=1)
    assert auto(image).corner is not Corner.BOTTOM_RIGHT


def test_a_photograph_is_content() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    photo = Image.fromarray(noise).resize((960, 540), Image.Resampling.BICUBIC)
    assert auto(photo).layout is Layout.BESIDE


def test_a_soft_gradient_is_ground() -> None:
    slope = np.linspace(180, 240, 960)[None, :, None] + np.linspace(0, 15, 540)[:, None, None]
    shaded = Image.fromarray(np.broadcast_to(slope, (540, 960, 3)).astype(np.uint8))
    assert auto(shaded).corner is Corner.BOTTOM_RIGHT


def test_a_gray_picture_will_do() -> None:
    assert auto(picture().convert("L")).corner is Corner.BOTTOM_RIGHT


def test_the_previous_corner_is_kept_where_it_is_free() -> None:
    before = auto(None, *ALL_BUT_BOTTOM_LEFT)
    assert place((), None, Layout.AUTO, previous=before).corner is Corner.BOTTOM_LEFT


def test_a_deck_stays_in_the_corner_that_most_slides_leave_free() -> None:
    clear: list[tuple[float, float, float, float]] = []
    deck = [(clear, None), *[(ALL_BUT_BOTTOM_LEFT, None)] * 4, (clear, None)]
    assert {placed.corner for placed in place_deck(deck, Layout.AUTO)} == {Corner.BOTTOM_LEFT}


def test_a_deck_comes_back_to_its_corner_after_a_full_slide() -> None:
    full = [(0.0, 0.0, 1.0, 1.0)]
    placed = place_deck([(ALL_BUT_BOTTOM_LEFT, None), (full, None), ([], None)], Layout.AUTO)
    assert [item.layout for item in placed] == [Layout.CORNER, Layout.BESIDE, Layout.CORNER]
    assert placed[2].corner is Corner.BOTTOM_LEFT


def test_a_deck_keeps_one_size() -> None:
    tight = [(0.0, 0.0, 1.0, 0.6)]
    placed = place_deck([([], None), (tight, None), (tight, None), ([], None)], Layout.AUTO)
    assert len({item.presenter for item in placed}) == 1


def test_a_corner_that_was_asked_for_is_taken_even_where_it_covers() -> None:
    placed = place([(0.0, 0.0, 1.0, 1.0)], None, Layout.CORNER, Corner.TOP_LEFT, Shape.ROUNDED)
    assert (placed.corner, placed.shape) == (Corner.TOP_LEFT, Shape.ROUNDED)


def test_a_corner_without_a_name_is_the_least_covering_one() -> None:
    boxes = [(0.0, 0.0, 1.0, 0.62), (0.4, 0.6, 0.6, 0.4), (0.0, 0.9, 0.1, 0.1)]
    placed = place(boxes, None, Layout.CORNER)
    assert placed.corner is Corner.BOTTOM_LEFT


def test_auto_takes_the_asked_corner_only_where_it_is_free() -> None:
    assert place((), None, Layout.AUTO, Corner.TOP_LEFT).corner is Corner.TOP_LEFT
    assert place([(0.0, 0.0, 1.0, 0.4)], None, Layout.AUTO, Corner.TOP_LEFT).corner is Corner.BOTTOM_RIGHT


def test_full_and_none() -> None:
    full, none = place((), None, Layout.FULL), place((), None, Layout.NONE)
    assert (full.slide, full.presenter) == (None, (0, 0, WIDTH, HEIGHT))
    assert (none.slide, none.presenter) == ((0, 0, WIDTH, HEIGHT), None)
    assert avatar_size(Layout.FULL) == (WIDTH, HEIGHT)
    assert avatar_size(Layout.AUTO) == avatar_size(Layout.BESIDE) == (480, 480)


@pytest.mark.parametrize(
    ("size", "px"), [(None, 400), (Size.SMALL, 280), (Size.MEDIUM, 360), (Size.LARGE, 480)]
)
def test_in_a_free_corner_the_presenter_is_as_large_as_asked(size: Size | None, px: int) -> None:
    placed = place((), None, Layout.AUTO, size=size)
    assert placed.presenter == corner_box(Corner.BOTTOM_RIGHT, px)


def test_what_does_not_fit_becomes_smaller_and_then_goes_beside() -> None:
    """Free is only a lower strip of 460 px: room for a box of 400 px with its margins, and no more."""
    upper = [(0.0, 0.0, 1.0, 1 - 460.5 / HEIGHT)]
    placed = place(upper, None, Layout.AUTO, size=Size.LARGE)
    assert placed.presenter == corner_box(Corner.BOTTOM_RIGHT, 400)
    full = place([(0.0, 0.0, 1.0, 1.0)], None, Layout.AUTO, size=Size.LARGE)
    assert (full.layout, full.presenter) == (Layout.BESIDE, PixelBox(1424, 242, 448, 596))


def test_beside_the_slide_gives_way_to_a_larger_presenter() -> None:
    small, usual, large = (
        place((), None, Layout.BESIDE, size=size) for size in (Size.SMALL, None, Size.LARGE)
    )
    assert (usual.slide, usual.presenter) == ((48, 144, 1408, 792), (1488, 284, 384, 512))
    assert usual == place((), None, Layout.BESIDE, size=Size.MEDIUM)
    for narrow, wide in ((small, usual), (usual, large)):
        assert narrow.slide is not None
        assert wide.slide is not None
        assert narrow.presenter is not None
        assert wide.presenter is not None
        assert narrow.presenter.width < wide.presenter.width
        assert narrow.slide.width > wide.slide.width
    for placed in (small, usual, large):
        slide, presenter = placed.slide, placed.presenter
        assert slide is not None
        assert presenter is not None
        assert slide.width * HEIGHT == pytest.approx(slide.height * WIDTH, rel=0.005)
        assert slide.y * 2 + slide.height == presenter.y * 2 + presenter.height == HEIGHT
        assert slide.x == WIDTH - presenter.x - presenter.width == 48


def test_the_avatar_video_is_as_large_as_it_is_shown() -> None:
    assert [avatar_size(Layout.AUTO, size) for size in Size] == [(480, 480), (480, 480), (600, 600)]
    assert avatar_size(Layout.FULL, Size.SMALL) == (WIDTH, HEIGHT)
    for size in (None, *Size):
        for layout in (Layout.CORNER, Layout.BESIDE):
            for shape, zoom in (
                (Shape.CIRCLE, 1.2 if layout is Layout.CORNER else 1.0),
                (Shape.CUT_OUT, 1.0),
            ):
                box = place((), None, layout, shape=shape, size=size).presenter
                assert box is not None
                assert box.height * zoom <= avatar_size(layout, size)[1] * 1.07


def test_a_cut_out_stands_on_the_lower_edge() -> None:
    placed = place((), None, Layout.AUTO, shape=Shape.CUT_OUT)
    assert (placed.corner, placed.presenter) == (Corner.BOTTOM_RIGHT, (1440, 600, 480, 480))
    beside = place((), None, Layout.BESIDE, shape=Shape.CUT_OUT)
    assert (beside.shape, beside.presenter) == (Shape.CUT_OUT, (1456, 616, 464, 464))
    assert place((), None, Layout.FULL, shape=Shape.CUT_OUT).shape is Shape.CUT_OUT


def test_a_cut_out_hangs_in_an_upper_corner_only_where_that_was_asked_for() -> None:
    lower = [(0.0, 0.55, 1.0, 0.45)]
    assert place(lower, None, Layout.AUTO, shape=Shape.CUT_OUT).layout is Layout.BESIDE
    asked = place(lower, None, Layout.AUTO, Corner.TOP_LEFT, Shape.CUT_OUT)
    assert (asked.corner, asked.presenter) == (Corner.TOP_LEFT, (0, 40, 480, 480))
