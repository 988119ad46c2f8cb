"""What this process and its machine use."""

from __future__ import annotations

from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_PROC = Path("/proc")


def process_memory_bytes() -> int:
    """Memory of this process that is not swapped out (its resident set); 0 where the system does not tell."""
    return 1024 * _field(_PROC / "self" / "status", "VmRSS")


def memory_used_ratio() -> float:
    """The share of the memory in use, 0 to 1: of the container's limit where there is one, else of the machine's. What
    can be taken back at once (caches of files) does not count."""
    limit, used = _number(_CGROUP / "memory.max"), _number(_CGROUP / "memory.current")
    if limit and used is not None:
        return max(0.0, used - _field(_CGROUP / "memory.stat", "inactive_file")) / limit
    total = _field(_PROC / "meminfo", "MemTotal")
    return 1.0 - _field(_PROC / "meminfo", "MemAvailable") / total if total else 0.0


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _field(path: Path, name: str) -> int:
    """The number after a name in a file of names and numbers; 0 where there is none."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    for line in lines:
        words = line.replace(":", " ").split()
        if len(words) > 1 and words[0] == name:
            return int(words[1])
    return 0
