"""`deckcast make --voice heygen:…`: the provider speaks, and the film is as complete as with our own voice."""

from __future__ import annotations

import pytest

from command import Machine
from conftest import long
from deckcast.batches.models import PAUSE_BEFORE_S
from deckcast.simulators.heygen.script import spoken_words
from deckcast.speech.cues import parse_srt
from decks import write_deck
from heygen_account import assert_every_slide_completed, heygen, ledger, make, set_faults

NOTES = [
    "The first slide tells of 1,234,567 parts, and each of them takes its time. It has a few words to say.",
    "The second slide says something else, and then it ends.",
    "And the third slide is the last one.",
]
VOICE = ("--voice", "heygen:sim_voice_en_f1")


def captions(machine: Machine) -> str:
    text = (machine.folder / "out" / "captions.vtt").read_text(encoding="utf-8")
    return " ".join(text.split())


def caption_s(machine: Machine, beginning: str) -> float:
    """When the film's caption with these words begins; they are its first ones."""
    text = (machine.folder / "out" / "captions.srt").read_text(encoding="utf-8")
    return next(cue.start_s for cue in parse_srt(text) if cue.text.startswith(beginning))


def test_a_film_in_a_voice_of_the_providers_is_paid_once_and_has_captions(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:2])
    with heygen(machine) as url:
        first = make(machine, deck, *VOICE)
        assert_every_slide_completed(first, 2)
        jobs = {job["title"][:7]: job for job in ledger(url)["jobs"]}
        assert [job["audio"] for job in jobs.values()] == [None, None]  # it got the words, not a speech
        for slide in first.result["slides"]:
            told_s = jobs[f"slide {slide['number']}"]["duration_s"]
            assert slide["speech_duration_s"] == pytest.approx(told_s, abs=0.1)
        assert first.result["cost_usd"] == pytest.approx(ledger(url)["charged_usd"])
        assert "It has a few words to say" in captions(machine)
        assert "and then it ends." in captions(machine)
        word = next(
            word for word in spoken_words(NOTES[0], jobs["slide 1"]["duration_s"]) if word.text == "It"
        )
        assert caption_s(machine, "It has") == pytest.approx(PAUSE_BEFORE_S + word.start_s, abs=0.05)
        again = make(machine, deck, *VOICE)
        assert_every_slide_completed(again, 2)
        assert again.result["cost_usd"] == 0
        assert all(slide["reused"] for slide in again.result["slides"])
        assert "and then it ends." in captions(machine)
        assert ledger(url)["accepted"] == 2
    assert machine.leftovers() == []


def test_a_text_over_the_limit_is_refused_before_anything_is_submitted(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", [NOTES[0], "One more word. " * 400])
    with heygen(machine) as url:
        ran = make(machine, deck, *VOICE)
        assert ran.status == 2
        assert "slide 2" in ran.stderr
        assert "too_long_for_provider" in ran.stderr
        assert (ledger(url)["accepted"], ledger(url)["charged_usd"]) == (0, 0)


@long
def test_what_the_provider_cannot_say_we_say_and_it_is_mended_without_paying_twice(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES)
    faults = [
        {"call": "job", "fault": "fail", "code": "content_policy_violation", "title": "slide 2 "},
        {"call": "download", "fault": "wrong_length", "title": "slide 3 "},
    ]
    with heygen(machine, faults={"rules": faults}) as url:
        ran = make(machine, deck, *VOICE)
        assert (ran.status, ran.result["state"]) == (1, "partial")
        good, refused, broken = ran.result["slides"]
        assert good["status"] == "completed"
        assert refused["error"]["code"] == "content_refused"
        assert broken["error"]["code"] == "result_wrong_length"
        assert min(refused["speech_duration_s"], broken["speech_duration_s"]) > 2
        assert all(note.split(". ")[-1] in captions(machine) for note in NOTES)
        assert ran.result["cost_usd"] == pytest.approx(ledger(url)["charged_usd"])
        for spoken in machine.data_dir.rglob("*.wav"):  # it is taken out of the paid video again
            spoken.unlink()
        set_faults(url, {})
        mended = make(machine, deck, *VOICE)
        assert_every_slide_completed(mended, 3)
        assert [slide["reused"] for slide in mended.result["slides"]] == [True, False, False]
        assert ledger(url)["paid"] == 3
