"""The submission ledger on a real database: paid once, never lost, whatever dies and whenever.

The stories say what happens in the cases that matter; the machine at the end looks for those nobody thought of.
DECKCAST_LONG_TESTS=1 lets it look for longer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deckcast.avatars.accounts import Account
from deckcast.avatars.ledger import ATTEMPTS, GLANCE_AFTER, SEARCH_FAILURES
from deckcast.avatars.submissions import OVER, State
from deckcast.kit.errors import CallError, SubmissionRefused, WorkError
from ledger_world import RULES, SLOW_S, VIDEO, VIDEOS, Crash, Fault, World

HOUR_S = 3600.0


@pytest.fixture
def worlds() -> Iterator[Any]:
    made: list[World] = []

    def make(**provider: Any) -> World:
        made.append(World(**provider))
        return made[-1]

    yield make
    for world in made:
        world.close()


def test_a_video_is_submitted_once_and_its_job_remembered(worlds: Any) -> None:
    world = worlds()
    assert [world.submit(), world.submit(), world.submit()] == ["job_1"] * 3
    assert len(world.provider.calls) == 1


def test_killed_after_the_call_the_same_key_is_sent_again_and_makes_no_second_job(worlds: Any) -> None:
    world = worlds()

    async def dies() -> None:
        raise Crash

    world.provider.answering = dies
    with pytest.raises(Crash):
        world.submit()
    assert (world.state(), len(world.provider.jobs)) == (State.CALLING, 1)
    world.provider.answering = None
    assert world.submit() == "job_1"
    assert len(world.provider.jobs) == 1
    assert len(set(world.provider.calls)) == 1


def test_killed_anywhere_it_goes_on_and_pays_once(worlds: Any) -> None:
    kills = 0
    for points in range(100):
        world = worlds()
        world.provider.misbehave([Fault.LOST_AFTER])
        world.fuse.left = points
        try:
            world.submit()
        except Crash:
            kills += 1
            assert world.submit() == "job_1"
        assert len(world.provider.jobs) == 1
        if world.fuse.left is not None:
            break
    assert kills > 20


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SLOW, Fault.DEFECT])
def test_an_answer_that_is_lost_is_asked_for_under_the_same_key(worlds: Any, fault: Fault) -> None:
    world = worlds()
    world.provider.misbehave([fault])
    assert world.submit() == "job_1"
    assert len(world.provider.jobs) == len(set(world.provider.calls)) == 1


@pytest.mark.parametrize("fault", [Fault.NOT_SENT, Fault.TURNED_AWAY, Fault.NO_CREDIT])
def test_a_refusal_after_a_lost_answer_does_not_prove_that_nothing_was_made(
    worlds: Any, fault: Fault
) -> None:
    """The network fails while the answer is on its way, and stays away for the next call."""
    world = worlds()
    world.provider.misbehave([Fault.LOST_AFTER, fault])
    assert world.submit() == "job_1"
    assert len(world.provider.jobs) == 1


def test_a_pause_of_the_account_does_not_lose_what_may_have_been_made(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.LOST_AFTER] + [Fault.NO_CREDIT] * 50)
    assert world.submit() == "job_1"


def test_a_pause_keeps_new_orders_back_and_they_fail_with_its_reason(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.NO_CREDIT])
    with pytest.raises(SubmissionRefused):
        world.submit()
    with pytest.raises(WorkError) as caught:
        world.submit(VIDEOS[1])
    assert caught.value.code == Fault.NO_CREDIT
    assert (len(world.provider.calls), world.provider.jobs) == (1, [])


def test_the_window_is_over_and_the_job_is_found_by_its_key(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.LOST_AFTER])
    world.fuse.left = 12
    with pytest.raises(Crash):
        world.submit()
    assert len(world.provider.jobs) == 1
    world.time.jump(30 * HOUR_S)
    assert world.submit() == "job_1"
    assert (len(world.provider.calls), len(world.provider.searches)) == (1, 1)


def test_a_rest_of_the_account_does_not_carry_a_call_beyond_the_window(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.LOST_AFTER])
    world.fuse.left = 12
    with pytest.raises(Crash):
        world.submit()
    world.time.jump(world.provider.capabilities.replay_window_s - RULES.call_timeout_s - 60.0)

    class Resting(Account):
        async def admit(self) -> None:
            world.time.jump(HOUR_S)

    resting = Resting(world.db, world.provider, 5, clock=world.time.clock, sleep=world.sleep)
    submitting = world.process().submit_once(VIDEO, world.provider, world.provider.prepare, resting)
    assert world.run(submitting) == "job_1"
    assert (len(world.provider.jobs), len(world.provider.calls)) == (1, 1)


def test_the_window_is_over_and_two_empty_searches_allow_a_new_attempt(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.LOST_BEFORE] * RULES.replays)
    began = world.time.at
    assert world.submit() == "job_1"
    assert world.attempts() == [State.NOT_MADE, State.ACCEPTED]
    glances = RULES.replays - GLANCE_AFTER
    assert [found for _, found in world.provider.searches] == [False] * (glances + 2)
    assert (world.time.at - began).total_seconds() > RULES.search_apart_s


def test_a_provider_that_repeats_its_error_under_the_key_is_looked_into(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.LOST_AFTER] * RULES.replays)
    assert world.submit() == "job_1"
    assert (len(world.provider.jobs), len(world.provider.calls)) == (1, GLANCE_AFTER)
    assert [found for _, found in world.provider.searches] == [True]


def test_a_title_that_appears_late_is_found_by_the_second_search(worlds: Any) -> None:
    world = worlds(window_s=0.0, lag_s=600.0)
    world.provider.misbehave([Fault.SLOW])
    assert world.submit() == "job_1"
    assert [found for _, found in world.provider.searches] == [False, True]
    assert len(world.provider.calls) == 1


def test_a_search_that_never_ends_leaves_it_to_a_person(worlds: Any) -> None:
    world = worlds(window_s=0.0)
    world.provider.misbehave([Fault.LOST_AFTER], failing_searches=SEARCH_FAILURES + 1)
    began = world.time.at
    with pytest.raises(WorkError) as caught:
        world.submit()
    assert caught.value.code == world.state() == "unresolved"
    assert (world.time.at - began).total_seconds() > 600, "an outage of minutes is waited for"
    assert world.submit() == "job_1", "asked for again, the search finds it"


def unresolved(worlds: Any, fault: Fault) -> World:
    """A provider without keys and search has lost an answer."""
    world: World = worlds(window_s=0.0, find=False)
    world.provider.misbehave([fault])
    for _ in range(3):
        with pytest.raises(WorkError) as caught:
            world.submit()
        assert caught.value.code == world.state() == "unresolved"
    assert len(world.provider.calls) == 1
    return world


def test_a_person_adopts_the_job(worlds: Any) -> None:
    world = unresolved(worlds, Fault.LOST_AFTER)
    world.run(world.process().adopt(VIDEO, "job_1"))
    assert world.submit() == "job_1"
    assert len(world.provider.calls) == 1


def test_a_person_declares_it_not_made(worlds: Any) -> None:
    world = unresolved(worlds, Fault.LOST_BEFORE)
    world.provider.doubts.clear()
    world.run(world.process().declare_not_made(VIDEO))
    assert world.submit() == "job_1"
    assert world.attempts() == [State.NOT_MADE, State.ACCEPTED]


def test_only_what_is_unresolved_can_be_settled(worlds: Any) -> None:
    world = worlds()
    world.submit()
    for settling in (world.process().adopt(VIDEO, "job_9"), world.process().declare_not_made(VIDEO)):
        with pytest.raises(CallError) as caught:
            world.run(settling)
        assert caught.value.code == "not_unresolved"
    assert world.submit() == "job_1"


def test_a_refusal_for_good_is_raised_and_makes_nothing(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.REFUSED])
    with pytest.raises(SubmissionRefused) as caught:
        world.submit()
    row = world.newest()
    assert (caught.value.code, row.state, row.error_code) == ("refused", State.REFUSED, "refused")
    assert (len(world.provider.calls), world.provider.jobs) == (1, [])


def test_a_refusal_that_may_clear_is_followed_by_new_attempts_but_not_for_ever(worlds: Any) -> None:
    world = worlds()
    world.provider.misbehave([Fault.TURNED_AWAY] * 3)
    assert world.submit() == "job_1"
    assert world.attempts() == [State.REFUSED] * 3 + [State.ACCEPTED]
    world.job_fails()
    world.provider.misbehave([Fault.TURNED_AWAY] * 100)
    with pytest.raises(WorkError):
        world.submit()
    assert len(world.provider.calls) <= ATTEMPTS


def test_a_job_that_failed_unpaid_is_followed_by_one_new_job(worlds: Any) -> None:
    world = worlds()
    world.submit()
    world.job_fails()
    world.run(world.process().job_failed(VIDEO, "job_1"))
    assert [world.submit(), world.submit()] == ["job_2"] * 2


def test_a_frozen_process_that_wakes_up_meets_the_job_of_the_one_that_took_over(worlds: Any) -> None:
    world = worlds()
    taken_over: list[str] = []

    async def frozen() -> None:
        world.provider.answering = None
        taken_over.append(await world.submitting())

    world.provider.answering = frozen
    assert [world.submit(), *taken_over] == ["job_1"] * 2
    assert len(world.provider.jobs) == 1


def test_two_processes_at_once_make_one_job(worlds: Any) -> None:
    world = worlds()

    async def both() -> list[str]:
        return list(await asyncio.gather(*(world.submitting() for _ in range(4))))

    assert world.run(both()) == ["job_1"] * 4
    assert len(world.provider.jobs) == 1


KEEPS_KEYS = {"window_s": 23 * HOUR_S, "find": True, "lag_s": 600.0}
PROVIDERS = [
    KEEPS_KEYS,
    {**KEEPS_KEYS, "window_s": 600.0},
    {**KEEPS_KEYS, "find": False},
    {**KEEPS_KEYS, "window_s": 0.0},
    {"window_s": 0.0, "find": False, "lag_s": 0.0},
]
LAST_POINT = 20
in_runs = st.lists(
    st.tuples(st.sampled_from(Fault), st.sampled_from([1, RULES.replays + 1])), min_size=1, max_size=3
).map(lambda runs: [fault for fault, times in runs for _ in range(times)])
faults = st.lists(st.sampled_from(Fault), max_size=5) | in_runs


class PaidOnce(RuleBasedStateMachine):
    """Any provider, any faults, any crash, any jump in time, any person who tells the truth.

    The provider itself forbids a call under a new key while an old one may have made a job.
    """

    @initialize(provider=st.sampled_from(PROVIDERS))
    def begin(self, provider: dict[str, Any]) -> None:
        self.world = World(**provider)
        self.unresolved: str | None = None

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.all_ends_well()
            finally:
                self.world.close()

    @rule(
        faults=faults,
        failing_searches=st.sampled_from([0, 0, 1, SEARCH_FAILURES + 1]),
        crash_after=st.none() | st.integers(0, LAST_POINT),
    )
    def submit(self, faults: list[Fault], failing_searches: int, crash_after: int | None) -> None:
        self.world.provider.misbehave(faults, failing_searches)
        with self.world.crashing(crash_after):
            self.check_submission()

    def check_submission(self) -> None:
        """What `submit_once` returns or raises is true."""
        outcome = self.outcome_of_submitting()
        row = self.world.newest()
        if isinstance(outcome, str):
            assert [outcome] == [job.id for job in self.world.provider.jobs if job.key == row.key]
        elif isinstance(outcome, SubmissionRefused):
            assert row.state in OVER
            assert row.attempt >= ATTEMPTS or not outcome.retryable
        elif outcome.code == "unresolved":
            assert row.state == State.UNRESOLVED
        else:
            assert row.state == State.RESERVED, f"{outcome.code}, yet {row.state}"

    def outcome_of_submitting(self) -> str | WorkError:
        try:
            return self.world.submit()
        except WorkError as error:
            return error

    @precondition(lambda self: self.world.state() == State.ACCEPTED)
    @rule(crash_after=st.none() | st.integers(0, 4))
    def job_fails(self, crash_after: int | None) -> None:
        with self.world.crashing(crash_after):
            self.world.job_fails()

    @rule(seconds=st.sampled_from([60.0, 700.0, RULES.search_apart_s + SLOW_S, 5 * HOUR_S, 30 * HOUR_S]))
    def time_passes(self, seconds: float) -> None:
        self.world.time.jump(seconds)

    @precondition(lambda self: self.unresolved)
    @rule(crash_after=st.none() | st.integers(0, 4))
    def person_settles(self, crash_after: int | None) -> None:
        """Somebody waits a while, looks into the provider's list and says what is there."""
        key, self.unresolved = self.unresolved, None
        self.world.time.jump(SLOW_S)
        self.world.provider.doubts.pop(key, None)
        found = [job for job in self.world.provider.jobs if job.key == key]
        ledger = self.world.process()
        with self.world.crashing(crash_after):
            self.world.run(ledger.adopt(VIDEO, found[0].id) if found else ledger.declare_not_made(VIDEO))

    @invariant()
    def it_is_not_paid_twice(self) -> None:
        jobs = self.world.provider.jobs
        assert len([job for job in jobs if not job.failed]) <= 1
        assert len({job.key for job in jobs}) == len(jobs), "two jobs under one key"

    @invariant()
    def only_a_person_or_a_find_settles_what_is_unresolved(self) -> None:
        key, row = self.unresolved, self.world.newest()
        is_unresolved = row is not None and row.state == State.UNRESOLVED
        if key is not None and not is_unresolved:
            assert (key, True) in self.world.provider.searches
        self.unresolved = row.key if is_unresolved else None

    def all_ends_well(self) -> None:
        """The provider is well again, a person does her part: the video has its one job."""
        world = self.world
        world.provider.misbehave()
        world.run(world.account().resume())
        self.check_submission()
        self.only_a_person_or_a_find_settles_what_is_unresolved()
        if self.unresolved:
            self.person_settles(None)
        world.submit()
        if not world.provider.alive(VIDEO):  # it has failed, and the ledger was not told
            world.job_fails()
        assert [world.submit()] == [job.id for job in world.provider.alive(VIDEO)]


LONG = bool(os.environ.get("DECKCAST_LONG_TESTS"))
TestPaidOnce = PaidOnce.TestCase
TestPaidOnce.settings = settings(
    max_examples=3000 if LONG else 30, stateful_step_count=30 if LONG else 10, deadline=None
)
