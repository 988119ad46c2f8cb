"""Progress, estimates and requests as plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.avatars.ports import RateCard
from deckcast.batches.models import BatchKind, BatchState, MakeRequest, Status, Step
from deckcast.batches.money import cost_usd
from deckcast.batches.progress import Progress, SlideProgress
from deckcast.cli.request import parse_slides
from deckcast.kit.errors import CallError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def slide(number: int, step: Step, estimated_s: float = 10.0) -> SlideProgress:
    return SlideProgress(
        number=number,
        title=f"Slide {number}",
        step=step,
        status=Status.PENDING,
        reused=False,
        estimated_s=estimated_s,
        warnings=(),
        error=None,
        clip_key=None,
        frames=0,
        speech_duration_s=0.0,
        cost_usd=0.0,
        made_at=None,
        started_at=None,
    )


def progress(*steps: Step) -> Progress:
    slides = tuple(slide(number, step) for number, step in enumerate(steps, start=1))
    return Progress("bat_1", BatchKind.PRESENTATION_VIDEO, BatchState.RUNNING, slides, None, (), NOW)


def test_the_share_grows_with_every_step_and_ends_at_one() -> None:
    shares = [progress(step, Step.WAITING).share for step in Step]
    assert shares == sorted(shares)
    assert progress(Step.WAITING, Step.WAITING).share == 0
    assert progress(Step.DONE, Step.DONE).share == 1


def test_the_share_is_weighted_by_seconds() -> None:
    long, short = slide(1, Step.DONE, 90.0), slide(2, Step.WAITING, 10.0)
    assert replace(progress(), slides=(long, short)).share == pytest.approx(0.9)


def test_no_estimate_until_it_can_be_trusted() -> None:
    assert progress(Step.WAITING, Step.WAITING).eta_s(10.0, 0.0) is None
    assert progress(Step.DONE, Step.WAITING).eta_s(10.0, 0.5) is None
    low, high = progress(Step.DONE, Step.WAITING).eta_s(10.0, 0.0) or (0.0, 0.0)
    assert low < 10.0 < high


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
