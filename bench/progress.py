"""How honest progress is: on virtual time, many runs with renders of many kinds; and real runs against the simulated
HeyGen account, looked at every second while they go on.

Measured are the furthest that the share is from the true one (seconds worked over all seconds worked, known
afterwards) from a quarter of the way on, and how often the range of the time left held the true end, at all moments
at which a range was given. Beside it stands the best that could be: an estimator that knows the distribution of the
renders beforehand, but not the draws. Where even that is further off than 5 points, nobody can be closer."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from bench.machine import keep
from bench.progress_runs import PROVIDERS, Provider, Run, simulate
from bench.schedule import PLACES, RENDER_FROM_S, RENDER_TO_S, SEED, environment, write_deck
from deckcast.batches import repository
from deckcast.batches.forecast_schedule import eta_when_trusted
from deckcast.batches.imports import OWNER
from deckcast.batches.models import Phase, phase_of
from deckcast.batches.progress import eta_of, progress_of
from deckcast.db.models import BatchRow, EventRow
from deckcast.kit.settings import HeyGenSettings, Settings
from deckcast.simulators.heygen import running
from deckcast.wiring import open_context

GOAL_POINTS, GOAL_HELD = 5.0, 0.9
FROM_SHARE = 0.25
MOMENTS = 40
EXACT = 300  # slides of history: the distribution is as good as known

Sample = tuple[float, float, float, tuple[float, float] | None]
"""True share, share, true seconds left, and the range given for them."""


@dataclass(frozen=True)
class Honesty:
    """Some runs of one kind. Points are hundredths of the work: of each run the most from a quarter of the way on, of
    which the median and the worst; `best_points` is the median where the distribution is known beforehand. `held`
    is how often a range held the true end; `width` its median width, as a part of the true time left; `fell_points`
    is the furthest that the share ever fell back."""

    what: str
    slides: int
    runs: int
    points: float
    worst_points: float
    within: float
    best_points: float | None
    best_within: float | None
    held: float
    ranges: int
    width: float
    fell_points: float


def samples_of(run: Run, moments: int = MOMENTS, every: int = 3) -> list[Sample]:
    """The run, looked at as it goes on; a range is asked for at every third moment."""
    found = []
    for number in range(moments):
        at_s = run.end_s * number / moments
        seen = run.forecast(at_s)
        eta = eta_when_trusted(seen) if number % every == 1 else None
        found.append((run.true_share(at_s), seen.share, run.end_s - at_s, eta))
    return found


def points_off(samples: Sequence[Sample]) -> float:
    """The furthest that the share was from the true one, from a quarter of the way on, in points."""
    return max(100 * abs(share - true) for true, share, _, _ in samples if true >= FROM_SHARE)


def held(samples: Sequence[Sample]) -> list[bool]:
    """Of each range given, whether it held the true end."""
    return [eta[0] <= left_s <= eta[1] for _, _, left_s, eta in samples if eta is not None]


def best_points_off(run: Run) -> float:
    """As `points_off`, of an estimator that knows the distribution and learns nothing from the run."""
    models = run.models_before()
    found: list[Sample] = []
    for number in range(0, MOMENTS, 2):
        at_s = run.end_s * number / MOMENTS
        found.append((run.true_share(at_s), run.forecast(at_s, models).share, 0.0, None))
    return points_off(found)


def honesty(provider: Provider, slides: int, runs: int) -> Honesty:
    """Many runs of a provider on virtual time."""
    all_samples = [samples_of(simulate(provider, slides, seed)) for seed in range(runs)]
    exact = replace(provider, history=EXACT, history_scale=1.0)
    best = None
    if provider.slows_by == 1.0:  # else the distribution is not one
        best = [best_points_off(simulate(exact, slides, seed)) for seed in range(runs)]
    return _honesty(provider.name, slides, all_samples, best)


def _honesty(
    what: str, slides: int, all_samples: Sequence[Sequence[Sample]], best: Sequence[float] | None
) -> Honesty:
    points = [points_off(samples) for samples in all_samples]
    kept = [one for samples in all_samples for one in held(samples)]
    widths = [
        (eta[1] - eta[0]) / left_s
        for samples in all_samples
        for _, _, left_s, eta in samples
        if eta is not None and left_s > 0
    ]
    return Honesty(
        what=what,
        slides=slides,
        runs=len(all_samples),
        points=round(statistics.median(points), 2),
        worst_points=round(max(points), 2),
        within=round(sum(each <= GOAL_POINTS for each in points) / len(points), 3),
        best_points=round(statistics.median(best), 2) if best else None,
        best_within=round(sum(each <= GOAL_POINTS for each in best) / len(best), 3) if best else None,
        held=round(sum(kept) / len(kept), 3) if kept else 0.0,
        ranges=len(kept),
        width=round(statistics.median(widths), 2) if widths else 0.0,
        fell_points=round(max(_fell(samples) for samples in all_samples), 2),
    )


def _fell(samples: Sequence[Sample]) -> float:
    most, fell = 0.0, 0.0
    for _, share, _, _ in samples:
        most = max(most, share)
        fell = max(fell, most - share)
    return 100 * fell


def real_runs(slides: int, speed: float, runs: int) -> list[Honesty]:
    """Make films one after another with one simulated account, each looked at every second; the first begins without
    any history."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name:
        folder = Path(name)
        account = {"queue_s": 0.0, "render_from_s": RENDER_FROM_S, "render_to_s": RENDER_TO_S, "seed": SEED}
        with running(speed=speed, **account) as url:
            found = []
            for number in range(1, runs + 1):
                deck = folder / f"deck-{number}.pptx"
                write_deck(deck, slides)
                samples = _watched(folder, deck, environment(folder / "data", url))
                before = f"{(number - 1) * slides} slides of history"
                found.append(_honesty(f"real, {before}", slides, [samples], None))
    return found


def _watched(folder: Path, deck: Path, variables: dict[str, str]) -> list[Sample]:
    command = [sys.executable, "-m", "deckcast", "make", str(deck), "-o", str(folder / f"out-{deck.stem}")]
    data_dir = Path(variables["DECKCAST_DATA_DIR"])
    with (folder / "errors.txt").open("w") as errors:
        process = subprocess.Popen(
            [*command, "--json", "--provider", "heygen"],
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        while not (data_dir / "deckcast.db").exists() and process.poll() is None:
            time.sleep(0.2)
        batch_id, seen = asyncio.run(_look(process, deck, data_dir))
    if process.returncode or not batch_id:
        raise SystemExit(f"deckcast make failed:\n{(folder / 'errors.txt').read_text()[-2000:]}")
    spans = asyncio.run(_spans(data_dir, batch_id))
    ended = spans[-1][1]
    return [(_true_share(spans, at), share, (ended - at).total_seconds(), eta) for at, share, eta in seen]


Seen = tuple[datetime, float, tuple[float, float] | None]


async def _look(process: subprocess.Popen[bytes], deck: Path, data_dir: Path) -> tuple[str, list[Seen]]:
    seen: list[Seen] = []
    batch_id = ""
    settings = Settings(data_dir=data_dir, heygen=HeyGenSettings(api_key=SecretStr("sim-bench")))
    async with open_context(settings) as parts:
        while process.poll() is None:
            async with parts.db.read() as session:
                rows = await repository.presentations(session, OWNER)
                row = next((each for each in rows if each.source == str(deck)), None)
                batch = await repository.last_batch(session, row.id) if row else None
            if batch is not None:
                batch_id = batch.id
                progress = await progress_of(batch_id)
                if not progress.ended:
                    seen.append((progress.at, progress.share, eta_of(progress)))
            await asyncio.sleep(1.0)
    return batch_id, seen


async def _spans(data_dir: Path, batch_id: str) -> list[tuple[datetime, datetime]]:
    """When work was done, from the events of the run: they tell every step that a slide took. The last is the joining
    of the film."""
    async with open_context(Settings(data_dir=data_dir)) as parts, parts.db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        query = select(EventRow).where(EventRow.presentation_id == batch.presentation_id)
        events = (await session.scalars(query.order_by(EventRow.seq))).all()
    spans: list[tuple[datetime, datetime]] = []
    now_in: dict[str, tuple[Phase | None, datetime]] = {}
    for event in events:
        if event.kind == "slide.changed" and event.payload["batch_id"] == batch_id:
            slide_id, phase = (
                event.payload["slide_id"],
                phase_of(event.payload["step"], event.payload["status"]),
            )
            was, since = now_in.get(slide_id, (None, event.created_at))
            if was is not None:
                spans.append((since, event.created_at))
            now_in[slide_id] = phase, event.created_at
    assert batch.ended_at is not None
    return [*spans, (max(end for _, end in spans), batch.ended_at)]


def _true_share(spans: Sequence[tuple[datetime, datetime]], at: datetime) -> float:
    whole = sum((end - begin).total_seconds() for begin, end in spans)
    done = sum(max(0.0, (min(at, end) - begin).total_seconds()) for begin, end in spans)
    return done / whole


def show(found: Sequence[Honesty]) -> None:
    """Print the table."""
    print(f"\ngoal: at most {GOAL_POINTS:g} points off, ranges that hold {GOAL_HELD:.0%}; {PLACES} places")
    print(
        f"{'renders':42}{'slides':>7}{'runs':>5}{'points off, median / worst':>28}{'runs within':>13}"
        f"{'best possible':>19}{'held':>7}{'width':>7}{'fell':>6}"
    )
    for one in found:
        best = f"{one.best_points:.1f}, {one.best_within:.0%}" if one.best_points is not None else "-"
        print(
            f"{one.what:42}{one.slides:7}{one.runs:5}{one.points:20.1f} / {one.worst_points:5.1f}"
            f"{one.within:13.0%}{best:>19}{one.held:7.0%}{one.width:7.2f}{one.fell_points:6.1f}"
        )


def run(slides: list[int], *, speed: float, kept: bool) -> None:
    """All kinds of renders on virtual time, then real runs; print and keep the numbers."""
    with ThreadPoolExecutor(max_workers=1) as beside:  # real runs wait, most of the time
        asked = beside.submit(real_runs, min(slides), speed, 2)
        found = [
            honesty(provider, count, max(3, 240 // count))
            for provider in PROVIDERS
            for count in sorted(slides)
        ]
        show(found)
        real = asked.result()
    show(real)
    if kept:
        path = keep("progress", {"speed": speed, "runs": [asdict(one) for one in [*found, *real]]})
        print(f"kept in {path}")
