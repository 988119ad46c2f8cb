"""Three machines work for one provider's account, and everything that can happen to machines happens: one dies for
good, one stands still and wakes, the database crashes, the object store is cut off, all are replaced one by one. Every
slide is made, each is paid once, and the account's limits hold; all of that is counted at the provider.

The database, the processes and the HTTP servers are real; the provider is the simulator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import long
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import ledger
from machines import PER_SECOND, Fleet, Worker, fleet_of

LEASE_S = 3
SLIDES = 5
LATE = Path(__file__).parent / "late.py"


@pytest.fixture
def fleet(request: pytest.FixtureRequest, tmp_path: Path, bucket_settings: dict[str, str]) -> Iterator[Fleet]:
    workers = getattr(request, "param", 3)
    with fleet_of(tmp_path, {**bucket_settings, "WORKER__LEASE_S": str(LEASE_S)}, workers) as fleet:
        yield fleet


def deck_of(folder: Path, slides: int, name: str = "talk") -> Path:
    """A deck with little to say, and something else on each slide."""
    texts = [f"{name} {number}." for number in range(1, slides + 1)]
    return raw_pdf(folder / f"{name}.pdf", [pdf_text(each, 60, 60) for each in texts])


def all_made(fleet: Fleet, batches: list[str], slides: int) -> None:
    """All batches come to their end by themselves, and everything adds up."""
    for batch in batches:
        state = f"SELECT state FROM batches WHERE id = '{batch}'"
        fleet.until(
            lambda state=state: fleet.value(state) not in ("running", "planning", None), "all was made", 600
        )
    fleet.assert_all_made_once(slides)


def fleet_at_work(fleet: Fleet, batches: list[str], folder: Path, *, but: Worker | None = None) -> Worker:
    """Order one more deck, and wait until somebody waits for a job; returns who does."""
    batches += fleet.order(deck_of(folder, SLIDES, f"talk{len(batches)}"))
    return fleet.busy(but=but)


def report(taken_over_s: float, slides: int) -> None:
    """Say what was measured, with a lease of LEASE_S; how long things take on a busy machine is no test."""
    print(f"\n{slides} slides, each made and paid once; taken over from the dead after {taken_over_s:.1f} s")


@long
def test_one_machine_dies_and_another_stands_still(fleet: Fleet, tmp_path: Path) -> None:
    batches = fleet.order(*(deck_of(tmp_path, 6, name) for name in ("one", "two")))
    dying = fleet.busy()
    gone = dying.row
    dying.kill_for_good()
    standing = fleet.busy(but=dying)
    standing.freeze()
    fallen_silent = standing.row
    taken_over_s = fleet.until(lambda: not fleet.value(gone), "its work was taken over")
    fleet.until(lambda: not fleet.value(fallen_silent), "the silent one was held for dead")
    standing.wake()
    fleet.until(lambda: standing.starts == 2, "it found itself held for dead and began anew")
    all_made(fleet, batches, 12)
    report(taken_over_s, 12)
    assert ledger(fleet.account)["max_per_second"] <= 2 * PER_SECOND
    fleet.assert_nothing_left()


@long
@pytest.mark.timeout(3600)
def test_everything_happens_at_once(fleet: Fleet, tmp_path: Path) -> None:
    batches: list[str] = []
    dying = fleet_at_work(fleet, batches, tmp_path)
    gone = dying.row
    dying.kill_for_good()
    taken_over_s = fleet.until(lambda: not fleet.value(gone), "its work was taken over")
    standing = fleet_at_work(fleet, batches, tmp_path)
    frozen_at = time.monotonic()
    standing.freeze()
    fleet_at_work(fleet, batches, tmp_path, but=standing)
    fleet.restart_postgres()
    fleet_at_work(fleet, batches, tmp_path, but=standing)
    for hangs in (False, True):
        tried = fleet.store.tried
        fleet.store.cut(hangs=hangs)
        fleet.until(lambda tried=tried: fleet.store.tried > tried + 2, "the store was missed")
        fleet.store.mend()
        fleet_at_work(fleet, batches, tmp_path, but=standing)
    fleet.until(lambda: time.monotonic() - frozen_at > 60, "a minute had passed")
    standing.wake()
    all_made(fleet, batches, len(batches) * SLIDES)
    report(taken_over_s, len(batches) * SLIDES)
    fleet.assert_nothing_left()


@long
@pytest.mark.timeout(3600)
def test_all_are_replaced_one_by_one(fleet: Fleet, tmp_path: Path) -> None:
    batches: list[str] = []
    for worker in fleet.workers:
        fleet_at_work(fleet, batches, tmp_path)
        assert worker.process.stop() == 0, worker.process.output()
        assert not fleet.value(worker.row)
        worker.process.gone()
        worker.start()
        fleet.until(lambda worker=worker: fleet.value(worker.row), "the new one had joined")
    all_made(fleet, batches, 3 * SLIDES)
    assert ledger(fleet.account)["calls"]["POST /v3/videos"] == 3 * SLIDES, "no call had to be sent again"
    assert fleet.rows("SELECT max(attempt), max(calls) FROM submissions") == [(1, 1)]
    fleet.assert_nothing_left()


@long
@pytest.mark.parametrize("fleet", [0], indirect=True)
def test_a_paid_call_that_is_sent_late_is_the_same_call(fleet: Fleet, tmp_path: Path) -> None:
    reached = tmp_path / "reached"
    late = fleet.add_worker(script=LATE, REACHED=str(reached))
    batches = fleet.order(deck_of(tmp_path, 1))
    while not reached.exists():  # it stands still between writing its call down and sending it
        assert late.process.lives, late.process.output()
        time.sleep(0.05)
    fleet.add_worker()
    fleet.until(lambda: fleet.made_so_far() == 1, "the other one had sent the call, and made the slide")
    late.wake()
    fleet.until(lambda: ledger(fleet.account)["calls"]["POST /v3/videos"] == 2, "the late call was sent")
    fleet.until(lambda: late.starts == 2, "it found itself held for dead and began anew")
    all_made(fleet, batches, 1)
    fleet.assert_nothing_left()
