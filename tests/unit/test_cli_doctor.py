"""`deckcast doctor` says what is missing and what mends it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from deckcast.cli.doctor import Check, checks, run_doctor
from deckcast.decks.sandbox import sandbox_state
from deckcast.kit.settings import Settings


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine on which no program is found."""
    sandbox_state.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    yield
    sandbox_state.cache_clear()


def by_name(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in checks(settings)}


def settings_for(folder: Path, **values: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **values)


def test_this_machine_is_looked_at_without_leaving_a_trace(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    found = by_name(settings_for(folder))
    assert found["Python"].ok
    assert found["Speech"].ok
    assert found["Speech"].found.startswith("espeak-ng 1.")
    assert found["Video"].ok
    assert "libx264 and aac" in found["Video"].found
    assert found["Data folder"].ok
    assert found["Database"].ok
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("bare_machine")
def test_a_bare_machine_gets_a_command_for_each_missing_part(tmp_path: Path) -> None:
    out = io.StringIO()
    status = run_doctor(settings_for(tmp_path), Console(file=out, width=200))
    said = out.getvalue()
    assert status == 1
    assert "✗ LibreOffice: sudo apt-get install --no-install-recommends libreoffice-impress\n" in said
    assert "✗ Sandbox: sudo apt-get install bubblewrap\n" in said
    assert "! Fonts: sudo apt-get install fontconfig fonts-crosextra-carlito" in said
    assert "cannot work here" in said


@pytest.mark.usefixtures("bare_machine")
def test_the_sandbox_may_be_done_without_where_the_person_says_so(tmp_path: Path) -> None:
    check = by_name(settings_for(tmp_path, allow_unsandboxed=True))["Sandbox"]
    assert not check.ok
    assert not check.required
    assert check.sign == "!"


def test_a_data_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("in the way")
    check = by_name(settings_for(folder))["Data folder"]
    assert not check.ok
    assert "DECKCAST_DATA_DIR" in check.mend


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://someone:hush@127.0.0.1:1/deckcast"
    check = by_name(settings_for(tmp_path, database_url=url))["Database"]
    assert not check.ok
    assert check.required
    assert "cannot be reached" in check.found
    assert "hush" not in check.found


def test_a_broken_database_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "deckcast.db").write_text("this is no database, however long one reads on in it")
    check = by_name(settings_for(tmp_path))["Database"]
    assert not check.ok
    assert "not a database" in check.found
