"""How long a change takes to what a person sees: a real `deckcast serve`, a batch dialog open in a real Chromium, and
rows changed as the worker of a batch changes them. Server and browser share the machine's clock.

python -m bench page-live --slides 20
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.live import BATCH, DECK, STEPS, _expect, _prepare, _process, _serving
from bench.machine import keep
from bench.postgres import free_port

GOAL_S = 0.5
NAMES = {
    "pending": "Waiting",
    "processing": "Being made",
    "submitting": "Submitting",
    "publishing": "Publishing",
}
LABELS = [NAMES.get(status, "Completed") for _, status in STEPS]  # what a row says after each of its changes
CHROMIUM = "/usr/bin/chromium"
# Notes every text that a row's status takes, and when it stood in the page.
WATCH = """() => {
    const list = document.querySelector('[role=dialog] ul');
    const note = () => {
        for (const [index, row] of [...list.children].entries()) {
            const text = row.innerText.replace(/\\s+/g, ' ').replace(/\\d+:\\d+/g, '').trim();
            if (window.__texts[index] !== text) {
                window.__texts[index] = text;
                window.__seen.push([index + 1, Date.now() / 1000, text]);
            }
        }
    };
    window.__texts = {}; window.__seen = [];
    new MutationObserver(note).observe(list, {subtree: true, childList: true, characterData: true});
    note();
}"""


@dataclass(frozen=True)
class Shown:
    """One run: delays from the moment that a change is committed to the moment that its row in the page is other."""

    slides: int
    changes: int
    p50_s: float
    p99_s: float
    most_s: float
    load: float


def measure(slides: int) -> Shown:
    """Change every slide of a batch, step by step, while its dialog is open."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name, ExitStack() as stack:
        url = f"sqlite+aiosqlite:///{Path(name) / 'deckcast.db'}"
        port = free_port()
        stack.enter_context(_serving(Path(name), url, port))
        asyncio.run(_prepare(url, slides))
        _fill(Path(name) / "deckcast.db")
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--no-proxy-server"]
        )
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/presentations/{DECK}/batches/{BATCH}")
        page.get_by_role("dialog").get_by_role("listitem").nth(slides - 1).wait_for()
        page.evaluate(WATCH)
        writing = stack.enter_context(_process("write", url, str(slides)))
        committed: list[tuple[int, float]] = json.loads(_expect(writing, "[["))
        slide_of = _slides_of_events(Path(name) / "deckcast.db")
        delays = _delays(page, [(slide_of[seq], at) for seq, at in committed])
        browser.close()
    return Shown(
        slides=slides,
        changes=len(delays),
        p50_s=round(statistics.median(delays), 3),
        p99_s=round(delays[int(len(delays) * 0.99)], 3),
        most_s=round(delays[-1], 3),
        load=round(os.getloadavg()[0], 2),
    )


def _fill(database: Path) -> None:
    """The page wants to know what is on each slide: nothing."""
    parts = ("boxes", "paragraphs", "tables", "charts", "picture_descriptions")
    content = json.dumps({part: [] for part in parts})
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("UPDATE slides SET content = ?", (content,))


def _slides_of_events(database: Path) -> dict[int, int]:
    """Which slide, by its number, an event is about."""
    with closing(sqlite3.connect(database)) as opened:
        rows = opened.execute("SELECT seq, payload FROM events WHERE kind = 'slide.changed'").fetchall()
    return {seq: int(json.loads(payload)["slide_id"].removeprefix("sli_")) for seq, payload in rows}


def _delays(page: Page, changes: Sequence[tuple[int, float]]) -> list[float]:
    """Seconds from each change of a slide to the text that its row has from then on, the shortest first. A change
    that alters no text has none."""
    page.get_by_role("dialog").get_by_text("Completed").nth(
        len({slide for slide, _ in changes}) - 1
    ).wait_for()
    seen: list[tuple[int, float, str]] = page.evaluate("window.__seen")
    delays, done = [], dict.fromkeys((slide for slide, _ in changes), 0)
    for slide, at in changes:
        step, done[slide] = done[slide], done[slide] + 1
        if (
            step > 0
        ):  # the first one leaves the row as it was; changes that come together are seen as the last of them
            shown = [
                moment
                for row, moment, text in seen
                if row == slide and moment >= at and any(label in text for label in LABELS[step:])
            ]
            delays.append(min(shown) - at)
    return sorted(delays)


def run(slides: int, *, kept: bool) -> None:
    """Measure, print and keep the numbers."""
    made = measure(slides)
    print(f"\nA change is seen in the page (goal: p99 at most {GOAL_S:g} s)")
    print(f"{'slides':>8}{'changes':>9}{'p50 s':>8}{'p99 s':>8}{'most s':>8}{'load':>6}")
    print(
        f"{made.slides:8}{made.changes:9}{made.p50_s:8.3f}{made.p99_s:8.3f}{made.most_s:8.3f}{made.load:6.1f}"
    )
    if kept:
        print(f"kept in {keep('page-live', asdict(made))}")
