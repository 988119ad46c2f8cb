"""The submission's state machine: its table, and what is done next."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.avatars.ports import Capabilities
from deckcast.avatars.submissions import (
    OVER,
    TRANSITIONS,
    Event,
    Move,
    Rules,
    State,
    Submission,
    after,
    counts_as,
    next_move,
)

PAGE = Path(__file__).parents[2] / "docs" / "submissions.md"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR_S = 3600.0
WINDOW_S = 23 * HOUR_S
RULES = Rules()
EVERY = list(itertools.product(State, Event))


def provider(*, window_s: float = WINDOW_S, find: bool = True) -> Capabilities:
    return Capabilities(
        takes_audio=True,
        takes_text=True,
        transparent=True,
        webhooks=False,
        find_by_key=find,
        can_cancel=False,
        draws_silence=False,
        paid=True,
        max_concurrent=5,
        replay_window_s=window_s,
    )


def ago(seconds: float) -> datetime:
    return NOON - timedelta(seconds=seconds)


def unknown(calls: int = 1, first_s: float = 60.0, last_s: float = 30.0) -> Submission:
    return Submission(State.UNKNOWN, calls, ago(first_s), ago(last_s))


def searched(last_call_s: float, search_s: float) -> Submission:
    return Submission(State.SEARCHED, 8, ago(30 * HOUR_S), ago(last_call_s), ago(search_s))


def move(submission: Submission, can: Capabilities | None = None) -> tuple[Move, float]:
    return next_move(submission, can or provider(), RULES, NOON)


def documented() -> dict[tuple[str, str], str]:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| \S.* \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == len({row[:2] for row in rows})
    return {(state, event): following for state, event, following in rows}


def test_the_page_shows_the_table_of_the_code() -> None:
    coded = {(str(state), str(event)): str(following) for (state, event), following in TRANSITIONS.items()}
    assert documented() == coded


def test_the_page_names_the_states_after_which_a_new_attempt_is_made() -> None:
    sentence = re.search(r"^(.*) are the only states after which", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sentence is not None
    assert set(re.findall(r"`(\w+)`", sentence[1])) == {str(state) for state in OVER}


@pytest.mark.parametrize(("state", "event"), EVERY, ids=lambda value: str(value))
def test_what_the_page_shows_happens_and_anything_else_is_refused(state: State, event: Event) -> None:
    following = documented().get((str(state), str(event)))
    if following is None:
        with pytest.raises(ValueError, match=f"{state} cannot meet {event}"):
            after(state, event)
    else:
        assert after(state, event) == following


def test_every_state_can_be_reached_and_every_one_that_is_not_over_can_be_left() -> None:
    reached = {State.RESERVED, *TRANSITIONS.values()}
    left = {state for state, _ in TRANSITIONS}
    assert reached == set(State)
    assert set(State) - left == set(OVER)


def test_only_a_person_or_a_find_leads_out_of_unresolved() -> None:
    ways = {event for state, event in TRANSITIONS if state is State.UNRESOLVED}
    assert ways == {Event.FOUND, Event.ADOPT, Event.DECLARE_NOT_MADE}


def test_a_reserved_submission_is_called_for() -> None:
    assert move(Submission(State.RESERVED)) == (Move.CALL, 0.0)


def test_an_accepted_one_has_its_job() -> None:
    assert move(Submission(State.ACCEPTED, 1, ago(60), ago(60))) == (Move.TAKE_JOB, 0.0)


@pytest.mark.parametrize("state", OVER)
def test_what_is_over_may_be_followed_by_a_new_attempt(state: State) -> None:
    assert move(Submission(state, 1, ago(60), ago(60))) == (Move.NEW_ATTEMPT, 0.0)


def test_a_call_under_way_has_no_next_move() -> None:
    with pytest.raises(ValueError, match="calling"):
        move(Submission(State.CALLING, 1, ago(1), ago(1)))


@given(
    state=st.sampled_from([state for state in State if state is not State.CALLING]),
    calls=st.integers(0, 20),
    ages=st.tuples(*[st.none() | st.floats(0, 1e6)] * 3),
    window_s=st.sampled_from([0.0, HOUR_S, WINDOW_S]),
    find=st.booleans(),
)
def test_a_new_attempt_comes_only_after_what_is_over(
    state: State, calls: int, ages: tuple[float | None, ...], window_s: float, find: bool
) -> None:
    first, last, search = (None if age is None else ago(age) for age in ages)
    chosen, wait_s = move(
        Submission(state, calls, first, last, search), provider(window_s=window_s, find=find)
    )
    assert (chosen is Move.NEW_ATTEMPT) == (state in OVER)
    assert (wait_s > 0) == (chosen is Move.WAIT)
    assert not (chosen is Move.SEARCH and not find)


def test_while_the_provider_replays_keys_the_same_key_is_called_again() -> None:
    assert move(unknown())[0] is Move.CALL
    assert move(unknown(calls=RULES.replays - 1))[0] is Move.CALL


def test_a_call_that_could_outlast_the_window_is_not_begun() -> None:
    last_moment_s = WINDOW_S - RULES.call_timeout_s
    assert move(unknown(first_s=last_moment_s - 1))[0] is Move.CALL
    assert move(unknown(first_s=last_moment_s))[0] is Move.SEARCH


def test_the_window_counts_from_the_first_call_not_from_the_last() -> None:
    assert move(unknown(calls=2, first_s=WINDOW_S, last_s=1.0))[0] is Move.SEARCH


def test_after_enough_calls_it_is_searched_for() -> None:
    assert move(unknown(calls=RULES.replays))[0] is Move.SEARCH


def test_a_provider_that_knows_no_keys_is_never_called_again() -> None:
    assert move(unknown(), provider(window_s=0.0))[0] is Move.SEARCH


def test_a_provider_that_cannot_be_searched_is_given_up_and_a_person_asked() -> None:
    blind = provider(window_s=0.0, find=False)
    assert move(unknown(), blind)[0] is Move.GIVE_UP
    assert move(searched(HOUR_S, HOUR_S), blind)[0] is Move.GIVE_UP
    assert move(Submission(State.UNRESOLVED, 1, ago(60), ago(30)), blind)[0] is Move.ASK_A_PERSON


def test_without_a_search_the_key_is_used_as_long_as_it_is_replayed() -> None:
    unsearchable = provider(find=False)
    assert move(unknown(), unsearchable)[0] is Move.CALL
    assert move(unknown(calls=RULES.replays), unsearchable)[0] is Move.GIVE_UP


def test_an_unresolved_one_is_looked_for_again() -> None:
    assert move(Submission(State.UNRESOLVED, 8, ago(60), ago(30)))[0] is Move.SEARCH


@pytest.mark.parametrize(
    ("last_call_s", "search_s", "wait_s"),
    [(0, 0, 900), (899, 899, 1), (100, 800, 800), (800, 100, 800), (900, 900, 0), (HOUR_S, 900, 0)],
)
def test_the_second_search_is_apart_from_the_last_call_and_from_the_first_search(
    last_call_s: float, search_s: float, wait_s: float
) -> None:
    expected = (Move.WAIT, wait_s) if wait_s else (Move.SEARCH, 0.0)
    assert move(searched(last_call_s, search_s)) == expected


def test_after_a_search_the_key_is_not_called_again() -> None:
    young = Submission(State.SEARCHED, 1, ago(2000), ago(2000), ago(1000))
    assert move(young)[0] is Move.SEARCH


CALLING = Submission(State.CALLING, 1, ago(1), ago(1))
AGAIN = Submission(State.CALLING, 2, ago(60), ago(1))


def test_a_refusal_is_certain_only_as_the_answer_to_the_first_call() -> None:
    assert counts_as(Event.DECLINED, CALLING, CALLING) is Event.DECLINED
    assert counts_as(Event.DECLINED, AGAIN, AGAIN) is Event.LOST


@pytest.mark.parametrize("event", sorted(set(Event) - {Event.DECLINED}))
def test_other_events_mean_what_they_are(event: Event) -> None:
    assert counts_as(event, AGAIN, AGAIN) is event


@pytest.mark.parametrize("event", sorted(set(Event) - {Event.ANSWERED, Event.FOUND}))
def test_who_was_overtaken_changes_nothing(event: Event) -> None:
    for there in (Submission(State.UNKNOWN, 1), AGAIN, Submission(State.ACCEPTED, 2)):
        assert counts_as(event, CALLING, there) is None


@pytest.mark.parametrize("event", [Event.ANSWERED, Event.FOUND])
def test_a_job_that_becomes_known_late_is_taken_where_none_is_known(event: Event) -> None:
    for state in (State.UNKNOWN, State.SEARCHED, State.UNRESOLVED):
        assert counts_as(event, CALLING, Submission(state, 1)) is Event.FOUND
    for state in (State.CALLING, State.ACCEPTED, *OVER):
        assert counts_as(event, CALLING, Submission(state, 2)) is None
