"""Thousands of queued slides on PostgreSQL: does a slide cost the same whether a thousand are queued or ten thousand?

All of them are planned and put on the engine's queue, which is measured, and then some hundreds (`--sample`, 0: all) go
their whole way while the others wait. `--history` puts so many more finished slides into the database before that:
copies of rows of those that went before, in our tables that grow and in the engine's.

Real are the worker (`deckcast worker`), the engine, every row and event, the storage, and each call to a simulated
HeyGen: upload, submit, states, download. What is left out is what does not depend on how many are queued, and would
take hours here: speaking (one short speech, spoken beforehand, is given to every slide) and looking into each
downloaded file. Slides have no pictures and no clip is composed. What these cost, `python -m bench scale` measures.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from bench.machine import keep
from bench.meter import Meter, Part
from bench.postgres import Postgres, postgres
from bench.processes import memory_of
from bench.schedule import refills_s

DECK = 500  # slides of a deck, the most there may be
PLACES = 10  # jobs at once on the account, the most that HeyGen allows
CHILDREN = 8  # DECKCAST_WORKERS: twice as many steps at once, since none of them computes anything here
WORDS = "One."
LOOK_S = 2.0
ALIKE = 20  # finished slides whose rows are copied


@dataclass(frozen=True)
class Queued:
    """One run: slides are `ordered` (planned, and their rows written), `taken_up` (each has its first work in the
    engine's queue), and then `made`: from the moment that all are queued, so many go their whole way. `done_before`
    went it before that. `memory_mb` of the worker with all its processes: least and most; `refill_s` how long a place
    of the account stood empty (median, 99 of 100), `snapshot_s` what a client's snapshot of a deck takes with all
    queued and at the end. `paid` jobs are counted at the account, as is how many were alive at once."""

    slides: int
    decks: int
    history: int
    ordered: Part
    taken_up: Part
    made: Part
    done_before: int
    memory_mb: tuple[float, float]
    refill_s: tuple[float, float]
    snapshot_s: tuple[float, float]
    jobs: int
    paid: int
    most_alive: int
    load: float
    queries: tuple[tuple[float, int, str], ...]


def measure(server: Postgres, slides: int, sample: int, history: int = 0) -> Queued:
    """Queue so many slides, then let one worker make `sample` of them, or all."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name, ExitStack() as stack:
        account, account_url = stack.enter_context(_account())
        environment = _environment(Path(name), server.url, account_url)
        subprocess.run(
            [sys.executable, "-m", "deckcast", "paid-work"], env=environment, check=True, stdout=-3
        )
        rows = stack.enter_context(psycopg.connect(server.plain_url, autocommit=True))
        rows.execute("CREATE EXTENSION pg_stat_statements")
        meter = Meter(rows, database=[server.pid], account=[account.pid])
        _role(environment, "order", str(slides))
        ordered = meter.part(slides)
        worker = stack.enter_context(_process(environment, "worker"))
        meter.add("worker", worker.pid)
        memory: list[float] = []

        def wait(done: Callable[[], bool]) -> None:
            while not done():
                if worker.poll() is not None:
                    raise SystemExit(f"the worker ended with {worker.returncode}")
                memory.append(memory_of(worker.pid))
                time.sleep(LOOK_S)

        wait(lambda: _begun(rows) >= slides)
        taken_up = meter.part(slides)
        if history:
            wait(lambda: _completed(rows) >= ALIKE)
            _grow_old(rows, history)
        done_before = _completed(rows)
        first = _snapshot_s(environment)
        rows.execute("SELECT pg_stat_statements_reset()")
        meter.part(0)
        goal = min(slides, done_before + sample) if sample else slides
        wait(lambda: _completed(rows) >= goal)
        made = meter.part(_completed(rows) - done_before)
        queries, last = _queries(rows), _snapshot_s(environment)
        load = round(os.getloadavg()[1], 2)
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
        with urllib.request.urlopen(f"{account_url}/_ledger") as answer:
            ledger = json.load(answer)
    jobs = sorted((job for job in ledger["jobs"] if job["completed_at"]), key=lambda job: job["created_at"])
    slack = sorted(refills_s(jobs, PLACES)) or [0.0]
    return Queued(
        slides=slides,
        decks=-(-slides // DECK),
        history=history,
        ordered=ordered,
        taken_up=taken_up,
        made=made,
        done_before=done_before,
        memory_mb=(round(min(memory[1:]), 1), round(max(memory), 1)),
        refill_s=(round(statistics.median(slack), 3), round(slack[int(len(slack) * 0.99)], 3)),
        snapshot_s=(first, last),
        jobs=ledger["accepted"],
        paid=sum(job["charged_usd"] > 0 for job in ledger["jobs"]),
        most_alive=ledger["max_alive"],
        load=load,
        queries=queries,
    )


def _grow_old(rows: psycopg.Connection[Any], finished: int) -> None:
    """Copy what finished slides have left, until there is what so many would leave."""
    done = f"SELECT id FROM avatar_videos WHERE status = 'completed' LIMIT {ALIKE}"
    rows.execute(f"CREATE TEMP TABLE alike AS {done}")
    of_ours = "(split_part(workflow_uuid, '.', 1) IN (SELECT id FROM alike) OR split_part(workflow_uuid, '.', 1) IN "
    of_ours += "(SELECT id FROM batch_items WHERE avatar_video_id IN (SELECT id FROM alike)))"
    copied = {  # where a copy of a row has another name: which column, and of which rows
        "avatar_videos": ({"id": "id"}, "id IN (SELECT id FROM alike)"),
        "submissions": (
            {"id": "id", "key": "key", "avatar_video_id": "avatar_video_id"},
            "avatar_video_id IN (SELECT id FROM alike)",
        ),
        "dbos.workflow_status": ({"workflow_uuid": "workflow_uuid"}, f"status = 'SUCCESS' AND {of_ours}"),
        "dbos.operation_outputs": ({"workflow_uuid": "workflow_uuid"}, of_ours),
    }
    count = rows.execute("SELECT count(*) FROM alike").fetchone()
    times = math.ceil(finished / count[0]) if count and count[0] else 0
    for table, (renamed, which) in copied.items():
        query = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        columns = [name for (name,) in rows.execute(query, (table,))]
        quoted = ", ".join(f'"{name}"' for name in columns)
        chosen = ", ".join(f"\"{name}\" || '-' || n" if name in renamed else f'"{name}"' for name in columns)
        rows.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {chosen} FROM {table}, generate_series(1, {times}) n WHERE {which}"
        )
    rows.execute("ANALYZE")


def _begun(rows: psycopg.Connection[Any]) -> int:
    """How many slides have their first work in the engine's queue, or behind them."""
    if rows.execute("SELECT to_regclass('dbos.workflow_status')").fetchone() == (None,):
        return 0
    found = rows.execute("SELECT count(*) FROM dbos.workflow_status WHERE name = 'prepare_slide'").fetchone()
    return int(found[0]) if found else 0


def _completed(rows: psycopg.Connection[Any]) -> int:
    """How many slides have ended; nothing else than completed is an end here."""
    found = dict(
        rows.execute(
            "SELECT status, count(*) FROM batch_items WHERE ended_at IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    if found.keys() - {"completed"}:
        said = rows.execute(
            "SELECT error_code, error_message FROM batch_items WHERE error_code IS NOT NULL LIMIT 1"
        )
        raise SystemExit(f"slides ended as {found}: {said.fetchone()}")
    return int(found.get("completed", 0))


def _queries(rows: psycopg.Connection[Any]) -> tuple[tuple[float, int, str], ...]:
    """What the database was busy with: seconds, calls, words."""
    query = """SELECT round(total_exec_time::numeric / 1000, 2)::float, calls, left(query, 160)
               FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
               ORDER BY total_exec_time DESC LIMIT 12"""
    return tuple((seconds, calls, " ".join(said.split())) for seconds, calls, said in rows.execute(query))


def _environment(folder: Path, url: str, account_url: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DECKCAST_")}
    ours = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": url,
        "HEYGEN__BASE_URL": account_url,
        "HEYGEN__API_KEY": "sim-bench",
        "AVATAR__BATCH__MAX_CONCURRENT": str(PLACES),
        "WORKERS": str(CHILDREN),
        "RATES__BATCHES_PER_MINUTE": "100000",
    }
    return {**kept, "READY": str(folder), **{f"DECKCAST_{name}": value for name, value in ours.items()}}


@contextmanager
def _process(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.queue", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _role(environment: dict[str, str], *words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.queue", *words],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return ran.stdout


def _snapshot_s(environment: dict[str, str]) -> float:
    return round(float(_role(environment, "snapshot")), 4)


@contextmanager
def _account() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A simulated account whose videos are ready after a tenth of a second, as a process of its own."""
    with _process(dict(os.environ), "account") as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()


def account() -> None:
    """Serve the account until this process is killed; prints its address."""
    from deckcast.simulators.heygen import running

    rich = {
        "balance_usd": 1e9,
        "max_concurrent": 1000,
        "queue_s": 0.0,
        "render_from_s": 0.1,
        "render_to_s": 0.1,
    }
    with running(**rich) as url:
        print(url, flush=True)
        signal.pause()


async def order(slides: int) -> None:
    """Put so many slides into decks, speak what all of them say, and order everybody's avatar videos."""
    from deckcast.batches.imports import OWNER
    from deckcast.batches.models import BatchKind
    from deckcast.batches.requests import Asked
    from deckcast.batches.scopes import SERVER
    from deckcast.batches.starting import start
    from deckcast.db.models import PresentationRow, SlideRow
    from deckcast.decks.models import Slide
    from deckcast.kit.settings import Settings
    from deckcast.speech.ports import SpeechRequest
    from deckcast.wiring import open_context

    async with open_context(Settings(), SERVER) as parts:
        ready = Path(os.environ["READY"])
        voice = parts.engines.voice(None, "en", "female")
        speech = await parts.engines.speak(SpeechRequest(WORDS, "en", voice.id), ready / "ready.wav")
        (ready / "ready.json").write_text(json.dumps(speech.timings.to_json()))
        for first in range(0, slides, DECK):
            deck = f"pre_{first}"
            async with parts.db.write() as session:
                row = PresentationRow(
                    id=deck, owner=OWNER, source=deck, title="A deck", language="en", state="ready"
                )
                session.add(row)
                await session.flush()
                for number in range(1, min(DECK, slides - first) + 1):
                    content = asdict(Slide(number=number, key=str(number), title=f"Slide {number}"))
                    for elsewhere in ("image", "builds", "notes", "warnings"):
                        content.pop(elsewhere)
                    slide = SlideRow(
                        id=f"sli_{first + number}", presentation_id=deck, key=str(number), number=number
                    )
                    slide.title, slide.notes, slide.language = f"Slide {number}", WORDS, "en"
                    slide.position, slide.content = number, content
                    session.add(slide)
            await start(OWNER, deck, BatchKind.ALL_AVATAR_VIDEOS, Asked(provider="heygen"))


async def snapshot() -> None:
    """Print how long a client's snapshot of the last deck takes: the median of five."""
    from sqlalchemy import func, select

    from deckcast.batches.status import status_of
    from deckcast.db.models import PresentationRow
    from deckcast.kit.settings import Settings
    from deckcast.wiring import open_context

    async with open_context(Settings()) as parts:
        async with parts.db.read() as session:
            deck = await session.scalar(select(func.max(PresentationRow.id)))
        took = []
        for _ in range(5):
            began = time.monotonic()
            await status_of(str(deck))
            took.append(time.monotonic() - began)
    print(statistics.median(took))


def worker() -> None:
    """`deckcast worker` whose speaking and looking into files is done beforehand."""
    from deckcast.batches import publishing
    from deckcast.cli import main
    from deckcast.kit.timing import SpeechTimings
    from deckcast.speech import espeak
    from deckcast.speech.ports import Speech, SpeechRequest
    from deckcast.videos.probe import MediaInfo

    ready = Path(os.environ["READY"])
    timings = SpeechTimings.from_json(json.loads((ready / "ready.json").read_text()))

    async def spoken(_: Any, request: SpeechRequest, out: Path) -> Speech:
        await asyncio.to_thread(shutil.copyfile, ready / "ready.wav", out)
        return Speech(out, timings.duration_s, timings)

    async def looked(_: Any, *__: Any) -> MediaInfo:
        return MediaInfo(timings.duration_s, 640, 360, "h264", "aac", 25, 25.0, 0)

    espeak.EspeakEngine.speak = spoken  # type: ignore[method-assign]
    publishing.run_in_child = looked  # type: ignore[assignment]
    sys.argv = ["deckcast", "worker"]
    main()


def show(made: Sequence[Queued]) -> None:
    """Print the tables."""
    print(
        f"\nQueued slides on PostgreSQL, one worker, {PLACES} jobs at once; speaking and checking files left out"
    )
    print(
        f"{'queued':>8}{'':>10}{'slides':>8}{'slides/s':>10}{'CPU s each: worker':>20}{'database':>10}"
        f"{'database B':>12}{'engine B':>10}{'log B':>9}{'commits':>9}{'rows':>7}"
    )
    for one in made:
        for name, part in (("ordered", one.ordered), ("taken up", one.taken_up), ("made", one.made)):
            print(
                f"{one.slides:8}{name:>10}{part.count:8}{part.per_s:10.2f}{part.worker_cpu_s:20.4f}"
                f"{part.database_cpu_s:10.4f}{part.database_bytes:12.0f}{part.engine_bytes:10.0f}"
                f"{part.log_bytes:9.0f}{part.commits:9.1f}{part.rows_written:7.1f}"
            )
    for one in made:
        print(
            f"{one.slides} (and {one.history} finished): worker {one.memory_mb[0]:.0f} to {one.memory_mb[1]:.0f} MB; "
            f"a place empty for {one.refill_s[0]:.2f} s (p50), {one.refill_s[1]:.2f} s (p99); "
            f"snapshot {one.snapshot_s[0]:.3f} and {one.snapshot_s[1]:.3f} s; {one.jobs} jobs, {one.paid} paid, "
            f"at most {one.most_alive} alive; {one.done_before} made before; load {one.load}"
        )
    for seconds, calls, said in made[-1].queries:
        print(f"{seconds:9.1f} s{calls:9} calls  {said[:140]}")


def run(slides: list[int], sample: int, history: int = 0, *, kept: bool) -> None:
    """Measure each length of the queue; print and keep the numbers, those of each as soon as they are there."""
    statements = "shared_preload_libraries=pg_stat_statements"
    made: list[Queued] = []
    for count in sorted(slides):
        with postgres(statements, fsync=True) as server:
            made.append(measure(server, count, sample, history))
        show(made[-1:])
        path = (
            keep("queue-history" if history else "queue", [asdict(replace(one, queries=())) for one in made])
            if kept
            else None
        )
    show(made)
    if kept:
        print(f"kept in {path}")


if __name__ == "__main__":
    {
        "account": account,
        "worker": worker,
        "snapshot": lambda: asyncio.run(snapshot()),
        "order": lambda: asyncio.run(order(int(sys.argv[2]))),
    }[sys.argv[1]]()
