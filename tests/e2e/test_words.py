"""The story of a person's words, told by the real commands: read, edited, spoken, and in the film."""

from __future__ import annotations

import shutil
import sqlite3
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command import Machine, Ran, made
from conftest import long
from deckcast.speech.loudness import loudness
from decks import change_note, insert_slide, move_slide, write_deck
from heygen_account import assert_every_slide_completed, heygen, ledger

NOTES = ["Welcome to the show.", "We ask SQL here.", "MySQL is another one.", "And that was all."]
ONE_OF_EACH = {"speeches": 1, "avatar_videos": 1, "slide_clips": 1, "presentation_videos": 1}
NOTHING = dict.fromkeys(ONE_OF_EACH, 0)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Path, Ran]:
    """A machine on which a deck has been spoken, and then made into a film."""
    folder = tmp_path_factory.mktemp("spoken")
    machine = Machine(folder)
    deck = write_deck(folder / "talk.pptx", NOTES)
    ran = speak(machine, deck)
    assert ran.status == 0, ran.stderr
    before = made(machine)
    film = machine.make(deck)
    assert_every_slide_completed(film, 4)
    assert made(machine)["speeches"] == before["speeches"] == 4  # the film takes the speech as it is
    return machine, deck, ran


@pytest.fixture
def told(spoken: tuple[Machine, Path, Ran], tmp_path: Path) -> tuple[Machine, Path]:
    """The same in a folder of its own; the deck keeps its address, which is what it is known by."""
    machine, deck, _ = spoken
    shutil.copytree(machine.data_dir, tmp_path / "data")
    return Machine(tmp_path), deck


def speak(machine: Machine, deck: Path, *options: str) -> Ran:
    return machine.run("speak", deck, "-o", machine.folder / "out", "--json", *options)


def narrative(machine: Machine, deck: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `deckcast narrative` tells, by slide or by version."""
    ran = machine.run("narrative", deck, *arguments, "--json")
    assert ran.status == 0, ran.stderr
    return [item["narrative"] for item in ran.result["items"]]


def new(machine: Machine, before: dict[str, int]) -> dict[str, int]:
    """What has been made since."""
    return {table: count - before[table] for table, count in made(machine).items()}


def rows(machine: Machine, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def codes(slide: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in slide["warnings"]]


@long
def test_speech_can_be_listened_to_before_anything_is_rendered(spoken: tuple[Machine, Path, Ran]) -> None:
    machine, _, ran = spoken
    assert (ran.result["state"], ran.result["cost_usd"]) == ("completed", 0)
    for slide in ran.result["slides"]:
        assert (slide["status"], slide["reused"], slide["error"]) == ("completed", False, None)
        with wave.open(slide["audio"]) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (48000, 1, 2)
            assert sound.getnframes() / 48000 == pytest.approx(slide["duration_s"], abs=0.001)
            samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32768
        assert loudness(samples) == pytest.approx(-16, abs=1)
    keys = [key for (key,) in rows(machine, "SELECT audio_key FROM speeches ORDER BY slide_id")]
    published = {(machine.data_dir / "assets" / key).read_bytes() for key in keys}
    assert {Path(slide["audio"]).read_bytes() for slide in ran.result["slides"]} == published


def test_one_edited_narrative_is_one_new_film_of_what_there_was(told: tuple[Machine, Path]) -> None:
    machine, deck = told
    before = made(machine)
    (edited,) = narrative(machine, deck, "3", "--set", "MySQL [pause 2s] is *another* one.")
    assert (edited["version"], edited["source"]) == (2, "edited")
    ran = machine.make(deck)
    assert_every_slide_completed(ran, 4)
    assert new(machine, before) == ONE_OF_EACH
    assert [slide["reused"] for slide in ran.result["slides"]] == [True, True, False, True]
    captions = (machine.folder / "out" / "captions.vtt").read_text()
    assert "is another one." in captions
    assert not set("[*") & set(captions)
    paused = ran.result["slides"][2]["speech_duration_s"]
    narrative(machine, deck, "3", "--restore", "1")
    restored = machine.make(deck)
    assert new(machine, before) == ONE_OF_EACH  # what was made of these words is there
    assert restored.result["slides"][2]["speech_duration_s"] < paused - 1.9
    assert [each["version"] for each in narrative(machine, deck, "3", "--versions")] == [1, 2, 3]


@long
def test_a_pronunciation_makes_anew_only_the_slides_that_hold_the_word(told: tuple[Machine, Path]) -> None:
    machine, deck = told
    before = made(machine)
    assert machine.run("pronounce", deck, "SQL", "sequel").status == 0
    ran = machine.make(deck)
    assert_every_slide_completed(ran, 4)
    assert [slide["reused"] for slide in ran.result["slides"]] == [True, False, True, True]
    assert new(machine, before) == ONE_OF_EACH
    assert "We ask SQL here." in (machine.folder / "out" / "captions.vtt").read_text()
    assert machine.run("pronounce", deck, "SQL", "--remove").status == 0
    spoken = speak(machine, deck)
    assert [slide["status"] for slide in spoken.result["slides"]] == ["skipped"] * 4
    assert new(machine, before) == ONE_OF_EACH


@long
def test_edits_stay_when_all_is_narrated_anew_unless_told_otherwise(told: tuple[Machine, Path]) -> None:
    machine, deck = told
    original = deck.read_bytes()
    narrative(machine, deck, "4", "--set", "Good-bye.")
    try:
        change_note(deck, 4, "The very end.")
        assert "numbered as they were then" in machine.run("narrative", deck, "4").stderr
        ran = machine.run("narrate", deck, "--regenerate", "--json")
        last = ran.result["slides"][3]
        assert (ran.status, last["narrative"]["text"]) == (0, "Good-bye.")
        assert codes(last) == ["edited_before_change"]
        ran = machine.run("narrate", deck, "--regenerate", "--overwrite-edits", "--json")
        assert [slide["narrative"]["version"] for slide in ran.result["slides"]] == [1, 1, 1, 3]
        texts = [each["text"] for each in narrative(machine, deck, "4", "--versions")]
        assert texts == ["And that was all.", "Good-bye.", "The very end."]
    finally:
        deck.write_bytes(original)


def test_moved_and_inserted_slides_take_their_words_with_them(told: tuple[Machine, Path]) -> None:
    machine, deck = told
    original = deck.read_bytes()
    narrative(machine, deck, "2", "--set", "")
    try:
        insert_slide(deck, 1, "A new start", "Somebody put me first.")
        move_slide(deck, 3, 5)
        before = made(machine)
        ran = machine.make(deck)
        assert_every_slide_completed(ran, 5)
        assert [slide["reused"] for slide in ran.result["slides"]] == [False, True, True, True, False]
        assert new(machine, before) == {**ONE_OF_EACH, "avatar_videos": 2, "slide_clips": 2}
        moved = ran.result["slides"][4]
        assert (moved["speech_duration_s"], moved["duration_s"]) == (0, 4.0)
        told_in_order = [each["text"] for each in narrative(machine, deck)]
        assert told_in_order == ["Somebody put me first.", NOTES[0], NOTES[2], NOTES[3], ""]
    finally:
        deck.write_bytes(original)


@long
def test_another_language_has_words_of_its_own_and_the_first_one_remakes_nothing(
    told: tuple[Machine, Path],
) -> None:
    machine, deck = told
    before = made(machine)
    ran = speak(machine, deck, "--language", "DE")
    assert {slide["voice"].split("+")[0] for slide in ran.result["slides"]} == {"espeak:de"}
    narrative(machine, deck, "1", "--set", "Guten Tag.")
    assert new(machine, before)["speeches"] == 4
    again = machine.make(deck, "--language", "en")
    assert all(slide["reused"] for slide in again.result["slides"])
    assert new(machine, before) == {**NOTHING, "speeches": 4}
    assert [each["text"] for each in narrative(machine, deck)] == NOTES
    (german,) = narrative(machine, deck, "1", "--language", "de")
    assert (german["text"], german["version"]) == ("Guten Tag.", 2)


@long
def test_spoken_again_only_what_changed_is_and_old_files_go(told: tuple[Machine, Path]) -> None:
    machine, deck = told
    folder = machine.folder / "out" / "speech"
    assert {slide["reused"] for slide in speak(machine, deck).result["slides"]} == {True}
    assert sorted(path.name for path in folder.iterdir()) == ["01.wav", "02.wav", "03.wav", "04.wav"]
    before = made(machine)
    narrative(machine, deck, "1", "--set", "")
    ran = speak(machine, deck)
    assert (ran.status, ran.result["slides"][0]["audio"]) == (0, None)
    assert sorted(path.name for path in folder.iterdir()) == ["02.wav", "03.wav", "04.wav"]
    ran = speak(machine, deck, "--voice", "espeak:en-gb")
    assert {slide["voice"] for slide in ran.result["slides"]} == {None, "espeak:en-gb"}
    assert new(machine, before)["speeches"] == 3


@long
def test_an_edit_of_a_film_that_was_killed_is_in_the_film(told: tuple[Machine, Path]) -> None:
    machine, deck = told
    narrative(machine, deck, "1", "--set", "These words nobody will hear.")
    process = machine.start("make", deck, "-o", machine.folder / "out")
    assert process.stderr is not None
    for line in process.stderr:
        if "slide 1/4: presenting" in line:
            break
    process.kill()
    process.communicate()
    narrative(machine, deck, "1", "--set", "These words are new.")
    assert_every_slide_completed(machine.make(deck), 4)
    captions = (machine.folder / "out" / "captions.vtt").read_text()
    assert "These words are new." in captions
    assert "nobody" not in captions


@long
def test_each_edit_is_paid_once(machine: Machine) -> None:
    deck = write_deck(machine.folder / "talk.pptx", NOTES)
    with heygen(machine) as url:
        assert_every_slide_completed(machine.make(deck, "--provider", "heygen"), 4)
        assert ledger(url)["paid"] == 4
        before = made(machine)
        narrative(machine, deck, "3", "--set", "Other words.")
        machine.run("pronounce", deck, "MySQL", "my sequel")
        ran = machine.make(deck, "--provider", "heygen")
        assert_every_slide_completed(ran, 4)
        assert (ledger(url)["paid"], new(machine, before)) == (5, ONE_OF_EACH)
        narrative(machine, deck, "3", "--restore", "1")
        machine.run("pronounce", deck, "MySQL", "--remove")
        back = machine.make(deck, "--provider", "heygen")
        assert (back.result["cost_usd"], ledger(url)["paid"]) == (0, 5)
        assert all(slide["reused"] for slide in back.result["slides"])
