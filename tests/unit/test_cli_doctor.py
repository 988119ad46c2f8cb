"""`deckcast doctor` says what is missing and what mends it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from deckcast.cli.check import Check
from deckcast.cli.doctor import checks, memory_bytes, run_doctor
from deckcast.cli.services import model_check, speech_checks
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
    return named(checks(settings))


def named(found: Sequence[Check]) -> dict[str, Check]:
    return {check.name: check for check in found}


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


def test_a_container_has_no_more_memory_than_it_is_allowed(tmp_path: Path) -> None:
    bounded, unbounded = tmp_path / "memory.max", tmp_path / "unbounded"
    bounded.write_text("1048576\n")
    unbounded.write_text("max\n")
    whole = memory_bytes([tmp_path / "not there"])
    assert memory_bytes([unbounded]) == whole > 1048576
    assert memory_bytes([unbounded, bounded]) == 1048576


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


def test_without_a_model_it_says_who_writes(tmp_path: Path) -> None:
    check = model_check(settings_for(tmp_path))
    assert (check.sign, check.ok) == ("–", True)
    assert "built-in rules" in check.found


@pytest.mark.parametrize(
    ("model", "key", "sign", "said"),
    [
        ("openai:gpt-5.2", "sim-key", "✓", "openai:gpt-5.2, at OpenAI"),
        ("ollama:gemma3", None, "✓", "ollama:gemma3, on this machine"),
        ("openai:gpt-5.2", None, "✗", "no API key for OpenAI"),
        ("gpt-5.2", None, "✗", "names no model"),
    ],
)
def test_a_model_is_set_up_or_what_it_lacks_is_named(
    tmp_path: Path, model: str, key: str | None, sign: str, said: str
) -> None:
    check = model_check(settings_for(tmp_path, llm={"model": model, "api_key": key}))
    assert check.sign == sign
    assert said in check.found
    assert check.ok or "DECKCAST_LLM__" in check.mend or "<provider>:<model>" in check.mend


def test_a_model_without_its_package_gets_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckcast.cli.services.find_spec", lambda name: None)
    assert "pip install -e '.[llm]'" in model_check(settings_for(tmp_path)).found
    check = model_check(settings_for(tmp_path, llm={"model": "ollama:gemma3"}))
    assert (check.ok, check.required) == (False, True)
    assert "pip install -e '.[llm]'" in check.mend


def test_every_speech_engine_is_set_up_or_what_it_lacks_is_named(tmp_path: Path) -> None:
    speech = {"elevenlabs": {"api_key": "sim-key"}, "azure": {"api_key": "sim-key"}}
    found = named(speech_checks(settings_for(tmp_path, speech=speech)))
    assert {name: check.sign for name, check in found.items()} == {
        "Speech": "✓",
        "Piper": "–",
        "OpenAI speech": "–",
        "ElevenLabs": "✓",
        "Azure speech": "–",
    }
    assert "DECKCAST_SPEECH__OPENAI__API_KEY" in found["OpenAI speech"].found
    assert "DECKCAST_SPEECH__AZURE__REGION" in found["Azure speech"].found


def test_the_engine_that_is_to_speak_has_to_be_set_up(tmp_path: Path) -> None:
    found = named(speech_checks(settings_for(tmp_path, speech={"engine": "openai"})))
    assert (found["OpenAI speech"].sign, found["OpenAI speech"].required) == ("✗", True)
    assert "DECKCAST_SPEECH__OPENAI__API_KEY is not set" in found["OpenAI speech"].mend
