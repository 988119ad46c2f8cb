"""From an engine's takes to one speech: what it told is kept, what it did not tell is found."""

from __future__ import annotations

import wave
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from deckcast.kit.errors import WorkError
from deckcast.kit.marks import parse
from deckcast.kit.timing import Viseme, VisemeTiming
from deckcast.speech.alignment import timed
from deckcast.speech.espeak_library import SAMPLE_RATE
from deckcast.speech.espeak_reading import read_aloud
from deckcast.speech.loudness import FILE_RATE, loudness
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest, TimingSource
from deckcast.speech.script import Line, lines
from deckcast.speech.takes import Take, finish
from deckcast.speech.track import Track
from deckcast.speech.words import Heard, word_timings

NARRATIVE = (
    "Our revenue grew by twelve percent, thanks to SQL and new customers. [pause 1s] What does that mean for us? "
    "We keep going, step by step, and we open three offices."
)
TEXT = parse(NARRATIVE).text
BEFORE_S, AFTER_S = 0.4, 0.9


def script(narrative: str = NARRATIVE) -> tuple[Line, ...]:
    can = SpeechCapabilities(offline=False, timing=TimingSource.NONE, max_chars=80)
    return lines(SpeechRequest(narrative, "en", "x:y", pronunciations=(("SQL", "sequel"),)), can)


def sung(line: Line, path: Path, voice: str = "espeak:en-gb+f3", pace: int = 200) -> Take:
    """A take as a stranger's engine would give it: quiet, silence around it, words told in the said text."""
    track = Track(SAMPLE_RATE)
    read_aloud(track, line.said, range(len(line.said)), voice, pace, 0.0)
    sound = np.concatenate(
        [np.zeros(round(BEFORE_S * SAMPLE_RATE)), *track.parts, np.zeros(round(AFTER_S * SAMPLE_RATE))]
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((sound * 8000).astype("<i2").tobytes())
    shapes = tuple(
        replace(each, start_s=each.start_s + BEFORE_S, end_s=each.end_s + BEFORE_S) for each in track.visemes
    )
    marks = tuple((at, second + BEFORE_S) for heard in track.heard for at, second in heard.marks)
    return Take(line, path, marks, shapes)


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Take, ...]:
    folder = tmp_path_factory.mktemp("takes")
    return tuple(sung(line, folder / f"{number}.wav") for number, line in enumerate(script()))


@pytest.fixture(scope="module")
def told(takes: tuple[Take, ...], tmp_path_factory: pytest.TempPathFactory) -> Speech:
    """The speech of an engine that told everything: the truth."""
    return finish(takes, TEXT, "en", tmp_path_factory.mktemp("told") / "speech.wav")


def check(speech: Speech) -> None:
    with wave.open(str(speech.audio), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    assert len(samples) == round(speech.duration_s * FILE_RATE)
    assert loudness(samples) == pytest.approx(-16, abs=0.5)
    words, shapes = speech.timings.words, speech.timings.visemes
    assert "".join(word.text for word in words) == "".join(TEXT.split())
    assert (shapes[0].start_s, shapes[-1].end_s) == (0.0, speech.duration_s)
    assert all(one.end_s == two.start_s for one, two in pairwise(shapes))


def errors(found: Speech, truth: Speech) -> np.ndarray:
    pairs = zip(found.timings.words, truth.timings.words, strict=True)
    return np.array([abs(one.start_s - two.start_s) for one, two in pairs])


def alike(found: Speech, truth: Speech) -> float:
    """The share of time in which both mouths have the same shape."""
    times = np.arange(0.005, truth.duration_s, 0.01)

    def shapes(speech: Speech) -> np.ndarray:
        starts = [each.start_s for each in speech.timings.visemes]
        return np.array([each.viseme for each in speech.timings.visemes])[np.searchsorted(starts, times) - 1]

    return float(np.mean(shapes(found) == shapes(truth)))


def test_takes_are_joined_without_their_silence_and_with_the_pauses(
    told: Speech, takes: tuple[Take, ...]
) -> None:
    check(told)
    assert len(takes) == 3
    spoken_s = sum(take.visemes[-1].end_s - BEFORE_S for take in takes)
    pauses_s = sum(take.line.pause_s for take in takes)
    assert told.duration_s == pytest.approx(spoken_s + pauses_s, abs=0.15)
    words = {word.text: word for word in told.timings.words}
    assert words["What"].start_s - words["customers."].end_s == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("what", ["words", "nothing"])
def test_what_is_not_told_is_found(what: str, told: Speech, takes: tuple[Take, ...], tmp_path: Path) -> None:
    fewer = [replace(take, visemes=(), marks=take.marks if what == "words" else ()) for take in takes]
    found = finish(fewer, TEXT, "en", tmp_path / "speech.wav")
    check(found)
    assert found.duration_s == told.duration_s
    far = errors(found, told)
    assert np.median(far) < (0.001 if what == "words" else 0.03)
    assert far.max() < (0.001 if what == "words" else 0.15)
    assert alike(found, told) > 0.75


def test_the_engine_s_own_mouth_shapes_are_kept(takes: tuple[Take, ...], tmp_path: Path) -> None:
    only = VisemeTiming(Viseme.OH, BEFORE_S, BEFORE_S + 0.5)
    found = finish([replace(takes[0], visemes=(only,))], TEXT, "en", tmp_path / "speech.wav")
    shapes = found.timings.visemes
    spoken = [each for each in shapes if each.viseme is not Viseme.SIL]
    assert [each.viseme for each in spoken] == [Viseme.OH]
    assert spoken[0].end_s - spoken[0].start_s == pytest.approx(0.5, abs=0.02)
    assert shapes[-1].end_s == found.duration_s


def test_a_compressed_file_is_read_too(takes: tuple[Take, ...], tmp_path: Path) -> None:
    path = tmp_path / "take.mp3"
    with av.open(str(takes[0].audio)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("mp3", rate=44_100, layout="mono")
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=44_100)
        for frame in source.decode(audio=0):
            for piece in resampler.resample(frame):
                target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    found = finish([Take(takes[0].line, path)], TEXT, "en", tmp_path / "speech.wav")
    expected = finish([takes[0]], TEXT, "en", tmp_path / "truth.wav")
    assert found.duration_s == pytest.approx(expected.duration_s, abs=0.06)
    assert float(np.median(errors(found, expected))) < 0.04


@pytest.mark.parametrize("bad", [b"", b"not a sound at all" * 50, None])
def test_what_is_no_sound_is_an_error_and_leaves_nothing(
    bad: bytes | None, takes: tuple[Take, ...], tmp_path: Path
) -> None:
    path = tmp_path / "take.wav"
    if bad is not None:
        path.write_bytes(bad)
    with pytest.raises(WorkError) as caught:
        finish([replace(takes[0], audio=path)], TEXT, "en", tmp_path / "speech.wav")
    assert caught.value.code == "speech_failed"
    assert not (tmp_path / "speech.wav").exists()


def test_a_silent_take_is_left_out_and_all_silence_is_an_error(
    takes: tuple[Take, ...], tmp_path: Path
) -> None:
    path = tmp_path / "silent.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(bytes(SAMPLE_RATE * 2))
    silent = Take(takes[1].line, path)
    check(finish([takes[0], silent, takes[2]], TEXT, "en", tmp_path / "speech.wav"))
    with pytest.raises(WorkError) as caught:
        finish([silent], TEXT, "en", tmp_path / "none.wav")
    assert caught.value.code == "speech_failed"


def _words(text: str, marks: tuple[tuple[int, float], ...], duration_s: float) -> list[float]:
    return [word.start_s for word in word_timings(text, [Heard(0, len(text), 0.0, duration_s, marks)])]


def test_pauses_that_we_would_not_make_move_no_word(tmp_path: Path) -> None:
    """A stranger pauses for a second in the middle of a sentence, with a much deeper voice."""
    text = "We keep going step by step and open three offices next year in Asia and in Europe."
    track = Track(SAMPLE_RATE)
    read_aloud(track, text, range(len(text)), "espeak:en-us+m7", 140, 0.0)
    marks = track.heard[0].marks
    cut_s = next(at_s for position, at_s in marks if position == text.index("open"))
    sound = np.concatenate(track.parts)
    at = round(cut_s * SAMPLE_RATE)
    sound = np.concatenate([sound[:at], np.zeros(SAMPLE_RATE, np.float32), sound[at:]])
    truth = tuple((position, at_s + (1.0 if at_s >= cut_s else 0.0)) for position, at_s in marks)
    duration_s = len(sound) / SAMPLE_RATE
    found, shapes = timed(sound, SAMPLE_RATE, text, "en")
    far = np.abs(np.array(_words(text, found, duration_s)) - np.array(_words(text, truth, duration_s)))
    assert far.max() < 0.1
    closed = [
        each for each in shapes if each.viseme is Viseme.SIL and each.start_s < cut_s + 0.5 < each.end_s
    ]
    assert len(closed) == 1
    assert closed[0].end_s - closed[0].start_s == pytest.approx(1.0, abs=0.12)
