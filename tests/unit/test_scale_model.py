"""The model of what so many decks an hour need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.meter import Part
from bench.scale import BUSY_SHARE, Costs, Idle, Load, Made, costs_in, needed

IDLE = Idle(worker_cpu=0.1, database_cpu=0.02, commits=100.0, looks=30.0)
COSTS = Costs(
    spoken_s=8.0,
    worker_cpu_s=2.0,
    database_cpu_s=0.1,
    commits=200.0,
    log_bytes=100_000.0,
    database_bytes=30_000.0,
    stored_bytes=2_000_000.0,
    idle=IDLE,
)
LOAD = Load(decks_per_hour=180, slides=20, render_s=600, places=5, cores=2, keep_days=10)


def test_everything_is_a_slides_cost_times_slides_a_second() -> None:
    one = needed(LOAD, COSTS)  # one slide a second
    assert one.slides_per_hour == 3600
    assert one.worker_cores == pytest.approx(2.0 / BUSY_SHARE)
    assert one.workers == 2
    assert one.accounts == 120  # 600 jobs are alive at any moment, five on each
    assert one.database_cores == pytest.approx(0.1 + 2 * 0.02)
    assert one.commits_per_s == pytest.approx(200 + 2 * 100)
    assert one.stored_bytes_kept == pytest.approx(2e6 * 86400 * 10)


def test_twice_as_many_decks_need_twice_as_much() -> None:
    one, two = needed(LOAD, COSTS), needed(replace(LOAD, decks_per_hour=360), COSTS)
    assert (two.worker_cores, two.accounts) == (2 * one.worker_cores, 2 * one.accounts)
    assert two.log_bytes_per_s == 2 * one.log_bytes_per_s


def test_a_deck_takes_as_long_as_the_accounts_places_or_the_workers_cores_make_it() -> None:
    few = replace(LOAD, decks_per_hour=1)
    assert needed(few, COSTS).deck_s == 4 * 600  # one account, five at once
    assert needed(replace(few, render_s=0.0), COSTS).deck_s == pytest.approx(20 * 2.0 / 2)
    assert needed(replace(few, render_s=0.0), COSTS).accounts == 0


def test_looking_for_work_is_no_slides_cost() -> None:
    part = Part(
        count=10,
        wall_s=20.0,
        worker_cpu_s=2.6,
        database_cpu_s=0.18,
        account_cpu_s=0.0,
        database_bytes=1.0,
        engine_bytes=1.0,
        log_bytes=1.0,
        commits=800.0,
        rows_written=1.0,
        looks=180.0,  # six seconds of an idle worker
    )
    made = Made("heygen", workers=3, slides=10, spoken_s=8.0, stored_bytes=1.0, per_slide=part)
    costs = costs_in(made, IDLE)
    assert (costs.worker_cpu_s, costs.commits) == (pytest.approx(2.0), pytest.approx(200.0))
    assert costs.database_cpu_s == pytest.approx(0.06)
