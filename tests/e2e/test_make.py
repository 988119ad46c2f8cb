"""The story of `deckcast make`: real decks, the real command, real films."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from command import Machine, made
from conftest import long, missing
from deckcast.videos.probe import probe
from decks import change_note, insert_slide, write_deck

NOTES = ["Welcome to the show.", "This is the middle part.", None, "And that was all."]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Path]:
    """A machine on which a deck of four slides (the third says nothing) has been made into a film."""
    folder = tmp_path_factory.mktemp("told")
    machine = Machine(folder)
    deck = write_deck(folder / "talk.pptx", NOTES)
    ran = machine.make(deck)
    assert ran.status == 0, ran.stderr
    (folder / "first.json").write_text(json.dumps(ran.result))
    return machine, deck


def first(machine: Machine) -> dict:
    return json.loads((machine.folder / "first.json").read_text())


def test_the_film_and_everything_beside_it(told: tuple[Machine, Path]) -> None:
    machine, _ = told
    result = first(machine)
    assert set(result) == {"presentation_id", "state", "video", "duration_s", "cost_usd", "slides"}
    assert (result["state"], result["cost_usd"]) == ("completed", 0)
    film = probe(Path(result["video"]))
    assert (film.width, film.height, film.video_codec, film.audio_codec) == (1920, 1080, "h264", "aac")
    clips = [probe(Path(slide["video"])) for slide in result["slides"]]
    assert film.frames == sum(clip.frames for clip in clips)
    for slide, clip in zip(result["slides"], clips, strict=True):
        assert set(slide) == {
            "number", "status", "reused", "video", "duration_s",
            "speech_duration_s", "pause_s", "warnings", "error",
        }  # fmt: skip
        assert slide["status"] == "completed"
        assert abs(slide["speech_duration_s"] + slide["pause_s"] - clip.frames / 25) <= 1 / 25
        assert not slide["reused"]
    out = machine.folder / "out"
    assert {path.name for path in out.iterdir()} == {
        "presentation.mp4", "captions.srt", "captions.vtt", "poster.jpg", "slides",
    }  # fmt: skip
    said = re.sub(r"[\d:,.\->\s]+", " ", (out / "captions.srt").read_text())
    assert "Welcome to the show" in said
    assert "And that was all" in said
    assert machine.leftovers() == []


def test_a_slide_with_nothing_to_say_is_shown_silently_and_named(told: tuple[Machine, Path]) -> None:
    slide = first(told[0])["slides"][2]
    assert slide["speech_duration_s"] == 0
    assert slide["duration_s"] == slide["pause_s"] == 4.0
    assert [warning["code"] for warning in slide["warnings"]] == ["no_narration"]


def copy_of(told: tuple[Machine, Path], folder: Path) -> tuple[Machine, Path]:
    """The machine's state in a new folder; the deck keeps its address, which is what it is known by."""
    machine, deck = told
    shutil.copytree(machine.data_dir, folder / "data")
    return Machine(folder), deck


def test_run_again_it_makes_nothing(told: tuple[Machine, Path], tmp_path: Path) -> None:
    machine, deck = copy_of(told, tmp_path)
    before = made(machine)
    assert all(slide["reused"] for slide in machine.make(deck).result["slides"])
    film = tmp_path / "out" / "presentation.mp4"
    written = film.stat()
    assert all(slide["reused"] for slide in machine.make(deck).result["slides"])
    assert made(machine) == before
    assert film.stat().st_ino == written.st_ino


def test_only_what_changed_is_made_again(told: tuple[Machine, Path], tmp_path: Path) -> None:
    machine, deck = copy_of(told, tmp_path)
    original = deck.read_bytes()
    try:
        before = made(machine)
        change_note(deck, 2, "This part was written anew.")
        result = machine.make(deck).result
        assert [slide["reused"] for slide in result["slides"]] == [True, False, True, True]
        assert {key: made(machine)[key] - before[key] for key in before} == {
            "speeches": 1, "avatar_videos": 1, "slide_clips": 1, "presentation_videos": 1,
        }  # fmt: skip
        before = made(machine)
        insert_slide(deck, 1, "A new start", "Somebody put me first.")
        result = machine.make(deck).result
        assert [slide["reused"] for slide in result["slides"]] == [False, True, True, True, True]
        assert made(machine)["avatar_videos"] - before["avatar_videos"] == 1
    finally:
        deck.write_bytes(original)


@long
def test_regenerate_makes_everything_anew(told: tuple[Machine, Path], tmp_path: Path) -> None:
    machine, deck = copy_of(told, tmp_path)
    result = machine.make(deck, "--regenerate", "--slides", "1").result
    assert [(slide["number"], slide["reused"]) for slide in result["slides"]] == [(1, False)]
    assert result["state"] == "completed"


def test_without_presenter_no_presenter_is_made(told: tuple[Machine, Path], tmp_path: Path) -> None:
    machine, deck = copy_of(told, tmp_path)
    before = made(machine)
    result = machine.make(deck, "--layout", "none", "--slides", "2-3").result
    assert result["state"] == "completed"
    assert made(machine)["avatar_videos"] == before["avatar_videos"]
    assert made(machine)["speeches"] == before["speeches"]


def test_the_corner_and_the_shape_asked_for_remake_no_presenter(
    told: tuple[Machine, Path], tmp_path: Path
) -> None:
    machine, deck = copy_of(told, tmp_path)
    before = made(machine)
    options = ("--layout", "corner", "--corner", "top-left", "--shape", "rounded", "--slides", "2")
    assert machine.make(deck, *options).result["state"] == "completed"
    assert made(machine)["avatar_videos"] == before["avatar_videos"]
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        newest = "SELECT placement FROM batch_items ORDER BY id DESC LIMIT 1"
        placement = json.loads(database.execute(newest).fetchone()[0])
    database.close()
    assert (placement["corner"], placement["shape"]) == ("top_left", "rounded")
    assert placement["presenter"][:2] == [40, 40]


@long
def test_a_presenter_without_a_background_is_made_once_for_every_place_and_size(
    told: tuple[Machine, Path], tmp_path: Path
) -> None:
    machine, deck = copy_of(told, tmp_path)
    before = made(machine)
    clear = ("--background", "transparent", "--slides", "2")
    assert machine.make(deck, *clear).result["state"] == "completed"
    once = made(machine)
    assert once["avatar_videos"] == before["avatar_videos"] + 1
    assert len(list((machine.data_dir / "assets").rglob("*.webm"))) == 1
    assert machine.make(deck, *clear, "--size", "small").result["state"] == "completed"
    assert machine.make(deck, *clear, "--layout", "beside").result["state"] == "completed"
    assert made(machine)["avatar_videos"] == once["avatar_videos"]
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        kept = [
            json.loads(row[0]) for row in database.execute("SELECT placement FROM batch_items ORDER BY id")
        ]
    database.close()
    assert [placement["shape"] for placement in kept[-3:]] == ["cut_out"] * 3
    largest, small, beside = (placement["presenter"] for placement in kept[-3:])
    assert small[2] < beside[2] < largest[2]
    assert all(y + height == 1080 for _, y, _, height in (largest, small, beside))


def test_a_slide_that_fails_is_named_and_the_film_still_holds_it(
    told: tuple[Machine, Path], tmp_path: Path
) -> None:
    machine, deck = copy_of(told, tmp_path)
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        key = database.execute("SELECT image_key FROM slides WHERE number = 2").fetchone()[0]
        database.execute("UPDATE slides SET image_key = replace(image_key, '.png', 'x.png') WHERE number = 2")
    database.close()
    broken = machine.data_dir / "assets" / key.replace(".png", "x.png")
    broken.write_bytes(b"not a picture")
    ran = machine.make(deck, "--regenerate")
    assert ran.status == 1
    assert ran.result["state"] == "partial"
    states = [(slide["status"], (slide["error"] or {}).get("code")) for slide in ran.result["slides"]]
    assert states == [("completed", None), ("failed", "image_unreadable")] + [("completed", None)] * 2
    assert "slide 2" in ran.stderr
    film = probe(Path(ran.result["video"]))
    assert film.frames == sum(probe(Path(slide["video"])).frames for slide in ran.result["slides"])


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(told: tuple[Machine, Path], tmp_path: Path) -> None:
    machine, deck = copy_of(told, tmp_path)
    process = machine.start("make", deck, "-o", tmp_path / "out", "--regenerate")
    assert process.stderr is not None
    for line in process.stderr:
        if "composing" in line or "presenting" in line:
            break
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 130
    assert "Run the same command again" in stderr
    assert "Traceback" not in stderr
    while machine.processes():
        time.sleep(0.02)
    assert machine.leftovers() == []


@long
def test_one_deck_does_not_resume_another(told: tuple[Machine, Path], tmp_path: Path) -> None:
    machine, deck = copy_of(told, tmp_path)
    process = machine.start("make", deck, "-o", tmp_path / "out", "--regenerate")
    assert process.stderr is not None
    for line in process.stderr:
        if "speaking" in line or "presenting" in line:  # speech may be over between two lines
            break
    process.kill()
    process.communicate()
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        count = "SELECT count(*) FROM batch_items WHERE ended_at IS NULL"
        unfinished = database.execute(count).fetchone()[0]
        other = write_deck(tmp_path / "other.pptx", ["Something else entirely."])
        assert machine.make(other).result["state"] == "completed"
        assert database.execute(count).fetchone()[0] == unfinished > 0
    database.close()
    listed = json.loads(machine.run("status", "--json").stdout)["items"]
    states = {Path(item["source"]).name: item["state"] for item in listed}
    assert states == {"talk.pptx": "running", "other.pptx": "completed"}
    assert "interrupted" in machine.run("status", deck).stdout


@long
def test_on_postgresql_it_is_the_same_story(tmp_path: Path, postgres_url: str) -> None:
    machine = Machine(tmp_path, {"DECKCAST_DATABASE_URL": postgres_url})
    deck = write_deck(tmp_path / "talk.pptx", ["The server keeps the rows."])
    process = machine.start("make", deck, "-o", tmp_path / "out")
    assert process.stderr is not None
    for line in process.stderr:
        if "presenting" in line:
            break
    process.kill()
    process.communicate()
    result = machine.make(deck).result
    assert (result["state"], len(result["slides"])) == ("completed", 1)
    assert machine.make(deck).result["slides"][0]["reused"]
    assert not (machine.data_dir / "deckcast.db").exists()


@long
def test_two_commands_on_one_deck_make_it_once(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    deck = write_deck(tmp_path / "talk.pptx", ["Only one of us will make this."])
    processes = [machine.start("make", deck, "-o", tmp_path / name, "--json") for name in ("one", "two")]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    assert made(machine)["avatar_videos"] == 1
    assert (tmp_path / "one/presentation.mp4").stat().st_size > 0
    assert (tmp_path / "two/presentation.mp4").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nothing.pptx"], "deck_not_found"),
        (["notes.txt"], "deck_unknown_format"),
        (["talk.pptx", "--avatar", "nobody"], "unknown_avatar"),
        (["talk.pptx", "--voice", "nobody"], "unknown_voice"),
        (["talk.pptx", "--provider", "nobody"], "unknown_provider"),
        (["talk.pptx", "--background", "mauve"], "background_invalid"),
        (["talk.pptx", "--slides", "0"], "slides_invalid"),
        (["talk.pptx", "--language", "!"], "language_invalid"),
        (["talk.pptx", "-o", "notes.txt"], "output_not_writable"),
    ],
)
def test_wrong_calls_end_with_a_sentence_a_code_and_status_2(
    tmp_path: Path, arguments: list[str], code: str
) -> None:
    machine = Machine(tmp_path)
    write_deck(tmp_path / "talk.pptx", ["A slide."])
    (tmp_path / "notes.txt").write_text("just words")
    ran = machine.run("make", *arguments, "--json")
    assert ran.status == 2
    assert ran.result["error"]["code"] == code
    assert code in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_full_disk_is_a_sentence_and_the_job_goes_on_afterwards(
    told: tuple[Machine, Path], tmp_path: Path
) -> None:
    (tmp_path / "small").mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", tmp_path / "small"], capture_output=True
    )
    if mounted.returncode:
        missing("a small file system cannot be mounted here (needs root)")
    try:
        deck = write_deck(tmp_path / "talk.pptx", [f"This is slide {number}." for number in range(1, 5)])
        machine = Machine(tmp_path, {"DECKCAST_DATA_DIR": str(tmp_path / "small" / "data")})
        ran = machine.run("make", deck, "-o", tmp_path / "out", "--json")
        assert ran.status == 1
        assert ran.result["error"]["code"] == "disk_full"
        assert "Traceback" not in ran.stderr
        subprocess.run(["mount", "-o", "remount,size=400m", tmp_path / "small"], check=True)
        assert machine.run("make", deck, "-o", tmp_path / "out", "--json").result["state"] == "completed"
    finally:
        subprocess.run(["umount", tmp_path / "small"], check=True)
