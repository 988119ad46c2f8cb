"""How long a phase takes, from what was measured."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.batches.forecast_models import ENOUGH, Measured, Model, fit

PRIOR = Model(600.0)
seconds = st.floats(0.0, 5000.0)
measured = st.lists(st.builds(Measured, st.floats(0.1, 300.0), seconds), max_size=30)


def taken(count: int, per_s: float = 0.0, base_s: float = 45.0) -> list[Measured]:
    draw = random.Random(7)
    sizes = [draw.uniform(5.0, 30.0) for _ in range(count)]
    return [Measured(size, (base_s + per_s * size) * draw.uniform(0.9, 1.1)) for size in sizes]


def test_nothing_known_is_the_prior_and_is_not_trusted() -> None:
    model = fit(PRIOR, (), (), ())
    assert model.expected_s(10.0) == 600.0
    assert not model.trusted


def test_what_was_measured_replaces_the_prior() -> None:
    errors = [abs(fit(PRIOR, (), taken(count), ()).expected_s(10.0) - 45.0) for count in (1, 2, 5)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 5.0
    assert fit(PRIOR, (), taken(ENOUGH), ()).trusted


def test_a_longer_slide_takes_longer_where_it_did_before() -> None:
    model = fit(PRIOR, taken(60, per_s=2.0, base_s=10.0), (), ())
    assert model.expected_s(10.0) == pytest.approx(30.0, rel=0.1)
    assert model.expected_s(25.0) == pytest.approx(60.0, rel=0.1)


def test_a_provider_that_has_changed_is_believed_rather_than_its_history() -> None:
    faster = [Measured(each.size_s, each.seconds / 3) for each in taken(ENOUGH)]
    assert fit(PRIOR, taken(60), faster, ()).expected_s(10.0) == pytest.approx(15.0, rel=0.2)


def test_slides_that_outlast_all_others_make_the_rest_look_longer() -> None:
    usual = fit(PRIOR, taken(60), taken(3), ())
    late = fit(PRIOR, taken(60), taken(3), [Measured(10.0, 100.0)] * 5)
    assert late.expected_s(10.0) > usual.expected_s(10.0) * 1.2


def test_a_machine_that_slept_is_no_measure() -> None:
    slept = [*taken(30), Measured(10.0, 8 * 3600.0)]
    assert fit(PRIOR, slept, (), ()).expected_s(10.0) < 80.0


def test_what_is_left_shrinks_with_time_and_stays_above_nothing() -> None:
    model = fit(PRIOR, taken(60), (), ())
    left = [model.left_s(10.0, so_far) for so_far in (0.0, 10.0, 30.0, 45.0, 90.0)]
    assert left[:4] == sorted(left[:4], reverse=True)
    assert all(each > 0 for each in left)


@given(measured, measured, measured)
def test_any_measures_give_a_model(
    history: list[Measured], own: list[Measured], running: list[Measured]
) -> None:
    model = fit(PRIOR, history, own, running)
    assert model.base_s >= -1e-6
    assert model.per_s >= 0
    assert model.expected_s(20.0) >= 0
    assert model.left_s(20.0, 5.0) >= 0
    assert model.ratios == tuple(sorted(model.ratios))
