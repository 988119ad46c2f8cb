"""Addresses from outside: which are public, what is sent where, and when a result is not taken."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence

import httpx2
import pytest

from deckcast.avatars.fetching import Outside
from deckcast.kit.errors import WorkError
from deckcast.kit.outside import is_loopback, is_public

API = "https://api.example.com"
PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"],
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # metadata
        "100.64.0.1",
        "100.100.100.200",  # metadata
        "192.0.0.192",  # metadata
        "192.0.0.9",
        "168.63.129.16",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",  # metadata
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
        "example.com",
        "",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("https://api.example.com", False),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("nonsense", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


Answer = Callable[[httpx2.Request], httpx2.Response]


class Net:
    """A network of one answer and a list of names; it notes what was asked of it."""

    def __init__(
        self,
        answer: Answer,
        names: dict[str, Sequence[str]] | None = None,
        own: str = API,
        step_s: float = 0.0,
    ) -> None:
        self.sent: list[httpx2.Request] = []
        self.resolved: list[str] = []
        self.names = names if names is not None else {"cdn.example.com": [PUBLIC]}

        def handle(request: httpx2.Request) -> httpx2.Response:
            self.sent.append(request)
            return answer(request)

        async def resolve(host: str, port: int) -> Sequence[str]:
            self.resolved.append(host)
            if host not in self.names:
                raise OSError("no such name")
            return self.names[host]

        ticks = itertools.count(0.0, step_s)
        self.outside = Outside(
            own, resolve=resolve, transport=httpx2.MockTransport(handle), clock=lambda: next(ticks)
        )

    def fetch(self, url: str, max_bytes: int = 1000) -> bytes:
        async def story() -> bytes:
            async with self.outside.fetched(url, max_bytes=max_bytes, max_s=60.0) as pieces:
                return b"".join([piece async for piece in pieces])

        return asyncio.run(story())

    def problem(self, url: str, max_bytes: int = 1000) -> tuple[str, bool]:
        with pytest.raises(WorkError) as caught:
            self.fetch(url, max_bytes)
        return caught.value.code, caught.value.retryable


async def _film() -> AsyncIterator[bytes]:
    yield b"film"


def film(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, content=_film(), headers={"Content-Length": "4"})


def moved(location: str) -> Answer:
    return lambda request: httpx2.Response(302, headers={"Location": location})


URL = "https://cdn.example.com/film.mp4?Signature=abc"


def test_the_connection_goes_to_the_checked_address_under_the_right_name() -> None:
    net = Net(film)
    assert net.fetch(URL) == b"film"
    request = net.sent[0]
    assert str(request.url) == f"https://{PUBLIC}/film.mp4?Signature=abc"
    assert request.headers["Host"] == "cdn.example.com"
    assert request.extensions["sni_hostname"] == "cdn.example.com"
    assert net.resolved == ["cdn.example.com"]


def test_a_port_and_an_address_of_six_are_kept() -> None:
    net = Net(film, {"cdn.example.com": ["2606:4700::1111"]})
    assert net.fetch("https://cdn.example.com:8443/film.mp4") == b"film"
    assert str(net.sent[0].url) == "https://[2606:4700::1111]:8443/film.mp4"
    assert net.sent[0].headers["Host"] == "cdn.example.com:8443"


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example.com/film.mp4",
        "ftp://cdn.example.com/film.mp4",
        "file:///etc/passwd",
        "https://user:word@cdn.example.com/film.mp4",
        "https:///film.mp4",
        "cdn.example.com/film.mp4",
        "",
        "https://cdn.example.com:99999999/",
        "https://\x00/",
    ],
)
def test_only_plain_https_addresses(url: str) -> None:
    net = Net(film)
    assert net.problem(url) == ("result_refused", False)
    assert net.sent == []


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"], ["::ffff:10.0.0.1"], []]
)
def test_every_address_of_a_name_is_checked(addresses: list[str]) -> None:
    net = Net(film, {"cdn.example.com": addresses})
    assert net.problem(URL) == ("result_refused", False)
    assert net.sent == []


def test_a_name_that_changes_its_meaning_is_asked_once_only() -> None:
    net = Net(film)
    net.fetch(URL)
    assert net.resolved == ["cdn.example.com"]
    net.names["cdn.example.com"] = ["127.0.0.1"]
    assert net.problem(URL) == ("result_refused", False)


def test_a_name_nobody_knows_may_be_known_later() -> None:
    assert Net(film, {}).problem(URL) == ("result_unreachable", True)


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == PUBLIC:
            raise httpx2.ConnectError("refused")
        return film(request)

    net = Net(answer, {"cdn.example.com": [PUBLIC, "8.8.8.8"]})
    assert net.fetch(URL) == b"film"
    assert [request.url.host for request in net.sent] == [PUBLIC, "8.8.8.8"]


def test_a_redirect_is_followed_and_checked_anew() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return moved("https://far.example.com/x")(request) if request.url.path != "/x" else film(request)

    net = Net(answer, {"cdn.example.com": [PUBLIC], "far.example.com": ["8.8.8.8"]})
    assert net.fetch(URL) == b"film"
    assert [request.headers["Host"] for request in net.sent] == ["cdn.example.com", "far.example.com"]


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://inner.example.com/",
        "http://cdn.example.com/",
        "https://u:p@cdn.example.com/",
    ],
)
def test_a_redirect_leads_nowhere_private(location: str) -> None:
    net = Net(moved(location), {"cdn.example.com": [PUBLIC], "inner.example.com": ["169.254.169.254"]})
    assert net.problem(URL) == ("result_refused", False)
    assert len(net.sent) == 1


def test_redirects_end() -> None:
    net = Net(moved(URL))
    assert net.problem(URL) == ("result_refused", False)
    assert len(net.sent) == 4


OWN = "http://127.0.0.1:8123"


def test_the_own_address_of_a_provider_on_this_machine() -> None:
    net = Net(film, own=OWN)
    assert net.fetch(f"{OWN}/files/film.mp4") == b"film"
    assert net.resolved == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8124/film.mp4",
        "http://127.0.0.1/film.mp4",
        "http://127.0.0.2:8123/film.mp4",
        "http://localhost:8123/film.mp4",
        "https://127.0.0.1:8123/film.mp4",
    ],
)
def test_no_other_address_of_this_machine(url: str) -> None:
    net = Net(film, {"127.0.0.1": ["127.0.0.1"], "127.0.0.2": ["127.0.0.2"]}, own=OWN)
    assert net.problem(url) == ("result_refused", False)
    assert net.sent == []


def test_a_provider_elsewhere_has_no_address_on_this_machine() -> None:
    net = Net(film, {"127.0.0.1": ["127.0.0.1"]})
    assert net.problem(f"{OWN}/film.mp4") == ("result_refused", False)


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (401, "result_expired", True),
        (403, "result_expired", True),
        (404, "result_expired", True),
        (410, "result_expired", True),
        (429, "result_unreachable", True),
        (500, "result_unreachable", True),
        (503, "result_unreachable", True),
        (400, "result_refused", False),
        (204, "result_refused", False),
        (206, "result_refused", False),
        (304, "result_refused", False),
    ],
)
def test_what_a_status_means(status: int, code: str, retryable: bool) -> None:
    assert Net(lambda request: httpx2.Response(status)).problem(URL) == (code, retryable)


async def _cut() -> AsyncIterator[bytes]:
    yield b"fi"
    raise httpx2.RemoteProtocolError("peer closed connection")


async def _stalled() -> AsyncIterator[bytes]:
    yield b"fi"
    raise httpx2.ReadTimeout("nothing came")


async def _half() -> AsyncIterator[bytes]:
    yield b"fi"


async def _much() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b"film" * 10


def streamed(stream: Callable[[], AsyncIterator[bytes]], length: int | None) -> Answer:
    headers = {} if length is None else {"Content-Length": str(length)}
    return lambda request: httpx2.Response(200, content=stream(), headers=headers)


@pytest.mark.parametrize(
    ("stream", "length", "problem"),
    [
        (_cut, 4, ("result_truncated", True)),
        (_cut, None, ("result_truncated", True)),
        (_half, 4, ("result_truncated", True)),
        (_stalled, 4, ("result_unreachable", True)),
        (_much, None, ("result_refused", False)),
        (_much, 4000, ("result_refused", False)),
    ],
)
def test_what_comes_of_a_broken_stream(
    stream: Callable[[], AsyncIterator[bytes]], length: int | None, problem: tuple[str, bool]
) -> None:
    assert Net(streamed(stream, length)).problem(URL) == problem


def test_a_stream_that_never_ends_is_left() -> None:
    net = Net(streamed(_much, None), step_s=10.0)
    assert net.problem(URL, max_bytes=10**9) == ("result_unreachable", True)


def test_no_address_is_in_what_an_error_says() -> None:
    for answer in (film, moved("http://169.254.169.254/"), lambda request: httpx2.Response(403)):
        net = Net(answer, {"cdn.example.com": ["10.0.0.1"]} if answer is film else None)
        with pytest.raises(WorkError) as caught:
            net.fetch(URL)
        assert "example" not in str(caught.value)
        assert "Signature" not in str(caught.value)
