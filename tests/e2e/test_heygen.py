"""`deckcast make --provider heygen` as a person runs it, against a real server that answers as HeyGen does."""

from __future__ import annotations

import sqlite3

import pytest

from command import Machine
from decks import write_deck
from heygen_account import NOTES, assert_every_slide_completed, assert_paid_once, heygen, ledger, make


def test_every_slide_is_made_once_and_what_is_fresh_is_not_bought_again(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:3])
    with heygen(machine) as url:
        first = make(machine, deck)
        assert_every_slide_completed(first, 3)
        assert first.result["cost_usd"] == pytest.approx(ledger(url)["charged_usd"])
        again = make(machine, deck)
        assert_every_slide_completed(again, 3)
        assert again.result["cost_usd"] == 0
        assert all(slide["reused"] for slide in again.result["slides"])
        write_deck(deck, [NOTES[0], "Other words for the second slide.", NOTES[2]])
        changed = make(machine, deck)
        assert [slide["reused"] for slide in changed.result["slides"]] == [True, False, True]
        assert_paid_once(url, 4)
        bought = make(machine, deck, "--regenerate", "--slides", "2")
        assert bought.result["cost_usd"] > 0
        assert_every_slide_completed(make(machine, deck), 3)  # what was bought anew stays the slide's own
        assert ledger(url)["paid"] == 5
        with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
            used = database.execute(
                "SELECT v.fingerprint FROM batch_items i JOIN avatar_videos v ON v.id = i.avatar_video_id "
                "WHERE i.number = 2 ORDER BY i.id"
            ).fetchall()
        database.close()
        assert used[-1] == used[-2] != used[-3]
    assert machine.leftovers() == []


def test_never_more_jobs_at_once_than_the_account_may_have(machine: Machine) -> None:
    machine.settings["DECKCAST_AVATAR__BATCH__MAX_CONCURRENT"] = "2"
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:5])
    with heygen(machine, max_concurrent=2) as url:
        assert_every_slide_completed(make(machine, deck), 5)
        assert ledger(url)["max_alive"] == 2
        assert_paid_once(url, 5)
