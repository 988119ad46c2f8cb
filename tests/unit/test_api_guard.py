"""Whom the server answers to: its own names and PUBLIC_URL's, whatever the port, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from deckcast.api.guard import Guard, hosts_for, origin_of
from deckcast.api.server import check_exposure, is_loopback
from deckcast.kit.errors import CallError

Message = dict[str, Any]


async def served(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"for us"})


def call(
    hosts: list[str],
    public_url: str | None = None,
    kind: str = "http",
    method: str = "GET",
    path: str = "/",
    more: Sequence[tuple[str, str]] = (),
) -> list[Message]:
    """What the guard sends for a call with these Host headers."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", host.encode("latin-1")) for host in hosts] + [(b"x-forwarded-host", b"localhost")]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in more]
    scheme = "ws" if kind == "websocket" else "http"
    scope = {"type": kind, "method": method, "path": path, "scheme": scheme, "headers": headers}
    asyncio.run(Guard(served, hosts_for(public_url), public_url)(scope, receive, send))
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
    "address",
    ["deckcast.example.org", "ftp://example.org", "https://", "http://[::1", "", "http://example.org:99999"],
)
def test_a_public_address_that_is_none(address: str) -> None:
    with pytest.raises(CallError) as caught:
        hosts_for(address)
    assert caught.value.code == "settings_invalid"


HERE = "localhost:8080"
OUR_PAGE = ("Origin", f"http://{HERE}")
FOREIGN = [
    [("Origin", "https://evil.example")],
    [("Origin", "http://localhost:9000")],  # another program of this machine
    [("Origin", f"https://{HERE}")],
    [("Origin", "http://127.0.0.1:8080")],  # the name it was called by is the one that counts
    [("Origin", "null")],
    [("Origin", "")],
    [OUR_PAGE, ("Origin", "https://evil.example")],
    [("Origin", "http://localhost:8080.evil.example")],
    [("Sec-Fetch-Site", "cross-site")],
    [("Sec-Fetch-Site", "same-site")],
    [("Sec-Fetch-Site", "")],
    [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
    [OUR_PAGE, ("Sec-Fetch-Site", "cross-site")],
]
OURS = [
    [],  # a program that is no browser
    [OUR_PAGE],
    [("Origin", "HTTP://LocalHost:8080")],
    [OUR_PAGE, ("Sec-Fetch-Site", "same-origin")],
    [("Sec-Fetch-Site", "none")],
]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "ANYTHING"])
@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_other_sites_do_nothing_here(method: str, headers: list[tuple[str, str]]) -> None:
    assert call([HERE], method=method, more=headers)[0]["status"] == 403


@pytest.mark.parametrize("headers", OURS)
def test_our_own_page_does(headers: list[tuple[str, str]]) -> None:
    assert call([HERE], method="POST", more=headers)[0]["status"] == 200


@pytest.mark.parametrize("headers", FOREIGN)
def test_sockets_are_for_our_own_page(headers: list[tuple[str, str]]) -> None:
    assert call([HERE], kind="websocket", more=headers) == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("headers", OURS)
def test_our_own_page_gets_its_socket(headers: list[tuple[str, str]]) -> None:
    assert call([HERE], kind="websocket", more=headers)[0]["type"] == "http.response.start"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_links_from_elsewhere_lead_here(method: str) -> None:
    assert call([HERE], method=method, more=[("Sec-Fetch-Site", "cross-site")])[0]["status"] == 200


def test_a_token_is_never_sent_unasked() -> None:
    foreign, token = ("Origin", "https://evil.example"), ("Authorization", "Bearer dct_x")
    cookie = ("Cookie", "theme=dark; deckcast_session=abc")
    assert call([HERE], method="POST", more=[foreign, token])[0]["status"] == 200
    assert call([HERE], method="POST", more=[foreign, token, cookie])[0]["status"] == 403
    assert call([HERE], method="POST", more=[foreign, ("Authorization", "Basic abc")])[0]["status"] == 403
    safer = ("Cookie", "__Host-deckcast_session=abc")
    assert call([HERE], method="POST", more=[foreign, token, safer])[0]["status"] == 403


def test_webhooks_count_by_their_signature_alone() -> None:
    foreign = [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")]
    assert call([HERE], method="POST", path="/api/webhooks/heygen", more=foreign)[0]["status"] == 200
    assert call([HERE], method="POST", path="/api/webhooks", more=foreign)[0]["status"] == 403


def test_behind_a_proxy_the_page_is_of_the_public_address() -> None:
    public, called = "https://Deckcast.example.org", ["deckcast.example.org"]
    for origin, status in {
        "https://deckcast.example.org": 200,
        "https://deckcast.example.org:443": 200,
        "https://deckcast.example.org:444": 403,
        "https://www.deckcast.example.org": 403,
    }.items():
        assert call(called, public, method="POST", more=[("Origin", origin)])[0]["status"] == status
        refused = call(called, public, kind="websocket", more=[("Origin", origin)])[0]["type"]
        assert (refused == "websocket.close") is (status == 403)


def test_an_origin_has_one_spelling() -> None:
    assert origin_of("http://localhost") == origin_of("HTTP://LOCALHOST:80/x") == "http://localhost:80"
    assert origin_of("https://[FD00::7]") == "https://[fd00::7]:443"
    assert [origin_of(each) for each in ("null", "", "file:///x", "http://x:y", "http://[::1")] == [None] * 5


def test_no_page_frames_or_embeds_what_is_here() -> None:
    headers = dict(call([HERE])[0]["headers"])
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"cross-origin-resource-policy"] == b"same-origin"


def test_open_to_others_only_with_a_public_address() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "10.0.0.7")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    check_exposure("127.0.0.1", None)
    check_exposure("0.0.0.0", "https://deckcast.example.org")
    with pytest.raises(CallError) as caught:
        check_exposure("0.0.0.0", None)
    assert caught.value.code == "public_url_missing"
