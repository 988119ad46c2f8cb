"""`deckcast serve --no-worker` and `deckcast worker` as processes of their own; and a worker whose machine cannot go
on for a while."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api_client import Process, Server, Watcher, server_of
from command import Machine
from conftest import long, missing
from decks_for_tests import pdf_text, raw_pdf

HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
NOTES = ["One.", "Two.", "Three."]


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return raw_pdf(tmp_path / "talk.pdf", [pdf_text(note, 60, 60) for note in NOTES])


@pytest.fixture
def postgres(machine: Machine, postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """The machine's database is an empty one on PostgreSQL; a connection beside it."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        name = f"apart_{uuid.uuid4().hex}"
        connection.execute(f"CREATE DATABASE {name}".encode())
        machine.settings["DECKCAST_DATABASE_URL"] = f"{postgres_url.rpartition('/')[0]}/{name}"
        yield connection
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=[pytest.param("sqlite", marks=long), "postgresql"])
def database(request: pytest.FixtureRequest) -> None:
    """The machine's database, empty."""
    if request.param == "postgresql":
        request.getfixturevalue("postgres")


@contextmanager
def worker_of(machine: Machine) -> Iterator[Process]:
    worker = Process(machine, "worker")
    try:
        yield worker
    finally:
        worker.end()


@pytest.mark.usefixtures("database")
def test_who_answers_and_who_works_are_processes_of_their_own(machine: Machine, deck: Path) -> None:
    with server_of(machine, "--no-worker") as server:
        assert server.get("/readyz", 200 if has_room(server) else 503)["working"] is False
        uploaded = server.upload(deck)
        with Watcher(server, uploaded["id"]) as watcher, worker_of(machine) as worker:
            watcher.until(lambda: watcher.presentation["state"] == "ready", "the deck was read")
            path = f"/api/presentations/{uploaded['id']}/make-film"
            ordered = server.post(path, layout="none")
            ended = watcher.until_ended(ordered["batchId"])
            assert (ended["state"], ended["completed"]) == ("completed", len(NOTES))
            assert watcher.kinds.count("slide.changed") > len(NOTES)
            watcher.check()
            assert watcher.snapshots == 1
            assert worker.stop() == 0
        assert server.stop() == 0
        server.gone()
    assert machine.leftovers() == []


@long
def test_the_database_is_away_for_a_while(
    machine: Machine, deck: Path, postgres: psycopg.Connection[Any]
) -> None:
    with server_of(machine) as server:
        shown = server.imported(deck)
        with Watcher(server, shown["id"]) as watcher:
            ordered = server.post(f"/api/presentations/{shown['id']}/make-film", layout="corner")
            watcher.until(lambda: "processing" in watcher.statuses(), "a slide was at work")
            name = machine.settings["DECKCAST_DATABASE_URL"].rpartition("/")[2]
            postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            postgres.execute(HANG_UP, (name,))
            server.wait_for(lambda: not server.is_ready(), "it was not ready")
            assert server.get("/readyz", 503)["code"] == "database_unreachable"
            server.wait_for(lambda: "(database_unreachable)" in server.output(), "the worker stopped")
            postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
            server.wait_for(server.is_ready, "it was ready again")
            assert watcher.until_ended(ordered["batchId"])["completed"] == len(NOTES)
            watcher.check()
            assert watcher.snapshots == 1
        assert server.stop() == 0
        server.gone()
    assert machine.leftovers() == []


def has_room(server: Server) -> bool:
    """Whether nothing but a full disk can be missing here."""
    checks = server.client.get("/readyz").json()["checks"]
    return bool(checks["disk"]["ok"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with little room."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1g", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        missing("a small file system cannot be mounted here (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """Leave no room on a file system; returns what takes it."""
    ballast = folder / "ballast"
    size = 1 << 24
    with ballast.open("ab", buffering=0) as file:
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return ballast


@long
def test_the_disk_is_full_for_a_while(small_disk: Path, machine: Machine, deck: Path) -> None:
    machine.settings["DECKCAST_DATA_DIR"] = str(small_disk / "data")
    with server_of(machine) as server:
        server.wait_for(server.is_ready, "it was ready")
        shown = server.imported(deck)
        with Watcher(server, shown["id"]) as watcher:
            ordered = server.post(f"/api/presentations/{shown['id']}/make-film", layout="none")
            ballast = fill(small_disk)
            server.wait_for(lambda: "(disk_full)" in server.output(), "the worker stopped")
            said = server.get("/readyz", 503)
            assert (said["status"], said["checks"]["disk"]["code"]) == ("not_ready", "disk_low")
            assert server.get(f"/api/batches/{ordered['batchId']}")["state"] == "running"
            assert server.upload(deck, 503)["code"] == "disk_full"
            server.wait_for(lambda: server.output().count("(disk_full)") > 1, "it was started again")
            ballast.unlink()
            assert watcher.until_ended(ordered["batchId"])["state"] == "completed"
            watcher.check()
            assert watcher.snapshots == 1
        server.wait_for(server.is_ready, "it was ready again")
        assert "Traceback" not in server.output()
        assert server.stop() == 0
        server.gone()
    assert machine.leftovers() == []
