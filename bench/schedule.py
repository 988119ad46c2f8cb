"""How well the places of a paid account are used: the time until the last video is done, beside the best that
the same render times allow. The account is a simulated HeyGen that renders for 30 to 60 s, five videos at once."""

from __future__ import annotations

import heapq
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.machine import keep
from bench.processes import cost_of
from deckcast.simulators.heygen import running

PLACES = 5
RENDER_FROM_S, RENDER_TO_S = 30.0, 60.0
SEED = 20261122
GOAL = 1.02


@dataclass(frozen=True)
class Scheduled:
    """One deck. The makespan is that of its jobs at the provider, from the first accepted to the last completed;
    `before_s` and `after_s` are the rest of the command's time. `filled_s` is from the first job accepted until
    all places were taken. `refills_s` is, for each further job, how long it came after its place was free."""

    slides: int
    makespan_s: float
    ideal_s: float
    max_alive: int
    creates: int
    status_calls: int
    detail_calls: int
    wall_s: float
    before_s: float
    after_s: float
    cpu_s: float
    filled_s: float
    refills_s: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How much longer than the best it took: 1 is the best."""
        return self.makespan_s / self.ideal_s


def list_schedule_s(renders_s: Sequence[float], places: int) -> float:
    """When the last of these jobs ends, if each one in turn starts as soon as a place is free."""
    ends = [0.0] * min(places, len(renders_s))
    for render_s in renders_s:
        heapq.heapreplace(ends, ends[0] + render_s)
    return max(ends)


def refills_s(jobs: Sequence[dict[str, Any]], places: int) -> tuple[float, ...]:
    """How long after its place was free each job was accepted, for those that had to wait for a place."""
    ends = sorted(job["completed_at"] for job in jobs)
    return tuple(round(job["created_at"] - end, 3) for job, end in zip(jobs[places:], ends, strict=False))


def schedule(slides: int, speed: float) -> Scheduled:
    """Make the film of a deck with little to say, and read from the account's ledger when its jobs ran."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name:
        folder = Path(name)
        write_deck(folder / "deck.pptx", slides)
        command = [sys.executable, "-m", "deckcast", "make", str(folder / "deck.pptx")]
        command += ["-o", str(folder / "out"), "--json", "--provider", "heygen"]
        account = {"queue_s": 0.0, "render_from_s": RENDER_FROM_S, "render_to_s": RENDER_TO_S, "seed": SEED}
        with running(speed=speed, **account) as url:
            began = time.time()
            cost = cost_of(command, environment(folder / "data", url), folder / "errors.txt")
            with urllib.request.urlopen(f"{url}/_ledger") as answer:
                ledger = json.load(answer)
        if cost.status:
            raise SystemExit(f"deckcast make failed:\n{(folder / 'errors.txt').read_text()[-2000:]}")
    jobs = sorted(ledger["jobs"], key=lambda job: job["created_at"])
    first, last = jobs[0]["created_at"], max(job["completed_at"] for job in jobs)
    return Scheduled(
        slides=slides,
        makespan_s=last - first,
        ideal_s=list_schedule_s([job["render_s"] for job in jobs], PLACES),
        max_alive=ledger["max_alive"],
        creates=ledger["calls"]["POST /v3/videos"],
        status_calls=ledger["calls"].get("GET /v3/videos/statuses", 0),
        detail_calls=ledger["calls"].get("GET /v3/videos/{video_id}", 0),
        wall_s=cost.wall_s,
        before_s=first - began,
        after_s=began + cost.wall_s - last,
        cpu_s=cost.cpu_s,
        filled_s=jobs[min(PLACES, slides) - 1]["created_at"] - first,
        refills_s=refills_s(jobs, PLACES),
    )


def environment(data_dir: Path, url: str) -> dict[str, str]:
    """The variables of a command that uses the simulated account and nothing else of ours."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DECKCAST_")}
    return {
        **kept,
        "DECKCAST_DATA_DIR": str(data_dir),
        "DECKCAST_HEYGEN__BASE_URL": url,
        "DECKCAST_HEYGEN__API_KEY": "sim-bench",
        "DECKCAST_AVATAR__BATCH__MAX_CONCURRENT": str(PLACES),
    }


def write_deck(path: Path, slides: int) -> None:
    """A deck with little to say."""
    from pptx import Presentation

    deck = Presentation()
    for number in range(1, slides + 1):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = f"Slide {number}"
        slide.notes_slide.notes_text_frame.text = f"This is slide number {number}."
    deck.save(str(path))


def show(made: Sequence[Scheduled], speed: float) -> None:
    """Print the table."""
    print(
        f"\n{PLACES} videos at once, {RENDER_FROM_S / speed:g} to {RENDER_TO_S / speed:g} s each "
        f"(goal: at most {GOAL} times the ideal)"
    )
    print(
        f"{'slides':>8}{'makespan s':>12}{'ideal s':>9}{'ratio':>8}{'most at once':>14}{'filled s':>10}"
        f"{'refill s, mean/most':>21}{'status calls/video':>20}{'details/video':>15}"
        f"{'before s':>10}{'after s':>9}{'wall s':>8}{'CPU s':>7}"
    )
    for one in made:
        slack = one.refills_s or (0.0,)
        print(
            f"{one.slides:8}{one.makespan_s:12.1f}{one.ideal_s:9.1f}{one.ratio:8.3f}{one.max_alive:14}"
            f"{one.filled_s:10.2f}{statistics.mean(slack):14.2f} / {max(slack):4.2f}"
            f"{one.status_calls / one.slides:20.1f}{one.detail_calls / one.slides:15.1f}"
            f"{one.before_s:10.1f}{one.after_s:9.1f}{one.wall_s:8.1f}{one.cpu_s:7.1f}"
        )


def run(slides: list[int], *, speed: float, kept: bool) -> None:
    """Make a deck of each length; print and keep the numbers, those of each deck as soon as they are there."""
    made = []
    for count in sorted(slides):
        made.append(schedule(count, speed))
        results = [{**asdict(one), "ratio": one.ratio} for one in made]
        path = keep("schedule", {"speed": speed, "decks": results}) if kept else None
    show(made, speed)
    if kept:
        print(f"kept in {path}")
