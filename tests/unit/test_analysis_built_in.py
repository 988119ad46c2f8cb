"""What the built-in analysis makes of slides, from their own data alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deckcast.analysis.service import (
    BUILT_IN,
    analyse_built_in,
    analyse_deck_built_in,
    analysis_fingerprint,
)
from deckcast.analysis.words import _table, _words
from deckcast.kit.slides import ChartContent, SeriesContent, SlideAnalysis, SlideContent, SlideKind

LONG = "We moved the northern harbour to the new timetable and every ferry now leaves on the half hour."


def slide(title: str = "", *lines: str, number: int = 5, total: int = 10, **more: object) -> SlideContent:
    own = {"paragraphs": tuple((0, line) for line in lines), "language": "en", **more}
    first, last = number == 1, number == total
    return SlideContent(number, total, title, is_first=first, is_last=last, **own)  # type: ignore[arg-type]


def kind(*arguments: str, **more: object) -> str:
    return analyse_built_in(slide(*arguments, **more)).kind  # type: ignore[arg-type]


SALES = ChartContent(
    "bar", "Ships by quarter", ("Q1", "Q2", "Q3"),
    (SeriesContent("North", (12, 15.5, None)), SeriesContent("South", (8, 9, 11))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("title", "lines", "more", "wanted"),
    [
        ("Harbour report", ("Annual meeting", "14 March 2026"), {"number": 1}, "title"),
        ("Harbour report", (), {"number": 1}, "title"),
        ("Harbour report", ("Ships came.", "Costs fell."), {"number": 1, "layout": "content"}, "content"),
        ("Harbour report", (LONG, LONG, LONG), {"number": 1}, "content"),
        ("Agenda", ("Ships", "Costs"), {}, "agenda"),
        ("Outline of the presentation", ("Ships", "Costs"), {}, "agenda"),
        ("Tagesordnung", ("Schiffe", "Kosten"), {"language": "de"}, "agenda"),
        ("议程", ("船只", "成本"), {"language": "zh"}, "agenda"),
        ("جدول الأعمال", ("السفن", "التكاليف"), {"language": "ar"}, "agenda"),
        ("Award modernisation overview", ("2008 first", "2012 second"), {}, "content"),
        ("Dynamic Content", ("is expensive", "is slow"), {}, "content"),
        ("Part two", (), {}, "section"),
        ("Part two", ("Where the money goes",), {"layout": "section"}, "section"),
        ("Ships", ("Costs fell", "Revenue rose"), {}, "content"),
        ("Ships", (), {"charts": (SALES,)}, "chart"),
        ("Fees", (), {"tables": ((("Pier", "Fee"), ("North", "120")),)}, "table"),
        ("The new pier", (), {"pictures": 1}, "picture"),
        ("", (), {"pictures": 1}, "picture"),
        ("The new pier", ("It is long", "It is wide"), {"pictures": 1}, "content"),
        ("", ("“A ship in harbour is safe, but that is not what ships are built for.”", "— J. A. Shedd"), {}, "quote"),
        ("A saying", ("„Der Weg ist das Ziel, und das Ziel ist weit.“",), {"language": "de"}, "quote"),
        ("Thank you", (), {"number": 10}, "closing"),
        ("Q&A", (), {"number": 9}, "closing"),
        ("Vielen Dank für Ihre Aufmerksamkeit!", (), {"number": 10, "language": "de"}, "closing"),
        ("谢谢大家", (), {"number": 10, "language": "zh"}, "closing"),
        ("شكراً لكم", (), {"number": 10, "language": "ar"}, "closing"),
        ("Slides and code", ("https://example.org/talk", "Ada Lovelace ada@example.org"), {"number": 9}, "closing"),
        ("Questions we asked", (LONG, LONG), {"number": 10}, "content"),
        ("Danke Sendai", (LONG,), {"number": 3, "language": "de"}, "content"),
    ],
)  # fmt: skip
def test_kinds(title: str, lines: tuple[str, ...], more: dict[str, object], wanted: str) -> None:
    assert kind(title, *lines, **more) == wanted


def test_key_points_are_the_slides_own_main_lines() -> None:
    found = analyse_built_in(
        replace(
            slide("Servers"),
            paragraphs=(
                (0, "• Tune the pool:"), (1, "start small"), (0, "Servers"), (0, "https://example.org"),
                (0, "Measure " + "again and " * 40), (0, "5"),
            ),
        )
    )  # fmt: skip
    assert found.key_points[0] == "Tune the pool"
    assert found.key_points[1].startswith("Measure again and")
    assert found.key_points[1].endswith("…")
    assert len(found.key_points) == 2
    assert max(map(len, found.key_points)) <= 160


def test_a_line_that_announces_gives_way_to_what_it_announces() -> None:
    announced = slide("Issues", "The common issues are:", "leave", "pay", "holidays")
    assert analyse_built_in(announced).key_points == ("leave", "pay", "holidays")
    below = replace(announced, paragraphs=((0, "Board"), (1, "Ada"), (1, "Grace")))
    assert analyse_built_in(below).key_points == ("Ada", "Grace")


def test_figures_stay_with_their_words_and_tables_and_charts_stand_for_missing_lines() -> None:
    assert analyse_built_in(slide("Loyal", "42 %", "of customers stay")).key_points == (
        "42 % of customers stay",
    )
    table = slide("Fees", tables=((("", "Fee"), ("North", "120"), ("South", "95")),))
    assert analyse_built_in(table).key_points == ("Fee", "North, South")
    assert analyse_built_in(slide("Ships", charts=(SALES,))).key_points == ("Ships by quarter",)


def test_what_charts_and_described_pictures_show_is_said_in_their_own_words() -> None:
    found = analyse_built_in(slide("Ships", charts=(SALES,), picture_descriptions=("A red ferry",)))
    assert found.shows == "Ships by quarter: North (Q1 12, Q2 15.5); South (Q1 8, Q2 9, Q3 11). A red ferry."
    assert analyse_built_in(slide("Ships", "One", pictures=2)).shows == ""


def test_of_a_long_series_the_ends_and_the_extremes_are_told() -> None:
    values = tuple(float(value) for value in (5, 6, 7, 1, 2, 3, 4, 9, 8, 6))
    chart = ChartContent("line", "Load", tuple("abcdefghij"), (SeriesContent("Load", values),))
    assert analyse_built_in(slide("Load", charts=(chart,))).shows == "Load: a 5, d 1, h 9, j 6."


def test_weights_follow_kind_and_amount() -> None:
    weights = {
        name: analyse_built_in(one).weight
        for name, one in {
            "section": slide("Part two"),
            "little": slide("Ships", "One", "Two"),
            "much": slide("Ships", LONG, LONG, LONG, LONG),
            "chart": slide("Ships", charts=(SALES,)),
            "nothing": slide(),
        }.items()
    }
    assert weights["nothing"] < weights["section"] < weights["little"] < weights["chart"] < weights["much"]
    assert all(0.2 <= weight <= 2 for weight in weights.values())
    dense = analyse_built_in(slide("船", "今年船只准时到达港口并且成本有所下降" * 3)).weight
    assert dense > analyse_built_in(slide("Ship", "x" * 54)).weight


def test_the_fingerprint_holds_the_slide_and_not_its_place() -> None:
    one = slide("Ships", "One", number=3)
    moved = replace(one, number=9, total=20, is_last=True)
    assert analysis_fingerprint(one, "aa", BUILT_IN) == analysis_fingerprint(moved, "bb", BUILT_IN)
    assert analysis_fingerprint(one, "aa", "m:1") != analysis_fingerprint(one, "bb", "m:1")
    assert analysis_fingerprint(one, "aa", "m:1") != analysis_fingerprint(one, "aa", "m:2")
    for changed in (replace(one, title="x"), replace(one, notes="x"), replace(one, charts=(SALES,))):
        assert analysis_fingerprint(one, None, BUILT_IN) != analysis_fingerprint(changed, None, BUILT_IN)


def test_an_analysis_survives_its_row() -> None:
    found = analyse_built_in(slide("Ships", "One", charts=(SALES,)))
    assert SlideAnalysis.from_json(found.to_json()) == found
    assert found.analyst == BUILT_IN


def test_the_decks_thread_is_its_agenda_its_sections_or_its_titles() -> None:
    def thread(*slides: SlideContent) -> str:
        found = [analyse_built_in(one) for one in slides]
        return analyse_deck_built_in("Harbour", "Ada", slides, found).thread

    content = [slide(f"Topic {number}", "One", "Two") for number in range(3)]
    assert thread(*content) == "Topic 0 → Topic 1 → Topic 2"
    sections = [slide(f"Part {number}") for number in range(3)]
    assert thread(*sections, *content) == "Part 0 → Part 1 → Part 2"
    assert thread(slide("Agenda", "Ships", "Costs"), *sections) == "Ships → Costs"
    many = [slide(f"A rather long title of a slide, number {number}", "One", "Two") for number in range(500)]
    assert len(thread(*many)) <= 400
    deck = analyse_deck_built_in("Harbour", "Ada", content, [analyse_built_in(one) for one in content])
    assert (deck.title, deck.author, deck.audience, deck.tone) == ("Harbour", "Ada", "", "")


@pytest.mark.parametrize("code", sorted(_table()["closing"]["whole"]))
def test_every_language_knows_its_agenda_and_its_ending(code: str) -> None:
    for meaning in ("agenda", "closing"):
        assert code == "en" or len(_words(meaning, code)[0]) > len(_words(meaning, "en")[0])
        for word in _words(meaning, code)[0]:
            title = SlideContent(
                9, 10, word, ((0, "a"), (0, "b")) if meaning == "agenda" else (), language=code
            )
            assert analyse_built_in(title).kind in (SlideKind.AGENDA, SlideKind.CLOSING)
