"""kill -9 from outside, at every step boundary and at random moments: the job ends complete, nothing finished
is made again, and neither a process nor a temporary file is left."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path

from command import Machine
from decks import write_deck

ANNOUNCED = Path(__file__).parent / "announced.py"
STEPS = (
    "make_speech",
    "plan_avatar_video",
    "provider_of",
    "submit",
    "draw",
    "await_job",
    "fetch_and_publish",
    "waiting_items",
    "compose",
    "settle",
    "join",
    "close",
)
BOUNDARIES = [f"{step}.{when}" for step in STEPS for when in ("before", "done", "after")]
FULL = bool(os.environ.get("CRASH_FULL"))  # `make crash`; else a sample of each
SAMPLE = [
    f"{step}.done" for step in ("make_speech", "submit", "draw", "fetch_and_publish", "compose", "join")
]
KILLS = 20 if FULL else 4
SEED = int(os.environ.get("CRASH_SEED", "20261122"))


def finished_files(machine: Machine) -> dict[Path, int]:
    """Every file that the database knows as finished, and when it was written."""
    path = machine.data_dir / "deckcast.db"
    if not path.exists():
        return {}
    with sqlite3.connect(path) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {"speeches": "audio_key", "avatar_videos": "asset_key", "slide_clips": "asset_key"}
        keys = [
            row[0]
            for table, column in columns.items()
            if table in tables
            for row in database.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
        ]
    database.close()
    files = [machine.data_dir / "assets" / key for key in keys]
    return {file: file.stat().st_mtime_ns for file in files}


def assert_nothing_left(machine: Machine) -> None:
    while machine.processes():  # the kernel needs a moment to pass the news of a death on
        time.sleep(0.02)
    assert machine.leftovers() == []


def assert_each_made_once(machine: Machine, slides: int) -> None:
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("speeches", "avatar_videos", "render_jobs", "slide_clips")
        ]
    database.close()
    assert counts == [slides] * 4


def assert_unchanged(before: dict[Path, int], machine: Machine) -> None:
    after = finished_files(machine)
    remade = [path for path, written in before.items() if after.get(path) != written]
    assert remade == []


def test_killed_at_every_step_boundary(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    deck = write_deck(tmp_path / "deck.pptx", ["The first slide says this.", "The second one says that."])
    chosen = BOUNDARIES if FULL else SAMPLE
    killed: list[str] = []
    finished: dict[Path, int] = {}
    for boundary in chosen:
        if kill_at(machine, deck, boundary):
            killed.append(boundary)
        assert_unchanged(finished, machine)
        finished = finished_files(machine)
    result = machine.make(deck).result
    assert result["state"] == "completed"
    assert_unchanged(finished, machine)
    assert_nothing_left(machine)
    assert_each_made_once(machine, 2)
    assert killed == chosen


def kill_at(machine: Machine, deck: Path, boundary: str) -> bool:
    """Start, kill at the boundary from outside; false where the command ended before it."""
    reached = machine.folder / "reached"
    process = machine.start(
        "make", deck, "-o", machine.folder / "out", script=ANNOUNCED, AT=boundary, REACHED=str(reached)
    )
    while not reached.exists() and process.poll() is None:
        time.sleep(0.02)
    was_reached = reached.exists()
    reached.unlink(missing_ok=True)
    process.kill()
    process.communicate()
    while machine.processes():
        time.sleep(0.02)
    return was_reached


def test_a_slide_that_the_engine_gave_up_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    deck = write_deck(tmp_path / "deck.pptx", ["This one is given up.", "This one is not."])
    assert kill_at(machine, deck, "compose.before")
    with sqlite3.connect(machine.data_dir / "engine.db") as engine:
        given_up = engine.execute(
            "UPDATE workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'"
            " WHERE status = 'PENDING' AND name = 'compose_slide_clip' RETURNING workflow_uuid"
        ).fetchall()
    engine.close()
    result = machine.make(deck).result
    codes = [(slide["error"] or {}).get("code") for slide in result["slides"]]
    assert codes.count("crashed_repeatedly") == len(given_up) >= 1
    assert result["state"] == ("partial" if len(given_up) == 1 else "failed")


def test_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    machine = Machine(tmp_path)
    slides = 8 if FULL else 4
    notes = [f"This is what slide number {slide} has to say to you today." for slide in range(1, slides + 1)]
    deck = write_deck(tmp_path / "deck.pptx", notes)
    finished: dict[Path, int] = {}
    for _ in range(KILLS):
        process = machine.start("make", deck, "-o", tmp_path / "out")
        time.sleep(chance.uniform(1.0, 8.0))
        process.kill()
        process.communicate()
        while machine.processes():
            time.sleep(0.02)
        assert_unchanged(finished, machine)
        finished = finished_files(machine)
    result = machine.make(deck).result
    assert result["state"] == "completed", f"seed {SEED}"
    assert all(slide["error"] is None for slide in result["slides"])
    assert_unchanged(finished, machine)
    assert_nothing_left(machine)
    assert_each_made_once(machine, slides)
