"""Whom the server answers to: its own names and PUBLIC_URL's, whatever the port, and no other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deckcast.api.guard import Guard, hosts_for
from deckcast.api.server import check_exposure, is_loopback
from deckcast.kit.errors import CallError

Message = dict[str, Any]


async def served(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"for us"})


def call(hosts: list[str], public_url: str | None = None, kind: str = "http") -> list[Message]:
    """What the guard sends for a call with these Host headers."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", host.encode("latin-1")) for host in hosts] + [(b"x-forwarded-host", b"localhost")]
    scope = {"type": kind, "method": "GET", "path": "/", "headers": headers}
    asyncio.run(Guard(served, hosts_for(public_url))(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8080"]
)
def test_its_own_names(host: str) -> None:
    assert call([host])[0]["status"] == 200


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example"],
        ["evil.example:8080"],
        ["localhost.evil.example"],
        ["127.0.0.1.evil.example"],
        ["evil.example@localhost"],
        ["localhost@evil.example"],
        ["localhost:80:80"],
        ["localhost:evil"],
        ["localhost/"],
        ["127.0.0.2"],
        ["::1"],
        ["[::2]"],
        [" localhost"],
        [""],
        ["\xe9"],
        [],
        ["localhost", "evil.example"],
        ["localhost", "localhost"],
    ],
)
def test_any_other_name_is_refused(hosts: list[str]) -> None:
    assert call(hosts)[0]["status"] == 421


def test_the_name_of_the_public_address() -> None:
    public = "https://Deckcast.Example.org:8443/some/path"
    assert call(["deckcast.example.org"], public)[0]["status"] == 200
    assert call(["localhost"], public)[0]["status"] == 200
    assert call(["example.org"], public)[0]["status"] == 421
    assert call(["[fd00::7]:80"], "http://[FD00::7]")[0]["status"] == 200


def test_a_socket_under_another_name_is_closed() -> None:
    assert call(["evil.example"], kind="websocket") == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    "address", ["deckcast.example.org", "ftp://example.org", "https://", "http://[::1", ""]
)
def test_a_public_address_that_is_none(address: str) -> None:
    with pytest.raises(CallError) as caught:
        hosts_for(address)
    assert caught.value.code == "settings_invalid"


def test_open_to_others_only_with_a_public_address() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "10.0.0.7")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    check_exposure("127.0.0.1", None)
    check_exposure("0.0.0.0", "https://deckcast.example.org")
    with pytest.raises(CallError) as caught:
        check_exposure("0.0.0.0", None)
    assert caught.value.code == "public_url_missing"
