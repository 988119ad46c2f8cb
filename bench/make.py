"""What the whole of `deckcast make` costs for decks of growing length, each into a new data folder."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from bench.decks import write_deck
from bench.machine import keep
from bench.processes import cost_of


@dataclass(frozen=True)
class Made:
    """One deck's film and its cost; the presenter's sprites are drawn anew each time (about 3 CPU-seconds)."""

    slides: int
    film_s: float
    cpu_s: float
    wall_s: float
    peak_mb: float
    database_bytes: int

    @property
    def cpu_per_slide_s(self) -> float:
        """CPU-seconds per slide."""
        return self.cpu_s / self.slides


def make_deck(slides: int) -> Made:
    """Write a deck, make its film with the command line, and account for it."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name:
        folder = Path(name)
        write_deck(folder / "deck.pptx", slides)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DECKCAST_")}
        environment["DECKCAST_DATA_DIR"] = str(folder / "data")
        command = [sys.executable, "-m", "deckcast", "make", str(folder / "deck.pptx")]
        command += ["-o", str(folder / "out"), "--json"]
        cost = cost_of(command, environment, folder / "errors.txt")
        if cost.status:
            raise SystemExit(f"deckcast make failed:\n{(folder / 'errors.txt').read_text()[-2000:]}")
        film_s = json.loads(cost.output.splitlines()[-1])["duration_s"]
        database = sum(file.stat().st_size for file in (folder / "data").glob("*.db*"))
        return Made(slides, film_s, cost.cpu_s, cost.wall_s, cost.peak_mb, database)


def show(made: list[Made]) -> None:
    """Print the table, and what each further slide costs."""
    print("\nThe whole of `deckcast make`, new data folder each time")
    print(
        f"{'slides':>8}{'film s':>9}{'CPU s':>8}{'wall s':>8}{'CPU s/slide':>13}{'film s/CPU s':>14}"
        f"{'peak MB':>9}{'database kB/slide':>19}"
    )
    for one in made:
        print(
            f"{one.slides:8}{one.film_s:9.1f}{one.cpu_s:8.1f}{one.wall_s:8.1f}{one.cpu_per_slide_s:13.2f}"
            f"{one.film_s / one.cpu_s:14.2f}{one.peak_mb:9.0f}{one.database_bytes / one.slides / 1000:19.1f}"
        )
    for low, high in pairwise(made):
        more = high.slides - low.slides
        print(
            f"each slide from {low.slides} to {high.slides}: {(high.cpu_s - low.cpu_s) / more:.2f} CPU s, "
            f"{(high.database_bytes - low.database_bytes) / more / 1000:.1f} kB of database"
        )


def run(slides: list[int], *, kept: bool) -> None:
    """Make a deck of each length; print and keep the numbers."""
    made = [make_deck(count) for count in sorted(slides)]
    show(made)
    if kept:
        print(f"kept in {keep('make', [asdict(one) for one in made])}")
