"""A backup that is restored: what was made is there, nothing is made again, and what was paid since is adopted."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from command import Machine
from conftest import long, missing
from decks import write_deck
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import (
    NOTES,
    assert_every_slide_completed,
    assert_paid_once,
    heygen,
    ledger,
    make,
    set_faults,
)

FAILING = {"rules": [{"call": "submit", "fault": "error_before"}]}


@pytest.fixture
def databases(postgres_url: str) -> Iterator[tuple[str, str]]:
    """The addresses of two empty databases."""
    names = [f"backup_{uuid.uuid4().hex}" for _ in range(2)]
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}".encode())
        yield tuple(f"{postgres_url.rpartition('/')[0]}/{name}" for name in names)  # type: ignore[misc]
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@long
def test_a_restored_database_goes_on_where_the_backup_was(
    machine: Machine, databases: tuple[str, str], tmp_path: Path
) -> None:
    if shutil.which("pg_dump") is None:
        missing("pg_dump is not installed")
    first, second = databases
    deck = raw_pdf(tmp_path / "talk.pdf", [pdf_text(words, 60, 60) for words in ("One.", "Two.")])
    machine.settings["DECKCAST_DATABASE_URL"] = first
    assert machine.make(deck, "--layout", "none").status == 0
    dump = tmp_path / "deckcast.dump"
    plain = [url.replace("+psycopg", "") for url in databases]
    subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", plain[0]], check=True)
    subprocess.run(["pg_restore", "--no-owner", f"--dbname={plain[1]}", str(dump)], check=True)
    machine.settings["DECKCAST_DATABASE_URL"] = second
    assert machine.run("db", "status").status == 0
    assert machine.run("paid-work", "off").status == 0
    again = machine.make(deck, "--layout", "none")
    assert again.status == 0, again.stderr
    assert all(slide["reused"] for slide in again.result["slides"])


def copy_databases(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in ("engine.db", "deckcast.db"):
        for left in target.glob(f"{name}*"):
            left.unlink()
        with closing(sqlite3.connect(source / name)) as old, closing(sqlite3.connect(target / name)) as new:
            old.backup(new)


def calls(url: str) -> int:
    return int(ledger(url)["calls"].get("POST /v3/videos", 0))


@long
def test_what_was_paid_after_the_backup_is_adopted_and_not_bought_again(machine: Machine) -> None:
    deck = write_deck(machine.folder / "deck.pptx", NOTES[:2])
    backup = machine.folder / "backup"
    with heygen(machine, faults=FAILING) as url:
        making = machine.start("make", deck, "-o", machine.folder / "out", "--provider", "heygen", "--json")
        while calls(url) < 2:
            assert making.poll() is None, making.communicate()
            time.sleep(0.1)
        refused = machine.run("reconcile")
        assert refused.status != 0
        assert "at work" in refused.stderr
        copy_databases(machine.data_dir, backup)
        set_faults(url, {})
        making.communicate()
        assert_paid_once(url, 2)
        called = calls(url)
        copy_databases(backup, machine.data_dir)
        reconciled = machine.run("reconcile")
        assert reconciled.status == 0, reconciled.stderr
        assert "2 avatar videos found" in reconciled.stdout
        assert_every_slide_completed(make(machine, deck), 2)
        assert_paid_once(url, 2)
        assert calls(url) == called
