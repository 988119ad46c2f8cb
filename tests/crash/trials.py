"""A deck whose film is made by a command that is killed again and again, and what has to hold all the time."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from command import Machine, ended
from decks import write_deck, write_deck_without_notes
from heygen_account import assert_paid_once, ledger
from llm_simulated import charged_usd
from llm_simulated import ledger as model_ledger

ANNOUNCED = Path(__file__).parent / "announced.py"
FINISHED = {  # the tables of what is made, and where each has its file
    "speeches": "audio_key",
    "avatar_videos": "asset_key",
    "slide_clips": "asset_key",
    "presentation_videos": "asset_key",
}
OTHER_WAY = {  # where the provider's documents say nothing certain, the other way
    "replay_refusals": True,
    "replay_ended": False,
    "search_delay_s": 30.0,
    "retry_after_date": True,
    "status_words": "v1",
    "bulk_statuses": False,
    "create_s": 60.0,
}


def rows(database: Path, query: str) -> list[Any]:
    """What a query finds; nothing where the database or its table is not there yet."""
    if not database.exists():
        return []
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
    finally:
        connection.close()


def short_notes(slides: int, deck: str = "") -> list[str]:
    """Little to say for each slide, and something else on each."""
    return [f"Slide {slide} {deck}".strip() + "." for slide in range(1, slides + 1)]


@dataclass
class Trial:
    """One deck's film. Every kill is SIGKILL from outside, and checks that nothing finished was written anew."""

    machine: Machine
    slides: int
    provider: str = "heygen"
    name: str = "deck"
    killed: list[str] = field(default_factory=list)
    ended: dict[str, Any] = field(default_factory=dict)  # what the last run said

    def __post_init__(self) -> None:
        self.deck = self._write_deck(self.machine.folder / f"{self.name}.pptx")
        self.trace = self.machine.folder / f"{self.name}.trace"
        self._reached = self.machine.folder / f"{self.name}.reached"
        self._finished = self._finished_files()

    def kill_at(self, *boundaries: str) -> str | None:
        """Kill at whichever of these boundaries comes first; None where the film was made before."""
        process = self._start(*boundaries)
        while not self._reached.exists() and process.poll() is None:
            time.sleep(0.02)
        reached = self._reached.read_text() if self._reached.exists() else None
        self._reached.unlink(missing_ok=True)
        return self._end(process, reached)

    def kill_at_random(self, chance: random.Random) -> str | None:
        """Kill at some moment after some boundaries were passed; None where the film was made before."""
        until_bytes = self._trace_bytes() + chance.randrange(1500)
        process = self._start()
        while self._trace_bytes() < until_bytes and process.poll() is None:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.0, 1.0))
        return self._end(process, None if process.poll() is not None else "a random moment")

    def finish(self) -> None:
        """Make what is left and check everything that has to hold then."""
        ran = ended(self._start())
        assert ran.status == 0, f"{ran.stderr[-2000:]}\nkilled at {self.killed}"
        self.ended = ran.result
        self._assert_every_slide_is_made()
        self._assert_nothing_remade()
        self._no_process_left()
        assert self.machine.leftovers() == []

    def passed(self) -> set[str]:
        """Every boundary that any of the runs came to."""
        return set(self.trace.read_text().split())

    def _write_deck(self, path: Path) -> Path:
        return write_deck(path, short_notes(self.slides, f"of {self.name}"))

    def _arguments(self) -> list[str | Path]:
        return ["make", self.deck, "-o", self.machine.folder / "out", "--json", "--provider", self.provider]

    def _assert_every_slide_is_made(self) -> None:
        assert [slide["status"] for slide in self.ended["slides"]] == ["completed"] * self.slides

    def _start(self, *at: str) -> subprocess.Popen[str]:
        return self.machine.start(
            *self._arguments(),
            script=ANNOUNCED,
            AT=" ".join(at),
            REACHED=str(self._reached),
            TRACE=str(self.trace),
        )

    def _end(self, process: subprocess.Popen[str], killed_at: str | None) -> str | None:
        process.kill()
        _, stderr = process.communicate()
        self._no_process_left()
        self._assert_nothing_remade()
        if killed_at is None:
            assert process.returncode == 0, f"{stderr[-2000:]}\nkilled at {self.killed}"
        else:
            self.killed.append(killed_at)
        return killed_at

    def _trace_bytes(self) -> int:
        return self.trace.stat().st_size if self.trace.exists() else 0

    def _no_process_left(self) -> None:
        while self.machine.processes():  # the kernel needs a moment to pass the news of a death on
            time.sleep(0.02)

    def _finished_files(self) -> dict[Path, int]:
        """Every file that the database knows as finished, and when it was written."""
        keys = [
            key
            for table, column in FINISHED.items()
            for (key,) in rows(self.machine.data_dir / "deckcast.db", f"SELECT {column} FROM {table}")
            if key is not None
        ]
        files = [self.machine.data_dir / "assets" / key for key in keys]
        return {file: file.stat().st_mtime_ns for file in files}

    def _assert_nothing_remade(self) -> None:
        now = self._finished_files()
        assert [file for file, written in self._finished.items() if now.get(file) != written] == []
        self._finished = now


@dataclass
class WordsTrial(Trial):
    """A deck without notes whose narratives a language model writes; with the command `make`, its film too."""

    provider: str = "local"
    command: str = "narrate"

    def _write_deck(self, path: Path) -> Path:
        return write_deck_without_notes(path, self.slides)

    def _arguments(self) -> list[str | Path]:
        if self.command == "make":
            return super()._arguments()
        return [self.command, self.deck, "--json"]

    def _assert_every_slide_is_made(self) -> None:
        made = [slide["status"] for slide in self.ended["slides"]]
        assert set(made) <= {"completed", "skipped"}, "skipped where the batch was closed before"
        assert len(made) == self.slides

    def assert_written_once(self, analyses: int | None = None) -> None:
        """One analysis and one version of its narrative for each slide; what the batch took is what holds."""
        database = self.machine.data_dir / "deckcast.db"
        counted = "SELECT count(*), count(DISTINCT slide_id) FROM"
        analysed = self.slides if analyses is None else analyses
        assert rows(database, f"{counted} slide_analyses") == [(analysed, analysed)]
        assert rows(database, f"{counted} narratives") == [(self.slides, self.slides)]
        written = [text for (text,) in rows(database, _NARRATIVES)]
        assert [json.loads(taken)["text"] for (taken,) in rows(database, _TAKEN)] == written
        if self.command == "narrate":
            assert [slide["narrative"]["text"] for slide in self.ended["slides"]] == written
        assert rows(database, "SELECT DISTINCT state FROM batches") == [("completed",)]

    def assert_asked_within_reason(self, url: str, wanted: int) -> None:
        """A kill loses at most the answers under way; money is set aside for nothing, and no call is
        forgotten."""
        account = model_ledger(url)
        assert wanted <= account["asked"] <= wanted + self.slides * len(self.killed)
        database = self.machine.data_dir / "deckcast.db"
        reserved, spent = rows(database, "SELECT total(reserved_microusd), total(spent_microusd) FROM spend")[
            0
        ]
        charges = rows(database, "SELECT total(reserved_microusd), total(cost_microusd) FROM charges")[0]
        assert (reserved, spent) == charges
        assert reserved == 0
        assert rows(database, "SELECT id FROM charges WHERE spend_day IS NOT NULL") == []
        assert spent / 1e6 >= charged_usd(url) - 1e-4, (
            "a call that a kill cut off counts as it was expected to"
        )


_NARRATIVES = "SELECT n.text FROM narratives n JOIN slides s ON s.id = n.slide_id ORDER BY s.number"
_TAKEN = (
    "SELECT i.narrative FROM batch_items i JOIN batches b ON b.id = i.batch_id "
    "WHERE b.id = (SELECT max(id) FROM batches) ORDER BY i.number"
)


def assert_each_made_once(machine: Machine, slides: int, drawn_here: int = 0) -> None:
    """One speech, video, accepted submission and clip for each slide of all decks on this machine."""
    database = machine.data_dir / "deckcast.db"
    made = {
        table: rows(database, f"SELECT count(*) FROM {table}")[0][0] for table in (*FINISHED, "render_jobs")
    }
    made.pop("presentation_videos")
    accepted = rows(database, "SELECT count(*) FROM submissions WHERE state = 'accepted'")[0][0]
    each = {"speeches": slides, "avatar_videos": slides, "slide_clips": slides, "render_jobs": drawn_here}
    assert (made, accepted) == (each, slides)


def assert_paid_for(machine: Machine, url: str, slides: int) -> None:
    """One job for each slide, paid once; no money is still set aside, and the rows say what was charged."""
    assert_paid_once(url, slides)
    account = ledger(url)
    assert account["accepted"] == slides
    database = machine.data_dir / "deckcast.db"
    reserved, spent = rows(database, "SELECT total(reserved_microusd), total(spent_microusd) FROM spend")[0]
    costs = rows(database, "SELECT total(cost_microusd) FROM avatar_videos")[0][0]
    assert (reserved, spent) == (0, costs)
    assert spent / 1e6 == pytest.approx(account["charged_usd"])


def recorded_steps(machine: Machine) -> set[str]:
    """The names of all steps that the engine has recorded."""
    query = "SELECT DISTINCT function_name FROM operation_outputs WHERE child_workflow_id IS NULL"
    return {name for (name,) in rows(machine.data_dir / "engine.db", query)}
