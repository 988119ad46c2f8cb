"""What every speech engine promises, asked of each one there is."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import speech_services
from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.marks import parse
from deckcast.kit.timing import SpeechTimings, Viseme
from deckcast.speech.espeak import EspeakEngine
from deckcast.speech.loudness import FILE_RATE, loudness
from deckcast.speech.ports import Speech, SpeechEngine, SpeechRequest
from piper_voice import piper

TEXT = (
    "Our revenue grew by 12.5 percent, *really*, thanks to new customers. [pause 1.2s] What does that mean?"
)


@asynccontextmanager
async def espeak(folder: Path) -> AsyncIterator[SpeechEngine]:
    """The built-in engine."""
    engine = EspeakEngine()
    try:
        yield engine
    finally:
        await engine.close()


ENGINES = {"espeak": espeak, **speech_services.ENGINES, "piper": piper}
every_engine = pytest.mark.parametrize("name", ENGINES)


def said(
    name: str, folder: Path, text: str, pronunciations: tuple[tuple[str, str], ...] = (), voice: str = ""
) -> Speech:
    """What the engine makes of an English text; nothing but the file may be left in the folder."""

    async def story() -> Speech:
        async with ENGINES[name](folder / "engine") as engine:
            chosen = voice or (await engine.default_voice("en")).id
            request = SpeechRequest(text, "en", chosen, pronunciations=pronunciations)
            return await engine.speak(request, folder / "out" / "speech.wav")

    (folder / "engine").mkdir(parents=True)
    (folder / "out").mkdir()
    try:
        return asyncio.run(story())
    finally:
        assert {each.name for each in (folder / "out").iterdir()} <= {"speech.wav"}


def samples_of(speech: Speech) -> np.ndarray:
    with wave.open(str(speech.audio), "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (FILE_RATE, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768


def level(samples: np.ndarray, start_s: float, end_s: float) -> float:
    """The loudness (RMS) of a part against the whole."""
    part = samples[round(start_s * FILE_RATE) : round(end_s * FILE_RATE)]
    return float(np.sqrt(np.mean(part**2)) / np.sqrt(np.mean(samples**2)))


def check_timings(speech: Speech, text: str) -> None:
    """Words cover the plain text in order, mouth shapes the sound without gaps."""
    words, shapes = speech.timings.words, speech.timings.visemes
    assert "".join("".join(word.text.split()) for word in words) == "".join(text.split())
    assert all(text[word.offset : word.offset + word.length] == word.text for word in words)
    assert all(0 <= word.start_s < word.end_s <= speech.duration_s + 1e-6 for word in words)
    assert all(one.end_s <= two.start_s + 1e-6 for one, two in pairwise(words))
    assert (shapes[0].start_s, shapes[-1].end_s) == (0.0, speech.duration_s)
    assert all(one.end_s == two.start_s and one.start_s < one.end_s for one, two in pairwise(shapes))
    assert SpeechTimings.from_json(speech.timings.to_json()) == speech.timings


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Speech]:
    return {name: said(name, tmp_path_factory.mktemp(name) / "a", TEXT) for name in ENGINES}


@every_engine
def test_voices(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with ENGINES[name](tmp_path) as engine:
            assert engine.name == name
            assert engine.version.startswith(name)
            voices = await engine.voices()
            assert voices
            assert len({voice.id for voice in voices}) == len(voices)
            assert all(voice.id.startswith(f"{name}:") and voice.engine == name for voice in voices)
            assert {voice.gender for voice in voices} <= {"female", "male", None}
            assert (await engine.default_voice("en-US")).id in {voice.id for voice in voices}
            with pytest.raises(CallError) as caught:
                await engine.default_voice("tlh")
            assert caught.value.code == "language_not_spoken"

    asyncio.run(story())


@every_engine
def test_the_file_is_fit_for_film(name: str, spoken: dict[str, Speech]) -> None:
    speech = spoken[name]
    samples = samples_of(speech)
    assert len(samples) / FILE_RATE == pytest.approx(speech.duration_s)
    assert loudness(samples) == pytest.approx(-16, abs=0.5)
    assert np.abs(samples).max() <= 10 ** (-1 / 20)
    loud = np.flatnonzero(np.abs(samples) > 0.003)
    assert loud[0] <= 0.05 * FILE_RATE
    assert len(samples) - loud[-1] <= 0.05 * FILE_RATE


@every_engine
def test_words_and_mouth_shapes_cover_it(name: str, spoken: dict[str, Speech]) -> None:
    speech = spoken[name]
    check_timings(speech, parse(TEXT).text)
    closed_s = sum(each.end_s - each.start_s for each in speech.timings.visemes if each.viseme is Viseme.SIL)
    assert 1.0 < closed_s < 0.6 * speech.duration_s


@every_engine
def test_words_are_timed_where_they_are_heard(name: str, spoken: dict[str, Speech]) -> None:
    speech = spoken[name]
    samples = samples_of(speech)
    assert all(level(samples, word.start_s, word.end_s) > 0.1 for word in speech.timings.words)


@every_engine
def test_a_pause_is_heard(name: str, spoken: dict[str, Speech]) -> None:
    speech = spoken[name]
    words = {word.text: word for word in speech.timings.words}
    before, after = words["customers."], words["What"]
    gap_s = after.start_s - before.end_s
    assert 1.1 < gap_s < 1.9
    assert level(samples_of(speech), before.end_s + 0.1, after.start_s - 0.1) < 0.02
    middle_s = (before.end_s + after.start_s) / 2
    (shape,) = [each for each in speech.timings.visemes if each.start_s <= middle_s < each.end_s]
    assert shape.viseme is Viseme.SIL


@every_engine
def test_words_are_said_as_told(name: str, tmp_path: Path) -> None:
    written, sound = "The SQL of today.", "application programming interface of the new world"
    plain = said(name, tmp_path / "a", written)
    changed = said(name, tmp_path / "b", written, (("SQL", sound),))
    direct = said(name, tmp_path / "c", written.replace("SQL", sound))
    check_timings(changed, written)
    assert changed.duration_s > plain.duration_s + 1
    assert changed.duration_s == pytest.approx(direct.duration_s, rel=0.05)
    word = changed.timings.words[1]
    assert word.text == "SQL"
    assert word.end_s - word.start_s > 1


@every_engine
def test_a_long_text_is_spoken_whole(name: str, tmp_path: Path) -> None:
    text = " ".join(f"Sentence number {n} tells of the good year we had." for n in range(1, 41))
    speech = said(name, tmp_path / "a", text)
    one = said(name, tmp_path / "b", text[: text.index(".") + 1])
    check_timings(speech, text)
    assert speech.duration_s > 40 * 0.85 * one.duration_s
    samples = samples_of(speech)
    last = [word for word in speech.timings.words if word.text == "had."]
    assert len(last) == 40
    assert all(level(samples, word.start_s, word.end_s) > 0.1 for word in last)


@every_engine
@pytest.mark.parametrize("text", ["Hi!", "7"])
def test_the_shortest_speech(name: str, text: str, tmp_path: Path) -> None:
    speech = said(name, tmp_path / "a", text)
    check_timings(speech, text)
    assert 0.1 < speech.duration_s < 2


@every_engine
@pytest.mark.parametrize("text", ["", " \n", "…!?", "[pause 2s]"])
def test_nothing_to_say(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(WorkError) as caught:
        said(name, tmp_path / "a", text)
    assert caught.value.code == "nothing_to_say"
    assert not list((tmp_path / "a" / "out").iterdir())


@every_engine
def test_unknown_voice(name: str, tmp_path: Path) -> None:
    with pytest.raises(CallError) as caught:
        said(name, tmp_path / "a", "Hello there.", voice=f"{name}:nobody-at-all")
    assert caught.value.code == "unknown_voice"
    assert "deckcast voices" in caught.value.next_step
    assert not list((tmp_path / "a" / "out").iterdir())
