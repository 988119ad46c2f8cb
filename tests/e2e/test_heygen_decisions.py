"""What a person does around a paid batch, and what becomes of it: wrong calls, cancelling, deleting, waiting."""

from __future__ import annotations

import socket
import sqlite3
import time
from pathlib import Path

import pytest

from command import Machine
from conftest import long
from decks import write_deck
from heygen_account import (
    FAST,
    NOTES,
    assert_every_slide_completed,
    assert_paid_once,
    heygen,
    ledger,
    make,
    set_faults,
)


def test_calls_that_cannot_succeed_say_what_to_do_and_submit_nothing(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:2])
    no_key = make(machine, deck)
    assert (no_key.status, no_key.result["error"]["code"]) == (2, "provider_not_configured")
    assert "DECKCAST_HEYGEN__API_KEY" in no_key.stderr
    with heygen(machine) as url:
        unknown = make(machine, deck, "--avatar", "nobody")
        assert (unknown.status, unknown.result["error"]["code"]) == (2, "unknown_avatar")
        cap = make(machine, deck, "--max-cost", "0.01")
        assert (cap.status, cap.result["error"]["code"]) == (2, "over_cap")
        too_long = write_deck(machine.folder / "long.pptx", ["And on it went and on. " * 500, "Short."])
        long = make(machine, too_long)
        assert (long.status, long.result["error"]["code"]) == (2, "too_long_for_provider")
        assert "slide 1" in long.stderr
        for key, code in (("wrong", "provider_key_refused"), ("sim-no-credit", "provider_no_credit")):
            machine.settings["DECKCAST_HEYGEN__API_KEY"] = key
            ran = make(machine, deck)
            assert ran.status in (1, 2)
            assert code in ran.stderr
            assert "Traceback" not in ran.stderr
        assert ledger(url)["accepted"] == 0


@long
def test_an_account_that_refuses_is_left_alone_and_every_slide_is_named(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:5])
    refusing = {
        "rules": [{"call": "submit", "fault": "error_before", "status": 402, "code": "insufficient_credit"}]
    }
    with heygen(machine, faults=refusing) as url:
        ran = make(machine, deck)
        assert ran.result["state"] == "partial"
        assert {slide["error"]["code"] for slide in ran.result["slides"]} == {"provider_no_credit"}
        assert ledger(url)["calls"]["POST /v3/videos"] <= 5  # never once more per slide
        assert Path(ran.result["video"]).is_file()
        set_faults(url, {})
        assert_every_slide_completed(make(machine, deck), 5)
        assert_paid_once(url, 5)


@long
def test_a_job_that_takes_too_long_is_adopted_when_it_comes(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", ["One.", "Two."])  # the limit grows with the speech
    machine.settings["DECKCAST_AVATAR__BATCH__TIMEOUT_PER_VIDEO_S"] = "0.001"
    slow = {"rules": [{"call": "job", "fault": "slow", "title": "slide 2 ", "seconds": 30 * FAST["speed"]}]}
    with heygen(machine, faults=slow) as url:
        ran = make(machine, deck)
        assert ran.result["state"] == "partial"
        assert ran.result["slides"][1]["error"]["code"] == "timed_out"
        machine.settings["DECKCAST_AVATAR__BATCH__TIMEOUT_PER_VIDEO_S"] = "600"
        assert_every_slide_completed(make(machine, deck), 2)
        assert_paid_once(url, 2)


@long
def test_what_was_cancelled_drains_and_is_not_bought_again(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:4])
    machine.settings["DECKCAST_AVATAR__BATCH__MAX_CONCURRENT"] = "1"
    with heygen(machine, render_from_s=1800.0, render_to_s=1800.0) as url:
        process = machine.start("make", deck, "-o", machine.folder / "out", "--provider", "heygen", "--json")
        while ledger(url)["accepted"] == 0:
            time.sleep(0.1)
        said = machine.run("cancel", deck)
        assert said.status == 0, said.stderr
        assert "at the provider" in said.stdout
        process.communicate()
        drained = ledger(url)
        assert drained["accepted"] < 4
        assert drained["accepted"] == drained["paid"]
        assert_every_slide_completed(make(machine, deck), 4)
        assert_paid_once(url, 4)


@long
def test_a_webhook_ends_the_waiting_at_once(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:1])
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    machine.settings["DECKCAST_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    with heygen(machine, queue_s=0.0, render_from_s=3000.0, render_to_s=3000.0) as url:
        server = machine.start("serve", "--port", str(port))
        try:
            while not ledger(url)["calls"].get("POST /v3/webhooks/endpoints"):
                assert server.poll() is None, server.communicate()
                time.sleep(0.1)
            assert_every_slide_completed(make(machine, deck), 1)
        finally:
            server.terminate()
            server.communicate()
        with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
            hints = database.execute("SELECT count(*) FROM webhook_events").fetchone()[0]
        database.close()
        assert hints == 1


@long
def test_what_is_deleted_drains_settles_and_is_gone(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:2])
    machine.settings["DECKCAST_AVATAR__BATCH__MAX_CONCURRENT"] = "1"
    with heygen(machine, render_from_s=1800.0, render_to_s=1800.0) as url:
        process = machine.start("make", deck, "-o", machine.folder / "out", "--provider", "heygen", "--json")
        while ledger(url)["accepted"] == 0:
            time.sleep(0.1)
        process.kill()
        process.communicate()
        said = machine.run("delete", deck)
        assert (said.status, "Deleted." in said.stdout) == (0, True), said
        assert ledger(url)["accepted"] == ledger(url)["paid"] == 1
        charged = ledger(url)["charged_usd"]
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        left = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("presentations", "slides", "avatar_videos", "submissions")
        ]
        spent, reserved = database.execute("SELECT spent_microusd, reserved_microusd FROM spend").fetchone()
    database.close()
    assert left == [0, 0, 0, 0]
    assert (spent / 1e6, reserved) == (pytest.approx(charged), 0)
    assert [path for path in (machine.data_dir / "assets").rglob("*") if path.is_file()] == []
