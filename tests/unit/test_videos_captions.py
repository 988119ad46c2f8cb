"""Captions are readable, complete, in order and safe to write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deckcast.kit.timing import WordTiming
from deckcast.videos.captions import cues, write_srt, write_vtt
from deckcast.videos.direction import directed, is_from_right
from deckcast.videos.models import Cue
from deckcast.videos.phrases import LINE_WIDTH, columns

ENGLISH = (
    "This quarter, revenue grew by 23 percent over last year, driven mostly by the new subscription plans "
    '(launched in May) and by stronger demand in northern markets. Costs stayed flat. "Why does it matter?" '
    "Because every additional customer now pays for itself within three months, which frees cash. Thanks."
)
JAPANESE = (
    "本日は四半期の業績についてご説明します。売上高は前年同期比で二十三パーセント増加し、需要が伸びました。"
)
ARABIC = "في هذا الربع، ارتفعت الإيرادات بنسبة ثلاثة وعشرين بالمئة مقارنة بالعام الماضي."

words_of = st.lists(
    st.text("abcdefghijk'éß日本語カのمرحبا", min_size=1, max_size=60) | st.sampled_from(["a", "of", "the"]),
    max_size=60,
)
marks = st.sampled_from([" ", ", ", ". ", "! ", " (", ") ", "\n\n", '. "', " - ", "—", "。", "<b>", " --> "])


def spoken(text: str, pattern: str = r"[\w']+", letters_per_s: float = 15.0) -> list[WordTiming]:
    timed, clock = [], 0.1
    for match in re.finditer(pattern, text):
        end = clock + max(0.12, len(match.group()) / letters_per_s)
        timed.append(WordTiming(match.group(), clock, end, match.start(), len(match.group())))
        clock = end + (0.4 if text[match.end() : match.end() + 1] in tuple(".!?。") else 0.03)
    return timed


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_word_is_shown_once_in_order_within_the_slide(data: st.DataObject) -> None:
    text = "".join(word + data.draw(marks) for word in data.draw(words_of))
    words = spoken(text)
    offset_s, end_s = 7.5, 7.5 + (words[-1].end_s if words else 0.0) + 0.6
    made = cues(text, words, offset_s, end_s)
    if words:
        assert bare("".join(cue.text for cue in made)) == bare(text)
    clock = offset_s
    for cue in made:
        assert clock <= cue.start_s < cue.end_s <= end_s + 1e-9
        assert cue.end_s - cue.start_s <= 7.0 + 1e-9
        assert cue.text
        assert len(cue.text.split("\n")) <= 2
        assert all(line and columns(line) <= LINE_WIDTH + 1 for line in cue.text.split("\n"))
        clock = cue.end_s


@pytest.mark.parametrize("text", [ENGLISH, ARABIC])
def test_cues_are_long_enough_and_slow_enough_to_read(text: str) -> None:
    words = spoken(text)
    for cue in cues(text, words, 0.0, words[-1].end_s + 1.0):
        assert cue.end_s - cue.start_s >= 1.0
        assert len(cue.text) / (cue.end_s - cue.start_s) <= 20
        for line in cue.text.split("\n"):
            assert len(line.split()) > 1


def test_lines_end_where_a_speaker_would_breathe() -> None:
    words = spoken(ENGLISH)
    made = cues(ENGLISH, words, 0.0, words[-1].end_s + 1.0)
    assert made[0].text == "This quarter, revenue grew\nby 23 percent over last year,"
    ends = [cue.text[-1] for cue in made]
    assert sum(end in '.,!?"' for end in ends) >= len(ends) - 1
    assert not any(line.endswith(("(", ' "')) for cue in made for line in cue.text.split("\n"))


def test_japanese_breaks_at_its_own_marks_and_not_within_words() -> None:
    words = spoken(JAPANESE, r"\w", 7.0)
    made = cues(JAPANESE, words, 0.0, words[-1].end_s + 1.0)
    assert made[0].text.endswith("。")
    assert all(len(line) <= 20 for cue in made for line in cue.text.split("\n"))
    assert "二十三パーセント" in bare(made[1].text)
    assert "パー\n" not in made[1].text


def test_a_long_silence_ends_a_cue() -> None:
    text = "One two three four. Five six seven eight."
    words = [
        WordTiming(m.group(), k + (5.0 if k > 3 else 0.0), k + 0.5 + (5.0 if k > 3 else 0.0), m.start(), 3)
        for k, m in enumerate(re.finditer(r"\w+", text))
    ]
    made = cues(text, words, 0.0, 20.0)
    assert [cue.text for cue in made] == ["One two three four.", "Five six seven eight."]
    assert made[0].end_s < made[1].start_s


def test_nothing_spoken_gives_no_captions(tmp_path: Path) -> None:
    assert cues("", [], 0.0, 3.0) == ()
    write_vtt([], tmp_path / "empty.vtt")
    assert (tmp_path / "empty.vtt").read_text() == "WEBVTT\n"


def test_srt_and_vtt_are_written_and_hold_no_markup(tmp_path: Path) -> None:
    made = [Cue(0.0, 1.5, "a < b & c --> d"), Cue(3661.25, 3662.0, "Zwei\n\nZeilen")]
    write_srt(made, tmp_path / "a.srt")
    write_vtt(made, tmp_path / "a.vtt")
    srt, vtt = (tmp_path / "a.srt").read_text("utf-8"), (tmp_path / "a.vtt").read_text("utf-8")
    assert srt == (
        "1\n00:00:00,000 --> 00:00:01,500\na < b & c → d\n\n2\n01:01:01,250 --> 01:01:02,000\nZwei\nZeilen\n"
    )
    assert vtt.startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.500\na &lt; b &amp; c --&gt; d\n")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (ARABIC, True), ("Harbour Plus הוא מוצר חדש", True), ("نظام Harbour Plus Enterprise", True), ("12 %", False),
        (ENGLISH, False), (JAPANESE, False), ("The Arabic word for ship is سفينة, and it is an old one.", False),
    ],
)  # fmt: skip
def test_captions_from_the_right_are_told(text: str, wanted: bool) -> None:
    assert is_from_right(text) is wanted


def test_every_line_from_the_right_says_so_in_both_files(tmp_path: Path) -> None:
    text = "Harbour Plus هو نظام جديد.\n12 في المئة!"
    wanted = "\u202bHarbour Plus هو نظام جديد.\u202c\n\u202b12 في المئة!\u202c"
    assert directed(text) == wanted
    write_srt([Cue(0.0, 1.5, text)], tmp_path / "a.srt")
    write_vtt([Cue(0.0, 1.5, text)], tmp_path / "a.vtt")
    assert wanted in (tmp_path / "a.srt").read_text("utf-8")
    assert wanted in (tmp_path / "a.vtt").read_text("utf-8")


def test_a_short_word_stays_with_the_next_in_arabic_and_hebrew() -> None:
    for text in (
        "ارتفع عدد السفن هذا العام بنسبة 12 في المئة عن العام الماضي.",
        "מספר האוניות עלה השנה ב-12 אחוזים על אף כל הסערות שהיו.",
    ):
        words = spoken(text, r"[\w\u064b-\u0652]+")
        for cue in cues(text, words, 0.0, words[-1].end_s + 1.0):
            ends = [line.split()[-1] for line in cue.text.split("\n")]
            assert not {"هذا", "في", "عن", "על", "אף", "כל"} & set(ends)
