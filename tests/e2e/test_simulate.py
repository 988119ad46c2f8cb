"""What `deckcast simulate` prints is what a person copies: the settings and the command work as they stand."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

from command import Machine
from conftest import long
from deckcast.simulators.llm.server import running
from decks import write_deck

NOTES = [
    "Good morning. This is the first of two slides.",
    "And this is the second slide, with [pause] a rest.",
]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def ledger(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/_ledger") as response:
        return dict(json.loads(response.read()))


@pytest.mark.parametrize(
    "name",
    [
        "llm",
        "elevenlabs",
        pytest.param("openai-speech", marks=long),
        pytest.param("azure-speech", marks=long),
    ],
)
def test_what_it_prints_can_be_copied_and_works(machine: Machine, name: str) -> None:
    notes = ["", ""] if name == "llm" else NOTES
    deck = write_deck(
        machine.folder / "deck.pptx", notes, titles=["What we found this year", "What comes next"]
    )
    process = machine.start("simulate", name, "--port", str(free_port()))
    assert process.stderr
    try:
        said = [process.stderr.readline().strip() for _ in range(3)]
        address = next(word for word in said[2].split() if word.startswith("http")).removesuffix("/_ledger.")
        words = shlex.split(said[1])
        start = words.index("deckcast")
        settings = dict(word.split("=", 1) for word in words[:start])
        while True:
            try:
                before = ledger(address)
                break
            except urllib.error.URLError:
                assert process.poll() is None
        command = [str(deck) if word == "DECK" else word for word in words[start + 1 :]]
        ran = machine.run(*command, "--json", **settings)
        assert ran.status == 0, ran.stderr
        assert ran.result["state"] == "completed"
        assert ledger(address) != before
        if name == "llm":
            assert {slide["narrative"]["source"] for slide in ran.result["slides"]} == {"written"}
        else:
            voice = command[command.index("--voice") + 1]
            assert [slide["voice"] for slide in ran.result["slides"]] == [voice, voice]
            assert ledger(address)["cost_usd"] > 0
            listed = machine.run("voices", "--engine", voice.partition(":")[0], "--json", **settings)
            assert voice in {item["id"] for item in listed.result["items"]}

        process.send_signal(signal.SIGTERM)
        rest = process.communicate()
        assert (process.returncode, rest) == (0, ("", ""))
    finally:
        process.kill()
        process.communicate()


def test_on_a_terminal_nobody_but_us_speaks(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", [""], titles=["What we found this year"])
    mine, theirs = pty.openpty()
    with running() as url:
        settings = {
            "DECKCAST_LLM__MODEL": "openai:gpt-5.2",
            "DECKCAST_LLM__BASE_URL": url,
            "DECKCAST_LLM__API_KEY": "sim-anything",
            "TERM": "dumb",
        }
        kept = {
            key: value for key, value in machine.environment.items() if key not in ("CI", "PYTEST_VERSION")
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "deckcast", "analyze", str(deck)],
            env={**kept, **settings},
            cwd=machine.folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        said = b""
        while piece := read(mine):
            said += piece
        assert process.wait() == 0, said.decode()
    assert "1 slide analysed" in said.decode()
    assert "pydantic" not in said.decode()


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed: how Linux says that there is no more
        return b""
