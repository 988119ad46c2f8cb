"""Reading order, languages, pictures' bars and keys: what needs no program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches

from deckcast.decks.findings import DrawnPage, ReadDeck, ReadSlide
from deckcast.decks.finish import finished_deck, keyed
from deckcast.decks.models import Slide
from deckcast.decks.pages import draw_pages
from deckcast.decks.pdf import read_pages
from deckcast.decks.pictures import letterboxed
from deckcast.decks.places import Frame, Rect, reading_order
from deckcast.decks.powerpoint import read_powerpoint
from deckcast.decks.reader import Task, perform
from deckcast.decks.words import clean, language_of
from decks_for_tests import (
    add_text,
    changed,
    four_by_three,
    new_deck,
    picture,
    plain_deck,
    retyped,
    rich_deck,
    small_pdf,
)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> ReadDeck:
    path = rich_deck(tmp_path_factory.mktemp("rich") / "rich.pptx")
    return read_powerpoint(path, path, 500)


def test_titles_paragraphs_and_notes(rich: ReadDeck) -> None:
    slide = rich.slides[0].slide
    assert slide.title == "Harbour report"
    assert slide.paragraphs == ((0, "Ships arrived on time"), (1, "even in the storm"), (0, "Costs fell"))
    assert slide.notes == "Welcome, everyone.\nThis was a good year for the harbour."
    assert [item.slide.key for item in rich.slides] == [str(number) for number in range(256, 264)]


def test_charts_and_tables_are_data(rich: ReadDeck) -> None:
    (chart,) = rich.slides[1].slide.charts
    assert (chart.kind, chart.categories) == ("bar", ("Q1", "Q2", "Q3"))
    assert [(series.name, series.values) for series in chart.series] == [
        ("North pier", (12.0, 15.5, None)),
        ("South pier", (8.0, 9.0, 11.0)),
    ]
    (table,) = rich.slides[2].slide.tables
    assert table.rows == (("Pier", "Fee"), ("North", "120"), ("South", "95"))
    assert table.has_header


def test_hidden_slides_are_marked(rich: ReadDeck) -> None:
    assert [item.slide.number for item in rich.slides if item.slide.hidden] == [4]
    assert "hidden" in {warning.code for warning in rich.slides[3].slide.warnings}


def test_groups_are_read_one_by_one_from_the_left(rich: ReadDeck) -> None:
    texts = [text for _, text in rich.slides[4].slide.paragraphs]
    assert texts == ["Head 1", "Body 1", "Head 2", "Body 2", "Head 3", "Body 3"]


def test_each_slide_has_its_language_and_short_ones_the_decks(rich: ReadDeck) -> None:
    count = len(rich.slides)
    deck = finished_deck(rich, [DrawnPage(None)] * count, [None] * count, Path("rich.pptx"))
    assert deck.language == "en"
    assert [slide.language for slide in deck.slides] == ["en", "en", "en", "en", "en", "zh", "ar", "en"]


def test_alternative_texts_of_people_only(rich: ReadDeck) -> None:
    assert rich.slides[7].slide.picture_descriptions == ("An orange flag with a black line",)
    assert rich.slides[7].slide.title == "Thank you 🚢🎉"


def test_groups_stand_where_they_are_drawn(tmp_path: Path) -> None:
    deck = new_deck()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    group.shapes.add_shape(MSO_SHAPE.OVAL, Inches(0), Inches(0), Inches(2), Inches(2))
    group.left, group.top, group.width, group.height = Inches(6.6665), Inches(3.75), Inches(4), Inches(1)
    deck.save(tmp_path / "group.pptx")
    (box,) = read_powerpoint(tmp_path / "group.pptx", Path("group.pptx"), 5).slides[0].slide.boxes
    assert (box.x, box.y, box.width, box.height) == pytest.approx((0.5, 0.5, 0.3, 0.1333), abs=0.001)


def test_slide_numbers_footers_and_dates_are_no_content(tmp_path: Path) -> None:
    path = plain_deck(tmp_path / "deck.pptx")

    def add_footers(name: str, content: bytes) -> bytes:
        if name != "ppt/slides/slide1.xml":
            return content
        shapes = b"".join(
            b'<p:sp><p:nvSpPr><p:cNvPr id="%d" name="x"/><p:cNvSpPr/><p:nvPr><p:ph type="%s"/></p:nvPr></p:nvSpPr>'
            b"<p:spPr><a:xfrm><a:off x='0' y='0'/><a:ext cx='900000' cy='900000'/></a:xfrm></p:spPr>"
            b"<p:txBody><a:bodyPr/><a:p><a:r><a:t>furniture</a:t></a:r></a:p></p:txBody></p:sp>"
            % (90 + number, kind)
            for number, kind in enumerate((b"ftr", b"sldNum", b"dt"))
        )
        return content.replace(b"</p:spTree>", shapes + b"</p:spTree>")

    slide = read_powerpoint(changed(path, tmp_path / "b.pptx", add_footers), path, 5).slides[0]
    assert slide.slide.paragraphs == ()
    assert len(slide.furniture) == 2


def test_shows_and_templates_are_read_with_their_own_ids(tmp_path: Path) -> None:
    source = plain_deck(tmp_path / "deck.pptx", ["One", "Two"])
    for kind in ("slideshow", "template"):
        read = read_powerpoint(retyped(source, tmp_path / "other", kind), Path("x"), 5)
        assert [(item.slide.key, item.slide.title) for item in read.slides] == [
            ("256", "One"),
            ("257", "Two"),
        ]


def test_too_many_slides_and_none(tmp_path: Path) -> None:
    path = plain_deck(tmp_path / "three.pptx", ["a", "b", "c"])
    assert refusal(path, "powerpoint", 2) == "deck_too_large"
    new_deck().save(tmp_path / "none.pptx")
    assert refusal(tmp_path / "none.pptx", "powerpoint") == "deck_empty"


def test_broken_parts_are_refused(tmp_path: Path) -> None:
    source = plain_deck(tmp_path / "deck.pptx")
    for part in ("ppt/presentation.xml", "ppt/slides/slide1.xml", "ppt/_rels/presentation.xml.rels"):
        path = changed(
            source, tmp_path / "b.pptx", lambda name, data, part=part: b"<a><b" if name == part else data
        )
        assert refusal(path, "powerpoint") == "deck_broken"
        path = changed(
            source, tmp_path / "b.pptx", lambda name, data, part=part: None if name == part else data
        )
        assert refusal(path, "powerpoint") == "deck_broken"


def refusal(path: Path, work: str, limit: int = 500) -> str:
    refused = perform(Task(work, str(path), path.name, str(path.parent), limit)).refused  # type: ignore[arg-type]
    assert refused is not None
    assert refused.message.endswith(".")
    assert refused.next_step
    return refused.code


def test_pdf_pages_have_titles_and_paragraphs(tmp_path: Path) -> None:
    read = read_pages(small_pdf(tmp_path / "plan.pdf", pages=2), Path("plan.pdf"), 5)
    assert [item.slide.title for item in read.slides] == ["Harbour plan 1", "Harbour plan 2"]
    assert read.slides[0].slide.paragraphs == ((0, "Every ship has a berth."),)
    assert refusal(small_pdf(tmp_path / "three.pdf", pages=3), "pdf", 2) == "deck_too_large"
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing")
    assert refusal(tmp_path / "bad.pdf", "pdf") == "deck_broken"


def test_a_pdfs_wrapped_lines_are_one_paragraph_and_a_figure_is_no_title(tmp_path: Path) -> None:
    page = (
        "Harbour plan) Tj ET BT /F 64 Tf 600 100 Td (42 %) Tj ET "
        "BT /F 20 Tf 80 240 Td (The first ships come in spring, and) Tj 0 -34 Td (then they stay until) Tj "
        "0 -34 Td (24 December.) Tj 0 -34 Td (Nobody knows why"
    )
    (slide,) = (
        item.slide for item in read_pages(small_pdf(tmp_path / "p.pdf", body=page), Path("p.pdf"), 5).slides
    )
    assert slide.title == "Harbour plan"
    assert [text for _, text in slide.paragraphs] == [
        "Every ship has a berth.",
        "The first ships come in spring, and then they stay until 24 December.",
        "Nobody knows why",
        "42 %",
    ]


@pytest.mark.parametrize(
    "media_box", ["0 0 14400000 8100000", "0 0 0.5 0.5", "0 0 14400 1", "-500 -500 460 40"]
)
def test_pages_of_absurd_size_stay_one_picture(tmp_path: Path, media_box: str) -> None:
    (page,) = draw_pages(small_pdf(tmp_path / "odd.pdf", media_box=media_box), tmp_path, ["0001"])
    if page.image is None:
        assert page.reason
    else:
        with Image.open(tmp_path / page.image) as picture:
            assert picture.size == (1920, 1080)


def test_content_keys_survive_inserting_and_moving() -> None:
    def keys(*titles: str) -> list[str]:
        slides = tuple(ReadSlide(Slide(number, "", title)) for number, title in enumerate(titles, start=1))
        return [
            item.slide.key for item in keyed(ReadDeck("", slides), [None] * len(slides), own=False).slides
        ]

    one, two, again = keys("One", "Two", "One")
    assert again == f"{one}-2"
    assert keys("New", "Two", "One")[1:] == [two, one]


def test_the_title_is_sensible() -> None:
    slides = (ReadSlide(Slide(1, "1", "Harbour report")),)
    path = Path("my_harbour deck.pptx")

    def title(author: str, slides: tuple[ReadSlide, ...] = slides) -> str:
        return finished_deck(ReadDeck(author, slides), [DrawnPage(None)], [None], path).title

    assert title("The year in ships") == "The year in ships"
    assert title("PowerPoint Presentation") == title("") == "Harbour report"
    assert title("Slide 1", (ReadSlide(Slide(1, "1", "")),)) == "my harbour deck"


@pytest.mark.parametrize(
    ("noted", "wanted"),
    [
        ("Ada Lovelace", "Ada Lovelace"), ("  Ada\n Lovelace\u200b", "Ada Lovelace"), ("Microsoft Office User", ""),
        ("Windows User", ""), ("python-pptx", ""), ("用户", ""), ("", ""), ("—", ""), ("A" * 500, "A" * 120),
        ("Userland Ltd.", "Userland Ltd."),
    ],
)  # fmt: skip
def test_the_author_is_a_name_or_nothing(noted: str, wanted: str) -> None:
    read = ReadDeck("", (ReadSlide(Slide(1, "1", "Harbour")),), noted)
    assert finished_deck(read, [DrawnPage(None)], [None], Path("a.pptx")).author == wanted


def test_author_layouts_and_pictures_are_read(tmp_path: Path) -> None:
    deck = new_deck()
    deck.core_properties.author = "Ada Lovelace"
    for layout, sides in ((0, ()), (2, ()), (1, (0.5,)), (6, (4.0, 4.0)), (6, (1.5,))):
        slide = deck.slides.add_slide(deck.slide_layouts[layout])
        if slide.shapes.title is not None:
            slide.shapes.title.text = "Harbour"
        for number, side in enumerate(sides):
            slide.shapes.add_picture(picture(), Inches(1 + 5 * number), Inches(2), Inches(side), Inches(side))
    deck.save(tmp_path / "a.pptx")
    read = read_powerpoint(tmp_path / "a.pptx", Path("a.pptx"), 9)
    assert read.author == "Ada Lovelace"
    assert [item.slide.layout for item in read.slides] == ["title", "section", "content", "", ""]
    assert [item.slide.pictures for item in read.slides] == [0, 0, 0, 2, 1]


def test_a_pdf_names_its_author(tmp_path: Path) -> None:
    file = small_pdf(tmp_path / "a.pdf")
    content = file.read_bytes().replace(b"/Root 1 0 R", b"/Root 1 0 R /Info 1 0 R")
    file.write_bytes(content.replace(b"/Type /Catalog", b"/Author (Ada Lovelace) /Type /Catalog"))
    assert read_pages(file, Path("a.pdf"), 5).author == "Ada Lovelace"


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("The ships arrived on time although the storm was strong", {}, "en"),
        ("Die Schiffe kamen trotz des Sturms pünktlich im Hafen an", {"en-US": 60}, "de"),
        ("Les bateaux sont arrivés à l'heure malgré la tempête", {}, "fr"),
        ("Q3 KPI", {"de-DE": 6}, "de"),
        ("Fees", {}, ""),
        (" ".join(f"Slide {number}" for number in range(1, 51)), {}, ""),
        ("船只准时到达港口", {}, "zh"),
        ("船は時間通りに港に着きました", {}, "ja"),
        ("배가 항구에 제시간에 도착했습니다", {}, "ko"),
        ("وصلت السفن في الوقت المحدد إلى الميناء", {"en-US": 40}, "ar"),
        ("Корабли прибыли в порт вовремя, несмотря на шторм", {}, "ru"),
        ("जहाज समय पर बंदरगाह पहुंचे", {}, "hi"),
        ("2026 · 42 %", {}, ""),
    ],
)
def test_languages(text: str, tags: dict[str, int], expected: str) -> None:
    assert language_of(text, tags) == expected


def test_clean_text_is_one_line() -> None:
    assert clean(" a\vb\u200b _x000D_ c\n") == "a b c"


def test_columns_are_read_down_and_rows_across() -> None:
    columns = {
        "a1": Rect(0, 0, 40, 10),
        "a2": Rect(0, 12, 40, 10),
        "b1": Rect(60, 0, 40, 10),
        "b2": Rect(60, 12, 40, 10),
    }
    assert reading_order(sorted(columns, reverse=True), columns.__getitem__) == ["a1", "a2", "b1", "b2"]
    assert reading_order(sorted(columns), columns.__getitem__, right_to_left=True) == ["b1", "b2", "a1", "a2"]
    rows = {
        "a1": Rect(0, 0, 40, 10),
        "a2": Rect(45, 0, 40, 10),
        "b1": Rect(0, 40, 40, 10),
        "b2": Rect(45, 40, 40, 10),
    }
    assert reading_order(sorted(rows, reverse=True), rows.__getitem__) == ["a1", "a2", "b1", "b2"]


def test_bars_go_on_with_the_slides_edges() -> None:
    page = np.full((1080, 1440, 3), 255, np.uint8)
    page[900:] = (10, 120, 200)
    picture = np.asarray(letterboxed(Image.fromarray(page)))
    assert picture.shape == (1080, 1920, 3)
    assert (picture[100, [0, 1919]] == 255).all()
    assert (picture[1000, [0, 1919]] == (10, 120, 200)).all()
    noise = np.random.default_rng(3).integers(0, 255, (1080, 1440, 3), np.uint8)
    bar = np.asarray(letterboxed(Image.fromarray(noise)))[:, 0].astype(int)
    assert np.abs(np.diff(bar, axis=0)).max() <= 16
    flat = np.asarray(letterboxed(Image.new("RGB", (1920, 800), "navy")))
    assert (flat[0] == (0, 0, 128)).all()


def test_boxes_are_fractions_of_the_whole_picture(tmp_path: Path) -> None:
    frame = Frame.around(10, 7.5)
    box = frame.box(0, 5, 2, 2)
    assert box is not None
    assert (box.x, box.y, box.width, box.height) == pytest.approx((0.125, 0.6667, 0.15, 0.2667), abs=1e-3)
    assert frame.box(11, 0, 2, 2) is None
    path = four_by_three(tmp_path / "old.pptx")
    assert box in read_powerpoint(path, path, 5).slides[0].slide.boxes


def test_a_title_is_found_without_its_placeholder(tmp_path: Path) -> None:
    deck = new_deck()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    add_text(slide, "small print that explains", 1, 3, size_pt=18)
    add_text(slide, "The point", 1, 1, size_pt=44)
    deck.save(tmp_path / "free.pptx")
    read = read_powerpoint(tmp_path / "free.pptx", Path("free.pptx"), 5).slides[0].slide
    assert (read.title, read.paragraphs) == ("The point", ((0, "small print that explains"),))
