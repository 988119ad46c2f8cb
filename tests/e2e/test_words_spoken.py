"""Speech by services, simulated: how much at once, what it costs, what fails; and what a deletion leaves: nothing."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from command import Machine, Ran, grow_old
from conftest import long
from deckcast.simulators.speech import running
from decks import change_note, write_deck
from heygen_account import set_faults

RACHEL = "elevenlabs:21m00Tcm4TlvDq8ikWAM"
STAYS = {"spend", "alembic_version", "provider_accounts"}  # what an owner spent is no presentation's


@contextmanager
def service(machine: Machine, name: str, **options: Any) -> Iterator[str]:
    """A simulated speech service, and the machine set to use it."""
    with running(**{"speed": 100.0, **options}) as url:
        prefix = f"DECKCAST_SPEECH__{name.upper()}__"
        machine.settings.update({f"{prefix}BASE_URL": url, f"{prefix}API_KEY": "sim-tests"})
        yield url


def ledger(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/_ledger") as answer:
        return dict(json.load(answer))


def speak(machine: Machine, deck: Path, *options: str) -> Ran:
    return machine.run("speak", deck, "-o", machine.folder / "out", "--json", *options)


def rows(machine: Machine, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def assert_nothing_is_left(machine: Machine) -> None:
    """No row, no file of any presentation."""
    tables = [name for (name,) in rows(machine, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    counted = {name: rows(machine, f"SELECT count(*) FROM {name}")[0][0] for name in tables}
    assert len(counted) > 15
    assert {name: count for name, count in counted.items() if count and name not in STAYS} == {}
    assert [path for path in (machine.data_dir / "assets").rglob("*") if path.is_file()] == []
    assert machine.leftovers() == []


def test_speech_by_a_service_from_its_price_to_its_deletion(machine: Machine) -> None:
    notes = [f"This is the note of slide {number}." for number in range(1, 6)]
    deck = write_deck(machine.folder / "talk.pptx", notes)
    machine.settings["DECKCAST_SPEECH__ELEVENLABS__MAX_CONCURRENT"] = "2"
    refused = {"rules": [{"call": "speech", "fault": "refused", "text": "slide 2"}]}
    with service(machine, "elevenlabs", faults=refused, answer_s=30.0) as url:
        dear = speak(machine, deck, "--voice", RACHEL, "--max-cost", "0.0001")
        assert (dear.status, dear.result["error"]["code"]) == (2, "over_cap")
        assert ledger(url)["requests"] == []
        ran = speak(machine, deck, "--voice", RACHEL)
        assert (ran.status, ran.result["state"]) == (1, "partial")
        failed = ran.result["slides"][1]
        assert (failed["status"], failed["error"]["code"]) == ("failed", "speech_refused")
        assert (failed["audio"], "reword" in ran.stderr.lower()) == (None, True)
        assert [slide["status"] for slide in ran.result["slides"]].count("completed") == 4
        bill = ledger(url)["engines"]["elevenlabs"]
        assert (bill["max_at_once"], bill["requests"]) == (2, 5)
        assert bill["billed_chars"] == sum(len(note) for note in notes) - len(notes[1])
        assert ran.result["cost_usd"] == pytest.approx(bill["cost_usd"])
        set_faults(url, {})
        again = speak(machine, deck)  # the voice is the one chosen before
        assert [slide["status"] for slide in again.result["slides"]] == [
            "skipped", "completed", "skipped", "skipped", "skipped",
        ]  # fmt: skip
        assert again.result["cost_usd"] == pytest.approx(len(notes[1]) * 165e-6)
        assert ledger(url)["engines"]["elevenlabs"]["requests"] == 6
        ((reserved, spent),) = rows(machine, "SELECT reserved_microusd, spent_microusd FROM spend")
        assert (reserved, spent) == (0, pytest.approx(ledger(url)["cost_usd"] * 1e6, abs=6))
    assert machine.run("pronounce", deck, "slide", "slyde").status == 0
    assert machine.run("delete", deck).status == 0
    assert_nothing_is_left(machine)


@long
def test_mouth_shapes_that_a_service_tells_move_the_lips_and_all_of_it_can_be_deleted(
    machine: Machine,
) -> None:
    deck = write_deck(machine.folder / "talk.pptx", ["We move our lips for you."])
    with service(machine, "azure"):
        ran = machine.make(deck, "--voice", "azure:en-US-AvaNeural")
        assert ran.status == 0, ran.stderr
        assert ran.result["cost_usd"] > 0
    ((timings, request),) = rows(machine, "SELECT s.timings, v.request FROM speeches s, avatar_videos v")
    assert json.loads(request)["timings"] == json.loads(timings)
    shapes = {viseme["viseme"] for viseme in json.loads(timings)["visemes"]}
    assert len(shapes) > 5
    assert machine.run("delete", deck).status == 0
    assert_nothing_is_left(machine)


def test_where_the_service_has_no_voice_the_built_in_one_speaks_and_says_so(machine: Machine) -> None:
    deck = write_deck(machine.folder / "talk.pptx", ["Bore da."])
    machine.settings["DECKCAST_SPEECH__ENGINE"] = "azure"
    with service(machine, "azure") as url:
        ran = speak(machine, deck, "--language", "cy")
        assert (ran.status, ledger(url)["requests"]) == (0, [])
    (slide,) = ran.result["slides"]
    assert slide["voice"].startswith("espeak:cy")
    assert "voice_fallback" in [warning["code"] for warning in slide["warnings"]]
    assert "Azure has no voice" in ran.stderr


@long
def test_work_on_words_is_shown_and_cancelled_and_the_call_that_was_cut_off_counts_as_spent(
    machine: Machine,
) -> None:
    deck = write_deck(machine.folder / "talk.pptx", ["The only note."])
    ran = machine.run("analyze", deck, "--json")
    assert ran.status == 0
    analysis = ran.result["slides"][0]["analysis"]
    assert analysis["analyst"].startswith("built-in/")
    assert ran.result["deck_analysis"]["analyst"].startswith("built-in/")
    assert machine.run("analyze", deck, "--json").result["slides"][0]["reused"]
    slow = {"rules": [{"call": "speech", "fault": "hang_before", "seconds": 600}]}
    with service(machine, "elevenlabs", faults=slow):
        process = machine.start("speak", deck, "-o", machine.folder / "out", "--voice", RACHEL)
        while not rows(machine, "SELECT 1 FROM charges WHERE reserved_microusd > 0"):
            time.sleep(0.05)
        process.kill()
        process.communicate()
    ((set_aside,),) = rows(machine, "SELECT reserved_microusd FROM spend")
    (listed,) = machine.run("status", "--json").result["items"]
    assert (listed["kind"], listed["state"]) == ("all_audio_generation", "running")
    shown = machine.run("status").stdout
    assert "speech" in shown
    assert "deckcast speak" in shown
    assert machine.run("cancel", deck).status == 0
    ((reserved, spent),) = rows(machine, "SELECT reserved_microusd, spent_microusd FROM spend")
    assert (reserved, spent) == (0, set_aside)  # the service may have billed it
    assert machine.run("status", "--json").result["items"][0]["state"] == "cancelled"


@long
def test_speech_in_use_is_kept_and_old_speech_goes(machine: Machine) -> None:
    deck = write_deck(machine.folder / "talk.pptx", ["The first one.", "The second one."])
    folder = machine.data_dir / "assets" / "slides"
    assert speak(machine, deck).status == 0
    first = set(folder.rglob("*.wav"))
    change_note(deck, 1, "The first one, anew.")
    assert speak(machine, deck, "--slides", "1").status == 0
    both = set(folder.rglob("*.wav"))
    assert (len(first), len(both)) == (2, 3)
    grow_old(machine, 40)
    assert speak(machine, deck, "--slides", "1").result["slides"][0]["status"] == "skipped"
    kept = set(folder.rglob("*.wav"))
    assert (len(kept), len(kept & first), both > kept) == (2, 1, True)
    spoken = speak(machine, deck)
    assert [slide["status"] for slide in spoken.result["slides"]] == ["skipped", "skipped"]
