"""From IPA to mouth shapes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.kit.timing import Viseme
from deckcast.speech.espeak_library import SAMPLE_RATE, Phone
from deckcast.speech.phonemes import segments, visemes


@pytest.mark.parametrize(
    ("ipa", "shapes"),
    [
        ("p", [Viseme.PP]),
        ("v", [Viseme.FF]),
        ("θ", [Viseme.TH]),
        ("tʃ", [Viseme.DD, Viseme.CH]),
        ("ts.", [Viseme.DD, Viseme.CH]),
        ("ˈaɪ", [Viseme.AA, Viseme.IH]),
        ("ˈoʊ", [Viseme.OH, Viseme.OU]),
        ("yː", [Viseme.OU]),
        ("ɔ̃", [Viseme.OH]),
        ("ẽ", [Viseme.E]),
        ("h", [None]),
        ("", []),
    ],
)
def test_segments(ipa: str, shapes: list[Viseme | None]) -> None:
    assert [shape for shape, _, _ in segments(ipa)] == shapes


def test_only_the_first_vowel_of_a_stressed_phoneme_is_stressed() -> None:
    timed = visemes([Phone(0, "ˈaɪ"), Phone(2205, "ɪ")], 4410, 1.0)
    assert [(v.viseme, v.stressed) for v in timed] == [
        (Viseme.AA, True), (Viseme.IH, False), (Viseme.IH, False),
    ]  # fmt: skip
    assert timed[0].start_s == 1.0
    assert timed[-1].end_s == pytest.approx(1.2)


def test_a_breath_takes_the_coming_shape() -> None:
    timed = visemes([Phone(0, "h"), Phone(1000, "uː")], 4000, 0.0)
    assert [v.viseme for v in timed] == [Viseme.OU, Viseme.OU]


@given(st.lists(st.tuples(st.integers(0, 3000), st.text(max_size=6)), max_size=20))
def test_any_symbols_cover_the_time(events: list[tuple[int, str]]) -> None:
    at, phones = 0, []
    for step, ipa in events:
        phones.append(Phone(at, ipa))
        at += step
    timed = visemes(phones, at + 100, 0.0)
    assert timed[0].start_s == 0
    assert timed[-1].end_s == pytest.approx((at + 100) / SAMPLE_RATE)
    assert all(a.end_s == pytest.approx(b.start_s) for a, b in pairwise(timed))
