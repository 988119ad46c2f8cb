"""kill -9 many times, at named boundaries and at random moments, over many decks, while the provider fails too.

`make chaos` makes CHAOS_KILLS of them (1000), in rounds seeded from CHAOS_SEED on; the test command makes a few.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from command import Machine
from crash.boundaries import BOUNDARIES, ONLY_WITH_FAULTS
from crash.trials import OTHER_WAY, Trial, assert_each_made_once, assert_paid_for
from heygen_account import heygen

KILLS = int(os.environ.get("CHAOS_KILLS", "6"))
SEED = int(os.environ.get("CHAOS_SEED", "20261122"))
KILLS_PER_ROUND = 25
NAMED_PER_DECK = 14
RANDOM_SHARE = 0.35
LOCAL_SHARE = 0.15
PLANS: list[dict[str, Any]] = [
    {"rate": 0.3},
    {},
    {"lose_all_creates": True, "lose_replays": 1},
    {"rate": 0.3, "ways": ["drop_after", "error_after", "hang_after", "truncated", "short"]},
]


@dataclass
class Tally:
    """What all rounds have come to."""

    began: float = field(default_factory=time.monotonic)
    killed: Counter[str] = field(default_factory=Counter)
    decks: int = 0
    slides: int = 0

    def line(self) -> str:
        kills, minutes = self.killed.total(), (time.monotonic() - self.began) / 60
        at_random = self.killed["a random moment"]
        names = len(self.killed) - bool(at_random)
        return (
            f"{kills} of {KILLS} kills: {kills - at_random} at {names} boundaries, {at_random} at random moments; "
            f"{self.decks} decks, {self.slides} slides, {minutes:.1f} min, {kills / minutes:.1f} kills/min"
        )


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    kept = Tally()
    yield kept
    print(f"\nchaos from seed {SEED}: {kept.line()}")


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(math.ceil(KILLS / KILLS_PER_ROUND)))
def test_killed_again_and_again(tmp_path: Path, number: int, tally: Tally) -> None:
    chance = random.Random(SEED + number)
    left = min(KILLS_PER_ROUND, KILLS - number * KILLS_PER_ROUND)
    plan = {"seed": SEED + number, **PLANS[number % len(PLANS)]}
    switches = OTHER_WAY if number // len(PLANS) % 2 else {}
    machine = Machine(tmp_path, {"DECKCAST_AVATAR__SEARCH_APART_S": "2"})
    slides = {"heygen": 0, "local": 0}
    with heygen(machine, faults=plan, seed=SEED + number, **switches) as url:
        while left > 0:
            provider = "local" if chance.random() < LOCAL_SHARE else "heygen"
            trial = Trial(machine, chance.randint(3, 6), provider, name=f"deck{tally.decks}")
            kill_while_there_is_work(trial, chance, left)
            trial.finish()
            left -= len(trial.killed)
            slides[provider] += trial.slides
            tally.decks += 1
            tally.slides += trial.slides
            tally.killed.update(name.partition("#")[0] for name in trial.killed)
            assert_each_made_once(machine, sum(slides.values()), slides["local"])
            assert_paid_for(machine, url, slides["heygen"])
    print(f"\nseed {SEED + number}: {tally.line()}", flush=True)


def kill_while_there_is_work(trial: Trial, chance: random.Random, most: int) -> None:
    """Kill at some boundaries, some of them when the second or third slide comes there, and at random moments."""
    names = BOUNDARIES[trial.provider]
    named = chance.sample(names, NAMED_PER_DECK) + ONLY_WITH_FAULTS
    waiting = {f"{name}#{chance.choice((1, 1, 2, 3))}" for name in named}
    while len(trial.killed) < most:
        at_random = chance.random() < RANDOM_SHARE
        reached = trial.kill_at_random(chance) if at_random else trial.kill_at(*waiting)
        if reached is None:
            return
        waiting.discard(reached)
