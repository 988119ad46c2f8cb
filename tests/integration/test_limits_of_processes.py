"""Several processes on one PostgreSQL database use one paid account: jobs alive, requests per second and money keep
within their limits, counted at the provider itself."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from api_client import HANGS_S, LOOK_S
from databases import with_database
from deckcast.db.accounts import SpendRow
from deckcast.db.database import Database
from deckcast.db.models import BatchRow, PresentationRow, SlideRow
from deckcast.simulators.heygen import running
from heygen_account import ledger
from heygen_caller import SLOW, Caller

PROGRAM = Path(__file__).parents[1] / "paying_process.py"
PROCESSES, VIDEOS = 3, 2  # of each process
PLACES, PER_SECOND, CAP_USD = 3, 8.0, 5


def test_the_limits_hold_for_all_processes_together(tmp_path: Path, postgres_url: str) -> None:
    async def story(db: Database) -> None:
        await add_batch(db)
        with running(max_concurrent=10, **SLOW) as provider:
            limits = written_limits(tmp_path, provider)
            with processes(postgres_url, limits) as all_of_them:
                made, took_s = await asyncio.to_thread(told, provider, all_of_them)
            found = ledger(provider)
        assert made == CAP_USD, "at a dollar each, as many as the day's cap allows, and no fewer"
        assert (found["accepted"], found["max_alive"]) == (CAP_USD, PLACES)
        assert len({job["idempotency_key"] for job in found["jobs"]}) == CAP_USD
        calls = sum(times for call, times in found["calls"].items() if not call.startswith("DELETE"))
        assert calls > 3 * CAP_USD, "each is asked after all the time"
        assert calls <= 1 + took_s * PER_SECOND, "from the first moment on, one each 1 / PER_SECOND"
        async with db.read() as session:
            day = (await session.scalars(select(SpendRow))).one()
        assert (day.reserved_microusd, day.spent_microusd) == (0, CAP_USD * 1_000_000)

    with_database(postgres_url, story)


async def add_batch(db: Database) -> None:
    async with db.write() as session:
        session.add(PresentationRow(id="pre_1", owner="ann", source="deck"))
        await session.flush()
        slide = SlideRow(id="sli_bat_1", presentation_id="pre_1", key="1", number=1, title="", notes="")
        slide.language, slide.content = "en", {}
        batch = BatchRow(id="bat_1", presentation_id="pre_1", kind="presentation_video", state="running")
        batch.fingerprint, batch.request, batch.scope = "f", {}, ""
        session.add_all([slide, batch])


def written_limits(folder: Path, provider: str) -> Path:
    """The settings of all processes, in a file."""
    path = folder / "limits.json"
    settings = {
        "data_dir": str(folder),
        "heygen": {"base_url": provider, "api_key": "sim-tests"},
        "avatar": {"batch": {"max_concurrent": PLACES}, "requests_per_second": PER_SECOND},
        "money": {"max_per_day_usd": CAP_USD},
        "database": {"pool_min": 1},
    }
    path.write_text(json.dumps(settings))
    return path


@contextmanager
def processes(url: str, limits: Path) -> Iterator[Sequence[subprocess.Popen[str]]]:
    """Processes that wait to be told to begin."""
    started = []
    try:
        for number in range(PROCESSES):
            videos = [f"avv_{number}_{place}" for place in range(VIDEOS)]
            command = [sys.executable, str(PROGRAM), url, str(limits), "bat_1", *videos]
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            started.append(subprocess.Popen(command, **pipes))
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def told(provider: str, all_of_them: Sequence[subprocess.Popen[str]]) -> tuple[int, float]:
    """Let them begin, and end their jobs at the provider one by one, each once as many are alive as may be. Returns
    how many videos they say they have made, and how long that took in seconds."""
    for process in all_of_them:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    began = time.monotonic()
    for process in all_of_them:
        assert process.stdin is not None
        process.stdin.write("begin\n")
        process.stdin.flush()
    with Caller(provider) as caller:
        for left in range(CAP_USD, 0, -1):
            until(lambda left=left: ledger(provider)["alive"] == min(PLACES, left), f"{left} were left")
            alive = [job for job in ledger(provider)["jobs"] if job["status"] != "deleted"]
            caller.delete(f"/v3/videos/{alive[0]['video_id']}").raise_for_status()
    said = [process.communicate(timeout=HANGS_S)[0].splitlines() for process in all_of_them]
    made = sum(int(lines[-1]) for lines in said)
    return made, time.monotonic() - began


def until(condition: Callable[[], object], what: str) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < HANGS_S, f"never {what}"
        time.sleep(LOOK_S)
