"""Hooks against a real receiver with faults, on SQLite and PostgreSQL; three days pass on a clock of the test."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deckcast.batches import hooks
from deckcast.batches.hooks import LEASE, Message, Sender, send_hooks
from deckcast.batches.hooks_setup import send_test
from deckcast.batches.hooks_signing import secret_of, signature
from deckcast.db.people import HookDeliveryRow, HookRow
from deckcast.kit.clock import now
from deckcast.kit.errors import MachineError
from deckcast.kit.secrets import server_key
from hook_receiver import ENDLESS, HOLD, RESET
from hooks_world import HooksWorld, story

PAGE = Path(__file__).parents[2] / "docs" / "hooks.md"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"


def checker_of_the_page() -> Callable[[str, dict[str, str], bytes], bool]:
    """What docs/hooks.md tells receivers to do."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)
    check = names["is_from_deckcast"]
    assert callable(check)
    return check  # type: ignore[no-any-return]


def test_a_message_arrives_once_signed_as_the_page_says(database_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        message_id = await world.tell()
        assert await world.deliver() == 1
        assert await world.deliver() == 0
        (got,) = world.receiver.received
        secret = secret_of(server_key(world.parts.settings), "hok_1")
        check = checker_of_the_page()
        assert check(secret, got.headers, got.body)
        assert not check(secret_of(b"another", "hok_1"), got.headers, got.body)
        assert not check(secret, got.headers, got.body + b" ")
        old = {**got.headers, "webhook-timestamp": str(int(got.headers["webhook-timestamp"]) - 301)}
        assert not check(secret, old, got.body)
        assert got.headers["webhook-id"] == message_id
        assert got.headers["content-type"] == "application/json"
        assert json.loads(got.body)["data"] == {"batchId": "bat_1"}
        row = await world.row(message_id)
        assert (row.tries, row.last_status, row.next_at, row.last_error) == (1, 204, None, None)
        assert row.delivered_at == world.clock()

    story(database_url, tmp_path, body)


def test_three_days_of_failures_end(sqlite_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        began = world.clock.at
        await world.hook()
        message_id = await world.tell()
        secret = secret_of(server_key(world.parts.settings), "hok_1")
        while (due := (await world.row(message_id)).next_at) is not None:
            world.clock.at = due - timedelta(seconds=1)
            assert await world.deliver() == 0 or due == began
            world.clock.at = due
            await world.deliver()
        tries = world.receiver.received
        assert len(tries) == 10
        assert {each.headers["webhook-id"] for each in tries} == {message_id}
        assert len({each.body for each in tries}) == 1
        for each in tries:
            sent_at = int(each.headers["webhook-timestamp"])
            assert each.headers["webhook-signature"] == signature(secret, message_id, sent_at, each.body)
        assert len({each.headers["webhook-timestamp"] for each in tries}) == 10
        assert timedelta(days=2.8) < world.clock.at - began < timedelta(days=3.5)
        row = await world.row(message_id)
        assert (row.tries, row.last_status, row.delivered_at) == (10, 500, None)

    story(sqlite_url, tmp_path, body, "500 Internal Server Error")


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        ("500 Oops", 500, "status 500"),
        ("404 Not Found", 404, "status 404"),
        ("302 Found\r\nLocation: http://169.254.169.254/latest/meta-data", 302, "status 302"),
        (RESET, None, "could not be reached"),
        ("nonsense", None, "could not be reached"),
        (HOLD, None, "No answer came"),
    ],
)
def test_what_is_no_answer_is_tried_again(
    sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    status: int | None,
    error: str,
) -> None:
    monkeypatch.setattr(hooks, "ANSWER_WITHIN_S", 0.5 if answer == HOLD else 15.0)

    async def body(world: HooksWorld) -> None:
        await world.hook()
        message_id = await world.tell()
        await world.deliver(spread=lambda low, high: high)
        row = await world.row(message_id)
        assert (row.tries, row.delivered_at, row.last_status) == (1, None, status)
        assert error in str(row.last_error)
        assert row.next_at == world.clock.at + timedelta(seconds=5.5)
        assert len(world.receiver.received) == 1
        world.clock.at = row.next_at
        world.receiver.answers = ["200 OK"]
        await world.deliver()
        assert (await world.row(message_id)).delivered_at == world.clock.at

    story(sqlite_url, tmp_path, body, answer)


def test_an_answer_without_end_is_not_read(sqlite_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        message_id = await world.tell()
        await world.deliver()
        assert (await world.row(message_id)).last_status == 200

    story(sqlite_url, tmp_path, body, ENDLESS)


def test_a_receiver_says_when_to_come_back(sqlite_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        message_id = await world.tell()
        await world.deliver()
        assert (await world.row(message_id)).next_at == world.clock.at + timedelta(seconds=1234)

    story(sqlite_url, tmp_path, body, "429 Too Many Requests\r\nRetry-After: 1234")


@pytest.mark.parametrize("said", ["soon", "-5", "9" * 400, "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_nonsense_about_when_to_come_back_harms_nobody(sqlite_url: str, tmp_path: Path, said: str) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        message_id = await world.tell()
        await world.deliver()
        row = await world.row(message_id)
        assert row.next_at is not None
        assert row.next_at <= world.clock.at + timedelta(days=1)

    story(sqlite_url, tmp_path, body, f"503 Busy\r\nRetry-After: {said}")


def test_gone_switches_the_hook_off(database_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        await world.hook("hok_2")
        first, second = await world.tell(), await world.tell()
        assert await world.deliver() == 1  # to one hook one after the other: the second is never sent
        assert [each.headers["webhook-id"] for each in world.receiver.received] == [first]
        async with world.db.read() as session:
            assert (await session.get_one(HookRow, "hok_1")).disabled_at == world.clock.at
            assert (await session.get_one(HookRow, "hok_2")).disabled_at is None
        for message_id in (first, second):
            row = await world.row(message_id)
            assert (row.next_at, row.delivered_at) == (None, None)

    story(database_url, tmp_path, body, "410 Gone")


def test_two_senders_never_take_the_same_message(database_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        for number in range(8):
            await world.hook(f"hok_{number}")
        senders = [Sender(world.parts, clock=world.clock) for _ in range(2)]
        for _ in range(5):
            told_ids = {await world.tell(f"hok_{number}") for number in range(8)}
            taken: list[str] = []
            while round_of := [
                each.id for one in await asyncio.gather(*(s.claim(limit=3) for s in senders)) for each in one
            ]:
                taken += round_of
            assert sorted(taken) == sorted(told_ids)
        assert {row.tries for row in await world.all()} == {1}

    story(database_url, tmp_path, body)


def test_what_a_dead_sender_had_in_hand_is_sent_again(database_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        message_id = await world.tell()
        (lost,) = await Sender(world.parts, clock=world.clock).claim()
        assert await world.deliver() == 0
        world.clock.at += LEASE
        assert await world.deliver() == 1
        assert world.receiver.received[0].headers["webhook-id"] == message_id
        world.receiver.answers = ["500 Oops"]
        await Sender(world.parts, clock=world.clock).send(lost)  # it was frozen, not dead
        row = await world.row(message_id)
        assert (row.tries, row.last_status, row.next_at) == (2, 204, None)

    story(database_url, tmp_path, body)


def test_a_frozen_sender_takes_nothing_from_who_went_on(sqlite_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        message_id = await world.tell()
        sender = Sender(world.parts, clock=world.clock)
        (frozen,) = await sender.claim()
        world.clock.at += LEASE
        (going_on,) = await sender.claim()
        leased_to = world.clock.at + LEASE
        await sender.send(frozen)
        row = await world.row(message_id)
        assert (row.tries, row.next_at) == (2, leased_to)  # the newer try is not over
        world.receiver.answers = ["204 No Content"]
        await sender.send(frozen)
        world.receiver.answers = ["500 Oops"]
        await sender.send(going_on)
        row = await world.row(message_id)
        assert (row.delivered_at, row.next_at) == (world.clock.at, None)

    story(sqlite_url, tmp_path, body, "500 Oops")


def test_a_slow_receiver_holds_up_nobody_else(sqlite_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook("hok_1", world.receiver.url("/held"))
        await world.hook("hok_2", world.receiver.url("/quick"))
        for _ in range(3):
            await world.tell("hok_1")
            await world.tell("hok_2")
        stop = asyncio.Event()
        sending = asyncio.create_task(send_hooks(world.parts, stop))
        await world.receiver.until("/quick", times=3)
        assert [each.path for each in world.receiver.received].count("/held") == 1  # one at a time
        stop.set()
        world.receiver.released.set()
        await sending

    story(sqlite_url, tmp_path, body)


def test_the_loop_ends_while_a_receiver_says_nothing(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "STOP_WITHIN_S", 0.05)

    async def body(world: HooksWorld) -> None:
        await world.hook("hok_1", world.receiver.url("/held"))
        message_id = await world.tell()
        stop = asyncio.Event()
        sending = asyncio.create_task(send_hooks(world.parts, stop))
        await world.receiver.until("/held")
        stop.set()
        await sending
        row = await world.row(message_id)
        assert row.next_at is not None  # due again when its time is over
        assert row.delivered_at is None

    story(sqlite_url, tmp_path, body)


def test_the_loop_outlives_a_database_that_is_away(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "LOOK_S", 0.01)
    claim, failures = Sender.claim, [MachineError("database_unreachable", "Away."), KeyError("odd")]

    async def failing(self: Sender, *asked: Any) -> Sequence[Message]:
        if failures:
            raise failures.pop()
        return await claim(self, *asked)

    monkeypatch.setattr(Sender, "claim", failing)

    async def body(world: HooksWorld) -> None:
        await world.hook("hok_1", world.receiver.url("/quick"))
        await world.tell()
        sending = asyncio.create_task(send_hooks(world.parts, asyncio.Event()))
        await world.receiver.until("/quick")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert sending.cancelled()
        assert failures == []

    story(sqlite_url, tmp_path, body)


NUMBERS = [
    "https://127.0.0.1:{port}/",
    "https://2130706433:{port}/",  # the same in decimals
    "https://0177.0.0.1:{port}/",  # in octals
    "https://0x7f000001:{port}/",
    "https://127.1:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://192.0.0.192:{port}/",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost:{port}/",
    "https://user@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/",
]


@pytest.mark.parametrize("url", NUMBERS)
def test_nothing_is_sent_to_private_addresses(sqlite_url: str, tmp_path: Path, url: str) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook(url=url.format(port=world.receiver.port))
        message_id = await world.tell()
        await world.deliver()
        row = await world.row(message_id)
        assert "Nothing was sent" in str(row.last_error)
        assert world.receiver.received == []

    story(sqlite_url, tmp_path, body, private=False)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["64:ff9b::7f00:1"]])
def test_every_address_of_a_name_is_checked_each_time(
    sqlite_url: str, tmp_path: Path, addresses: list[str]
) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return addresses

    async def body(world: HooksWorld) -> None:
        await world.hook(url=f"https://rebinding.example.com:{world.receiver.port}/")
        message_id = await world.tell()
        await world.deliver(resolve=resolve)
        row = await world.row(message_id)
        assert "Nothing was sent" in str(row.last_error)
        assert "rebinding" not in str(row.last_error)
        assert row.next_at is not None
        world.clock.at = row.next_at
        await world.deliver(resolve=resolve)
        assert asked == ["rebinding.example.com"] * 2
        assert world.receiver.received == []

    story(sqlite_url, tmp_path, body, private=False)


def test_a_test_message_is_one_at_a_time(database_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        rows = await asyncio.gather(*(send_test(world.parts, "local", "hok_1") for _ in range(3)))
        assert len({row.id for row in rows}) == 1
        world.clock.at = now()
        assert await world.deliver() == 1
        row = await world.row(rows[0].id)
        assert (row.kind, row.tries, row.last_status, row.next_at) == ("hook.test", 1, 500, None)
        assert (await send_test(world.parts, "local", "hok_1")).id != row.id

    story(database_url, tmp_path, body, "500 Oops")


def test_old_messages_are_forgotten(sqlite_url: str, tmp_path: Path) -> None:
    async def body(world: HooksWorld) -> None:
        await world.hook()
        old, young = await world.tell(), await world.tell()
        async with world.db.write() as session:
            (await session.get_one(HookDeliveryRow, old)).created_at = now() - timedelta(days=31)
            (await session.get_one(HookDeliveryRow, young)).created_at = now() - timedelta(days=29)
        await hooks.forget_old(world.parts)
        assert [row.id for row in await world.all()] == [young]

    story(sqlite_url, tmp_path, body)
