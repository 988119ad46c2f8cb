"""The submission's state machine: what may happen to the one paid call, and what to do next. No I/O.

Its table stands in docs/submissions.md; a test compares the two. The rule behind it: a call whose answer is
not known is only ever repeated under the same key while the provider replays it, and a new key is only ever
used when it is certain that the old one made nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deckcast.avatars.ports import Capabilities


class State(StrEnum):
    """Where a submission is."""

    RESERVED = "reserved"  # key, order and money are committed; no call was begun
    CALLING = "calling"  # a call may be under way; found so after a crash, its answer is lost
    UNKNOWN = "unknown"  # a call went out and no answer came: a job may have been made
    SEARCHED = "searched"  # unknown, and one whole search did not find the job
    UNRESOLVED = "unresolved"  # nobody but a person can say what became of it
    ACCEPTED = "accepted"  # the job is known
    REFUSED = "refused"  # the provider said no; nothing was made
    NOT_MADE = "not_made"  # proved by two searches, or said by a person: nothing was made
    ENDED = "ended"  # the job has failed at the provider, and is not paid


class Event(StrEnum):
    """What can happen to a submission."""

    CALL = "call"
    ANSWERED = "answered"
    DECLINED = "declined"
    LOST = "lost"
    FOUND = "found"
    NOT_FOUND = "not_found"
    GIVE_UP = "give_up"
    ADOPT = "adopt"
    DECLARE_NOT_MADE = "declare_not_made"
    JOB_FAILED = "job_failed"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.RESERVED, Event.CALL): State.CALLING,
    (State.CALLING, Event.ANSWERED): State.ACCEPTED,
    (State.CALLING, Event.DECLINED): State.REFUSED,
    (State.CALLING, Event.LOST): State.UNKNOWN,
    (State.UNKNOWN, Event.CALL): State.CALLING,
    (State.UNKNOWN, Event.FOUND): State.ACCEPTED,
    (State.UNKNOWN, Event.NOT_FOUND): State.SEARCHED,
    (State.UNKNOWN, Event.GIVE_UP): State.UNRESOLVED,
    (State.SEARCHED, Event.FOUND): State.ACCEPTED,
    (State.SEARCHED, Event.NOT_FOUND): State.NOT_MADE,
    (State.SEARCHED, Event.GIVE_UP): State.UNRESOLVED,
    (State.UNRESOLVED, Event.FOUND): State.ACCEPTED,
    (State.UNRESOLVED, Event.ADOPT): State.ACCEPTED,
    (State.UNRESOLVED, Event.DECLARE_NOT_MADE): State.NOT_MADE,
    (State.ACCEPTED, Event.JOB_FAILED): State.ENDED,
}

OVER = (State.REFUSED, State.NOT_MADE, State.ENDED)
"""Only after one of these may a new attempt, with a new key, be made."""


def after(state: State, event: Event) -> State:
    """The state that follows; raises ValueError where the event cannot happen in this state."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ValueError(f"a submission that is {state} cannot meet {event}") from None


@dataclass(frozen=True, slots=True)
class Submission:
    """One key's history. `called_at` is when its last call ended, or was found to have lost its answer."""

    state: State
    calls: int = 0
    first_called_at: datetime | None = None
    called_at: datetime | None = None
    searched_at: datetime | None = None


def counts_as(event: Event, before: Submission, there: Submission) -> Event | None:
    """What an event, met by whoever acted on `before`, means for the submission as it is `there` now.

    A refusal proves nothing where an earlier call under the same key may have made a job: it is a lost answer.
    None where somebody else has gone on with the submission meanwhile; then only the job's id still counts.
    """
    if (there.state, there.calls) == (before.state, before.calls):
        return Event.LOST if event is Event.DECLINED and there.calls > 1 else event
    job_known = event in (Event.ANSWERED, Event.FOUND) and (there.state, Event.FOUND) in TRANSITIONS
    return Event.FOUND if job_known else None


@dataclass(frozen=True, slots=True)
class Rules:
    """How long and how often; times in seconds.

    `replays` bounds the calls under one key. The second empty search counts as proof only `search_apart_s`
    after the last call and the first search. `call_timeout_s` is the longest that a call takes.
    """

    replays: int = 8
    search_apart_s: float = 900.0
    call_timeout_s: float = 120.0


class Move(StrEnum):
    """What to do with a submission next."""

    CALL = "call"
    SEARCH = "search"
    WAIT = "wait"
    GIVE_UP = "give_up"
    TAKE_JOB = "take_job"
    NEW_ATTEMPT = "new_attempt"
    ASK_A_PERSON = "ask_a_person"


def next_move(
    submission: Submission, can: Capabilities, rules: Rules, moment: datetime
) -> tuple[Move, float]:
    """What to do next, and how many seconds to wait where the move is WAIT.

    Raises ValueError while a call is under way: its answer is met first, or lost.
    """
    match submission.state:
        case State.RESERVED:
            return Move.CALL, 0.0
        case State.CALLING:
            raise ValueError("a submission that is calling has no next move before its answer is met or lost")
        case State.ACCEPTED:
            return Move.TAKE_JOB, 0.0
        case State.UNRESOLVED:
            return (Move.SEARCH if can.find_by_key else Move.ASK_A_PERSON), 0.0
        case State.UNKNOWN if _replays(submission, can, rules, moment):
            return Move.CALL, 0.0
        case State.UNKNOWN | State.SEARCHED if not can.find_by_key:
            return Move.GIVE_UP, 0.0
        case State.UNKNOWN:
            return Move.SEARCH, 0.0
        case State.SEARCHED:
            wait_s = _until_search_counts(submission, rules, moment)
            return (Move.WAIT, wait_s) if wait_s > 0 else (Move.SEARCH, 0.0)
        case _:
            return Move.NEW_ATTEMPT, 0.0


def _replays(submission: Submission, can: Capabilities, rules: Rules, moment: datetime) -> bool:
    if submission.first_called_at is None or submission.calls >= rules.replays:
        return False
    age_s = (moment - submission.first_called_at).total_seconds()
    return age_s + rules.call_timeout_s < can.replay_window_s


def _until_search_counts(submission: Submission, rules: Rules, moment: datetime) -> float:
    since = [at for at in (submission.called_at, submission.searched_at) if at is not None]
    due = max(since, default=moment - timedelta(days=1)) + timedelta(seconds=rules.search_apart_s)
    return (due - moment).total_seconds()
