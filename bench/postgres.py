"""A PostgreSQL server of its own, for benchmarks and tests: started as root too, stopped as a crash stops it, and
started again with the same data at the same address."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def binaries() -> Path | None:
    """Where Debian keeps the newest server's programs; None where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Postgres:
    """A server in a folder of its own. `options` are more of the server's own (-c name=value). Whatever is written
    survives a crash of the server (not of the machine: it does not wait for the disk unless `fsync`)."""

    def __init__(self, *options: str, fsync: bool = False) -> None:
        programs = binaries()
        if programs is None:
            raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
        self._programs = programs
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="deckcast-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._data = self.folder / "data"
        own = ["listen_addresses=127.0.0.1", f"fsync={'on' if fsync else 'off'}", *options]
        chosen = " ".join(f"-c {each}" for each in own)
        self._options = f"-p {self.port} -k {self.folder} {chosen}"
        self._run("initdb", "-U", "postgres", "-A", "trust", "--no-sync")

    @property
    def url(self) -> str:
        """As Deckcast's DATABASE_URL wants it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def plain_url(self) -> str:
        """As psycopg wants it."""
        return self.url.replace("+psycopg", "")

    @property
    def pid(self) -> int:
        """Of the server's first process."""
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._run("pg_ctl", "-w", "-o", self._options, "start")

    def stop(self, *, crash: bool = False) -> None:
        """Stop it: at once, every connection broken, as a crash does where `crash`, and with its log left to be
        replayed at the next start."""
        self._run("pg_ctl", "-w", "-m", "immediate" if crash else "fast", "stop")

    def remove(self) -> None:
        """Stop it, whatever it is at, and leave nothing."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
            self.stop(crash=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self._programs / program), "-D", str(self._data), *words]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd=self.folder, **quiet)


@contextlib.contextmanager
def postgres(*options: str, fsync: bool = False) -> Iterator[Postgres]:
    """A server that runs during the block; raises FileNotFoundError where none is installed."""
    server = Postgres(*options, fsync=fsync)
    try:
        server.start()
        yield server
    finally:
        server.remove()
