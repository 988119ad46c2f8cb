"""What `deckcast estimate` says of a price and its parts."""

from __future__ import annotations

import pytest

from deckcast.batches.estimates import Estimate
from deckcast.cli.estimate import lines_of


def estimate(videos: float = 0.0, words: float = 0.0, speech: float = 0.0, **more: object) -> Estimate:
    values = {"provider": "local", "slides": 8, "duration_s": 156.0, "time_s": (17.0, 42.0), **more}
    return Estimate(cost_usd=videos + words + speech, words_cost_usd=words, speech_cost_usd=speech, **values)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "Costs nothing with the provider local."),
        ({"videos": 9.87, "provider": "heygen"}, "Costs about $9.87 for avatar videos by heygen."),
        ({"words": 0.0123}, "Costs about $0.01 for words."),
        ({"speech": 0.004}, "Costs less than a cent for speech."),
        (
            {"videos": 9.5, "words": 0.04, "speech": 0.3, "provider": "heygen"},
            "Costs about $9.84: $9.50 for avatar videos by heygen, $0.04 for words, $0.30 for speech.",
        ),
    ],
)
def test_the_price_and_its_parts(parts: dict[str, object], said: str) -> None:
    assert lines_of(estimate(**parts))[1] == said


def test_who_takes_the_time_and_what_is_left() -> None:
    ours, theirs = (
        lines_of(estimate()),
        lines_of(estimate(9.5, provider="heygen", balance=90.0, balance_unit="usd")),
    )
    assert ours[0] == "8 slides, about 2.6 min of film."
    assert ours[2] == "Takes about 17 s to 42 s on this machine."
    assert theirs[2:] == [
        "Takes about 17 s to 42 s, most of it at heygen.",
        "The heygen account has $90.00 left.",
    ]
    assert lines_of(estimate(words=1.0))[2].endswith("on this machine.")
