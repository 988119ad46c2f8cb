"""A server's worker and a command on the same presentation: whoever comes next goes on, whoever was there died."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from command import Machine, made
from conftest import long
from deckcast.batches.imports import import_deck, presentation_for
from deckcast.batches.models import BatchKind
from deckcast.batches.ordering import order_batch
from deckcast.batches.requests import Asked, request_for
from deckcast.batches.scopes import SERVER
from deckcast.db.models import PresentationRow
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context
from decks import write_deck

SLIDES = 3


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_deck(tmp_path / "deck.pptx", [f"Slide number {number}." for number in range(1, SLIDES + 1)])


def order(machine: Machine, deck: Path) -> str:
    """Order the deck's film as the API does: rows only. Returns the batch's id."""

    async def story() -> str:
        async with open_context(Settings(data_dir=machine.data_dir), SERVER) as parts:
            presentation = await presentation_for(deck)
            await import_deck(presentation, deck)
            async with parts.db.read() as session:
                presentation = await session.get_one(PresentationRow, presentation.id)
            kind = BatchKind.PRESENTATION_VIDEO
            request = await request_for(kind, Asked(layout="none"), parts.providers)
            return (await order_batch(presentation, kind, request, beside=True))[0]

    return asyncio.run(story())


def value(machine: Machine, query: str) -> object:
    database = machine.data_dir / "deckcast.db"
    if not database.exists():
        return None
    connection = sqlite3.connect(database, timeout=60)
    try:
        row = connection.execute(query).fetchone()
    except sqlite3.OperationalError:
        return None  # its tables are not there yet
    finally:
        connection.close()
    return row[0] if row else None


def wait_for(machine: Machine, query: str, process: subprocess.Popen[str]) -> None:
    """Wait until a query finds something true, while the process lives."""
    while not value(machine, query):
        if process.poll() is not None:
            raise AssertionError(f"it ended: {process.stderr.read() if process.stderr else ''}")
        time.sleep(0.05)


def kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


ONE_CLIP = "SELECT count(*) > 0 FROM slide_clips"


def all_made_once(machine: Machine) -> None:
    assert value(machine, "SELECT count(*) FROM batch_items WHERE status = 'completed'") == SLIDES
    assert made(machine) == {
        "speeches": SLIDES,
        "avatar_videos": 0,
        "slide_clips": SLIDES,
        "presentation_videos": 1,
    }


def test_a_worker_goes_on_where_a_killed_one_was_and_stops_when_asked(machine: Machine, deck: Path) -> None:
    batch_id = order(machine, deck)
    first = machine.start("worker")
    wait_for(machine, ONE_CLIP, first)
    kill(first)
    second = machine.start("worker")
    wait_for(machine, f"SELECT state = 'completed' FROM batches WHERE id = '{batch_id}'", second)
    second.terminate()
    _, said = second.communicate()
    assert (second.returncode, "Traceback" in said) == (0, False)
    all_made_once(machine)
    assert not machine.leftovers()
    assert not machine.processes()


@long
def test_a_command_goes_on_with_what_a_killed_worker_left(machine: Machine, deck: Path) -> None:
    order(machine, deck)
    worker = machine.start("worker")
    wait_for(machine, ONE_CLIP, worker)
    kill(worker)
    ran = machine.make(deck, "--layout", "none")
    assert (ran.status, ran.result["state"]) == (0, "completed"), ran.stderr
    assert {slide["status"] for slide in ran.result["slides"]} == {"completed"}
    assert made(machine)["speeches"] == made(machine)["slide_clips"] == SLIDES


@long
def test_a_worker_goes_on_with_what_a_killed_command_left_and_a_command_waits_for_it(
    machine: Machine, deck: Path
) -> None:
    command = machine.start("make", deck, "-o", machine.folder / "out", "--layout", "none")
    wait_for(machine, ONE_CLIP, command)
    kill(command)
    batch_id = order(machine, deck)
    worker = machine.start("worker")
    wait_for(machine, f"SELECT scope = '{SERVER}' FROM batches WHERE id = '{batch_id}'", worker)
    ran = machine.make(deck, "--layout", "none")
    assert (ran.status, ran.result["state"]) == (0, "completed"), ran.stderr
    wait_for(machine, f"SELECT state = 'completed' FROM batches WHERE id = '{batch_id}'", worker)
    worker.terminate()
    worker.communicate()
    assert made(machine)["speeches"] == made(machine)["slide_clips"] == SLIDES


def test_there_is_one_worker_on_a_data_folder(machine: Machine) -> None:
    first = machine.start("worker")
    lock = machine.data_dir / "locks" / f"{SERVER}.lock"
    while not (lock.exists() and lock.read_text() == SERVER):
        assert first.poll() is None
        time.sleep(0.05)
    second, server = machine.run("worker"), machine.run("serve", "--port", "0")
    first.terminate()
    first.communicate()
    assert (second.status, "Another Deckcast server" in second.stderr) == (1, True)
    assert (server.status, "Another Deckcast server" in server.stderr) == (1, True)
    assert first.returncode == 0
