"""`deckcast serve` is killed or stopped while it works: nothing is lost, nothing is paid twice, who watches misses
nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api_client import Server, Watcher, is_open, server_of
from command import Machine, made
from conftest import long
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import NOTES, assert_paid_once, heygen

SLIDES = 4
ONE_BY_ONE = {"render_from_s": 450.0, "render_to_s": 450.0, "max_concurrent": 1}


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return raw_pdf(tmp_path / "talk.pdf", [pdf_text(note, 60, 60) for note in NOTES[:SLIDES]])


@pytest.fixture
def account(machine: Machine) -> Iterator[str]:
    """An account that renders one video after the other."""
    machine.settings["DECKCAST_AVATAR__BATCH__MAX_CONCURRENT"] = "1"
    with heygen(machine, **ONE_BY_ONE) as url:
        yield url


@contextmanager
def in_mid_batch(
    server: Server, presentation_id: str, provider: str = "heygen"
) -> Iterator[tuple[Watcher, str]]:
    """Somebody who watches, and a batch of avatar videos of which some are made and some are not."""
    with Watcher(server, presentation_id) as watcher:
        batch_id = ordered(server, presentation_id, provider)
        watcher.until(lambda: "completed" in watcher.statuses(), "a slide was completed")
        yield watcher, batch_id


def ordered(server: Server, presentation_id: str, provider: str = "heygen") -> str:
    """The batch that a click starts."""
    path = f"/api/presentations/{presentation_id}/generate-all-avatar-videos"
    return str(server.post(path, key="a-click", provider=provider, layout="corner")["batchId"])


def goes_on(server: Server, watcher: Watcher, batch_id: str, account: str | None = None) -> None:
    """The batch comes to its end by itself, and who watches is told all of it."""
    assert is_open(server.get(f"/api/batches/{batch_id}"))
    assert watcher.until_ended(batch_id)["completed"] == SLIDES
    watcher.check()
    assert (watcher.snapshots, watcher.statuses()) == (1, ["completed"] * SLIDES)
    if account is not None:
        assert_paid_once(account, SLIDES)


def nothing_is_left(machine: Machine, server: Server) -> None:
    assert server.stop() == 0
    server.gone()
    assert machine.leftovers() == []


def test_all_its_processes_are_killed_and_the_next_server_goes_on(
    machine: Machine, deck: Path, account: str
) -> None:
    with server_of(machine) as first:
        presentation_id, port = first.upload(deck)["id"], first.port
        first.kill(group=True)
    with server_of(machine, port=port) as second:
        path = f"/api/presentations/{presentation_id}"
        second.wait_for(lambda: second.get(path)["state"] == "ready", "the deck was read")
        with in_mid_batch(second, presentation_id) as (watcher, batch_id):
            second.kill(group=True)
            second.gone()
            with server_of(machine, port=port) as third:
                watcher.come_back(third)
                assert ordered(third, presentation_id) == batch_id  # the same click once more
                goes_on(third, watcher, batch_id, account)
                nothing_is_left(machine, third)


@long
def test_its_worker_is_killed_and_then_itself(machine: Machine, deck: Path, account: str) -> None:
    with server_of(machine) as first:
        presentation_id = first.imported(deck)["id"]
        with in_mid_batch(first, presentation_id) as (watcher, batch_id):
            os.kill(first.worker_pid(), signal.SIGKILL)
            first.wait_for(lambda: not first.is_ready(), "it was missed")
            first.wait_for(first.is_ready, "there was a new one")
            watcher.until(lambda: watcher.statuses().count("completed") > 1, "the new worker worked")
            first.kill()
            first.gone()  # the worker dies with its server
            with server_of(machine, port=first.port) as second:
                watcher.come_back(second)
                goes_on(second, watcher, batch_id, account)
                nothing_is_left(machine, second)


@long
def test_it_is_asked_to_stop_while_a_presenter_is_drawn(machine: Machine, deck: Path) -> None:
    machine.settings["DECKCAST_WORKERS"] = "1"
    with server_of(machine) as first:
        presentation_id = first.imported(deck)["id"]
        with in_mid_batch(first, presentation_id, "local") as (watcher, batch_id):
            os.kill(first.pid, signal.SIGTERM)
            assert watcher.until_closed() == 1012
            nothing_is_left(machine, first)
            with server_of(machine, port=first.port) as second:
                watcher.come_back(second)
                goes_on(second, watcher, batch_id)
                assert made(machine)["avatar_videos"] == SLIDES
                nothing_is_left(machine, second)
