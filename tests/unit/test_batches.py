"""Prices and requests as plain values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.avatars.ports import RateCard
from deckcast.batches.models import MakeRequest
from deckcast.batches.money import cost_usd
from deckcast.cli.request import parse_slides
from deckcast.kit.errors import CallError


@pytest.mark.parametrize(
    ("seconds", "step", "expected"),
    [(10.0, 1.0, "0.50"), (10.01, 1.0, "0.55"), (0.2, 1.0, "0.05"), (61.0, 60.0, "6.00"), (0.0, 1.0, "0")],
)
def test_a_video_costs_whole_billing_steps(seconds: float, step: float, expected: str) -> None:
    assert cost_usd(seconds, RateCard(Decimal("0.05"), step)) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "numbers"), [("1", (1,)), ("1,3-5", (1, 3, 4, 5)), (" 2 , 1-2 ", (1, 2)), ("7-7", (7,))]
)
def test_slides_are_named_by_numbers_and_ranges(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_slides(text) == numbers


@pytest.mark.parametrize("text", ["", "0", "a", "3-1", "1-", "-1", "1,,2", "1;2", "999999"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CallError) as caught:
        parse_slides(text)
    assert caught.value.code == "slides_invalid"


@given(
    st.builds(
        MakeRequest,
        provider=st.just("local"),
        avatar=st.text(),
        background=st.text(),
        slides=st.none() | st.lists(st.integers(1, 500)).map(tuple),
        voice=st.none() | st.text(),
    )
)
def test_a_request_survives_its_way_through_the_database(request: MakeRequest) -> None:
    assert MakeRequest.from_json(request.to_json()) == request
