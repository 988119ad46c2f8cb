"""kill -9 from outside at every boundary: the job ends complete, nothing finished is made again, nothing is paid
twice, and neither a process nor a temporary file is left. `make chaos` takes every boundary, else a sample."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from command import Machine
from conftest import long
from crash.boundaries import BOUNDARIES, SOMETIMES, STEPS
from crash.trials import OTHER_WAY, Trial, assert_each_made_once, assert_paid_for, recorded_steps
from heygen_account import heygen

FULL = "CHAOS_KILLS" in os.environ
SAMPLES = {
    "local": ["make_speech.done", "draw.done", "compose.done"],
    "heygen": [
        "put.speech.after",
        "prepare.after",
        "ledger.call.after",
        "ledger.lost.after",
        "call.after",
        "ledger.answered.after",
        "download.begun",
        "put.result.after",
        "join.done",
        "close.after",
    ],
}
FAULTS = {"rate": 0.3, "seed": 7}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, {"DECKCAST_AVATAR__SEARCH_APART_S": "2"})


def killed_at_each_boundary(trial: Trial) -> None:
    """Kill once at each boundary in turn, then make the rest."""
    chosen = (BOUNDARIES if FULL else SAMPLES)[trial.provider]
    for boundary in chosen:
        trial.kill_at(boundary)
    trial.finish()
    assert trial.killed == chosen


def assert_every_boundary_is_named(trial: Trial) -> None:
    """The named steps are those that the engine has recorded, the named boundaries those that were passed."""
    assert recorded_steps(trial.machine) == STEPS[trial.provider]
    assert trial.passed() - set(SOMETIMES) == set(BOUNDARIES[trial.provider])


@long
@pytest.mark.timeout(3600)
def test_killed_at_every_boundary(machine: Machine) -> None:
    trial = Trial(machine, slides=2, provider="local")
    killed_at_each_boundary(trial)
    assert_each_made_once(machine, 2, drawn_here=2)
    assert recorded_steps(machine) == STEPS["local"]


@pytest.mark.timeout(3600)
def test_killed_at_every_boundary_with_a_paid_provider(machine: Machine) -> None:
    with heygen(machine) as url:
        trial = Trial(machine, slides=2)
        killed_at_each_boundary(trial)
        assert_paid_for(machine, url, 2)
    assert_each_made_once(machine, 2)
    assert_every_boundary_is_named(trial)


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not FULL, reason="part of `make chaos`")
@pytest.mark.parametrize(
    ("switches", "faults"),
    [({}, FAULTS), (OTHER_WAY, {}), (OTHER_WAY, FAULTS), ({}, {"lose_all_creates": True, "lose_replays": 1})],
    ids=["faults", "the other way", "the other way with faults", "first answers lost"],
)
def test_killed_at_every_boundary_while_the_provider_fails(
    machine: Machine, switches: dict[str, object], faults: dict[str, object]
) -> None:
    with heygen(machine, faults=faults, **switches) as url:
        trial = Trial(machine, slides=3)
        killed_at_each_boundary(trial)
        assert_paid_for(machine, url, 3)
    assert_each_made_once(machine, 3)


def test_a_slide_that_the_engine_gave_up_is_named_and_the_rest_goes_on(machine: Machine) -> None:
    trial = Trial(machine, slides=2, provider="local")
    assert trial.kill_at("compose.before")
    with sqlite3.connect(machine.data_dir / "engine.db") as engine:
        given_up = engine.execute(
            "UPDATE workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'"
            " WHERE status = 'PENDING' AND name = 'compose_slide_clip' RETURNING workflow_uuid"
        ).fetchall()
    engine.close()
    result = machine.make(trial.deck).result
    codes = [(slide["error"] or {}).get("code") for slide in result["slides"]]
    assert codes.count("crashed_repeatedly") == len(given_up) >= 1
    assert result["state"] == ("partial" if len(given_up) == 1 else "failed")
