"""Turns: who waits in one line is served in proportion, and a short batch does not wait for a long one."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from deckcast.batches.models import Priority
from deckcast.batches.turns import LAST, UNIT, present_of, stride_of, turns_after


@dataclass
class Line:
    """What waits: turn, order of arrival and whose it is; the engine takes the lowest. With `places`, so many of those
    served last are still at work."""

    waiting: list[tuple[int, int, str]] = field(default_factory=list)
    arrived: int = 0
    places: int = 0
    begun: list[int] = field(default_factory=list)

    def join(self, whose: str, slides: int, stride: int) -> list[int]:
        foremost = min((turn for turn, _, _ in self.waiting), default=None)
        own = max((turn for turn, _, of in self.waiting if of == whose), default=None)
        turns = turns_after(present_of(foremost, max(self.begun, default=None)), own, stride, slides)
        for turn in turns:
            heapq.heappush(self.waiting, (turn, self.arrived, whose))
            self.arrived += 1
        return turns

    def served(self, count: int) -> list[str]:
        gone = [heapq.heappop(self.waiting) for _ in range(min(count, len(self.waiting)))]
        self.begun = [*self.begun, *(turn for turn, _, _ in gone)][-self.places :] if self.places else []
        return [whose for _, _, whose in gone]


@settings(deadline=None)
@given(st.integers(1, 500), st.integers(0, 400), st.integers(1, 20))
def test_a_short_batch_comes_in_between_the_slides_of_a_long_one(long: int, gone: int, short: int) -> None:
    line = Line()
    line.join("long", long, UNIT)
    line.served(gone)
    line.join("short", short, UNIT)
    order = line.served(10_000)
    last = len(order) - 1 - order[::-1].index("short")
    assert last < 2 * short + 1


@settings(deadline=None)
@given(st.integers(5, 500), st.integers(5, 400), st.integers(1, 20), st.integers(2, 9))
def test_at_an_account_every_other_place_is_the_newcomers_and_the_first_is(
    long: int, gone: int, short: int, places: int
) -> None:
    line = Line(places=places)
    line.join("long", long + gone, UNIT)
    line.served(gone)
    line.join("short", short, UNIT)
    order = line.served(10_000)
    came = [place for place, whose in enumerate(order) if whose == "short"]
    assert came == [2 * number for number in range(short)][: len(came)] or long < short


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 30))
def test_those_who_come_new_go_in_the_order_in_which_they_came(places: int, users: int) -> None:
    line = Line(places=places)
    line.join("long", 100, UNIT)
    line.served(10)
    names = [f"user {number}" for number in range(users)]
    for name in names:
        line.join(name, 1, UNIT)
    assert line.served(users + 1) == [*names, "long"]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_who_waits_is_served_in_proportion_to_the_weights(weights: list[int]) -> None:
    """While all wait, nobody is further behind their part than about one slide of each."""
    line, together = Line(), sum(weights)
    for number, weight in enumerate(weights):
        line.join(str(number), 500, stride_of(1, 1, float(weight)))
    count = 40 * together
    served = Counter(line.served(count))
    for number, weight in enumerate(weights):
        assert abs(served[str(number)] - 40 * weight) <= 2 + 0.02 * count  # strides are whole numbers


@settings(deadline=None)
@given(st.lists(st.sampled_from(["join a", "join b", "join c", "serve"]), max_size=200), st.integers(0, 5))
def test_nobody_waits_for_ever(acts: list[str], places: int) -> None:
    """Whatever comes after: before a slide of an equal batch, no more go than waited before it, and as many of each
    other batch as of its own."""
    line, first = Line(places=places), "first"
    line.join("a", 5, UNIT)
    line.join(first, 3, UNIT)
    before = Counter[str]()
    for act in [*acts, *["join a", "join b", "serve"] * 40]:
        if act == "serve":
            before.update(line.served(1))
        else:
            line.join(act[-1], 2, UNIT)
    assert before[first] == 3


@settings(deadline=None)
@given(
    st.one_of(st.none(), st.integers(0, LAST)),
    st.one_of(st.none(), st.integers(0, LAST)),
    st.one_of(st.none(), st.integers(0, LAST)),
    st.integers(1, LAST),
)
def test_turns_rise_and_fit_the_engine(
    foremost: int | None, begun: int | None, own: int | None, stride: int
) -> None:
    present = present_of(foremost, begun)
    assert 0 <= present <= (foremost or 0)
    turns = turns_after(present, own, stride, 5)
    assert turns == sorted(turns)
    assert all(1 <= turn <= LAST for turn in turns)
    assert turns[0] > max(present, own or 0) or turns[0] == LAST


def test_where_nobody_waits_time_begins_anew() -> None:
    line = Line()
    line.join("a", 3, UNIT)
    line.served(3)
    assert line.join("a", 1, UNIT) == [UNIT]


@settings(deadline=None)
@given(st.sampled_from(Priority), st.integers(0, 100), st.floats(0.01, 100), st.floats(0.01, 100))
def test_strides_are_the_longer_the_less_is_due(
    priority: Priority, others: int, weight: float, other_weight: float
) -> None:
    share = priority.share
    stride = stride_of(share, others + share, weight)
    assert 1 <= stride <= LAST
    assert stride_of(share, others + share + 1, weight) >= stride
    lighter, heavier = sorted((weight, other_weight))
    assert stride_of(share, share, heavier) <= stride_of(share, share, lighter)


def test_a_high_priority_takes_from_nobody_but_its_owner() -> None:
    assert {stride_of(each.share, each.share, 1.0) for each in Priority} == {UNIT}
    together = sum(each.share for each in Priority)
    rates = [UNIT / stride_of(each.share, together, 1.0) for each in Priority]
    assert sum(rates) == 1 or abs(sum(rates) - 1) < 0.01
    assert rates == sorted(rates)
