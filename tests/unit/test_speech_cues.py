"""What captions tell of when words are heard, and that wrong ones tell nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest

from deckcast.kit.timing import WordTiming
from deckcast.speech.cues import Anchor, Cue, between, moved_along, parse_srt

TEXT = "One two three. Four five six. Seven eight nine."
FIRST, LAST = Anchor(0.0, 0.5), Anchor(9.0, 20.0, begins=False)
SRT = """1
00:00:00,500 --> 00:00:03,500
<i>One two</i> three.

2
00:00:06,000 --> 00:00:08,000
Four five
six.

3
00:00:08,000 --> 00:00:20,000
Seven eight nine.
"""


def model(text: str = TEXT) -> list[WordTiming]:
    """Our own voice says a word each second."""
    words, at = [], 0
    for number, word in enumerate(text.split()):
        at = text.index(word, at)
        words.append(WordTiming(word, float(number), number + 1.0, at, len(word)))
    return words


def test_an_srt_file_is_read() -> None:
    assert parse_srt(SRT.replace("\n", "\r\n")) == (
        Cue(0.5, 3.5, "One two three."),
        Cue(6.0, 8.0, "Four five six."),
        Cue(8.0, 20.0, "Seven eight nine."),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!doctype html><html></html>",
        "1\n00:00:00,000 -> 00:00:0",
        "1\n00:00:02,000 --> 00:00:01,000\nBackwards.",
        "1\n00:00:05,000 --> 00:00:06,000\nLater.\n\n2\n00:00:01,000 --> 00:00:02,000\nEarlier.",
        SRT + "\n4\nno times at all",
        "1\n00:99:00,000 --> 01:00:00,000\nNo such minute.",
    ],
    ids=["empty", "html", "cut", "backwards", "disordered", "partly", "minute"],
)
def test_what_is_not_srt_says_nothing(text: str) -> None:
    assert parse_srt(text) == ()


def test_starts_of_cues_are_anchors_and_ends_where_a_pause_follows() -> None:
    found = between(FIRST, LAST, parse_srt(SRT), model())
    assert found == (Anchor(3.0, 3.5, begins=False), Anchor(3.0, 6.0), Anchor(6.0, 8.0))


def test_in_a_pause_nothing_is_said() -> None:
    path = (FIRST, *between(FIRST, LAST, parse_srt(SRT), model()), LAST)
    third, fourth = model()[2:4]
    assert moved_along(path, third.end_s, ends=True) == pytest.approx(3.5)
    assert moved_along(path, fourth.start_s) == pytest.approx(6.0)
    assert moved_along(path, LAST.model_s, ends=True) == moved_along(path, LAST.model_s) == 20.0
    assert moved_along(path, FIRST.model_s, ends=True) == moved_along(path, FIRST.model_s) == 0.5


def test_a_word_between_anchors_moves_with_them() -> None:
    path = (FIRST, Anchor(3.0, 3.5), Anchor(6.0, 8.0), LAST)
    assert moved_along(path, 1.5) == pytest.approx(2.0)
    assert moved_along(path, 4.5) == pytest.approx(5.75)
    assert moved_along(path, 9.0) == pytest.approx(20.0)
    assert moved_along(path, 9.1) > 20.0
    assert moved_along(path, -0.1) < 0.5


def test_figures_that_are_written_otherwise_do_not_hide_the_other_words() -> None:
    words = model("In 2026 we grew by 12 percent. And then we paused.")
    cues = (
        Cue(0.5, 8.0, "In twenty twenty-six we grew by twelve percent."),
        Cue(11.0, 20.0, "And then we paused."),
    )
    assert Anchor(7.0, 11.0) in between(FIRST, Anchor(11.0, 20.0, begins=False), cues, words)


def test_a_language_without_spaces_has_words_too() -> None:
    words = [WordTiming(sign, number, number + 1.0, number, 1) for number, sign in enumerate("我们今天开始")]
    found = between(
        Anchor(0.0, 0.0), Anchor(6.0, 12.0, begins=False), (Cue(0, 3, "我们"), Cue(5, 12, "今天开始")), words
    )
    assert found == (Anchor(2.0, 3.0, begins=False), Anchor(2.0, 5.0))


@pytest.mark.parametrize(
    "cues",
    [
        (),
        (Cue(0.5, 20.0, "Simulated captions of something else."),),
        (*parse_srt(SRT), Cue(30.0, 40.0, "Thank you.")),
        (Cue(0.5, 20.0, TEXT + " word" * 100_000),),
    ],
    ids=["none", "foreign", "longer than the sound", "endless"],
)
def test_captions_of_something_else_say_nothing(cues: tuple[Cue, ...]) -> None:
    assert between(FIRST, LAST, cues, model()) == ()


def test_times_never_go_back() -> None:
    cues = (
        Cue(0.5, 9.0, "One two three."),
        Cue(0.51, 9.5, "Four five six."),
        Cue(19.99, 20.4, "Seven eight nine."),
    )
    path = (FIRST, *between(FIRST, LAST, cues, model()), LAST)
    assert all(one.model_s <= two.model_s and one.heard_s < two.heard_s for one, two in pairwise(path))
