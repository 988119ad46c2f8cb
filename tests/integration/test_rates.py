"""How often somebody may ask: counted by user and by address, refused with the time to wait, free again after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deckcast.api import rates
from deckcast.api.rates import Rates
from deckcast.kit.errors import CallError
from deckcast.kit.settings import RateSettings
from serving import Server, story


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    counters = Rates(RateSettings(batches_per_minute=3, uploads_per_hour=1))
    for _ in range(3):
        counters.count(counters.batches, "ann", "orders of work")
    with pytest.raises(CallError) as refused:
        counters.count(counters.batches, "ann", "orders of work")
    error = refused.value
    assert (error.code, error.retryable) == ("too_many_requests", True)
    assert error.facts == {"limit": 3, "period_s": 60}
    assert error.retry_after_s is not None
    assert 1 <= error.retry_after_s <= 60
    counters.count(counters.batches, "bob", "orders of work")
    counters.count(counters.uploads, "ann", "uploads")
    with pytest.raises(CallError):
        counters.count(counters.uploads, "ann", "uploads")


def test_one_network_of_ipv6_counts_as_one_address() -> None:
    assert rates._network("2001:db8::1") == rates._network("2001:db8::ffff:1")
    assert rates._network("2001:db8::1") != rates._network("2001:db8:0:1::1")
    assert rates._network("192.0.2.1") != rates._network("192.0.2.2")


def test_orders_of_work_and_uploads_are_limited_over_the_real_server(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        path = "/api/presentations/pre_1/generate-all-avatar-videos"
        answers = [await server.client.post(path, json={}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
        assert answers[2].json()["facts"] == {"limit": 2, "periodS": 60}
        uploads = [
            await server.client.post("/api/presentations", files={"file": b"no deck"}) for _ in range(2)
        ]
        assert uploads[1].status_code == 429
        assert (await server.client.get("/api/presentations")).status_code == 200  # reading is not limited

    story(tmp_path, told, rates={"batches_per_minute": 2, "uploads_per_hour": 1})


def test_attempts_to_sign_in_are_limited_by_address(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        tries = range(rates.SIGN_INS_PER_MINUTE + 5)
        calls = [
            server.client.post("/api/sessions", json={"token": f"dct_{number:043d}"}) for number in tries
        ]
        statuses = [answer.status_code for answer in await asyncio.gather(*calls)]
        assert statuses.count(429) == 5

    story(tmp_path, told)


def test_webhooks_are_not_limited(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        from serving import event

        answers = await asyncio.gather(*(server.send(event(f"evt_{number}")) for number in range(30)))
        assert {answer.status_code for answer in answers} == {200}

    story(tmp_path, told, rates={"batches_per_minute": 1, "uploads_per_hour": 1})
