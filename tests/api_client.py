"""A real `deckcast serve` in processes of its own, and clients of it: one that calls, one that watches."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from command import Machine

HANGS_S = 120.0  # no single thing that is waited for takes so long
LOOK_S = 0.05


class Process:
    """A server or a worker of a machine, the first of a process group of its own; it writes into a file."""

    def __init__(self, machine: Machine, *arguments: str, script: Path | None = None, **more: str) -> None:
        self.machine = machine
        self.said = machine.folder / f"said-{time.monotonic_ns()}.txt"
        program = [str(script)] if script else ["-m", "deckcast"]
        with self.said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                env={**machine.environment, **more},
                cwd=machine.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is so, while the process lives."""
        waited_from = time.monotonic()
        while not condition():
            assert self.lives, f"it ended before {what}: {self.output()}"
            assert time.monotonic() - waited_from < HANGS_S, f"never {what}: {self.output()}"
            time.sleep(LOOK_S)

    def output(self) -> str:
        """All that it has said so far."""
        return self.said.read_text()

    def ends_with(self, status: int) -> bool:
        """Whether it has ended with this exit status, or does so now."""
        return self._process.wait(HANGS_S) == status

    def stop(self) -> int:
        """Ask it to stop, unless it is about to; returns its exit status."""
        self._process.terminate()
        return self._process.wait(HANGS_S)

    def kill(self, *, group: bool = False) -> None:
        """Kill it with -9, with `group` all its processes at once."""
        if group:
            os.killpg(self.pid, signal.SIGKILL)
        else:
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait(HANGS_S)

    def gone(self) -> None:
        """Wait until no process of its machine is left: all die with one that was killed."""
        waited_from = time.monotonic()
        while left := self.machine.processes():
            assert time.monotonic() - waited_from < HANGS_S, f"{left} live on: {self.output()}"
            time.sleep(LOOK_S)

    def end(self) -> None:
        """Whatever is left of it goes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(HANGS_S)


class Server(Process):
    """`deckcast serve` with its port, and a client that calls it."""

    def __init__(self, machine: Machine, *options: str, port: int = 0) -> None:
        super().__init__(machine, "serve", "--port", str(port), *options)
        self.wait_for(lambda: "Deckcast listens on" in self.output(), "it listened")
        found = re.search(r"listens on http://127\.0\.0\.1:(\d+)", self.output())
        assert found, self.output()
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = self.client_of()

    def client_of(self, token: str | None = None) -> httpx2.Client:
        """A client that calls this server, as the user with a token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60)

    def sign_in(self, token: str) -> None:
        """Call as the user with a token."""
        self.client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, status: int = 200, **more: Any) -> dict[str, Any]:
        """The JSON answer of a GET."""
        return _answered(self.client.get(path, **more), status)

    def post(self, path: str, status: int = 202, *, key: str | None = None, **body: Any) -> dict[str, Any]:
        """The JSON answer of a POST; `key` is its Idempotency-Key."""
        headers = {"Idempotency-Key": key} if key else {}
        return _answered(self.client.post(path, json=body, headers=headers), status)

    def put(self, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
        """The JSON answer of a PUT."""
        return _answered(self.client.put(path, json=body), status)

    def upload(self, deck: Path, status: int = 202, client: httpx2.Client | None = None) -> dict[str, Any]:
        """The answer to a deck that is uploaded."""
        form = {"file": (deck.name, deck.read_bytes(), "application/octet-stream")}
        return _answered((client or self.client).post("/api/presentations", files=form), status)

    def status_of(self, presentation_id: str) -> dict[str, Any]:
        """The snapshot of a presentation."""
        return self.get(f"/api/presentations/{presentation_id}/status")

    def imported(self, deck: Path) -> dict[str, Any]:
        """A presentation made of a deck, once nothing is read any more."""
        path = f"/api/presentations/{self.upload(deck)['id']}"
        self.wait_for(lambda: self.get(path)["state"] != "importing", "the deck was read")
        return self.get(path)

    def ended(self, batch_id: str) -> dict[str, Any]:
        """A batch with its slides, once it has ended."""
        path = f"/api/batches/{batch_id}"
        self.wait_for(lambda: not is_open(self.get(path)), "the batch ended")
        return self.get(path)

    def is_ready(self) -> bool:
        return self.client.get("/readyz").status_code == 200

    def worker_pid(self) -> int:
        """The worker process that this server keeps."""
        for pid in self.machine.processes():
            with contextlib.suppress(OSError):
                if b"--attached" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    return pid
        raise AssertionError(f"there is none: {self.output()}")


def is_open(batch: dict[str, Any]) -> bool:
    return batch["state"] in ("planning", "running")


def _answered(answer: httpx2.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:2000]}"
    return dict(answer.json())


@contextlib.contextmanager
def server_of(machine: Machine, *options: str, port: int = 0) -> Iterator[Server]:
    """A running server; nothing of it is left after the block."""
    process = Server(machine, *options, port=port)
    try:
        yield process
    finally:
        process.client.close()
        process.end()


class Watcher:
    """Watches a presentation through the socket as docs/live.md says: it keeps what it is told, and fails where a
    change is missing, comes twice or out of order."""

    def __init__(self, server: Server, presentation_id: str, token: str | None = None) -> None:
        self.id = presentation_id
        self.seq = -1
        self.seqs: list[int] = []  # of all events since the first snapshot
        self.kinds: list[str] = []
        self.snapshots = 0
        self.presentation: dict[str, Any] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.slides: dict[str, dict[str, Any]] = {}
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._server = server
        self._connection = contextlib.ExitStack()
        self._socket = self._connected("")
        self.until(lambda: self.snapshots, "the snapshot came")

    def come_back(self, server: Server) -> None:
        """Watch a server that has started again, from where this was."""
        self.close()
        self._server = server
        self._socket = self._connected(f"?since={self.seq}")

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Take messages until something is so, while the server lives."""
        waited_from = time.monotonic()
        while not condition():
            assert self._server.lives, f"the server ended before {what}: {self._server.output()}"
            assert time.monotonic() - waited_from < HANGS_S, f"never {what}: {self.slides}, {self.batches}"
            with contextlib.suppress(TimeoutError):
                self._take(json.loads(self._socket.recv(timeout=1)))

    def until_ended(self, batch_id: str) -> dict[str, Any]:
        """The batch as it is told, once it has ended."""
        self.until(
            lambda: batch_id in self.batches and not is_open(self.batches[batch_id]), f"{batch_id} ended"
        )
        return self.batches[batch_id]

    def until_closed(self) -> int | None:
        """Take messages until the socket closes; returns its code, None where the line broke."""
        try:
            while True:
                self._take(json.loads(self._socket.recv(timeout=HANGS_S)))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def statuses(self) -> list[str]:
        """The statuses of the slides, in the film's order."""
        return [each["status"] for each in sorted(self.slides.values(), key=lambda each: each["position"])]

    def check(self) -> None:
        """What was told amounts to what the server says: no gap, no repeat, the same content."""
        snapshot = self._server.status_of(self.id)
        self.until(lambda: self.seq >= snapshot["seq"], "all was told")
        snapshot = self._server.status_of(self.id)
        assert self.seq == snapshot["seq"]
        assert self.seqs == list(range(self.seqs[0], self.seq + 1)) if self.seqs else True
        assert self.presentation == snapshot["presentation"]
        assert self.batches == _by_id(snapshot["batches"])
        assert self.slides == _by_id(snapshot["slides"])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self, query: str) -> ClientConnection:
        address = f"ws://127.0.0.1:{self._server.port}/api/presentations/{self.id}/events{query}"
        connecting = connect(address, proxy=None, additional_headers=self._headers, max_queue=None)
        return self._connection.enter_context(connecting)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            self.snapshots += 1
            assert message["seq"] >= self.seq
            self.presentation = message["presentation"]
            self.batches, self.slides = _by_id(message["batches"]), _by_id(message["slides"])
        elif message["type"] == "change":
            self._patch(message)
        else:
            assert (message["type"], message["seq"]) == ("progress", self.seq)
            self.batches |= _by_id(message["batches"])
        self.seq = message["seq"]

    def _patch(self, change: dict[str, Any]) -> None:
        told = [event["seq"] for event in change["events"]]
        assert told == list(range(self.seq + 1, change["seq"] + 1)), f"after {self.seq} came {told}"
        assert (change["since"], change["seq"]) == (told[0], told[-1])
        self.seqs += told
        self.kinds += [event["kind"] for event in change["events"]]
        batches, slides = _by_id(change["batches"]), _by_id(change["slides"])
        self.batches = batches if change["whole"] else self.batches | batches
        self.slides = slides if change["whole"] else self.slides | slides
        self.presentation = change["presentation"] or self.presentation


def refusal(server: Server, presentation_id: str, token: str | None = None) -> int:
    """The status with which a socket is refused."""
    try:
        Watcher(server, presentation_id, token).close()
    except InvalidStatus as refused:
        return refused.response.status_code
    raise AssertionError("it was let in")


def _by_id(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in items}
