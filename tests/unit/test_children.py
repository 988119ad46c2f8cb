"""Children: results, errors, limits, and dying with their parent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from child_work import break_down, double, grow, kill_self, many_bytes, refuse, sleep
from deckcast.kit.children import run_in_child, run_limited
from deckcast.kit.errors import CallError, WorkError


def test_a_result_comes_back_whole() -> None:
    assert asyncio.run(run_in_child(double, 21)) == 42
    assert len(asyncio.run(run_in_child(many_bytes, 5_000_000))) == 5_000_000


def test_our_errors_cross_the_border_with_all_they_carry() -> None:
    with pytest.raises(CallError) as caught:
        asyncio.run(run_in_child(refuse))
    assert (caught.value.code, caught.value.next_step, caught.value.retryable) == (
        "no_way",
        "Try another.",
        True,
    )


@pytest.mark.parametrize(("work", "code"), [(break_down, "child_failed"), (kill_self, "child_crashed")])
def test_a_broken_child_is_a_failure_in_words(work: object, code: str) -> None:
    with pytest.raises(WorkError) as caught:
        asyncio.run(run_in_child(work))  # type: ignore[arg-type]
    assert caught.value.code == code


def test_memory_is_limited() -> None:
    with pytest.raises(WorkError) as caught:
        asyncio.run(run_limited(grow, memory_bytes=1 << 30))
    assert caught.value.code == "child_crashed"


def test_time_is_limited() -> None:
    with pytest.raises(WorkError) as caught:
        asyncio.run(run_limited(sleep, (600.0,), timeout_s=0.2))
    assert caught.value.code == "child_out_of_time"


PARENT = """
import asyncio, sys, time
from pathlib import Path
from deckcast.kit.children import run_in_child
sys.path.insert(0, {folder!r})
import orphan
asyncio.run(run_in_child(orphan.wait_long, {pid_file!r}))
"""
ORPHAN = """
import os, time
from pathlib import Path
def wait_long(pid_file):
    Path(pid_file + ".part").write_text(str(os.getpid()))
    Path(pid_file + ".part").rename(pid_file)
    time.sleep(600)
"""


def test_a_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "orphan.py").write_text(ORPHAN)
    pid_file = tmp_path / "pid"
    script = PARENT.format(folder=str(tmp_path), pid_file=str(pid_file))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", script], env=environment)
    while not pid_file.exists():
        assert parent.poll() is None
        time.sleep(0.02)
    child = int(pid_file.read_text())
    parent.kill()
    parent.wait()
    while alive(child):
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process lives (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
