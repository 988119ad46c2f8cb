"""Which calls of the simulator go wrong, and that a plan that cannot be is refused in words."""

from __future__ import annotations

import pytest

from deckcast.simulators.heygen.faults import FAULTS, FaultPlan, Faults, plan_from


def drawn(faults: Faults, call: str, keys: list[str], title: str = "", audio: str = "") -> list[str]:
    rules = [faults.draw(call, key, title=title, audio=audio) for key in keys]
    return [rule.fault if rule else "" for rule in rules]


def test_the_nth_call_of_a_kind_goes_wrong_once() -> None:
    faults = Faults(plan_from({"rules": [{"call": "submit", "fault": "drop_after", "nth": [2, 4]}]}))
    assert drawn(faults, "submit", list("abcde")) == ["", "drop_after", "", "drop_after", ""]
    assert drawn(faults, "upload", list("abcde")) == [""] * 5


def test_a_rule_concerns_titles_and_speech_by_part_or_pattern() -> None:
    faults = Faults(
        plan_from(
            {
                "rules": [
                    {"call": "job", "fault": "fail", "title": "slide 3"},
                    {"call": "job", "fault": "stall", "audio": "slide-?.wav"},
                ]
            }
        )
    )
    assert drawn(faults, "job", ["k"], title="Deck slide 3 abc") == ["fail"]
    assert drawn(faults, "job", ["k"], title="Deck slide 4", audio="slide-4.wav") == ["stall"]
    assert drawn(faults, "job", ["k"], title="Deck slide 4", audio="slide-44.wav") == [""]


def test_times_bounds_a_rule_for_each_key() -> None:
    faults = Faults(plan_from({"rules": [{"call": "download", "fault": "html", "times": 1}]}))
    assert drawn(faults, "download", ["a", "a", "b", "b"]) == ["html", "", "html", ""]


def test_a_rate_comes_out_the_same_for_the_same_seed_whatever_the_order() -> None:
    keys = [f"key {number}" for number in range(400)]
    plan = FaultPlan(seed=5, rate=0.3)
    one, other = Faults(plan), Faults(plan)
    forward = drawn(one, "submit", keys)
    backward = drawn(other, "submit", keys[::-1])[::-1]
    assert forward == backward
    assert 90 <= sum(fault != "" for fault in forward) <= 150
    assert {fault for fault in forward if fault} == set(FAULTS["submit"])


def test_a_rate_lets_every_call_through_in_the_end_and_loses_no_job() -> None:
    faults = Faults(FaultPlan(rate=1.0, in_a_row=2))
    assert [bool(fault) for fault in drawn(faults, "detail", ["v"] * 6)] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]
    assert drawn(faults, "job", list("abc")) == ["", "", ""]


def test_a_rate_can_be_kept_to_some_ways() -> None:
    faults = Faults(FaultPlan(rate=1.0, ways=("drop_after",)))
    assert drawn(faults, "submit", list("ab")) == ["drop_after"] * 2
    assert drawn(faults, "webhook", list("ab")) == [""] * 2


def test_answers_of_creates_are_lost_and_of_their_repeats_too() -> None:
    faults = Faults(FaultPlan(lose_all_creates=True, lose_replays=1))
    assert drawn(faults, "submit", list("aaabb")) == [
        "drop_after",
        "drop_after",
        "",
        "drop_after",
        "drop_after",
    ]
    assert faults.described()["fired"] == {"submit:drop_after": 4}


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": 0.3},
        {"rules": [{"call": "submit", "fault": "html"}]},
        {"rules": [{"call": "sing", "fault": "html"}]},
        {"rules": [{"call": "submit", "fault": "rate_limit", "often": True}]},
        {"ways": ["sometimes"]},
        {"rate": 3},
        {"rate": "much"},
    ],
)
def test_a_plan_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        plan_from(wrong)
