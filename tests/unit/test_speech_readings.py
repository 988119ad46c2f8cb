"""Figures are read as people read them, and every sound still points into the written text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.speech.spoken import spoken


@pytest.mark.parametrize(
    ("written", "language", "said"),
    [
        ("$4.5M", "en-us", "4.5 million dollars"),
        ("US$3bn and $1", "en-us", "3 billion dollars and 1 dollar"),
        ("$4.5M–$5M", "en-us", "4.5 million dollars to 5 million dollars"),
        ("€5, £1k", "en-gb", "5 euros, 1 thousand pounds"),
        ("Q1–Q4 2021-2023, 12%–15%", "en-us", "Q1 to Q4 2021 to 2023, 12% to 15%"),
        ("Results 2024 – 3 lessons", "en-us", "Results 2024 , 3 lessons"),
        ("3x faster, #1, p < 0.05", "en-us", "3 times faster, number 1, p less than 0.05"),
        ("10k users, 4K video, 3M, B2B", "en-us", "10 thousand users, 4K video, 3M, B2B"),
        ("555-1234 on 2020-01-15", "en-us", "555-1234 on 2020-01-15"),
        ("−5 to –3, 24/7, 3/4", "en-us", "-5 to -3, 24 7, 3/4"),
        ("4,5 Mio. € in 2021–2023", "de", "4,5 Millionen Euro in 2021 bis 2023"),
        ("12 Mrd. €", "de", "12 Milliarden Euro"),
        ("4,5 M€ et 3 €", "fr", "4,5 millions d’euros et 3 euros"),
        ("$4.5M −5", "ja", "$4.5M -5"),
    ],
)
def test_readings(written: str, language: str, said: str) -> None:
    assert " ".join(spoken(written, language).text.split()) == said


@given(
    st.text(alphabet="0123456789.,$€£kKMB%–−-x#<> aQ/", max_size=60),
    st.sampled_from(["en-us", "de", "fr", "ja", ""]),
)
def test_sources_stay_in_order(written: str, language: str) -> None:
    say = spoken(written, language)
    assert len(say.text) == len(say.source)
    assert list(say.source) == sorted(say.source)
    assert all(0 <= index < len(written) for index in say.source)
    digits = [character for character in written if character.isdigit()]
    assert [character for character in say.text if character.isdigit()] == digits
