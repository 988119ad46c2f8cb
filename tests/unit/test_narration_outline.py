"""Slides without notes are told in sentences, with their own words and numbers only."""

import re
import tomllib
from importlib import resources
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.kit.slides import ChartContent, SeriesContent, SlideContent
from deckcast.narration.numbers import measured, said
from deckcast.narration.phrases import Phrases, phrases
from deckcast.narration.service import estimate_s, narrate

LANGUAGES = sorted(
    item.name.removesuffix(".toml")
    for item in resources.files("deckcast.narration").joinpath("phrases").iterdir()
    if item.name.endswith(".toml")
)
LINE = ChartContent("line", "Revenue", ("2021", "2022", "2023"), (SeriesContent("Revenue", (3.2, 5, 4.8)),))
PIE = ChartContent("pie", "Shares", ("Europe", "Asia", "Africa"), (SeriesContent("Series 1", (45, 30, 25)),))
BAR = ChartContent(
    "bar", "", ("Berlin", "Paris", "Rome", "Oslo"),
    (SeriesContent("Visitors", (120, 300, 80, 95.5)), SeriesContent("Guides", (7, 9, 2, 4))),
)  # fmt: skip
SMALL = (("City", "Sales"), ("Berlin", "1.2"), ("Paris", "3.4"))
LARGE = (
    ("City", "Sales", "Profit"), ("Berlin", "4.5", "1 %"), ("Paris", "9.5", "7 %"), ("Rome", "2.5", "3 %"),
    ("Oslo", "3.5", "4 %"), ("Bern", "6.5", "6 %"), ("Total", "26.5", "21 %"),
)  # fmt: skip


def _tell(**content: object) -> str:
    slide = SlideContent(**{"number": 3, "total": 9, "language": "en", **content})  # type: ignore[arg-type]
    narrative = narrate(slide)
    assert narrative.source == ("outline" if narrative.text else "none")
    return narrative.text


def test_points() -> None:
    points = ((0, "Revenue up 12% to $4.5M"), (0, "Satisfaction rose, our best result"), (1, "Europe"), (1, "Asia"),
              (0, "Costs fell by 3%"))  # fmt: skip
    assert _tell(title="Results", paragraphs=points) == (
        "Next: Results. To begin with: Revenue up 12% to $4.5M. "
        "Satisfaction rose, our best result: Europe and Asia. And finally: Costs fell by 3%."
    )


def test_agenda_first_last_and_questions() -> None:
    items = ((0, "Where we stand"), (0, "What we learned"), (0, "Next steps"))
    assert _tell(title="Agenda", paragraphs=items).endswith(
        "Here is what we will cover: Where we stand, What we learned and Next steps."
    )
    first = _tell(
        number=1, title="Annual Review", is_first=True, paragraphs=((0, "Jane Doe, CFO"), (0, "March 2026"))
    )
    assert first == "Welcome. Annual Review. Jane Doe, CFO. March 2026."
    last = _tell(number=9, title="Thank you!", is_last=True, paragraphs=((0, "https://www.example.com/x"),))
    assert last == "Thank you! example.com."
    assert _tell(number=9, title="Outlook", is_last=True) == "To close: Outlook."
    assert _tell(title="Why now?").startswith("Why now?")


def test_figures_and_their_labels_belong_together() -> None:
    lines = ((0, "42%"), (0, "of customers renew"), (0, "3x"), (0, "Faster delivery"))
    assert _tell(title="Why?", paragraphs=lines) == "Why? 42% of customers renew. 3x: Faster delivery."


def test_titles_and_slide_numbers_are_not_repeated() -> None:
    assert _tell(number=4, title="Costs", paragraphs=((0, "COSTS"), (0, "4"), (0, "-"))).endswith("Costs.")


def test_charts_in_english() -> None:
    assert _tell(title="", charts=(LINE,)) == (
        "The line chart shows Revenue. From 2021 to 2023, we see this value rise from 3.2 to 4.8. "
        "The highest point is 2022, with 5."
    )
    assert "The largest share is Europe, with 45; the smallest is Africa, with 25." in _tell(charts=(PIE,))
    assert "For Visitors, the highest figure is 300, for Paris, and the lowest is 80, for Rome." in _tell(
        charts=(BAR,)
    )


def test_what_the_slide_shows_in_another_form_is_not_spoken() -> None:
    """Fractions stand on slides as per cent, dates are stored as day numbers, long decimals are rounded."""
    share = ChartContent("pie", "", ("A", "B"), (SeriesContent("", (0.75, 0.25)),))
    rate = ChartContent("line", "Rate", ("2021", "2022"), (SeriesContent("Rate", (0.1, 0.125)),))
    exact = ChartContent(
        "bar", "", ("A", "B", "C", "D"), (SeriesContent("Load", (1 / 3, 5 / 3, 2 / 3, 7 / 3)),)
    )
    days = ChartContent("line", "Visits", ("45292", "45293"), (SeriesContent("Visits", (1, 2)),))
    assert _tell(charts=(share,)) == "The largest share is A; the smallest is B."
    assert _tell(charts=(rate,)) == "The line chart shows Rate. 2022 is highest and 2021 lowest."
    assert _tell(charts=(exact,)) == "The bar chart shows Load. D is highest and A lowest."
    assert _tell(charts=(days,)) == "The line chart shows Visits."


def test_of_a_chart_without_values_only_what_it_shows_is_said() -> None:
    bare = ChartContent("pie", "")
    named = ChartContent("bar", "", (), (SeriesContent("North pier", ()), SeriesContent("South pier", ())))
    assert _tell(title="Why?", charts=(bare,)) == "Why? The pie chart shows the figures."
    assert _tell(title="Why?", charts=(named,)) == "Why? The bar chart shows North pier and South pier."


def test_an_announced_list_stays_together() -> None:
    lines = ((0, "Our goals are:"), (0, "More sales"), (0, "Less waste"))
    assert _tell(title="Why?", paragraphs=lines) == "Why? Our goals are: More sales and Less waste."


def test_tables_in_english() -> None:
    assert _tell(tables=(SMALL,)) == "Berlin: 1.2. Paris: 3.4."
    assert _tell(tables=(LARGE,)) == (
        "By City, the table shows Sales and Profit. "
        "For Sales, the highest figure is 9.5, for Paris, and the lowest is 2.5, for Rome. "
        "For Profit, the highest figure is 7 %, for Paris, and the lowest is 1 %, for Berlin."
    )


def test_pictures_only_with_real_descriptions() -> None:
    descriptions = ("A team at work. Description automatically generated", "image3.png", "Picture 2")
    assert _tell(title="Us", picture_descriptions=descriptions).endswith(
        "The picture shows this: A team at work."
    )
    assert _tell(picture_descriptions=("Grafik 4", "")) == ""


@pytest.mark.parametrize("language", [*LANGUAGES, "xx", "", "sw"])
def test_every_number_stands_on_the_slide(language: str) -> None:
    points = ((0, "Up 12 points"), (0, "A longer sentence, with 92 in it"), (0, "Down 3"))
    for number in range(1, 9):
        text = _tell(
            number=number, language=language, title="Results 2025", paragraphs=points,
            charts=(LINE, PIE, BAR), tables=(SMALL, LARGE), is_first=number == 1, is_last=number == 8,
        )  # fmt: skip
        shown = "2025 12 92 3 2021 2022 2023 3.2 5 4.8 45 30 25 120 300 80 95.5 7 9 2 4 1.2 3.4 4.5 1 9.5 2.5 3.5 6.5 6"
        spoken = {token.replace(",", ".") for token in re.findall(r"\d+(?:[.,]\d+)?", text)}
        assert spoken <= set(shown.split()), text
        assert "{" not in text
        assert "None" not in text


def test_a_slide_says_the_same_wherever_it_stands() -> None:
    points = ((0, "Tea"), (0, "Coffee"), (0, "A longer point, with a comma in it"))
    said = {_tell(number=number, title="Plan B", paragraphs=points) for number in range(2, 9)}
    assert len(said) == 1
    assert (
        len({_tell(title=title, paragraphs=((0, "Tea"),)).replace(title, "") for title in "1234567890"}) == 4
    )


def test_only_statements_are_led_in() -> None:
    names = tuple(
        (0, name) for name in ("Ada Lovelace, London", "Grace Hopper, New York", "Annie Easley, Cleveland")
    )
    assert _tell(title="Why?", paragraphs=names) == (
        "Why? Ada Lovelace, London. Grace Hopper, New York. Annie Easley, Cleveland."
    )
    listed = ((0, "Default: off"), (0, "Sales grew in the north"), (0, "Full: all of it is sent at once"))
    assert _tell(title="Why?", paragraphs=listed) == (
        "Why? Default: off. Sales grew in the north. Full: all of it is sent at once."
    )


def test_a_few_names_need_no_lead_and_many_items_do() -> None:
    names = tuple((0, name) for name in ("Anna Berg", "Jonas Klein", "Mia Vogt", "Ada Smith"))
    assert _tell(title="Why?", paragraphs=names[:3]) == "Why? Anna Berg, Jonas Klein and Mia Vogt."
    many = _tell(title="Why?", paragraphs=names)
    assert re.fullmatch(r"Why\? [A-Z][a-z ]+:? Anna Berg, Jonas Klein, Mia Vogt and Ada Smith\.", many)


def test_titles_that_stand_alone() -> None:
    points = ((0, "We grew in every region, and said so"),)
    for number in range(2, 8):
        assert _tell(number=number, title="In summary", paragraphs=points).startswith("In summary. We")
        assert _tell(number=number, title="Plan: now", paragraphs=points).startswith("Plan: now. We")


def test_lines_of_programs_are_not_read_out() -> None:
    lines = ((0, "RewriteCond %{REQUEST_FILENAME} !-f"), (0, "Pages are stored, so that they come fast"))
    assert _tell(title="Why?", paragraphs=lines) == "Why? Pages are stored, so that they come fast."


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrase_tables_are_whole(language: str) -> None:
    file = resources.files("deckcast.narration").joinpath("phrases", f"{language}.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    table, english = phrases(language), phrases("en")
    for name in Phrases.__dataclass_fields__:
        mine, theirs = getattr(table, name), getattr(english, name)
        if isinstance(theirs, str) and "{" in theirs and name in data:
            assert _names(mine) <= _names(theirs) | {"kind", "series", "key", "first_value"}, name
        if isinstance(theirs, tuple) and theirs and "{" in theirs[0]:
            assert all(_names(item) == _names(theirs[0]) for item in mine), name
    for name in (
        "rise",
        "fall",
        "extremes",
        "plain_extremes",
        "shares",
        "table",
        "chart",
        "chart_alone",
        "any_chart",
        "value",
    ):
        assert name in data, name
    assert len(table.openings) >= 3


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_other_languages_get_no_english_words() -> None:
    text = _tell(language="sw", title="Mapato", paragraphs=((0, "Moja"), (0, "Mbili")), charts=(PIE,))
    assert text == "Mapato. Moja, Mbili. Shares. Europe 45, Asia 30, Africa 25."


@pytest.mark.parametrize(
    ("value", "decimal", "text"),
    [(12.0, ".", "12"), (12.5, ",", "12,5"), (-0.25, ".", "−0.25"), (1 / 3, ".", None), (1.2e6, ".", "1200000"),
     (float("nan"), ".", None), (0.1 + 0.2, ".", "0.3"), (1e20, ".", None)],
)  # fmt: skip
def test_said_numbers(value: float, decimal: str, text: str | None) -> None:
    assert said(value, decimal) == text


@pytest.mark.parametrize(
    ("cells", "decimal", "values"),
    [
        (["1,234.5", "7"], ".", [1234.5, 7.0]),
        (["1.234,5 €", "7 €"], ",", [1234.5, 7.0]),
        (["1.234", "999"], ",", [1234.0, 999.0]),
        (["1.5", "2.25"], ",", [1.5, 2.25]),
        (["1 200", "3 400"], ",", [1200.0, 3400.0]),
        (["−3 %", "4 %"], ".", [-3.0, 4.0]),
        (["$4M", "$5K"], ".", None),
        (["n/a", "5"], ".", None),
        (["2020–2021", "5"], ".", None),
        ([], ".", None),
    ],
)
def test_measured_columns(cells: list[str], decimal: str, values: list[float] | None) -> None:
    assert measured(cells, decimal) == values


def test_long_texts_are_warned_of() -> None:
    narrative = narrate(SlideContent(1, 1, notes="A sentence that goes on. " * 80, language="en"))
    assert [code for code, _ in narrative.warnings] == ["text_too_long"]
    assert narrate(SlideContent(1, 1, notes="Short.", language="en")).warnings == ()
    assert [code for code, _ in narrate(SlideContent(1, 1)).warnings] == ["no_narration"]


def test_estimates() -> None:
    assert estimate_s("", "en") == 0
    assert (
        5
        < estimate_s("Our revenue grew by twelve percent this year, and most of it came from Europe.", "en")
        < 8
    )
    assert 2 < estimate_s("我们的收入增长了百分之二十", "zh") < 5


TEXT = st.text(max_size=40)
CHART = st.builds(
    ChartContent, st.sampled_from(["bar", "pie", "line", "scatter", "other"]), TEXT,
    st.lists(TEXT, max_size=4).map(tuple),
    st.lists(
        st.builds(SeriesContent, TEXT, st.lists(st.none() | st.floats(), max_size=4).map(tuple)), max_size=3
    ).map(tuple),
)  # fmt: skip


@given(
    st.builds(
        SlideContent, st.integers(1, 50), st.just(50), TEXT,
        st.lists(st.tuples(st.integers(0, 4), TEXT), max_size=8).map(tuple), TEXT,
        st.sampled_from([*LANGUAGES, "xx", ""]),
        st.lists(st.lists(st.lists(TEXT, max_size=4).map(tuple), max_size=7).map(tuple), max_size=2).map(tuple),
        st.lists(CHART, max_size=2).map(tuple), st.lists(TEXT, max_size=2).map(tuple), st.booleans(), st.booleans(),
    )
)  # fmt: skip
def test_any_slide_is_survived(slide: SlideContent) -> None:
    narrative = narrate(slide)
    assert bool(narrative.text) == (narrative.source != "none")
