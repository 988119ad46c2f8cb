"""What a model's narrative must be, and what is made of one that is not."""

from __future__ import annotations

import pytest

from deckcast.kit.marks import parse, pause_mark
from deckcast.kit.slides import ChartContent, SeriesContent, SlideAnalysis, SlideContent, SlideKind
from deckcast.narration.checks import Bounds, Fault, bounds, complaints
from deckcast.narration.languages import other_language
from deckcast.narration.lengths import estimate_s, target_s, word_count
from deckcast.narration.mending import tidied, without_markup
from deckcast.narration.models import Approach, Wish
from deckcast.narration.numerals import numbers
from deckcast.narration.phrases import phrases
from deckcast.narration.stated import stated, unstated

SLIDE = SlideContent(
    4, 9, title="Revenue in 2025 ($M)", language="en",
    paragraphs=((0, "Revenue up 12% to $4.5M"), (0, "1,234 customers"), (0, "Q3 was strong")),
    notes="Margin was 39.7 percent; we hired twenty-five people.",
    tables=((("Region", "Revenue"), ("North", "3.2"), ("South", "1.3")),),
    charts=(ChartContent("bar", "", ("A", "B"), (SeriesContent("Share", (0.75, 5 / 3)),)),),
)  # fmt: skip
ANALYSIS = SlideAnalysis(SlideKind.CHART, (), "A bar of 66 units stands out.", 1.0, "fake:model")


def _unstated(text: str, language: str = "en", slide: SlideContent = SLIDE) -> tuple[str, ...]:
    return unstated(text, language, stated(slide, ANALYSIS))


@pytest.mark.parametrize(
    "text",
    [
        "Revenue rose 12 percent to 4.5 million dollars.",
        "Revenue rose by twelve percent.",
        "We have 1234 customers, or one thousand two hundred and thirty-four.",
        "About 40 percent margin; nearly 40 percent; over 39 percent; ~40 %.",
        "Around twelve hundred customers, more than 1,200.",
        "In twenty twenty-five we hired 25 people.",
        "North made 3.2 million, South 1.3 million.",
        "These three points matter, and one of them most.",
        "The bar at 66 stands out. A share of 75 percent, and 1.67 for the other.",
        "The third quarter, Q3, was strong. CO2, B2B and 5G are names.",
        "The two regions and 3 points.",
    ],
)
def test_figures_of_the_slide_may_be_said(text: str) -> None:
    assert _unstated(text) == ()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Revenue rose by 13 percent.", ("13",)),
        ("Revenue rose by thirteen percent.", ("thirteen",)),
        ("A margin of 40 percent.", ("40",)),
        ("About 50 percent, over 45 percent.", ("50", "45")),
        ("4.5 billion dollars.", ("4.5 billion",)),
        ("In Q4 we grew five percent.", ("4", "five")),
        ("In twenty twenty-six.", ("twenty twenty-six",)),
        ("Some 9 million customers.", ("9 million",)),
        ("7319 % of all, and 7319 again.", ("7319",)),
    ],
)
def test_other_figures_are_found(text: str, wrong: tuple[str, ...]) -> None:
    assert _unstated(text) == wrong


def test_figures_of_other_languages() -> None:
    slide = SlideContent(
        1, 1, title="Umsatz 4,5 Mio. €", language="de", paragraphs=((0, "1.234 Kunden, 39,7 %, seit 1999"),)
    )
    assert _unstated("Der Umsatz: viereinhalb? Nein: 4,5 Millionen Euro, 1234 Kunden.", "de", slide) == ()
    said = (
        "Rund 40 Prozent, zwölf Prozent, eintausendzweihundertvierunddreißig, neunzehnhundertneunundneunzig."
    )
    assert _unstated(said, "de", slide) == ("zwölf",)
    assert _unstated("1,234 customers, 4.5 million euros, 39.7 percent", "en", slide) == ()
    assert _unstated("Près de 40 pour cent, 1 234 clients, 7 millions", "fr", slide) == ("7 millions",)
    assert _unstated("约40%，450万", "zh", slide) == ()
    assert _unstated("60%", "zh", slide) == ("60",)


def test_numbers_in_words() -> None:
    def values(text: str, language: str) -> list[float]:
        return [number.values[0] for number in numbers(text, language)]

    assert values("one hundred and five, two point five million, nineteen ninety-nine", "en") == [
        105,
        2.5e6,
        1999,
    ]
    assert values("zweitausenddreihundertfünfundzwanzig, einundzwanzig, zwei Komma fünf Millionen", "de") == [
        2325, 21, 2.5e6
    ]  # fmt: skip
    assert values("hundert Wörter und eine Million, der Bundesrat", "de") == []
    assert values("12.03.2025", "de") == [12, 3, 2025]
    assert values("between ten and fifteen, around the clock, 24/7", "en") == [10, 15]


GOOD = "We look at revenue and what stands behind it, because the year went well for the whole team."


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.EMPTY),
        ("[pause] …", Fault.EMPTY),
        (f"# Revenue\n{GOOD}", Fault.MARKUP),
        (f"- {GOOD}\n- And more", Fault.MARKUP),
        (f"**Revenue**: {GOOD}", Fault.MARKUP),
        (f"Narrator: {GOOD}", None),
        (f"Slide 4: {GOOD}", Fault.MARKUP),
        (f"{GOOD} (smiles)", Fault.MARKUP),
        (f"{GOOD} 🚀", Fault.MARKUP),
        (f"As an AI, I would say: {GOOD}", Fault.ASSISTANT),
        (f"Here is the narrative: {GOOD}", Fault.ASSISTANT),
        (f"{GOOD} [wait]", Fault.MARKS),
        (f"{GOOD} [pause 9s] So much for that.", Fault.MARKS),
        (f"{GOOD} [pause] This is *ours*.", None),
        (GOOD * 4, Fault.LENGTH),
        ("Too short.", Fault.LENGTH),
        (f"{GOOD} It grew by 77 percent.", Fault.FIGURES),
        ("Wir sehen uns den Umsatz an und was dahinter steht, denn das Jahr lief für alle gut.", Fault.LANGUAGE),
    ],
)  # fmt: skip
def test_complaints(text: str, fault: Fault | None) -> None:
    found = {item.fault for item in complaints(text, "en", stated(SLIDE, None), Bounds(10, 40))}
    assert (fault in found) if fault else not found, found


def test_languages_that_are_clearly_others() -> None:
    german = "Wir sehen uns den Umsatz an und was dahinter steht, denn das Jahr lief für alle im Team gut."
    assert other_language(german, "en") == "de"
    assert other_language(german, "de-AT") is None
    assert other_language("Umsatz", "en") is None
    assert other_language("我们的收入增长了百分之二十，客户也更多了。", "en") == "zh"
    assert other_language("我们的收入增长了百分之二十，客户也更多了。", "zh-CN") is None
    assert (
        other_language("我们使用 Deckcast 和 Kubernetes 来管理 infrastructure 和 deployment，很方便", "zh")
        is None
    )
    assert other_language(GOOD, "zh") == "en"
    assert other_language(GOOD, "ar") == "en"
    assert (
        other_language("Vi ser på omsætningen og hvad der ligger bag den, for året gik godt for os.", "nb")
        is None
    )
    assert other_language(GOOD, "") is None
    assert other_language(GOOD, "xx") is None


def test_markup_is_taken_out_and_words_stay() -> None:
    text = (
        "## Revenue\n\n- **Revenue rose** by 12 percent 🚀 (smiles)\n- It was [the best](https://x.example) "
        "*year* so far [pause] for us\nAs an AI I cannot see it. Thank you."
    )
    assert without_markup(text, phrases("en")) == (
        "Revenue rose by 12 percent.\nIt was the best *year* so far [pause] for us.\nThank you."
    )
    many = "One. [pause] Two. [pause] Three. [pause 8s] Four. [pause] Five. [pause] Six."
    assert without_markup(many, phrases("en")) == (
        "One. [pause] Two. [pause] Three. [pause 3s] Four. [pause] Five. Six."
    )
    assert tidied('\n "All  of it."\n\n') == "All of it."


def test_targets() -> None:
    def seconds(analysis: SlideAnalysis | None, wish: Wish | None = None, **content: object) -> float:
        slide = SlideContent(3, 9, language="en", **content)  # type: ignore[arg-type]
        return target_s(slide, analysis, wish or Wish())

    long = tuple((0, "A point of some eight words that says something") for _ in range(8))
    light = SlideAnalysis(SlideKind.CONTENT, (), "", 0.3, "x")
    heavy = SlideAnalysis(SlideKind.CONTENT, (), "", 2.0, "x")
    assert seconds(None, title="A", paragraphs=long) > seconds(None, title="A", paragraphs=long[:2])
    assert (
        seconds(light, paragraphs=long)
        < seconds(None, paragraphs=long)
        < seconds(heavy, paragraphs=long)
        <= 75
    )
    assert seconds(None, title="Part two") < 12
    notes = "A note that is spoken as it stands here. " * 10
    assert seconds(None, notes=notes) > 20
    assert seconds(None, Wish(words_per_minute=240), notes=notes) < seconds(None, notes=notes)
    assert seconds(None, Wish(Approach.ANEW), title="Part two", notes=notes) < 12
    assert bounds(206).most < 300


def test_words_are_counted_by_language() -> None:
    assert word_count("We [pause 2s] *grew* – a lot.", "en") == 4
    assert 6 <= word_count("我们的收入增长了百分之二十", "zh") <= 10
    assert 3 <= word_count("収入が増えました", "ja") <= 5


def test_marks_are_pauses_and_no_words() -> None:
    plain = estimate_s("We begin now. And we go on.", "en")
    assert estimate_s("We begin now. [pause 3s] And *we* go on.", "en") == pytest.approx(plain + 3, abs=0.11)
    assert estimate_s("We begin now. And we go on.", "en", 330) < plain
    assert estimate_s("[pause 3s]", "en") == 0
    assert [pause_mark(), pause_mark(1.5), pause_mark(99)] == ["[pause]", "[pause 1.5s]", "[pause 10s]"]
    assert parse(f"A {pause_mark(1.2)} b").pauses[0].seconds == 1.2
