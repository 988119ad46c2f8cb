"""The story of a film whose files live in a bucket."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from PIL import Image

from command import Machine
from deckcast.videos.probe import probe
from decks import write_deck


@pytest.fixture
def machine(tmp_path: Path, bucket_settings: dict[str, str]) -> Machine:
    settings = {f"DECKCAST_{name}": value for name, value in bucket_settings.items()}
    settings["DECKCAST_STORAGE_URL"] = f"s3://videos/{tmp_path.name}"
    return Machine(tmp_path, settings)


def stored_text(machine: Machine) -> str:
    """Everything in the database, but for the deck's address."""
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        database.execute("UPDATE presentations SET source = ''")
        text = "\n".join(database.iterdump())
        database.rollback()
    database.close()
    return text


def test_a_film_is_made_and_used_again_through_a_bucket(machine: Machine) -> None:
    deck = write_deck(machine.folder / "talk.pptx", ["The files live elsewhere.", "And so does this one."])
    picture = machine.folder / "wall.png"
    Image.new("RGB", (64, 64), "#345678").save(picture)
    ran = machine.make(deck, "--background", picture)
    assert ran.status == 0, ran.stderr
    assert not (machine.data_dir / "assets").exists()
    assert machine.leftovers() == []
    said = stored_text(machine)
    assert "backgrounds/" in said
    assert str(machine.folder) not in said
    assert machine.settings["DECKCAST_STORAGE__SECRET_ACCESS_KEY"] not in said + ran.stderr + ran.stdout

    shutil.rmtree(machine.data_dir / "cache" / "assets")
    shutil.rmtree(machine.folder / "out")
    again = machine.make(deck, "--background", picture).result
    assert [slide["reused"] for slide in again["slides"]] == [True, True]
    assert probe(Path(again["video"])).frames == sum(
        probe(Path(slide["video"])).frames for slide in again["slides"]
    )
    fetched = {path.suffix for path in (machine.data_dir / "cache" / "assets").rglob("*") if path.is_file()}
    assert ".wav" not in fetched  # nothing is fetched that is not needed


def test_the_doctor_tries_the_storage(machine: Machine) -> None:
    assert "written, read and removed" in machine.run("doctor").stdout
    machine.settings["DECKCAST_STORAGE_URL"] = "s3://nobody-has-this"
    ran = machine.run("doctor")
    assert ran.status == 1
    assert "storage_refused" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_wrong_storage_is_a_sentence_and_status_2(machine: Machine) -> None:
    deck = write_deck(machine.folder / "talk.pptx", ["A slide."])
    machine.settings["DECKCAST_STORAGE_URL"] = "ftp://somewhere"
    ran = machine.make(deck)
    assert (ran.status, ran.result["error"]["code"]) == (2, "storage_url_invalid")


def test_a_bucket_that_refuses_ends_with_a_sentence(machine: Machine) -> None:
    deck = write_deck(machine.folder / "talk.pptx", ["A slide."])
    machine.settings["DECKCAST_STORAGE_URL"] = "s3://nobody-has-this"
    ran = machine.make(deck)
    assert (ran.status, ran.result["error"]["code"]) == (1, "storage_refused")
    assert "Traceback" not in ran.stderr
    assert machine.leftovers() == []
