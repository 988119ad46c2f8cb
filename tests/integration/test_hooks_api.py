"""Hooks by the API of a real server: set up, tried, looked into, removed; and only by who owns them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deckcast.batches.hooks import deliver_due
from deckcast.batches.hooks_signing import secret_of, signature
from deckcast.db.people import HookDeliveryRow, HookRow
from deckcast.kit.clock import now
from deckcast.kit.secrets import KEY_FILE, server_key
from deckcast.kit.settings import Settings
from hook_receiver import receiving
from serving import Server, story

PRIVATE = {"hooks": {"allow_private": True}}


async def made(server: Server, url: str = "https://example.com/hook") -> dict[str, Any]:
    answer = await server.client.post("/api/hooks", json={"url": url})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_set_up_tried_and_removed(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        async with receiving() as receiver:
            hook = await made(server, receiver.url())
            assert set(hook) == {"id", "url", "createdAt", "disabledAt", "secret"}
            (listed,) = (await server.client.get("/api/hooks")).json()["items"]
            assert listed == {name: value for name, value in hook.items() if name != "secret"}
            answer = await server.client.post(f"/api/hooks/{hook['id']}/test")
            assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
            await deliver_due(server.parts)
            (got,) = receiver.received
            sent_at = int(got.headers["webhook-timestamp"])
            expected = signature(hook["secret"], got.headers["webhook-id"], sent_at, got.body)
            assert got.headers["webhook-signature"] == expected
            (item,) = (await server.client.get(f"/api/hooks/{hook['id']}/deliveries")).json()["items"]
            assert item["id"] == answer.json()["id"] == got.headers["webhook-id"]
            assert (item["type"], item["state"], item["tries"]) == ("hook.test", "delivered", 1)
            assert (item["lastStatus"], item["nextTryAt"]) == (204, None)
        assert (await server.client.delete(f"/api/hooks/{hook['id']}")).status_code == 204
        assert (await server.client.get("/api/hooks")).json() == {"items": [], "nextCursor": None}
        assert (await server.client.get(f"/api/hooks/{hook['id']}/deliveries")).status_code == 404

    story(tmp_path, told, **PRIVATE)


def test_deliveries_come_in_pages_newest_first(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        hook = await made(server)
        async with server.parts.db.write() as session:
            for number in range(5):
                session.add(HookDeliveryRow(id=f"msg_{number}", hook_id=hook["id"], kind="x", payload={}))
        address, seen = f"/api/hooks/{hook['id']}/deliveries?limit=2", []
        page = (await server.client.get(address)).json()
        while True:
            assert len(page["items"]) <= 2
            seen += [item["id"] for item in page["items"]]
            if page["nextCursor"] is None:
                break
            page = (await server.client.get(f"{address}&cursor={page['nextCursor']}")).json()
        assert seen == [f"msg_{number}" for number in (4, 3, 2, 1, 0)]

    story(tmp_path, told)


def test_what_is_somebody_elses_is_not_there(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        async with server.parts.db.write() as session:
            session.add(HookRow(id="hok_1", owner="somebody", url="https://example.com/hook"))
        calls = [("GET", "/deliveries"), ("POST", "/test"), ("DELETE", "")]
        for method, path in calls:
            foreign = await server.client.request(method, f"/api/hooks/hok_1{path}")
            unknown = await server.client.request(method, f"/api/hooks/hok_2{path}")
            assert (foreign.status_code, foreign.json()) == (404, unknown.json())
        assert (await server.client.get("/api/hooks")).json()["items"] == []
        async with server.parts.db.read() as session:
            assert await session.get(HookRow, "hok_1") is not None

    story(tmp_path, told)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "https://127.0.0.1/"}, "hook_url_refused"),
        ({"url": "http://example.com/"}, "hook_url_refused"),
        ({"url": "https://user:word@example.com/"}, "hook_url_refused"),
        ({"url": "https://["}, "hook_url_refused"),
        ({"url": "https://!/"}, "hook_url_refused"),
        ({"url": "https://"}, "request_invalid"),
        ({"url": "ftp://example.com/"}, "request_invalid"),
        ({"url": "https://example.com/\x00"}, "request_invalid"),
        ({"url": "https://example.com/" + "x" * 2000}, "request_invalid"),
        ({"url": "https://example.com/", "secret": "mine"}, "request_invalid"),
        ({}, "request_invalid"),
        ([], "request_invalid"),
    ],
)
def test_addresses_that_are_refused(tmp_path: Path, body: Any, code: str) -> None:
    async def told(server: Server) -> None:
        answer = await server.client.post("/api/hooks", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    story(tmp_path, told)


def test_a_hook_that_is_switched_off_is_not_tried(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        hook = await made(server)
        async with server.parts.db.write() as session:
            (await session.get_one(HookRow, hook["id"])).disabled_at = now()
        answer = await server.client.post(f"/api/hooks/{hook['id']}/test")
        assert (answer.status_code, answer.json()["code"]) == (409, "hook_disabled")

    story(tmp_path, told)


def test_the_servers_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    keys = {server_key(settings), server_key(settings)}
    assert len(keys) == 1
    file = tmp_path / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(keys.pop()) == 32
    assert file.read_bytes() not in (server_key(settings), b"")


def test_two_processes_that_start_at_once_agree_on_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)

    def chosen(size: int) -> bytes:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)  # gives the other the time to choose too, where it may
        return os.urandom(size)

    monkeypatch.setattr("deckcast.kit.secrets.secrets.token_bytes", chosen)
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(2) as at_once:
        assert len(set(at_once.map(lambda _: server_key(settings), range(2)))) == 1


def test_a_key_from_the_settings_needs_no_file(tmp_path: Path) -> None:
    keys = [server_key(Settings(data_dir=tmp_path, secret_key=text)) for text in ("one", "one", "two")]
    assert keys[0] == keys[1] != keys[2]
    assert not (tmp_path / KEY_FILE).exists()
    server_key(Settings(data_dir=tmp_path, secret_key=""))  # an empty one is none: everybody knows it
    assert (tmp_path / KEY_FILE).exists()


def test_no_secret_is_kept(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        hook = await made(server)
        assert hook["secret"] == secret_of(server_key(server.parts.settings), hook["id"])
        word = hook["secret"].removeprefix("whsec_").encode()
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(hook["id"].encode() in path.read_bytes() for path in files)
        assert not any(word in path.read_bytes() for path in files)

    story(tmp_path, told)


def test_both_of_two_calls_at_once_get_hooks_of_their_own(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        first, second = await asyncio.gather(made(server), made(server))
        assert first["id"] != second["id"]
        assert first["secret"] != second["secret"]

    story(tmp_path, told)
