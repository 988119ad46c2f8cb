"""The model of what so many decks an hour need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.meter import Part
from bench.scale import Made, costs_in, expected
from bench.scale_model import BUSY_SHARE, Costs, Load, Running, needed

AT_WORK = Running(worker_cpu=0.1, database_cpu=0.02, commits=100.0)
COSTS = Costs(
    spoken_s=8.0,
    worker_cpu_s=2.0,
    database_cpu_s=0.1,
    commits=200.0,
    log_bytes=100_000.0,
    database_bytes=30_000.0,
    stored_bytes=2_000_000.0,
    at_work=AT_WORK,
)
LOAD = Load(decks_per_hour=180, slides=20, render_s=600, places=5, cores=2, keep_days=10)


def test_everything_is_a_slides_cost_times_slides_a_second() -> None:
    one = needed(LOAD, COSTS)  # one slide a second
    assert one.slides_per_hour == 3600
    assert one.workers == 2
    assert one.worker_cores == pytest.approx(2.0 / BUSY_SHARE + 2 * 0.1)
    assert one.accounts == 120  # 600 jobs are alive at any moment, five on each
    assert one.database_cores == pytest.approx(0.1 + 2 * 0.02)
    assert one.commits_per_s == pytest.approx(200 + 2 * 100)
    assert one.stored_bytes_kept == pytest.approx(2e6 * 86400 * 10)


def test_twice_as_many_decks_need_twice_as_much() -> None:
    one, two = needed(LOAD, COSTS), needed(replace(LOAD, decks_per_hour=360), COSTS)
    assert (two.worker_cores - 4 * 0.1, two.accounts) == (2 * (one.worker_cores - 2 * 0.1), 2 * one.accounts)
    assert two.workers == 4  # each has 1.9 cores for slides
    assert two.log_bytes_per_s == 2 * one.log_bytes_per_s


def test_a_deck_takes_as_long_as_the_accounts_places_or_the_workers_cores_make_it() -> None:
    few = replace(LOAD, decks_per_hour=1)
    assert needed(few, COSTS).deck_s == 4 * 600  # one account, five at once
    assert needed(replace(few, render_s=0.0), COSTS).deck_s == pytest.approx(20 * 2.0 / 2)
    assert needed(replace(few, render_s=0.0), COSTS).accounts == 0


def run(workers: int, wall_s: float, **used: float) -> Made:
    part = Part(
        count=10,
        wall_s=wall_s,
        account_cpu_s=0.0,
        database_bytes=1.0,
        engine_bytes=1.0,
        log_bytes=1.0,
        rows_written=1.0,
        **used,
    )
    return Made("heygen", workers=workers, slides=10, spoken_s=8.0, stored_bytes=1.0, per_slide=part)


def test_what_a_slide_and_what_a_worker_costs_are_told_apart_by_runs_with_more_workers() -> None:
    runs = [
        run(workers, 20.0, worker_cpu_s=2.0 + 0.2 * workers, database_cpu_s=0.1, commits=200.0 + 80 * workers)
        for workers in (1, 2, 3)
    ]
    costs = costs_in(runs, AT_WORK)
    assert (costs.worker_cpu_s, costs.at_work.worker_cpu) == (pytest.approx(2.0), pytest.approx(0.1))
    assert (costs.database_cpu_s, costs.at_work.database_cpu) == (pytest.approx(0.1), pytest.approx(0.0))
    assert (costs.commits, costs.at_work.commits) == (pytest.approx(200.0), pytest.approx(40.0))
    assert [expected(one, costs) for one in runs] == pytest.approx([2.2, 2.4, 2.6])


def test_with_one_number_of_workers_they_are_taken_to_cost_what_idle_ones_do() -> None:
    costs = costs_in([run(3, 20.0, worker_cpu_s=2.6, database_cpu_s=0.18, commits=800.0)], AT_WORK)
    assert (costs.worker_cpu_s, costs.commits) == (pytest.approx(2.0), pytest.approx(200.0))
    assert costs.database_cpu_s == pytest.approx(0.06)
    assert costs.at_work == AT_WORK
