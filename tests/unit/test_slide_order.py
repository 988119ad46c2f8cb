"""Where slides stand that an order does not name."""

from __future__ import annotations

import pytest

from deckcast.batches.slide_order import arranged


@pytest.mark.parametrize(
    ("everything", "first", "order"),
    [
        ("abc", "", "abc"),
        ("abc", "cba", "cba"),
        ("abcd", "ca", "cdab"),
        ("nabc", "cab", "ncab"),
        ("anmb", "ba", "banm"),
        ("ab", "bxa", "ba"),
    ],
)
def test_others_stay_behind_those_that_they_follow(everything: str, first: str, order: str) -> None:
    assert "".join(arranged(list(everything), list(first))) == order
