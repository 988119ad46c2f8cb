"""A backup of a PostgreSQL database, restored into another one: what was made is there, and nothing is made again."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from command import Machine
from conftest import long, missing
from decks_for_tests import pdf_text, raw_pdf


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
