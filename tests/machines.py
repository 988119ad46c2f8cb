"""Several machines that share a PostgreSQL database, an object store and a provider's account: each worker has a data
folder of its own, as on a computer of its own, and a keeper that starts it again where it ends by itself. What they
share can be taken away for a while."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from bench.postgres import Postgres, postgres

from api_client import HANGS_S, LOOK_S, Process, Server
from command import Machine, lend_presenters
from deckcast.simulators.heygen import running
from heygen_account import ledger

PLACES = 5
PER_SECOND = 20


class Line:
    """A line to a server on this machine that can be cut: `cut` breaks every connection and refuses new ones, or lets
    them hang, until `mend`."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._listener = self._listen(0)
        self.port = self._listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        self._is_cut = self._hangs = False
        self.tried = 0  # how often somebody came while it was cut
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, *, hangs: bool = False) -> None:
        """Nobody comes through; who tries is refused, or waits for ever where it `hangs`."""
        self._hangs, self._is_cut = hangs, True
        for connection in list(self._open):
            _break(connection)

    def mend(self) -> None:
        """Everybody comes through again; who hung is let go."""
        self._is_cut = False
        for connection in list(self._open):
            _break(connection)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        return listener

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                client, _ = self._listener.accept()
                if not self._is_cut:
                    self._connect(client)
                    continue
                self.tried += 1
                if self._hangs:
                    self._open.add(client)
                else:
                    _break(client)

    def _connect(self, client: socket.socket) -> None:
        server = socket.create_connection(self._target)
        self._open |= {client, server}
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                target.sendall(piece)
        for each in (source, target):
            _break(each)
            self._open.discard(each)


def _break(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class Worker:
    """`deckcast worker` on a machine of its own; `keep` starts it again where it has ended with an error."""

    def __init__(self, machine: Machine, *, script: Path | None = None, **more: str) -> None:
        self.machine = machine
        self.starts = 0
        self.died_at = 0.0
        self._script, self._more = script, more
        self.start()

    def start(self) -> None:
        """A new process on the same machine."""
        lend_presenters(self.machine.data_dir)
        self.process = Process(self.machine, "worker", script=self._script, **self._more)
        self._script, self._more = None, {}
        self.starts += 1

    def keep(self) -> None:
        """What keeps processes running on that machine."""
        if not self.died_at and not self.process.lives:
            assert self.process.ends_with(1), self.process.output()
            self.start()

    @property
    def row(self) -> str:
        """The query for its row among the workers, by the process that it said it is."""
        return f"SELECT id FROM workers WHERE (about->>'pid')::int = {self.process.pid}"

    def kill_for_good(self) -> None:
        """The machine is gone with all its processes."""
        self.died_at = time.monotonic()
        self.process.kill(group=True)

    def freeze(self) -> None:
        """Every process of the machine stands still."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def wake(self) -> None:
        """Every process of it goes on as if nothing had been."""
        os.killpg(self.process.pid, signal.SIGCONT)

    def end(self) -> None:
        """Whatever is left of it goes."""
        self.process.end()


@dataclass
class Fleet:
    """All of it: `server` answers, `workers` work. `settings` are everybody's."""

    folder: Path
    postgres: Postgres
    store: Line
    account: str
    settings: dict[str, str]
    workers: list[Worker] = field(default_factory=list)

    @property
    def server(self) -> Server:
        return self._server

    def serve(self) -> Server:
        """Start the server; it works on nothing."""
        self._server = Server(self.machine("server"), "--no-worker")
        return self._server

    def machine(self, name: str) -> Machine:
        """A machine with an empty data folder."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Machine(folder, self.settings)

    def add_worker(self, *, script: Path | None = None, **more: str) -> Worker:
        """One more machine with a worker."""
        worker = Worker(self.machine(f"worker-{len(self.workers) + 1}"), script=script, **more)
        self.workers.append(worker)
        return worker

    def until(self, condition: Callable[[], object], what: str, within_s: float = 3 * HANGS_S) -> float:
        """Wait until something is so, while all processes are kept; returns how many seconds it took."""
        began = time.monotonic()
        while not condition():
            for worker in self.workers:
                worker.keep()
            assert self._server.lives, f"the server ended: {self._server.output()}"
            assert time.monotonic() - began < within_s, f"never {what}: {self.said()}"
            time.sleep(LOOK_S)
        return time.monotonic() - began

    def restart_postgres(self) -> None:
        """The database's server crashes, and starts again with what was committed."""
        self.postgres.stop(crash=True)
        self.postgres.start()

    def value(self, query: str) -> Any:
        """What a query finds first; None where the database is away, or nothing is there."""
        with contextlib.suppress(psycopg.Error), self._connected() as connection:
            row = connection.execute(query.encode()).fetchone()
            return row[0] if row else None
        return None

    def rows(self, query: str) -> list[Any]:
        """What a query finds."""
        with self._connected() as connection:
            return connection.execute(query.encode()).fetchall()

    def said(self) -> str:
        """The end of what everybody has said."""
        return "\n".join(worker.process.output()[-1500:] for worker in self.workers)

    def order(self, *decks: Path, provider: str = "heygen") -> list[str]:
        """Upload some decks, and order their avatar videos once all are read; returns the batches' ids."""
        paths = [f"/api/presentations/{self.server.upload(deck)['id']}" for deck in decks]
        for path in paths:
            self.until(lambda path=path: self.server.get(path)["state"] != "importing", "the deck was read")
        asked = {"provider": provider, "layout": "corner"}
        ordered = [self.server.post(f"{path}/generate-all-avatar-videos", **asked) for path in paths]
        return [str(each["batchId"]) for each in ordered]

    def alive(self) -> int:
        """How many jobs are alive at the provider."""
        return int(ledger(self.account)["alive"])

    def made_so_far(self) -> int:
        """How many slides have ended well."""
        return int(self.value("SELECT count(*) FROM batch_items WHERE status = 'completed'") or 0)

    def busy(self, *, but: Worker | None = None) -> Worker:
        """A worker that waits for a job which is alive at the provider, once there is one."""
        query = "SELECT (w.about->>'pid')::int FROM dbos.workflow_status s JOIN workers w ON w.id = s.executor_id "
        query += (
            "JOIN avatar_videos v ON v.id = split_part(s.workflow_uuid, '.', 1) AND v.status = 'processing' "
        )
        query += "WHERE s.status = 'PENDING' AND s.name = 'render_avatar_video'"
        found: list[Worker] = []

        def is_there() -> bool:
            with contextlib.suppress(psycopg.Error):
                pids = {pid for (pid,) in self.rows(query)}
                found[:] = [each for each in self.workers if each is not but and each.process.pid in pids]
            return bool(found) and self.alive() > 0

        self.until(is_there, "somebody was at work")
        return found[0]

    def assert_all_made_once(self, slides: int) -> None:
        """Every slide completed; one paid job each, at most PLACES alive at any moment, the calls at their pace, and
        the money in the rows is what was charged: all counted at the provider."""
        made = dict(self.rows("SELECT status, count(*) FROM batch_items GROUP BY status"))
        assert made == {"completed": slides}
        account = ledger(self.account)
        paid = [job for job in account["jobs"] if job["charged_usd"] > 0]
        assert (len(paid), account["accepted"]) == (slides, slides)
        assert len({job["audio"] for job in paid}) == slides
        assert account["max_alive"] <= PLACES
        reserved, spent = self.rows("SELECT sum(reserved_microusd), sum(spent_microusd) FROM spend")[0]
        assert (reserved, float(spent) / 1e6) == (0, pytest.approx(account["charged_usd"]))
        assert self.rows("SELECT count(*) FROM avatar_videos") == [(slides,)]
        assert self.rows("SELECT count(*) FROM speeches") == [(slides,)]

    def assert_nothing_left(self) -> None:
        """Everybody who still works stops when asked, and leaves neither process nor temporary file."""
        for worker in self.workers:
            if worker.process.lives:
                self.until(lambda worker=worker: self.value(worker.row), "it was up")
                assert worker.process.stop() == 0, worker.process.output()
                worker.process.gone()
                assert worker.machine.leftovers() == []
            assert "Traceback" not in worker.process.output(), worker.process.output()

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.postgres.plain_url, autocommit=True, connect_timeout=5)


@contextlib.contextmanager
def fleet_of(folder: Path, bucket: dict[str, str], workers: int = 3, **account: Any) -> Iterator[Fleet]:
    """A server and so many workers; `bucket` are the settings of an object store, `account` switches of the simulated
    provider. Nothing of them is left after the block."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres())
        store = Line(bucket["STORAGE__ENDPOINT"])
        stack.callback(store.close)
        rendering = {"queue_s": 0.0, "render_from_s": 3.0, "render_to_s": 5.0, "max_concurrent": 10}
        url = stack.enter_context(running(**{**rendering, **account}))
        ours = {
            **bucket,
            "STORAGE__ENDPOINT": store.address,
            "STORAGE_URL": f"s3://videos/{folder.name}",
            "DATABASE_URL": server.url,
            "DATABASE__POOL_MIN": "2",
            "HEYGEN__BASE_URL": url,
            "HEYGEN__API_KEY": "sim-tests",
            "AVATAR__BATCH__MAX_CONCURRENT": str(PLACES),
            "AVATAR__REQUESTS_PER_SECOND": str(PER_SECOND),
            "WORKERS": "1",
        }
        fleet = Fleet(folder, server, store, url, {f"DECKCAST_{name}": value for name, value in ours.items()})
        try:
            fleet.serve()
            for _ in range(workers):
                fleet.add_worker()
            for worker in fleet.workers:
                fleet.until(lambda worker=worker: fleet.value(worker.row), "it joined")
            yield fleet
        finally:
            for worker in fleet.workers:
                worker.end()
            fleet.server.client.close()
            fleet.server.end()
