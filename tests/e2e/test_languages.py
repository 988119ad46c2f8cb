"""Decks in German, Chinese and Arabic become films in their language, with no key and no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from command import Machine
from conftest import long
from deckcast.speech.loudness import FILE_RATE, loudness
from deckcast.videos.direction import is_from_right
from deckcast.videos.phrases import columns
from decks_for_tests import require_deck_tools
from decks_in_languages import TEXTS, write_deck_in

LETTERS_PER_S = {"de": (9, 20), "zh": (2.5, 7), "ar": (5, 16)}
SCRIPT = {"de": r"[a-zäöüß]", "zh": r"[\u4e00-\u9fff]", "ar": r"[\u0621-\u064a]"}
FRAME_S = 0.02
QUIET = 10 ** (-50 / 20)  # of full scale


@dataclass(frozen=True)
class Told:
    """A film that was made, and what the command said of it."""

    language: str
    result: dict
    sound: np.ndarray
    cues: list[tuple[float, float, list[str]]]


@pytest.fixture(scope="module", params=[pytest.param("de", marks=long), pytest.param("zh", marks=long), "ar"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    require_deck_tools()
    language = str(request.param)
    folder = tmp_path_factory.mktemp(language)
    ran = Machine(folder).make(write_deck_in(folder / "talk.pptx", language))
    assert ran.status == 0, ran.stderr
    assert ran.result["state"] == "completed"
    captions = (folder / "out" / "captions.vtt").read_text("utf-8")
    return Told(language, ran.result, sound_of(Path(ran.result["video"])), cues_of(captions))


def sound_of(film: Path) -> np.ndarray:
    with av.open(str(film)) as file:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=FILE_RATE)
        frames = [piece for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def cues_of(captions: str) -> list[tuple[float, float, list[str]]]:
    """Start, end and lines of each cue, without marks of direction."""
    found = []
    for block in re.sub("[\u202b\u202c]", "", captions).split("\n\n")[1:]:
        _, clock, *lines = block.strip().split("\n")
        start, end = (
            sum(float(part) * 60**power for power, part in enumerate(reversed(side.split(":"))))
            for side in clock.split(" --> ")
        )
        found.append((start, end, lines))
    return found


def said(told: Told) -> str:
    joint = "" if told.language == "zh" else " "
    return joint.join(line for _, _, lines in told.cues for line in lines)


def test_notes_and_points_are_spoken_in_the_decks_language(told: Told) -> None:
    words, heard = TEXTS[told.language], said(told)
    for text in (words.welcome, words.farewell, *words.points):
        assert re.sub(r"\W", "", text) in re.sub(r"\W", "", heard)
    letters = [character for character in heard.lower() if character.isalpha()]
    own = sum(bool(re.match(SCRIPT[told.language], character)) for character in letters)
    assert own >= 0.9 * len(letters)


def test_a_voice_that_is_hard_to_follow_is_named_and_no_other(told: Told) -> None:
    codes = [[warning["code"] for warning in slide["warnings"]] for slide in told.result["slides"]]
    wanted = ["voice_quality_limited"] if told.language == "ar" else []
    assert codes == [wanted] * 3


def test_speech_lasts_as_long_as_its_words_need(told: Told) -> None:
    speech_s = sum(slide["speech_duration_s"] for slide in told.result["slides"])
    letters = len(re.sub(r"\W", "", said(told)))
    low, high = LETTERS_PER_S[told.language]
    assert low <= letters / speech_s <= high


def test_the_film_is_as_loud_as_speech_should_be_and_not_mostly_silent(told: Told) -> None:
    assert loudness(told.sound) == pytest.approx(-16, abs=1)
    size = int(FRAME_S * FILE_RATE)
    frames = told.sound[: len(told.sound) // size * size].reshape(-1, size)
    silent = np.abs(frames).max(axis=1) < QUIET
    assert 0.02 < silent.mean() < 0.35


def test_captions_are_readable_lines_broken_in_right_places(told: Told) -> None:
    clock = 0.0
    for start, end, lines in told.cues:
        assert clock <= start < end
        clock = end
        assert len(lines) <= 2
        assert all(columns(line) <= (40 if told.language == "zh" else 42) for line in lines)
        if told.language != "zh":
            assert all(len(line.split()) > 1 for line in lines)
        assert columns("".join(lines)) / (end - start) <= 21
        assert lines[-1][-1] in ".,?!:،؟。，？：、"
        assert is_from_right("\n".join(lines)) is (told.language == "ar")
    assert clock <= told.result["duration_s"]
