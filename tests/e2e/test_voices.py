"""`deckcast voices`: every engine's, also where one gives no answer; Piper's are installed, speak and are removed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import piper_voice
from command import Machine
from conftest import long
from deckcast.simulators.speech import running
from decks import write_deck

VOICE = f"piper:{piper_voice.EN}"


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of its requests."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def collection(folder: Path) -> Iterator[str]:
    """A collection of voices like Piper's own, with one; yields its address."""
    piper_voice.put(folder / "en" / "en_US" / "tiny" / "medium")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@long
def test_a_voice_is_installed_speaks_and_is_removed(machine: Machine) -> None:
    with collection(machine.folder / "collection") as url:
        machine.settings["DECKCAST_SPEECH__PIPER__BASE_URL"] = url
        none = machine.run("voices", "--engine", "piper")
        assert none.status == 0
        assert "no voice yet" in none.stdout
        unknown = machine.run("voices", "--install", "piper:en_US-nobody-medium")
        assert unknown.status == 2
        assert "(unknown_voice)" in unknown.stderr
        installed = machine.run("voices", "--install", VOICE)
        assert installed.status == 0, installed.stderr
        assert f"Fetching {VOICE}" in installed.stderr
        assert f"--voice {VOICE}" in installed.stderr
    machine.settings["DECKCAST_SPEECH__PIPER__BASE_URL"] = (
        "http://127.0.0.1:1"  # from here on nothing is fetched
    )
    listed = machine.run("voices", "--engine", "piper", "--json").result
    assert [item["id"] for item in listed["items"]] == [VOICE]
    deck = write_deck(machine.folder / "deck.pptx", ["Good morning."])
    spoken = machine.run("speak", deck, "--voice", VOICE, "--json")
    assert spoken.result["slides"][0]["voice"] == VOICE, spoken.stderr
    removed = machine.run("voices", "--remove", VOICE)
    assert (removed.status, "is removed" in removed.stderr) == (0, True)
    assert machine.run("voices", "--engine", "piper", "--json").result["items"] == []
    again = machine.run("voices", "--remove", VOICE)
    assert (again.status, "(unknown_voice)" in again.stderr) == (2, True)
    gone = machine.run("voices", "--install", VOICE)
    assert (gone.status, "(voice_unreachable)" in gone.stderr) == (1, True)
    assert machine.leftovers() == []


def test_an_engine_without_an_answer_hides_no_other(machine: Machine) -> None:
    with running() as url:
        machine.settings["DECKCAST_SPEECH__ELEVENLABS__BASE_URL"] = url
        machine.settings["DECKCAST_SPEECH__ELEVENLABS__API_KEY"] = "wrong"
        machine.settings["DECKCAST_SPEECH__AZURE__BASE_URL"] = url
        machine.settings["DECKCAST_SPEECH__AZURE__API_KEY"] = "sim-tests"
        ran = machine.run("voices", "--json")
        states = {state["name"]: state for state in ran.result["engines"]}
        assert ran.status == 0
        assert {item["engine"] for item in ran.result["items"]} == {"espeak", "azure"}
        assert states["elevenlabs"]["error"]["code"] == "speech_key_invalid"
        assert (states["openai"]["configured"], states["azure"]["configured"]) == (False, True)
        assert "DECKCAST_SPEECH__OPENAI__API_KEY" in states["openai"]["lacks"]
        said = machine.run("voices", "--language", "de").stdout
        assert "elevenlabs gives no answer" in said
        assert "openai is not set up" in said
        assert "azure:de-DE-KatjaNeural" in said
        assert "espeak:de" in said
        assert "en-US" not in said
        asked = machine.run("voices", "--engine", "elevenlabs")
        assert (asked.status, "(speech_key_invalid)" in asked.stderr) == (2, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--engine", "piper", "--provider", "heygen"),
        ("--install", VOICE, "--remove", VOICE),
        ("--install", VOICE, "--json"),
        ("--remove", VOICE, "--language", "en"),
    ],
)
def test_options_that_exclude_one_another(machine: Machine, options: tuple[str, ...]) -> None:
    ran = machine.run("voices", *options)
    assert (ran.status, "(voices_call_invalid)" in ran.stderr) == (2, True)
