"""How long a change takes to every client that watches, and what watching costs: a real `deckcast serve`, clients with
a WebSocket each in another process, and a third one that changes rows as the worker of a batch does."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.machine import keep
from bench.postgres import binaries, free_port, postgres

GOAL_S = 0.5
DECK, BATCH = "pre_1", "bat_1"
STEPS = (  # what a slide of a batch goes through
    ("speech", "pending"),
    ("speech", "processing"),
    ("avatar_video", "pending"),
    ("avatar_video", "submitting"),
    ("avatar_video", "processing"),
    ("avatar_video", "publishing"),
    ("done", "completed"),
)
PAUSE_S = (0.02, 0.3)  # between two changes
QUIET_S = 5.0


@dataclass(frozen=True)
class Told:
    """One run. Delays are from the moment that a change is committed to the moment that a client has read it, over all
    clients and changes. Memory is the server's, resident: before clients come, while they wait, in the middle and at
    the end of the changes, and after they have gone. `cpu_s` is the server's, during `changing_s` of changes."""

    database: str
    clients: int
    slides: int
    changes: int
    delays: int
    missed: int
    repeated: int
    p50_s: float
    p99_s: float
    most_s: float
    memory_mb: tuple[float, float, float, float, float]
    changing_s: float
    cpu_s: float
    load: float


def measure(database: str, url: str | None, clients: int, slides: int) -> Told:
    """One run against one database; None is SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        url = url or f"sqlite+aiosqlite:///{folder / 'deckcast.db'}"
        port = free_port()
        server = stack.enter_context(_serving(folder, url, port))
        asyncio.run(_prepare(url, slides))
        memory = [_memory_mb(server.pid)]
        watching = stack.enter_context(_process("watch", str(port), str(clients)))
        _expect(watching, "watching")
        time.sleep(QUIET_S)
        memory.append(_memory_mb(server.pid))
        cpu_s, began = _cpu_s(server.pid), time.monotonic()
        writing = stack.enter_context(_process("write", url, str(slides)))
        _expect(writing, "half")
        memory.append(_memory_mb(server.pid))
        committed = json.loads(_expect(writing, "[["))
        changing_s, cpu_s = time.monotonic() - began, _cpu_s(server.pid) - cpu_s
        memory.append(_memory_mb(server.pid))
        assert watching.stdin is not None
        watching.stdin.write(f"{committed[-1][0]}\n")
        watching.stdin.flush()
        seen = json.loads(_expect(watching, "[["))
        time.sleep(QUIET_S)
        memory.append(_memory_mb(server.pid))
    at = dict(committed)
    delays = sorted(max(0.0, moment - at[seq]) for client in seen for seq, moment in client if seq in at)
    heard = [[seq for seq, _ in client if seq in at] for client in seen]
    return Told(
        database=database,
        clients=clients,
        slides=slides,
        changes=len(at),
        delays=len(delays),
        missed=sum(len(at.keys() - set(client)) for client in heard),
        repeated=sum(len(client) - len(set(client)) for client in heard),
        p50_s=round(statistics.median(delays), 4),
        p99_s=round(delays[int(len(delays) * 0.99)], 4),
        most_s=round(delays[-1], 4),
        memory_mb=(memory[0], memory[1], memory[2], memory[3], memory[4]),
        changing_s=round(changing_s, 1),
        cpu_s=round(cpu_s, 2),
        load=round(os.getloadavg()[0], 2),
    )


async def _prepare(url: str, slides: int) -> None:
    from deckcast.batches.imports import OWNER
    from deckcast.batches.models import BatchKind, MakeRequest
    from deckcast.db.database import Database
    from deckcast.db.models import BatchRow, ItemRow, PresentationRow, SlideRow

    db = Database(url)
    async with db.write() as session:
        session.add(PresentationRow(id=DECK, owner=OWNER, source=DECK, title="A deck", language="en"))
        await session.flush()
        batch = BatchRow(id=BATCH, presentation_id=DECK, state="running", fingerprint="f", scope="elsewhere")
        batch.kind, batch.request = BatchKind.ALL_AVATAR_VIDEOS, MakeRequest(provider="local").to_json()
        session.add(batch)
        for number in range(1, slides + 1):
            slide = SlideRow(id=f"sli_{number}", presentation_id=DECK, key=str(number), number=number)
            slide.title, slide.notes, slide.position = f"What slide {number} is about", "", number
            slide.language, slide.content = "en", {}
            session.add(slide)
        await session.flush()
        for number in range(1, slides + 1):
            item = ItemRow(id=f"itm_{number}", batch_id=BATCH, slide_id=f"sli_{number}", number=number)
            item.position, item.placement, item.estimated_s = number, {}, 20.0
            session.add(item)
    await db.close()


async def write(url: str, slides: int) -> None:
    """Change rows as a worker does; prints the number of each event, and when it was committed."""
    from deckcast.batches import repository
    from deckcast.db.database import Database
    from deckcast.db.models import PresentationRow
    from deckcast.kit.clock import now

    db, dice = Database(url), random.Random(5)
    todo = {number: list(STEPS) for number in range(1, slides + 1)}
    committed: list[tuple[int, float]] = []
    while todo:
        number = dice.choice(list(todo)[:8])  # so many slides are on their way at once
        step, status = todo[number].pop(0)
        ended = {"ended_at": now()} if step == "done" else {}
        async with db.write() as session:
            await repository.set_item(session, f"itm_{number}", step=step, status=status, **ended)
            row = await session.get_one(PresentationRow, DECK, populate_existing=True)
            changed_at = time.time()  # it is committed now
        committed.append((row.seq, changed_at))
        if not todo[number]:
            del todo[number]
        if len(committed) == slides * len(STEPS) // 2:
            print("half", flush=True)
        await asyncio.sleep(dice.uniform(*PAUSE_S))
    await db.close()
    print(json.dumps(committed), flush=True)


async def watch(port: int, clients: int) -> None:
    """Watch with so many clients until the last change, named on stdin; prints what each has read, and when."""
    from websockets.asyncio.client import connect

    seen: list[list[tuple[int, float]]] = [[] for _ in range(clients)]
    last = asyncio.get_running_loop().create_future()
    ready = asyncio.Semaphore(0)

    async def one(mine: list[tuple[int, float]]) -> None:
        address = f"ws://127.0.0.1:{port}/api/presentations/{DECK}/events"
        async with connect(address, proxy=None) as client:
            await client.recv()
            ready.release()
            async for said in client:
                moment, message = time.time(), json.loads(said)
                mine += [(event["seq"], moment) for event in message.get("events", ())]
                if last.done() and mine and mine[-1][0] >= last.result():
                    return

    tasks = [asyncio.create_task(one(mine)) for mine in seen]
    for _ in tasks:
        await ready.acquire()
    print("watching", flush=True)
    last.set_result(int(await asyncio.to_thread(sys.stdin.readline)))
    for task, mine in zip(tasks, seen, strict=True):
        if mine and mine[-1][0] >= last.result():
            task.cancel()
    await asyncio.wait(tasks, timeout=30)
    print(json.dumps(seen), flush=True)


@contextmanager
def _serving(folder: Path, url: str, port: int) -> Iterator[subprocess.Popen[str]]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DECKCAST_")}
    environment = {**kept, "DECKCAST_DATA_DIR": str(folder / "data"), "DECKCAST_DATABASE_URL": url}
    command = [sys.executable, "-m", "deckcast", "serve", "--port", str(port), "--no-worker"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            while "listens" not in (line := server.stderr.readline()):
                if not line:
                    raise SystemExit("deckcast serve did not start")
            yield server
        finally:
            server.send_signal(signal.SIGTERM)


@contextmanager
def _process(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.live", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _expect(process: subprocess.Popen[str], beginning: str) -> str:
    assert process.stdout is not None
    while not (line := process.stdout.readline()).startswith(beginning):
        if not line:
            raise SystemExit(f"{process.args} ended before it said {beginning!r}")
    return line


def _memory_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return round(int(found[1]) / 1024, 1) if found else 0.0


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _postgres() -> Iterator[str | None]:
    """A PostgreSQL of its own where one is installed; DECKCAST_TEST_DATABASE_URL names another (emptied before)."""
    given = os.environ.get("DECKCAST_TEST_DATABASE_URL")
    if given or binaries() is None:
        yield given
        return
    with postgres(fsync=True) as server:
        yield server.url


def show(made: Sequence[Told]) -> None:
    """Print the table."""
    print(f"\nA change reaches every client (goal: p99 at most {GOAL_S:g} s)")
    print(
        f"{'database':>12}{'clients':>9}{'changes':>9}{'missed':>8}{'twice':>7}{'p50 s':>8}{'p99 s':>8}{'most s':>8}"
        f"{'MB: alone, clients, half, all, after':>40}{'CPU s of s':>14}{'load':>6}"
    )
    for one in made:
        memory = ", ".join(f"{each:.0f}" for each in one.memory_mb)
        print(
            f"{one.database:>12}{one.clients:9}{one.changes:9}{one.missed:8}{one.repeated:7}{one.p50_s:8.3f}"
            f"{one.p99_s:8.3f}{one.most_s:8.3f}{memory:>40}{one.cpu_s:7.1f}/{one.changing_s:6.1f}{one.load:6.1f}"
        )


def run(clients: int, slides: int, *, kept: bool) -> None:
    """Measure on SQLite, and on PostgreSQL where it is there; print and keep the numbers."""
    made = [measure("sqlite", None, clients, slides)]
    with _postgres() as url:
        if url is not None:
            made.append(measure("postgresql", url, clients, slides))
    show(made)
    if kept:
        print(f"kept in {keep('live', [asdict(one) for one in made])}")


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        asyncio.run(watch(int(sys.argv[2]), int(sys.argv[3])))
    else:
        asyncio.run(write(sys.argv[2], int(sys.argv[3])))
