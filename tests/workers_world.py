"""Several machines that share a PostgreSQL database and a bucket, each with its own data folder and worker; and what
stands in the database that they share."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from api_client import HANGS_S, LOOK_S, Process
from command import Machine, lend_presenters

LEASE_S = 4.0


@dataclass
class Fleet:
    """Machines with the same settings. `database` is a connection of the test's own."""

    folder: Path
    settings: dict[str, str]
    database: psycopg.Connection[Any]
    workers: list[Process] = field(default_factory=list)

    def machine(self, name: str) -> Machine:
        """A machine with a data folder of its own."""
        folder = self.folder / name
        folder.mkdir()
        machine = Machine(folder, self.settings)
        lend_presenters(machine.data_dir)
        return machine

    def worker(self, name: str, machine: Machine | None = None) -> Process:
        """Start a worker, and wait until it is one."""
        before = self.ids()
        worker = Process(machine or self.machine(name), "worker")
        self.workers.append(worker)
        worker.wait_for(lambda: self.ids() - before, "it joined")
        return worker

    def value(self, query: str, *values: object) -> Any:
        """The first value that a query finds."""
        row = self.database.execute(query.encode(), values).fetchone()
        return row[0] if row else None

    def ids(self) -> set[str]:
        """The rows of living workers."""
        return {row[0] for row in self.database.execute("SELECT id FROM workers")}

    def of(self, worker: Process) -> str:
        """A worker's row."""
        pid = "SELECT id FROM workers WHERE (about->>'pid')::int = %s"
        return str(self.value(pid, worker.pid))

    def until(self, condition: Callable[[], object], what: str) -> float:
        """Wait until something is so; returns how long that took, in seconds."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < HANGS_S, f"never {what}: {self.said()}"
            time.sleep(LOOK_S)
        return time.monotonic() - began

    def said(self) -> str:
        """What the workers have said."""
        return "\n".join(worker.output()[-3000:] for worker in self.workers)


def freeze(worker: Process) -> None:
    """All processes of a worker stand still."""
    os.killpg(worker.pid, signal.SIGSTOP)


def wake(worker: Process) -> None:
    """They go on."""
    os.killpg(worker.pid, signal.SIGCONT)


@contextmanager
def fleet_of(folder: Path, postgres_url: str, bucket_settings: dict[str, str]) -> Iterator[Fleet]:
    """An empty database, an empty place in the bucket, and nobody there yet."""
    name = f"fleet_{uuid.uuid4().hex}"
    plain = postgres_url.replace("+psycopg", "")
    settings = {f"DECKCAST_{key}": value for key, value in bucket_settings.items()}
    settings |= {
        "DECKCAST_STORAGE_URL": f"s3://videos/{name}",
        "DECKCAST_DATABASE_URL": f"{postgres_url.rpartition('/')[0]}/{name}",
        "DECKCAST_WORKER__LEASE_S": str(LEASE_S),
        "DECKCAST_WORKERS": "1",
    }
    with psycopg.connect(plain, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            with psycopg.connect(f"{plain.rpartition('/')[0]}/{name}", autocommit=True) as database:
                fleet = Fleet(folder, settings, database)
                try:
                    yield fleet
                finally:
                    for worker in fleet.workers:
                        worker.end()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
