"""Cutting, cleaning and timing of text: nothing is lost, nothing is obeyed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.speech.sentences import LONGEST_PIECE, pieces
from deckcast.speech.spoken import speakable, spoken
from deckcast.speech.words import Heard, tokens, word_timings

TEXTS = st.text(
    st.one_of(
        st.sampled_from("abcZÄß 42.,;!?\n-–&%/*<>[]()'\"…。！？，我们の한ไ่مرحبا😀é\u0301\u200b\x01"),
        st.characters(),
    ),
    max_size=700,
)


@given(TEXTS)
def test_pieces_cover_the_text(text: str) -> None:
    parts = pieces(text)
    assert "".join(text[part.start : part.end] for part in parts) == text
    assert all(0 < part.end - part.start <= LONGEST_PIECE for part in parts)


@given(TEXTS)
def test_cleaning_keeps_letters_digits_and_places(text: str) -> None:
    say = spoken(text)
    assert len(say.text) == len(say.source)
    assert list(say.source) == sorted(say.source)
    assert all(0 <= index < len(text) for index in say.source)
    say.text.encode("utf-8")
    assert not any(ord(character) < 32 and character != "\n" for character in say.text)


@given(TEXTS)
def test_every_visible_character_belongs_to_one_word(text: str) -> None:
    words = tokens(text)
    covered = "".join(text[word.start : word.end] for word in words)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(words))


@given(TEXTS, st.lists(st.tuples(st.integers(0, 700), st.floats(0, 10)), max_size=30))
def test_word_times_are_ordered_whatever_the_engine_marks(text: str, marks: list[tuple[int, float]]) -> None:
    stretch = Heard(0, len(text), 0.0, 10.0, tuple(marks))
    timed = word_timings(text, [stretch])
    assert [(word.offset, word.length) for word in timed] == [
        (t.start, t.end - t.start) for t in tokens(text)
    ]
    assert all(text[word.offset : word.offset + word.length] == word.text for word in timed)
    assert all(0 <= word.start_s <= word.end_s <= 10 for word in timed)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(timed))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("Dr. Smith came, e.g. on Monday. He left.", 2),
        ("Das gilt z. B. am 3. Mai. Danach nicht.", 2),
        ("It grew by 3.5 percent.", 1),
        ("我们增长了。谢谢！", 2),
        ("नमस्ते। धन्यवाद।", 2),
        ("He said “yes.” Then he left.", 2),
        ("Line one\nLine two", 2),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(pieces(text)) == count


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold** and `code`", "Bold and code"),
        ("Look 😀 here", "Look here"),
        ("See https://www.example.com/a?b=1.", "See example.com."),
        ("<break time='3s'/> [[h@l@U]]", "break time='3s'/ h@l@U"),
        ("A → B", "A , B"),
        ("Größe: fi ﬁne １２", "Größe: fi fine 12"),
        ("u\u0308ber", "über"),
        ("and/or, 3/4", "and or, 3/4"),
        ("costs < 5 %", "costs < 5 %"),
        ("Wait...... now", "Wait. now"),
        ("\x0130P high\u200b", "30P high"),
    ],
)
def test_what_is_said(written: str, said: str) -> None:
    assert " ".join(spoken(written).text.split()) == said


def test_words_keep_their_punctuation_and_han_stand_alone() -> None:
    text = "Hi – 42,5 % (ok)! 我们，用 Excel。"
    assert [text[t.start : t.end] for t in tokens(text)] == [
        "Hi –", "42,5", "%", "(ok)!", "我", "们，", "用", "Excel。",
    ]  # fmt: skip
    assert speakable("7")
    assert not speakable("…")
