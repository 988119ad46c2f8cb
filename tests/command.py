"""Runs the real command in a process of its own, as a person would."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

MARK = "DECKCAST_TEST_MARK"
HANGS_S = 480  # no command of the tests takes so long; a test itself may take ten minutes


@dataclass
class Ran:
    """What a finished command left: its exit status and what it said."""

    status: int
    stdout: str
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON object on the last line of stdout."""
        return json.loads(self.stdout.strip().splitlines()[-1])


def ended(process: subprocess.Popen[str]) -> Ran:
    """Wait for a command's end. One that hangs is killed, so that its test fails and says what it had said."""
    try:
        stdout, stderr = process.communicate(timeout=HANGS_S)
    except subprocess.TimeoutExpired as error:
        process.kill()
        stdout, stderr = process.communicate()
        raise AssertionError(f"it hangs: {stderr[-3000:]}") from error
    return Ran(process.returncode, stdout, stderr)


def take_presenters(source: Path, target: Path) -> None:
    """Links to the parts of presenters that are drawn already: drawing them takes seconds, and each time the same
    is drawn. Where no link can be made, the command draws them itself."""
    with contextlib.suppress(OSError):
        for complete in source.glob("presenter-*/complete.npy"):
            parts = [part for part in complete.parent.glob("*.npy") if part != complete]
            folder = target / complete.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            for part in (*parts, complete):  # what stands for the whole comes last
                with contextlib.suppress(FileExistsError):
                    os.link(part, folder / part.name)


@dataclass
class Machine:
    """A data folder of its own, and commands that work in it; every process of it carries a mark."""

    presenters: ClassVar[Path | None] = None  # those that any machine of this run of the tests has drawn

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("DECKCAST_")}
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile everything again
        ours = {"DECKCAST_DATA_DIR": str(self.data_dir), MARK: self.mark, "NO_COLOR": "1"}
        return {**inherited, **ours, **self.settings}

    def start(self, *arguments: str | Path, script: Path | None = None, **more: str) -> subprocess.Popen[str]:
        """Start `deckcast ARGUMENTS` (or a script in its place) without waiting."""
        lend_presenters(self.data_dir)
        program = [str(script)] if script else ["-m", "deckcast"]
        return subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            env={**self.environment, **more},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str | Path, **more: str) -> Ran:
        """Run `deckcast ARGUMENTS` to its end."""
        ran = ended(self.start(*arguments, **more))
        keep_presenters(self.data_dir)
        return ran

    def make(self, deck: Path, *options: str | Path) -> Ran:
        """Run `deckcast make` into the folder `out`, with JSON."""
        return self.run("make", deck, "-o", self.folder / "out", "--json", *options)

    def processes(self) -> list[int]:
        """Living processes that carry this machine's mark, whoever their parent is."""
        wanted = f"{MARK}={self.mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                alive = entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
                if alive and wanted in entry.joinpath("environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def leftovers(self) -> list[Path]:
        """Temporary files and folders that should not be there."""
        parts = list(self.folder.rglob("*.part"))
        scratch = self.data_dir / "tmp"
        return parts + (list(scratch.iterdir()) if scratch.exists() else [])


def lend_presenters(data_dir: Path) -> None:
    """Put links to all presenters drawn so far into a data folder."""
    if Machine.presenters is not None:
        take_presenters(Machine.presenters, data_dir / "cache")


def keep_presenters(data_dir: Path) -> None:
    """Keep the presenters that were drawn for a data folder."""
    if Machine.presenters is not None:
        take_presenters(data_dir / "cache", Machine.presenters)


def made(machine: Machine) -> dict[str, int]:
    """How many rows there are of what costs time or money to make."""
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        counts = {
            table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("speeches", "avatar_videos", "slide_clips", "presentation_videos")
        }
    database.close()
    return counts


def grow_old(machine: Machine, days: int) -> None:
    """Everything published so far is from `days` days ago."""
    then = time.time() - days * 86400
    for path in (machine.data_dir / "assets").rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        for table in ("slide_clips", "speeches", "avatar_videos", "presentation_videos"):
            database.execute(f"UPDATE {table} SET created_at = datetime(created_at, '-{days} days')")
    database.close()
