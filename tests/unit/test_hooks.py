"""Hooks: signatures, waits between tries, and addresses to which nothing is sent."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from deckcast.batches.hooks import WAITS_S, Message, next_try
from deckcast.batches.hooks_repository import BATCH_ENDED, TEST
from deckcast.batches.hooks_setup import check_url
from deckcast.batches.hooks_signing import secret_of, signature
from deckcast.kit.errors import CallError

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_published_example_of_standard_webhooks() -> None:
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_differ_by_hook_and_server_and_come_again() -> None:
    secret = secret_of(b"key", "hok_1")
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert secret_of(b"key", "hok_1") == secret
    assert len({secret, secret_of(b"key", "hok_2"), secret_of(b"other", "hok_1")}) == 3


def waited_s(tries: int, asked_s: float | None = None, kind: str = BATCH_ENDED) -> float | None:
    message = Message("msg_1", "hok_1", "https://example.com", kind, {}, tries)
    again_at = next_try(message, AT, asked_s, lambda low, high: (low + high) / 2)
    return None if again_at is None else (again_at - AT).total_seconds()


def test_three_days_of_tries() -> None:
    waits = [waited_s(tries) for tries in range(1, 11)]
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None]
    assert timedelta(days=3) <= timedelta(seconds=sum(WAITS_S)) < timedelta(days=3.2)


def test_waits_are_spread() -> None:
    message = Message("msg_1", "hok_1", "https://example.com", BATCH_ENDED, {}, 2)
    asked: list[tuple[float, float]] = []

    def spread(low: float, high: float) -> float:
        asked.append((low, high))
        return high

    again_at = next_try(message, AT, None, spread)
    assert again_at is not None
    assert asked == [(0.9, 1.1)]
    assert (again_at - AT).total_seconds() == pytest.approx(330)


@pytest.mark.parametrize(
    ("tries", "asked_s", "waits_s"),
    [(1, 3.0, 5), (1, 120.0, 120), (9, 120.0, 86400), (1, 1e9, 86400), (1, float("inf"), 86400)],
)
def test_what_the_receiver_asks_for_is_waited_up_to_a_day(tries: int, asked_s: float, waits_s: int) -> None:
    assert waited_s(tries, asked_s) == waits_s


def test_a_test_is_sent_once() -> None:
    assert waited_s(1, kind=TEST) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "https://example.com:8443/hook?key=1",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
    ],
)
def test_addresses_of_the_public_internet(url: str) -> None:
    check_url(url, allow_private=False)


PRIVATE = [
    "http://example.com/hook",
    "https://localhost/hook",
    "https://inner.localhost/hook",
    "https://127.0.0.1/hook",
    "https://0.0.0.0/hook",
    "https://10.0.0.1/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://192.0.0.192/",
    "https://100.100.100.200/",
    "https://[::1]/hook",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fd00:ec2::254]/",
]


@pytest.mark.parametrize(
    "url", [*PRIVATE, "ftp://example.com/", "https://user:word@example.com/", "https:///x", ""]
)
def test_addresses_that_are_refused_at_once(url: str) -> None:
    with pytest.raises(CallError) as caught:
        check_url(url, allow_private=False)
    assert caught.value.code == "hook_url_refused"


@pytest.mark.parametrize("url", PRIVATE)
def test_inside_a_company_private_addresses_will_do(url: str) -> None:
    check_url(url, allow_private=True)


@pytest.mark.parametrize("url", ["ftp://10.0.0.1/", "https://user:word@10.0.0.1/", "https:///x"])
def test_nothing_else_will_do_there(url: str) -> None:
    with pytest.raises(CallError):
        check_url(url, allow_private=True)
