"""kill -9 while a language model analyses and writes: nothing is lost, and nothing is written twice without need."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from command import Machine
from conftest import long
from crash.boundaries import NARRATE, WITHOUT_ANALYSIS
from crash.trials import WordsTrial, recorded_steps, rows
from llm_simulated import language_model

FULL = "CHAOS_KILLS" in os.environ
SLIDES = 3
QUESTIONS = 2 * SLIDES + 2  # each slide twice, the deck once, and the evening out
SAMPLES = ["ask.analysis.after", "stage_ended.done", "save.narrative.after", "ask.evening_out.after"]
ALIKE = {"call": "ask", "fault": "repeats_opening", "text": '"target"'}  # narratives, and nothing else
NO_ANALYSIS = [
    {"call": call, "fault": "malformed_json", "text": text}
    for call in ("ask", "repair")
    for text in ('*analyse one slide*"title": "Clocks plan 2"*', "You analyse a whole presentation")
]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def kill_at_each(folder: Path, boundaries: list[str], command: str = "narrate") -> tuple[set[str], set[str]]:
    """Kill once at each boundary; returns those passed and the steps recorded. What a new start begins may be done
    before that which it takes up again: where a boundary does not come any more, it is killed at on a new machine."""
    left, passed, recorded = list(boundaries), set[str](), set[str]()
    while left:
        machine = Machine(folder / f"{len(left)}")
        machine.folder.mkdir()
        with language_model(machine, rules=[ALIKE]) as url:
            trial = WordsTrial(machine, SLIDES, command=command)
            while left and trial.kill_at(left[0]):
                del left[0]
            assert trial.killed, f"{left[0]} is no boundary"
            trial.finish()
            trial.assert_written_once()
            trial.assert_asked_within_reason(url, QUESTIONS)
        passed |= trial.passed()
        recorded |= recorded_steps(machine)
    return passed, recorded


@long
@pytest.mark.timeout(3600)
def test_killed_at_every_boundary_while_words_are_made(tmp_path: Path) -> None:
    passed, recorded = kill_at_each(tmp_path, NARRATE if FULL else SAMPLES)
    if FULL:
        assert passed == set(NARRATE)
        assert recorded == {name.removesuffix(".done") for name in NARRATE if name.endswith(".done")}


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not FULL, reason="part of `make chaos`")
def test_killed_while_a_film_with_words_by_a_model_is_made(tmp_path: Path) -> None:
    words = [name for name in NARRATE if name.endswith(".done")]
    film = ["make_speech.done", "draw.done", "compose.done", "join.done", "close.done"]
    kill_at_each(tmp_path, [*words[: words.index("join.done")], *film], command="make")


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("boundaries", [WITHOUT_ANALYSIS if FULL else ["note_text_failure.done"]])
def test_killed_while_an_analysis_fails(machine: Machine, boundaries: list[str]) -> None:
    with language_model(machine, rules=[ALIKE, *NO_ANALYSIS]):
        trial = WordsTrial(machine, SLIDES)
        for boundary in boundaries:
            trial.kill_at(boundary)
        trial.finish()
        trial.assert_written_once(analyses=SLIDES - 1)
    assert trial.killed == boundaries
    assert codes_of(trial.ended["warnings"]) == ["llm_malformed"], "the deck's"
    assert [codes_of(slide["warnings"]) for slide in trial.ended["slides"]] == [[], ["not_analysed"], []]


@pytest.mark.timeout(3600)
def test_words_that_the_engine_gave_up_are_named_and_the_rest_goes_on(machine: Machine) -> None:
    with language_model(machine):
        trial = WordsTrial(machine, SLIDES)
        trial.kill_at("ask.narrative.before")
        give_one_up(machine, "write_narrative")
        ran = machine.run("narrate", trial.deck, "--json")
        codes = [(slide["error"] or {}).get("code") for slide in ran.result["slides"]]
        assert sorted(codes, key=str) == [None, None, "crashed_repeatedly"]
        assert (ran.status, ran.result["state"]) == (1, "partial")
        again = machine.run("narrate", trial.deck, "--json")
        assert (again.status, again.result["state"]) == (0, "completed")
    assert rows(machine.data_dir / "deckcast.db", "SELECT total(reserved_microusd) FROM spend") == [(0,)]


def give_one_up(machine: Machine, name: str) -> None:
    """As the engine does after many crashes."""
    with sqlite3.connect(machine.data_dir / "engine.db") as engine:
        engine.execute(
            "UPDATE workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' WHERE workflow_uuid = "
            "(SELECT min(workflow_uuid) FROM workflow_status WHERE status = 'PENDING' AND name = ?)",
            [name],
        )
    engine.close()


def codes_of(warnings: list[dict[str, Any]]) -> list[str]:
    return [warning["code"] for warning in warnings]
