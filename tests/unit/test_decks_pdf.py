"""PDF pages: what their letters and lines mean, told by where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckcast.decks.models import Slide
from deckcast.decks.paragraphs import joined
from deckcast.decks.pdf import read_pages
from decks_for_tests import pdf_rect as rect
from decks_for_tests import pdf_text as text
from decks_for_tests import raw_pdf

TITLE = text("Harbour report", 80, 80, 40)
FEES = [("Pier", "Fee", "Ships"), ("North", "120", "7"), ("South", "95", "12"), ("Old town", "80", "3")]


def read(tmp_path: Path, *streams: str) -> list[Slide]:
    path = raw_pdf(tmp_path / "deck.pdf", list(streams))
    return [item.slide for item in read_pages(path, path, 50).slides]


def points(slide: Slide) -> list[str]:
    return [line for _, line in slide.paragraphs]


def grid(rows: list[tuple[str, ...]], *, cells: bool, size: float = 16) -> str:
    content = ""
    for row, line in enumerate(rows):
        for column, cell in enumerate(line):
            content += rect(80 + 200 * column, 150 + 40 * row, 200, 40) if cells else ""
            content += text(cell, 90 + 200 * column, 175 + 40 * row, size)
    return content


def test_wrapped_bullets_are_points_with_levels(tmp_path: Path) -> None:
    lines = [
        (80, "\\225 The first ships come in spring and leave the har-"),
        (98, "bour when the storms begin"),
        (80, "\\225 Costs fell"),
        (110, "- mainly fuel"),
        (80, "\\225 Nobody knows why"),
    ]
    body = "".join(text(line, left, 160 + 26 * number) for number, (left, line) in enumerate(lines))
    (slide,) = read(tmp_path, TITLE + body)
    assert slide.title == "Harbour report"
    assert slide.paragraphs == (
        (0, "The first ships come in spring and leave the harbour when the storms begin"),
        (0, "Costs fell"),
        (1, "mainly fuel"),
        (0, "Nobody knows why"),
    )


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = ["Ships and the people who", "sail them"]
    right = ["Cargo and how we weigh", "it all"]
    rows = [(80, 160, left[0]), (520, 160, right[0]), (80, 184, left[1]), (520, 184, right[1])]
    (slide,) = read(tmp_path, TITLE + "".join(text(line, x, y) for x, y, line in rows))
    assert points(slide) == ["Ships and the people who sail them", "Cargo and how we weigh it all"]


def test_what_is_in_two_cards_is_never_one_point(tmp_path: Path) -> None:
    cards = rect(70, 140, 400, 30) + rect(70, 170, 400, 30)
    (slide,) = read(
        tmp_path,
        TITLE + cards + text("Safe harbours for", 80, 162) + text("all the ships there are", 80, 186),
    )
    assert points(slide) == ["Safe harbours for", "all the ships there are"]


def test_running_heads_page_numbers_overlines_and_fine_print_are_no_points(tmp_path: Path) -> None:
    pages = [
        text(f"Report {number}", 80, 120, 40)
        + text("Every ship has a berth.", 80, 250)
        + text(part, 80, 70, 12)
        + text("Harbour Ltd.", 80, 525, 10)
        + text(f"{number + 4}", 900, 525, 10)
        + text("Source: the harbour", 500, 450, 9)
        for number, part in enumerate(("OPERATIONS", "PEOPLE", "MONEY", "PLANS"), start=1)
    ]
    slides = read(tmp_path, *pages)
    assert [slide.title for slide in slides] == [f"Report {number}" for number in range(1, 5)]
    assert points(slides[0]) == ["OPERATIONS", "Every ship has a berth.", "Source: the harbour"]
    assert [points(slide) for slide in slides[1:]] == [["Every ship has a berth."]] * 3


def test_a_number_at_the_edge_stays_unless_it_is_the_pages_own(tmp_path: Path) -> None:
    slides = read(tmp_path, *(TITLE + text("2", 900, 525, 12) for _ in range(2)))
    assert [points(slide) for slide in slides] == [["2"], []]


@pytest.mark.parametrize("cells", [True, False])
def test_a_table_is_told_by_its_cells_or_its_numbers(tmp_path: Path, cells: bool) -> None:
    (slide,) = read(tmp_path, TITLE + grid(FEES, cells=cells) + text("Prices are without tax.", 80, 420))
    assert [table.rows for table in slide.tables] == [tuple(FEES)]
    assert points(slide) == ["Prices are without tax."]


def test_cells_may_be_wrapped_or_empty(tmp_path: Path) -> None:
    rows = [("Task", "Who"), ("Count", ""), ("Rest", "Everyone")]
    (slide,) = read(tmp_path, TITLE + grid(rows, cells=True, size=12) + text("the ships", 90, 228, 12))
    assert slide.tables[0].rows == (("Task", "Who"), ("Count the ships", ""), ("Rest", "Everyone"))
    assert points(slide) == []


def test_level_lines_make_a_table(tmp_path: Path) -> None:
    rows = [
        ("", "Today", "Planned"),
        ("Read", "PowerPoint and PDF", "Animations"),
        ("Speak", "Plain voices", "Better ones"),
    ]
    lines = "".join(rect(80, 190 + 40 * row, 600, 1, "0 0 0") for row in range(3))
    (slide,) = read(tmp_path, TITLE + grid(rows, cells=False) + lines)
    assert [table.rows for table in slide.tables] == [tuple(rows)]


def test_two_columns_of_words_are_no_table(tmp_path: Path) -> None:
    rows = [
        ("We count ships", "You pay fees"),
        ("We keep books", "You read them"),
        ("We light lamps", "You find the way"),
    ]
    (slide,) = read(tmp_path, TITLE + grid(rows, cells=False))
    assert not slide.tables
    assert sorted(points(slide)) == sorted(cell for row in rows for cell in row)


def test_bars_are_a_chart_whose_labels_are_not_spoken(tmp_path: Path) -> None:
    bars = "".join(
        rect(100 + 120 * number, 440 - high, 80, high, "0.2 0.3 0.6")
        + text(f"Q{number + 1}", 125 + 120 * number, 465, 14)
        + text(str(high), 125 + 120 * number, 432 - high, 14)
        for number, high in enumerate((120, 200, 90, 240))
    )
    remark = text("The harbour grew in every quarter but one.", 600, 250, 16)
    (slide,) = read(tmp_path, TITLE + bars + remark)
    assert points(slide) == ["The harbour grew in every quarter but one."]
    assert [(chart.kind, chart.categories, chart.series) for chart in slide.charts] == [("bar", (), ())]
    assert not slide.tables
    (box,) = slide.boxes
    assert box.x < 101 / 960  # the presenter may not cover the bars
    assert box.x + box.width > 539 / 960


def test_a_scale_beside_a_course_is_a_line_chart_with_its_legend(tmp_path: Path) -> None:
    scale = "".join(text(str(value), 80, 420 - 5 * value, 14) for value in (0, 10, 20, 30, 40))
    grid_lines = "".join(rect(110, 415 - 5 * value, 400, 1, "0.5 0.5 0.5") for value in (0, 10, 20, 30, 40))
    course = "1 0 0 RG 2 w 110 150 m 240 220 l 380 190 l 510 290 l S "
    legend = rect(530, 250, 10, 10, "1 0 0") + text("North pier", 546, 260, 14)
    legend += rect(530, 275, 10, 10, "0 0 1") + text("South pier", 546, 285, 14)
    (slide,) = read(tmp_path, TITLE + grid_lines + scale + course + legend)
    (chart,) = slide.charts
    assert chart.kind == "line"
    assert [(series.name, series.values) for series in chart.series] == [
        ("North pier", ()),
        ("South pier", ()),
    ]
    assert points(slide) == []


def test_cards_and_rising_lists_are_no_chart(tmp_path: Path) -> None:
    cards = "".join(
        rect(80 + 200 * n, 200, 150, 100 + 20 * n) + text(f"Card {n}", 90 + 200 * n, 250) for n in range(3)
    )
    numbers = "".join(text(str(n), 60, 350 + 40 * n, 16) for n in (1, 2, 3))
    (slide,) = read(tmp_path, TITLE + cards + numbers)
    assert not slide.charts
    assert {"Card 0", "Card 1", "Card 2"} <= set(points(slide))


def test_a_larger_text_further_down_is_not_the_title(tmp_path: Path) -> None:
    (slide,) = read(tmp_path, text("Where we meet", 80, 70, 32) + text("Pier seven", 80, 330, 40))
    assert (slide.title, points(slide)) == ("Where we meet", ["Pier seven"])


def test_lines_are_joined_as_their_script_asks() -> None:
    assert joined(["a safe har-", "bour", "town"]) == "a safe harbour town"
    assert joined(["港口", "报告"]) == "港口报告"


def test_a_page_of_nonsense_does_not_lose_the_others(tmp_path: Path) -> None:
    nonsense = "BT /F 1e38 Tf 1e38 0 0 1e38 1e38 1e38 Tm (Endless) Tj ET 1e38 1e38 1e38 1e38 re f "
    slides = read(tmp_path, TITLE, nonsense + "BT /F 0 Tf 80 80 Td (Nothing) Tj ET", TITLE)
    assert [slides[0].title, slides[2].title] == ["Harbour report", "Harbour report"]


def test_numbers_that_only_count_are_not_spoken(tmp_path: Path) -> None:
    steps = "".join(
        text(str(n + 1), 80, 200 + 90 * n, 24) + text(f"Step {'abc'[n]}", 200, 200 + 90 * n) for n in range(3)
    )
    (slide,) = read(tmp_path, TITLE + steps)
    assert points(slide) == ["Step a", "Step b", "Step c"]
