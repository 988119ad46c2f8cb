"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from deckcast.kit.errors import MachineError
from deckcast.kit.files import disk_errors, scratch_dir, sweep_parts, sweep_scratch, written_whole

GONE = 4_194_303  # above any pid in use here


def test_a_file_written_whole_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_text("old")
    with written_whole(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_text("old")
    with pytest.raises(ValueError, match="no"), written_whole(target) as temporary:
        temporary.write_text("half")
        raise ValueError("no")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EACCES, "not_writable")],
)
def test_the_disk_is_refused_in_words(tmp_path: Path, number: int, code: str) -> None:
    with pytest.raises(MachineError) as caught, disk_errors(tmp_path / "x"):
        raise OSError(number, os.strerror(number))
    assert caught.value.code == code
    assert caught.value.next_step


def test_scratch_is_gone_afterwards(tmp_path: Path) -> None:
    with scratch_dir(tmp_path) as folder:
        (folder / "a").write_text("a")
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_sweeping_takes_what_the_dead_left_and_nothing_else(tmp_path: Path) -> None:
    with scratch_dir(tmp_path / "elsewhere") as folder:
        mine = folder.name.partition("-")[0]
    before = f"{os.getpid()}.1"  # had this number before the container was started again
    kept = {f"{mine}-job-x", "1-job-x", f".{mine}-film.mp4.abc.part", "film.part"}
    for name in (f"{GONE}-job-x", f"{GONE}.1-job-x", f"{before}-job-x", f"{mine}-job-x", "1-job-x"):
        (tmp_path / name).mkdir()
    for mark in (GONE, before, mine):
        (tmp_path / f".{mark}-film.mp4.abc.part").touch()
    (tmp_path / "film.part").touch()
    (tmp_path / "elsewhere").rmdir()
    sweep_scratch(tmp_path)
    sweep_parts(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == kept
    sweep_scratch(tmp_path, own=True)
    sweep_parts(tmp_path, own=True)
    assert {path.name for path in tmp_path.iterdir()} == {"1-job-x", "film.part"}
