"""What a slide costs on one, two and three workers, and what so many decks an hour need.

Measured is the whole way of a deck's film on PostgreSQL, with real workers, each with a data folder of its own: speech,
avatar video (by the simulated HeyGen, or drawn here), check, clip, film. The model says that a slide costs the same
whoever makes it, and that a worker costs something a second while there is work, whatever it makes of it. Both come
from a line through the runs with several numbers of workers, and the table shows how far each run is from it. That a
slide costs the same however many wait, `python -m bench queue` shows.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from bench.decks import write_deck
from bench.machine import RESULTS, keep
from bench.meter import Meter, Part
from bench.postgres import postgres
from bench.scale_model import BUSY_SHARE, Costs, Load, Needed, Running, needed

LOOK_S = 0.5
IDLE_S = 10.0


@dataclass(frozen=True)
class Made:
    """The film of a deck of `slides`, made by so many workers. `per_slide` holds everything from the order to the film,
    without the start of the processes and the import of the deck; `spoken_s` is a slide's speech, `stored_bytes` what
    lies in the store for each slide in the end."""

    provider: str
    workers: int
    slides: int
    spoken_s: float
    stored_bytes: float
    per_slide: Part

    @property
    def worker_s(self) -> float:
        """Seconds that workers ran for each slide, all of them together."""
        return self.workers * self.per_slide.wall_s / self.slides


def measure(provider: str, workers: int, slides: int) -> tuple[Made, Running]:
    """One deck's film by so many workers."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        write_deck(folder / "deck.pptx", slides)
        server = stack.enter_context(postgres(fsync=True))
        account = stack.enter_context(_process({**os.environ}, "bench.scale", "account"))
        assert account.stdout is not None
        url = account.stdout.readline().strip()
        places = [
            _environment(folder, f"worker-{number}", server.url, url) for number in range(1, workers + 1)
        ]
        ran = _run(_environment(folder, "orderer", server.url, url), "read", str(folder / "deck.pptx"))
        deck = ran.strip().splitlines()[-1]
        rows = stack.enter_context(psycopg.connect(server.plain_url, autocommit=True))
        pids = []
        for environment in places:
            pids.append(stack.enter_context(_process(environment, "deckcast", "worker")).pid)
        _wait(lambda: _is_up(rows))
        time.sleep(IDLE_S)
        meter = Meter(rows, database=[server.pid], account=[account.pid], worker=pids)
        time.sleep(IDLE_S)
        still = meter.part(1)
        _run(_environment(folder, "orderer", server.url, url), "order", deck, provider)
        _wait(lambda: _value(rows, "SELECT state FROM batches") not in ("running", "planning"))
        part = meter.part(slides)
        state = _value(rows, "SELECT state FROM batches")
        if state != "completed":
            raise SystemExit(
                f"the batch is {state}: {_value(rows, 'SELECT max(error_message) FROM batch_items')}"
            )
        spoken_s = float(_value(rows, "SELECT avg(duration_s) FROM speeches"))
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        stored = sum(file.stat().st_size for file in (folder / "store").rglob("*") if file.is_file())
    each = workers * still.wall_s
    idle = Running(still.worker_cpu_s / each, still.database_cpu_s / each, still.commits / each)
    return Made(provider, workers, slides, round(spoken_s, 2), round(stored / slides), part), idle


def _is_up(rows: psycopg.Connection[Any]) -> bool:
    return _value(rows, "SELECT to_regclass('dbos.queues')") is not None


def _value(rows: psycopg.Connection[Any], query: str) -> Any:
    found = rows.execute(query.encode()).fetchone()
    return found[0] if found else None


def _wait(done: Any) -> None:
    while not done():
        time.sleep(LOOK_S)


def _environment(folder: Path, name: str, url: str, account_url: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DECKCAST_")}
    ours = {
        "DATA_DIR": str(folder / name),
        "DATABASE_URL": url,
        "STORAGE_URL": f"file://{folder / 'store'}",
        "HEYGEN__BASE_URL": account_url,
        "HEYGEN__API_KEY": "sim-bench",
        "WORKERS": "1",  # two cores for up to three workers
    }
    return {**kept, **{f"DECKCAST_{key}": value for key, value in ours.items()}}


@contextmanager
def _process(environment: dict[str, str], module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", module, *words]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _run(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "bench.scale", *words]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def account() -> None:
    """Serve a simulated account until this process is killed; prints its address."""
    from deckcast.simulators.heygen import running

    with running(queue_s=0.0, render_from_s=5.0, render_to_s=5.0) as url:
        print(url, flush=True)
        signal.pause()


async def read(deck: str) -> None:
    """Import a deck; prints its presentation's id."""
    from deckcast.batches.imports import import_deck, presentation_for
    from deckcast.batches.scopes import SERVER
    from deckcast.kit.settings import Settings
    from deckcast.wiring import open_context

    async with open_context(Settings(), SERVER):
        presentation = await presentation_for(Path(deck))
        await import_deck(presentation, Path(deck))
    print(presentation.id)


async def order(presentation_id: str, provider: str) -> None:
    """Order a presentation's film."""
    from deckcast.batches.models import BatchKind
    from deckcast.batches.ordering import order_batch
    from deckcast.batches.requests import Asked, request_for
    from deckcast.batches.scopes import SERVER
    from deckcast.db.models import PresentationRow
    from deckcast.kit.settings import Settings
    from deckcast.wiring import open_context

    async with open_context(Settings(), SERVER) as parts:
        async with parts.db.read() as session:
            presentation = await session.get_one(PresentationRow, presentation_id)
        kind = BatchKind.PRESENTATION_VIDEO
        asked = Asked(provider=provider, layout="corner")
        await order_batch(presentation, kind, await request_for(kind, asked, parts.providers), beside=True)


def costs_of(made: Sequence[Made], idle: Running, provider: str) -> Costs:
    """What a slide costs by a provider, by all runs with it."""
    runs = [each for each in made if each.provider == provider]
    return grown(costs_in(runs, idle))


def grown(costs: Costs) -> Costs:
    """The same, with how a database grows by thousands of slides, where `bench queue` has measured it: in a new one
    the first slides fill pages that every table has."""
    kept = sorted(RESULTS.glob("queue-2*.json"))
    if not kept:
        return costs
    most = max(json.loads(kept[-1].read_text())["results"], key=lambda run: int(run["slides"]))
    parts = [most[name] for name in ("ordered", "taken_up", "made")]
    growth = {name: sum(part[name] for part in parts) for name in ("database_bytes", "log_bytes")}
    return replace(costs, **growth)


def costs_in(runs: Sequence[Made], idle: Running) -> Costs:
    """What a slide and a second of a worker have cost in some runs with one provider. Where all were with as many
    workers the two cannot be told apart: then a worker is taken to cost what an idle one does."""
    worker_cpu_s, worker_cpu = _line(runs, "worker_cpu_s", idle.worker_cpu)
    database_cpu_s, database_cpu = _line(runs, "database_cpu_s", idle.database_cpu)
    commits, commits_a_second = _line(runs, "commits", idle.commits)
    first = runs[0]
    return Costs(
        spoken_s=first.spoken_s,
        worker_cpu_s=worker_cpu_s,
        database_cpu_s=database_cpu_s,
        commits=commits,
        log_bytes=first.per_slide.log_bytes,
        database_bytes=first.per_slide.database_bytes,
        stored_bytes=first.stored_bytes,
        at_work=Running(worker_cpu, database_cpu, commits_a_second),
    )


def _line(runs: Sequence[Made], name: str, still: float) -> tuple[float, float]:
    """What is used for a slide, and by a worker a second."""
    seconds, used = [one.worker_s for one in runs], [float(getattr(one.per_slide, name)) for one in runs]
    if len({one.workers for one in runs}) == 1:
        return statistics.mean(used) - still * statistics.mean(seconds), still
    line = statistics.linear_regression(seconds, used)
    return line.intercept, line.slope


def expected(one: Made, costs: Costs) -> float:
    """CPU-seconds of workers that a run should have taken for each slide."""
    return costs.worker_cpu_s + costs.at_work.worker_cpu * one.worker_s


EXAMPLES = (
    ("heygen", Load(decks_per_hour=4, slides=20, render_s=600)),
    ("heygen", Load(decks_per_hour=60, slides=20, render_s=600)),
    ("heygen", Load(decks_per_hour=500, slides=20, render_s=600)),
    ("local", Load(decks_per_hour=60, slides=20)),
    ("local", Load(decks_per_hour=500, slides=20)),
)


def show(made: Sequence[Made], idle: Running) -> None:
    """Print what was measured, and what the model says of some loads."""
    print("\nThe film of a deck on PostgreSQL; all for each slide")
    print(
        f"{'provider':>10}{'workers':>9}{'slides':>8}{'spoken s':>10}{'CPU s: workers':>16}{'by the model':>14}"
        f"{'database':>10}{'wall s':>8}{'commits':>9}{'rows':>7}{'log kB':>8}{'database kB':>13}{'stored kB':>11}"
    )
    for one in made:
        part, model = one.per_slide, expected(one, costs_of(made, idle, one.provider))
        print(
            f"{one.provider:>10}{one.workers:9}{one.slides:8}{one.spoken_s:10.2f}{part.worker_cpu_s:16.3f}{model:14.3f}"
            f"{part.database_cpu_s:10.3f}{part.wall_s / one.slides:8.2f}{part.commits:9.0f}{part.rows_written:7.0f}"
            f"{part.log_bytes / 1e3:8.1f}{part.database_bytes / 1e3:13.1f}{one.stored_bytes / 1e3:11.0f}"
        )
    for provider in sorted({one.provider for one in made}):
        costs = costs_of(made, idle, provider)
        print(f"{provider}: {costs.worker_cpu_s:.2f} s a slide; and a worker, {_said(costs.at_work)}")
    print(f"an idle worker: {_said(idle)}")
    print(
        f"\n{'provider':>10}{'decks/h':>9}{'slides/h':>10}{'render s':>10}{'cores':>7}{'workers':>9}{'accounts':>10}"
        f"{'database cores':>16}{'commits/s':>11}{'log MB/h':>10}{'database GB/a':>15}{'stored TB/a':>13}"
        f"{'deck min':>10}"
    )
    for provider, load in EXAMPLES:
        if any((one.provider, one.workers) == (provider, 1) for one in made):
            print(described(provider, load, needed(load, costs_of(made, idle, provider))))


def _said(worker: Running) -> str:
    return (
        f"{worker.worker_cpu:.3f} of a core, {worker.database_cpu:.3f} of the database's, "
        f"{worker.commits:.0f} transactions a second"
    )


def described(provider: str, load: Load, one: Needed) -> str:
    """A line of the table."""
    return (
        f"{provider:>10}{load.decks_per_hour:9.0f}{one.slides_per_hour:10.0f}{load.render_s:10.0f}"
        f"{one.worker_cores:7.1f}{one.workers:9}{one.accounts:10}{one.database_cores:16.2f}"
        f"{one.commits_per_s:11.0f}{one.log_bytes_per_s * 3600 / 1e6:10.0f}"
        f"{one.database_bytes_per_day * 365 / 1e9:15.1f}{one.stored_bytes_kept / 1e12:13.2f}{one.deck_s / 60:10.1f}"
    )


def ask(provider: str, load: Load) -> None:
    """Print what a load needs, by the newest kept figures."""
    kept = sorted(RESULTS.glob("scale-*.json"))
    if not kept:
        raise SystemExit("Nothing is measured yet: python -m bench scale")
    found = json.loads(kept[-1].read_text())["results"]
    made = [Made(**{**each, "per_slide": Part(**each["per_slide"])}) for each in found["made"]]
    one = needed(load, costs_of(made, Running(**found["idle"]), provider))
    print(
        f"measured in {kept[-1].name}; cores at {BUSY_SHARE:.0%} of their time, {load.cores} of each machine"
    )
    for name, value in asdict(one).items():
        print(f"{name:>24}  {value:,.2f}" if isinstance(value, float) else f"{name:>24}  {value}")


def run(slides: int, workers: Sequence[int], providers: Sequence[str], *, kept: bool) -> None:
    """Measure each; print and keep the numbers, those of each as soon as they are there."""
    made: list[Made] = []
    idle = None
    for provider in providers:
        for count in workers:
            one, still = measure(provider, count, slides)
            made.append(one)
            idle = idle or still
            show(made, idle)
            results = {"made": [asdict(each) for each in made], "idle": asdict(idle)}
            path = keep("scale", results) if kept else None
    if kept:
        print(f"kept in {path}")


if __name__ == "__main__":
    if sys.argv[1] == "account":
        account()
    elif sys.argv[1] == "read":
        asyncio.run(read(sys.argv[2]))
    else:
        asyncio.run(order(sys.argv[2], sys.argv[3]))
