"""A provider that fails, loses answers and sends broken results: every slide is made once, or named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from command import Machine
from conftest import long
from decks import write_deck
from heygen_account import (
    NOTES,
    assert_every_slide_completed,
    assert_paid_once,
    heygen,
    ledger,
    make,
    set_faults,
)


@long
@pytest.mark.parametrize(
    "switches",
    [
        {},
        pytest.param(
            {
                "replay_refusals": True,
                "search_delay_s": 30.0,
                "retry_after_date": True,
                "replay_ended": False,
            },
            marks=long,
        ),
    ],
    ids=["as documented", "the other way"],
)
def test_a_provider_that_fails_thirty_percent_of_its_calls_makes_every_slide_once(
    machine: Machine, switches: dict[str, Any]
) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:6])
    machine.settings["DECKCAST_AVATAR__SEARCH_APART_S"] = "2"
    with heygen(machine, faults={"rate": 0.3, "seed": 7}, **switches) as url:
        assert_every_slide_completed(make(machine, deck), 6)
        assert_paid_once(url, 6)
    assert machine.leftovers() == []


def test_the_answer_to_every_create_is_lost_and_every_slide_is_made_once(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:4])
    with heygen(machine, faults={"lose_all_creates": True, "lose_replays": 1}) as url:
        assert_every_slide_completed(make(machine, deck), 4)
        assert_paid_once(url, 4)
        assert ledger(url)["calls"]["POST /v3/videos"] >= 12


@long
def test_broken_results_are_named_and_everything_else_is_published(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:3])
    broken = [  # the other ways: see tests/contract
        {"call": "download", "fault": "html", "title": "slide 2 "},
        {"call": "download", "fault": "foreign", "title": "slide 3 "},
    ]
    with heygen(machine, faults={"rules": broken}) as url:
        ran = make(machine, deck)
        assert (ran.status, ran.result["state"]) == (1, "partial")
        assert [slide["status"] for slide in ran.result["slides"]] == ["completed", "failed", "failed"]
        for slide in ran.result["slides"][1:]:
            assert slide["error"]["code"].startswith("result_")
            assert "paid" in slide["error"]["message"]
            assert slide["video"]  # the film holds it, without a presenter
        assert Path(ran.result["video"]).is_file()
        again = make(machine, deck)
        assert again.result["state"] == "partial"
        assert ledger(url)["accepted"] == 3  # what is paid is fetched again, never bought again
        set_faults(url, {})
        assert make(machine, deck).result["state"] == "completed"
        assert ledger(url)["accepted"] == 3
