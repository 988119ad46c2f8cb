"""Speaker notes become something that can be spoken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.kit.marks import parse
from deckcast.kit.slides import SlideContent
from deckcast.narration.service import narrate


def _say(notes: str, language: str = "en") -> str:
    narrative = narrate(SlideContent(4, 9, title="", notes=notes, language=language))
    assert narrative.source == ("notes" if narrative.text else "none")
    return narrative.text


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ("Hello there", "Hello there."),
        ("Really?", "Really?"),
        ("• one thing\n• Another thing;\n- **bold** last", "One thing.\nAnother thing.\nBold last."),
        ("* star _under_ `code`", "Star under code."),
        ("# Heading\ntext", "Heading text."),
        ("Speaker notes: Welcome [smile] all (click).", "Welcome all."),
        ("One (pause) two", "One [pause] two."),
        ("One. [Pause] Two.", "One. [pause] Two."),
        ("One. [pause 2s] two", "One. [pause 2s] two."),
        ("One. (PAUSE 1,5 sec.) Two", "One. [pause 1.5s] Two."),
        ("One. [pause: 90 seconds] Two", "One. [pause 10s] Two."),
        ("One (long pause). Two", "One. [pause 1.2s] Two."),
        ("One. *pause* Two", "One. [pause] Two."),
        ("[Pause for effect]\nWe begin. (pause)\nthen we go on (pause)", "We begin.\n[pause] Then we go on."),
        ("We begin.\n\nPAUSE\n\nwe go on", "We begin.\n[pause] We go on."),
        ("[pause] [pause 2s]", ""),
        ("We pause here. The (pause button) stays", "We pause here. The (pause button) stays."),
        ("[Next slide]\nWe begin. [smile]", "We begin."),
        ("See https://www.example.com/a/b?c=1.", "See example.com."),
        ("Read [the report](https://example.com/x) now", "Read the report now."),
        ("Write to info@example.com", "Write to info@example.com."),
        ("Sales & marketing, R&D", "Sales and marketing, R&D."),
        ("e.g. this, i.e. that etc.", "For example this, that is that and so on."),
        ("Plan A vs. plan B", "Plan A versus plan B."),
        ("~5 people", "About 5 people."),
        ("a -> b", "A, b."),
        ("1. First do this\n2. Then that", "First do this.\nThen that."),
        ("2. World tour starts", "2. World tour starts."),
        ("This line was wrapped\nin the middle of it.", "This line was wrapped in the middle of it."),
        ("Line one\n\nline two", "Line one.\nLine two."),
        ("Soft\vbreak", "Soft break."),
        ("iPhone sales", "iPhone sales."),
        ("It ends here:", "It ends here."),
        ("Much   space\u00a0here \t ok", "Much space here ok."),
        ("<b>Bold</b> words", "Bold words."),
        ("Snake_case and 2*3*4 stay", "Snake_case and 2*3*4 stay."),
    ],
)
def test_english(notes: str, said: str) -> None:
    assert _say(notes) == said


@pytest.mark.parametrize(
    ("notes", "language", "said"),
    [
        ("Das gilt z. B. bzw. z.B. usw.", "de", "Das gilt zum Beispiel beziehungsweise zum Beispiel und so weiter."),
        ("Äpfel usw. Danach Birnen", "de-AT", "Äpfel und so weiter. Danach Birnen."),
        ("ca. 3 Mio. Euro & mehr, d. h. viel", "de", "Circa 3 Millionen Euro und mehr, das heißt viel."),
        ("C'est p. ex. ici & là", "fr", "C'est par exemple ici et là."),
        ("En EE. UU., p. ej. hoy", "es-MX", "En Estados Unidos, por ejemplo hoy."),
        ("Zie bijv. dit", "nl", "Zie bijvoorbeeld dit."),
        ("我们增长了", "zh-CN", "我们增长了。"),
        ("हम बढ़े", "hi", "हम बढ़े।"),
        ("مرحبا بكم", "ar", "مرحبا بكم."),
        ("Mówimy po polsku & dobrze", "pl", "Mówimy po polsku i dobrze."),
    ],
)  # fmt: skip
def test_other_languages(notes: str, language: str, said: str) -> None:
    assert _say(notes, language) == said


@pytest.mark.parametrize(
    ("notes", "language", "said"),
    [
        ("Revenue in Q3 2025 rose approx. 5 %", "en",
         "Revenue in the third quarter of 2025 rose approximately 5 %."),
        ("Our Q1 2026 plan, FY25 and H1/2025", "en",
         "Our first quarter 2026 plan, fiscal year 25 and the first half of 2025."),
        ("Item No. 5 vs item 6, min. 3 people", "en", "Item number 5 versus item 6, at least 3 people."),
        ("≥ 5 sites, ± 2 kWh", "en", "At least 5 sites, plus or minus 2 kilowatt hours."),
        ("No. We said no. 5 of them left", "en", "No. We said no. 5 of them left."),
        ("Q3 was good, EQ3 2025 and Q5 2025 too", "en", "Q3 was good, EQ3 2025 and Q5 2025 too."),
        ("Max. speed; Maxim vs-like w/in", "en", "Max. speed; Maxim vs-like w/in."),
        ("Im Q3 2025, Q2/2026: ca. 3 Mrd. €, u. a.", "de",
         "Im dritten Quartal 2025, zweites Quartal 2026: circa 3 Milliarden €, unter anderem."),
        ("1 Mio. Kunden, mind. 5, § 3, insb. hier", "de",
         "1 Million Kunden, mindestens 5, Paragraf 3, insbesondere hier."),
        ("Die KW 12 i. d. R., vs. Bus", "de", "Die Kalenderwoche 12 in der Regel, gegen Bus."),
        ("Au T2 2025, env. 5 M€, n° 3, c.-à-d. peu", "fr",
         "Au deuxième trimestre 2025, environ 5 millions d’euros, numéro 3, c’est-à-dire peu."),
        ("Aprox. 5, núm. 3, máx. 7", "es", "Aproximadamente 5, número 3, máximo 7."),
        ("P.es. 5 mln, ecc.", "it", "Per esempio 5 milioni, eccetera."),
        ("我们（停顿）开始", "zh", "我们[pause]开始。"),
        ("Wir beginnen. (kurze Pause) Und weiter. (Pause 2 Sekunden) Ende", "de",
         "Wir beginnen. [pause] Und weiter. [pause 2s] Ende."),
        ("On commence [pause] ici", "fr", "On commence [pause] ici."),
    ],
)  # fmt: skip
def test_what_engines_misread_is_said_in_full(notes: str, language: str, said: str) -> None:
    assert _say(notes, language) == said


@pytest.mark.parametrize(
    "notes",
    ["", "  \n ", "Click to add notes", "4", "Slide 4 of 9", "Folie 4", "<#>", "‹#›", "[pause]", "—\n…",
     "Klicken Sie, um Notizen hinzuzufügen", "单击此处添加备注", "Notes:"],
)  # fmt: skip
def test_nothing(notes: str) -> None:
    assert _say(notes) == ""


@given(st.text(max_size=300), st.sampled_from(["en", "de", "zh", "ar", "xx", "", "en_US", "../x"]))
def test_any_notes_are_survived(notes: str, language: str) -> None:
    text = _say(notes, language)
    assert not text or any(character.isalnum() for character in text)
    assert "  " not in text
    assert "[" not in parse(text).text or "[" in notes
    assert not re.match(r"\[pause", text)


@given(st.lists(st.from_regex(r"[A-Za-zäöüß]{2,9}[,.!?]?", fullmatch=True), min_size=1, max_size=60))
def test_plain_words_are_all_said(words: list[str]) -> None:
    said = _say(" ".join(words), "xx")
    assert [w.strip(",.!?").lower() for w in said.split()] == [w.strip(",.!?").lower() for w in words]
