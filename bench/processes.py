"""What a command costs: CPU time and memory of all its processes, also of those that outlive it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_SAMPLE_S = 0.2
_LINGER_S = 20


@dataclass(frozen=True)
class Cost:
    """`cpu_s` of all processes, `wall_s`, `peak_mb` of all of them together (proportional set size)."""

    status: int
    output: str
    cpu_s: float
    wall_s: float
    peak_mb: float


def cost_of(command: Sequence[str], environment: Mapping[str, str], errors: Path) -> Cost:
    """Run a command to its end; its stderr goes to a file.

    Servers that it leaves behind for a moment become children of this process, so that their time is counted.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before, started = _children_cpu_s(), time.monotonic()
    done = threading.Event()
    peaks = [0.0]
    watcher = threading.Thread(target=_watch, args=(done, peaks), daemon=True)
    watcher.start()
    with errors.open("w") as err:
        run = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=err, text=True, check=False
        )
    wall_s = time.monotonic() - started
    done.set()
    watcher.join()
    _reap()
    return Cost(run.returncode, run.stdout, _children_cpu_s() - before, wall_s, peaks[0])


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap() -> None:
    """Wait for what the command left behind."""
    until = time.monotonic() + _LINGER_S
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)


def _watch(done: threading.Event, peaks: list[float]) -> None:
    while not done.wait(_SAMPLE_S):
        peaks[0] = max(peaks[0], sum(_pss_mb(process) for process in _descendants(os.getpid())))


def _descendants(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = list(parents.get(root, []))
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += parents.get(process, [])
    return found


def _pss_mb(process: int) -> float:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    return 0.0


def used_by(root: int) -> float:
    """CPU-seconds so far of a living process, all its living descendants, and those that they have waited for."""
    return sum(_used_s(process) for process in (root, *_descendants(root)))


def memory_of(root: int) -> float:
    """MB of a process and all its descendants (proportional set size)."""
    return sum(_pss_mb(process) for process in (root, *_descendants(root)))


def _used_s(process: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return 0.0
