"""While a new version is rolled out, workers of the release before go on, on the schema of the new one."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api_client import Process, Watcher, server_of
from command import Machine
from decks_for_tests import pdf_text, raw_pdf

ROOT = Path(__file__).parents[2]
NEWEST = ("git", "tag", "--list", "v*", "--merged", "HEAD", "--sort=-v:refname")


def newest_release() -> str | None:
    """The tag of the newest release before this commit; DECKCAST_OLD_RELEASE names another commit."""
    given = os.environ.get("DECKCAST_OLD_RELEASE")
    if given:
        return given
    asked = subprocess.run(NEWEST, cwd=ROOT, capture_output=True, text=True, check=False)
    return next(iter(asked.stdout.split()), None)


@pytest.fixture
def old_source(tmp_path: Path) -> Path:
    """The package of the newest release, as it was."""
    release = newest_release()
    if release is None:
        pytest.skip("no release yet")
    folder = tmp_path / "release"
    folder.mkdir()
    packed = subprocess.run(["git", "archive", release, "src"], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
    return folder / "src"


@pytest.fixture
def database(machine: Machine, postgres_url: str) -> Iterator[None]:
    """The machine's database is an empty one on PostgreSQL."""
    name = f"released_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        machine.settings["DECKCAST_DATABASE_URL"] = f"{postgres_url.rpartition('/')[0]}/{name}"
        yield
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.usefixtures("database")
def test_the_worker_of_the_release_before_works_on_the_new_schema(machine: Machine, old_source: Path) -> None:
    old = Machine(machine.folder, {**machine.settings, "PYTHONPATH": str(old_source)}, machine.mark)
    assert old.run("user", "list").status == 0  # the schema of the release before
    upgraded = machine.run("db", "upgrade", "--json")
    assert upgraded.status == 0, upgraded.stderr
    deck = raw_pdf(machine.folder / "talk.pdf", [pdf_text(words, 60, 60) for words in ("One.", "Two.")])
    with server_of(machine, "--no-worker") as server:
        worker = Process(old, "worker")
        try:
            presentation = server.imported(deck)
            with Watcher(server, presentation["id"]) as watcher:
                path = f"/api/presentations/{presentation['id']}/make-film"
                ended = watcher.until_ended(server.post(path, layout="none")["batchId"])
            assert (ended["state"], ended["completed"]) == ("completed", 2)
            assert worker.stop() == 0
        finally:
            worker.end()
