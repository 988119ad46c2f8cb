"""What an engine is given to say: lines with every word of the text, marks taken out, words as pronounced."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deckcast.kit.errors import WorkError
from deckcast.kit.marks import parse
from deckcast.speech.ports import SpeechCapabilities, SpeechRequest, TimingSource
from deckcast.speech.pronunciations import pronounced
from deckcast.speech.script import Line, lines

PLAIN = SpeechCapabilities(offline=False, timing=TimingSource.NONE)


def script(text: str, **can: object) -> tuple[Line, ...]:
    capabilities = SpeechCapabilities(offline=False, timing=TimingSource.NONE, **can)  # type: ignore[arg-type]
    return lines(SpeechRequest(text, "en", "x:y"), capabilities)


def test_a_text_without_marks_is_one_line() -> None:
    (line,) = script("  Good morning.\nHow are you? ")
    assert line == Line(2, 28, "Good morning.\nHow are you?", tuple(range(2, 28)))


def test_pauses_part_the_lines_where_the_engine_does_not_know_them() -> None:
    first, second, third = script("[pause 3s] One. [pause 1.5s] Two [pause] ... [pause 2s] three [pause]")
    assert [line.said for line in (first, second, third)] == ["One.", "Two", "three"]
    assert [line.pause_s for line in (first, second, third)] == [1.5, 2.6, 0.0]
    text = parse("[pause 3s] One. [pause 1.5s] Two [pause] ... [pause 2s] three [pause]").text
    assert [text[line.start : line.end] for line in (first, second, third)] == ["One.", "Two", "three"]


def test_pauses_stay_in_the_line_of_an_engine_that_knows_them() -> None:
    (line,) = script("One [pause 1s] two.", pauses=True)
    assert line.said == "One two."
    assert line.pauses == ((4, 1.0),)
    assert line.pause_s == 0.0


def test_emphasis_is_told_only_to_an_engine_that_knows_it() -> None:
    (line,) = script("This is *very good* news.", emphasis=True)
    assert [line.said[start:end] for start, end in line.emphases] == ["very good"]
    (line,) = script("This is *very good* news.")
    assert (line.said, line.emphases) == ("This is very good news.", ())


def test_a_long_text_is_cut_at_sentences_and_hears_what_stands_around() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(20))
    found = script(text, max_chars=100)
    assert len(found) > 5
    assert all(len(line.said) <= 100 and line.said.endswith(".") for line in found)
    assert " ".join(line.said for line in found) == text
    assert all(line.pause_s > 0.2 for line in found[:-1])
    assert found[1].before.endswith(found[0].said)
    assert found[1].after.startswith(found[2].said)


@given(st.text(alphabet="ab é你。.,! \n*[]pause1s", max_size=120), st.integers(5, 60))
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_whatever_the_text(text: str, max_chars: int) -> None:
    plain = parse(text).text
    if not any(letter.isalnum() for letter in plain):
        with pytest.raises(WorkError):
            script(text, max_chars=max_chars)
        return
    found = script(text, max_chars=max_chars)
    assert all(0 < len(line.said) <= max_chars for line in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
    held = {at for line in found for at in range(line.start, line.end)}
    assert all(at in held for at, letter in enumerate(plain) if letter.isalnum())
    assert all(
        plain[place] == letter for line in found for letter, place in zip(line.said, line.source, strict=True)
    )


@pytest.mark.parametrize("text", ["", " \n", "...", "[pause 2s]", "*!*"])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(WorkError) as caught:
        script(text)
    assert caught.value.code == "nothing_to_say"


@pytest.mark.parametrize(
    ("text", "written", "said", "expected"),
    [
        ("SQL and MySQL, sql; SQL.", "SQL", "sequel", "sequel and MySQL, sql; sequel."),
        ("Nginx and NGINX and nginxes", "nginx", "engine x", "engine x and engine x and nginxes"),
        ("das Café, CAFÉ", "café", "kaffee", "das kaffee, kaffee"),
        ("das Cafe\u0301 ist", "Café", "Kaffee", "das Kaffee ist"),
        ("l’API, API-Gateway, API_KEY", "API", "A P I", "l’A P I, A P I-Gateway, API_KEY"),
        ("使用API的公司", "API", "A P I", "使用A P I的公司"),
        ("重庆很大，重庆！", "重庆", "崇庆", "崇庆很大，崇庆！"),
        ("हिन्दी और हिन", "हिन", "X", "हिन्दी और X"),
        ("New\nYork, New York City", "New York", "NY", "NY, NY City"),
        ("C++ and C", "C", "see", "C++ and see"),
        ("C++ and C", "C++", "see plus plus", "see plus plus and C"),
        ("a.b axb", "a.b", "dot", "dot axb"),
    ],
)  # fmt: skip
def test_whole_words_are_pronounced(text: str, written: str, said: str, expected: str) -> None:
    result = pronounced(text, [(written, said)])
    assert result.text == expected
    assert len(result.source) == len(result.text)
    assert list(result.source) == sorted(result.source)


def test_the_longest_wins_and_nothing_is_replaced_twice() -> None:
    table = [("York", "Jork"), ("New York", "York"), ("b", "c"), ("a", "b")]
    assert pronounced("New York, York, a b", table).text == "York, Jork, b c"


def test_letters_keep_their_place() -> None:
    result = pronounced("Our SQL here", [("SQL", "sequel")])
    assert result.source == (0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 11)[: len(result.text)]
    assert result.text[10:] == " here"
    assert result.source[10:] == (7, 8, 9, 10, 11)


def test_a_pause_within_keeps_words_apart() -> None:
    request = SpeechRequest(
        "New [pause 1s] York and New York", "en", "x:y", pronunciations=(("New York", "NY"),)
    )
    assert [line.said for line in lines(request, PLAIN)] == ["New", "York and NY"]


def test_emphasis_follows_what_is_pronounced() -> None:
    request = SpeechRequest("Use *SQL* now", "en", "x:y", pronunciations=(("SQL", "sequel"),))
    (line,) = lines(request, SpeechCapabilities(offline=False, timing=TimingSource.NONE, emphasis=True))
    assert [line.said[start:end] for start, end in line.emphases] == ["sequel"]
