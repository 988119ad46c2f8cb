"""Progress and the time left on virtual time: renders of known kinds, looked at from their beginning to their end. What
is asserted is what is promised: within 5 points from a quarter of the way on, and nine of ten ranges hold the end."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from bench.progress import GOAL_HELD, GOAL_POINTS, held, points_off, samples_of
from bench.progress_runs import PROVIDERS, Provider, Run, simulate

from deckcast.batches.forecast import Forecast, Others, SlideWork, forecast
from deckcast.batches.forecast_models import Model
from deckcast.batches.forecast_schedule import eta_s, eta_when_trusted
from deckcast.batches.models import Phase

EVEN, BY_LENGTH = PROVIDERS[:2]


@pytest.mark.parametrize("provider", [EVEN, BY_LENGTH], ids=lambda each: each.name)
@pytest.mark.parametrize(("slides", "seed"), [(20, 1), (20, 2), (20, 3), (50, 1), (200, 1)])
def test_the_share_is_within_five_points_of_the_true_one(provider: Provider, slides: int, seed: int) -> None:
    samples = samples_of(simulate(provider, slides, seed), every=1000)
    assert points_off(samples) <= GOAL_POINTS


@pytest.mark.parametrize("provider", [EVEN, BY_LENGTH], ids=lambda each: each.name)
def test_nine_of_ten_ranges_hold_the_true_end(provider: Provider) -> None:
    runs = [samples_of(simulate(provider, 20, seed), moments=30) for seed in range(8)]
    kept = [one for samples in runs for one in held(samples)]
    assert len(kept) >= 70
    assert sum(kept) / len(kept) >= GOAL_HELD
    widths = [(eta[1] - eta[0]) / left for samples in runs for _, _, left, eta in samples if eta]
    assert sorted(widths)[len(widths) // 2] < 0.75  # a range that says something


def test_failed_attempts_are_told_not_hidden() -> None:
    runs = [samples_of(simulate(PROVIDERS[2], 50, seed), moments=30) for seed in range(2)]
    kept = [one for samples in runs for one in held(samples)]
    assert sum(kept) / len(kept) >= GOAL_HELD


def test_a_provider_that_becomes_slower_is_noticed() -> None:
    run = simulate(PROVIDERS[6], 50, 1)
    last = [sample for sample in samples_of(run, every=1000) if sample[0] > 0.85]
    assert max(abs(share - true) for true, share, *_ in last) <= 0.05


def test_between_two_events_time_moves_progress_and_not_back() -> None:
    run = simulate(EVEN, 20, 1)
    events = sorted({time for slide in run.slides for _, *span in slide.spans for time in span})
    for before, after in list(itertools.pairwise(events))[5::4]:
        shares = [run.forecast(before + (after - before) * part / 5).share for part in range(5)]
        assert all(later - earlier > -1e-3 for earlier, later in itertools.pairwise(shares))


def test_the_ends_are_nothing_and_everything() -> None:
    run: Run = simulate(EVEN, 20, 1)
    assert run.forecast(0.0).share == 0.0
    assert run.forecast(run.end_s - 0.01).share > 0.98
    assert Forecast().share == 1.0  # nothing to do


def test_no_range_until_five_slides_were_measured() -> None:
    run = simulate(replace(EVEN, history=0), 20, 1)
    rendered = sorted(slide.spans[1][2] for slide in run.slides)
    assert eta_when_trusted(run.forecast(rendered[3])) is None
    assert eta_when_trusted(run.forecast(rendered[4] + 0.1)) is not None


def known(**more: object) -> Forecast:
    models = {Phase.AVATAR_VIDEO: Model(45.0, known=50, doubt=0.05)}
    slides = [SlideWork(10.0, ahead=(Phase.AVATAR_VIDEO,)) for _ in range(10)]
    return replace(forecast(slides, {}, {}, **more), models=models)


def test_others_at_the_account_a_rest_and_failing_calls_put_the_end_off() -> None:
    low, high = eta_s(known())
    assert low < 10 * 45.0 < high
    assert eta_s(known(others=Others(alive=1, queued=10)))[1] > high + 45.0
    assert eta_s(known(paused_s=300.0))[0] == pytest.approx(low + 300.0, rel=0.1)
    assert eta_s(known(is_failing=True))[1] > high * 1.2


def test_the_same_rows_at_the_same_moment_give_the_same_range() -> None:
    assert eta_s(known()) == eta_s(known())
