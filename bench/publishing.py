"""The memory that publishing a large video takes, and fetching it again, through a store that speaks S3.

The store is a server of its own that forgets what it gets; the file is sparse, so that it costs no disk until it
is fetched. Memory is the resident set of the publishing process: its peak over what it had when the store was open.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.machine import ROOT, keep

LIMIT_MB = 100.0
KEY = "slides/sli_bench/avv_bench.mp4"


@dataclass(frozen=True)
class Moved:
    """One way of a file: how long it took, and by how much the process grew."""

    what: str
    size_gb: float
    wall_s: float
    idle_mb: float
    peak_mb: float
    parts: int
    part_sizes: list[int]

    @property
    def growth_mb(self) -> float:
        """Peak over idle."""
        return self.peak_mb - self.idle_mb


def measure(size_gb: float) -> list[Moved]:
    """Publish a file of this size and fetch it again, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name:
        folder = Path(name)
        source = folder / "video.mp4"
        with source.open("wb") as file:
            file.truncate(int(size_gb * 1e9))
        sink = subprocess.Popen(
            [sys.executable, "-m", "bench.sink"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert sink.stdout is not None
            endpoint = f"http://127.0.0.1:{sink.stdout.readline().strip()}"
            return [_run(what, source, endpoint, folder / what, size_gb) for what in ("publish", "fetch")]
        finally:
            sink.terminate()
            sink.wait()


def _run(what: str, source: Path, endpoint: str, data: Path, size_gb: float) -> Moved:
    command = [sys.executable, "-m", "bench.publishing", what, str(source), endpoint, str(data)]
    ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    with urllib.request.urlopen(f"{endpoint}/count") as answer:
        parts = json.load(answer)
    if sum(parts) != int(size_gb * 1e9):
        raise SystemExit(f"{sum(parts)} bytes arrived")
    return Moved(what, size_gb, parts=len(parts), part_sizes=sorted(set(parts)), **json.loads(ran.stdout))


def move(what: str, source: Path, endpoint: str, data: Path) -> dict[str, float]:
    """Publish or fetch in this process; returns what it took."""
    from deckcast.kit.settings import Settings, StorageSettings
    from deckcast.publishing.service import open_store

    storage = StorageSettings.model_validate(
        {"endpoint": endpoint, "access_key_id": "bench", "secret_access_key": "bench"}
    )
    store = open_store(Settings(_env_file=None, data_dir=data, storage_url="s3://bench", storage=storage))

    async def work(moving: Awaitable[object]) -> None:
        await moving

    idle_mb, started = _memory_mb("VmRSS"), time.monotonic()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    asyncio.run(work(store.put(source, KEY) if what == "publish" else store.local(KEY)))
    wall_s = time.monotonic() - started
    return {"wall_s": wall_s, "idle_mb": idle_mb, "peak_mb": _memory_mb("VmHWM")}


def _memory_mb(what: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{what}:")).split()[1]) * 1024 / 1e6


def show(moved: list[Moved]) -> None:
    """Print the table; more than the limit is a failure."""
    print("\nOne large video through object storage")
    print(
        f"{'':>10}{'GB':>6}{'wall s':>8}{'idle MB':>9}{'peak MB':>9}{'growth MB':>11}{'parts':>7}  sizes of parts"
    )
    for one in moved:
        print(
            f"{one.what:>10}{one.size_gb:6.1f}{one.wall_s:8.1f}{one.idle_mb:9.1f}{one.peak_mb:9.1f}"
            f"{one.growth_mb:11.1f}{one.parts:7}  {one.part_sizes}"
        )


def run(size_gb: float, *, kept: bool) -> None:
    """Measure; print and keep the numbers. Ends with an error where memory grows with the file."""
    moved = measure(size_gb)
    show(moved)
    if kept:
        print(f"kept in {keep('publishing', [{**asdict(one), 'growth_mb': one.growth_mb} for one in moved])}")
    if any(one.growth_mb >= LIMIT_MB for one in moved):
        raise SystemExit(f"memory grew by more than {LIMIT_MB:.0f} MB")


def main() -> None:
    """One way of the file in a process of its own."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("what", choices=("publish", "fetch"))
    options.add_argument("source", type=Path)
    options.add_argument("endpoint")
    options.add_argument("data", type=Path)
    given = options.parse_args()
    print(json.dumps(move(given.what, given.source, given.endpoint, given.data)))


if __name__ == "__main__":
    main()
