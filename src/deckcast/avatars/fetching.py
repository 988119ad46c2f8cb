"""Fetching from addresses that a provider names: they come from outside, so every one is checked.

Only https, and only public addresses; or the provider's own address, where its base URL is a loopback one
(a simulator on this machine). A name is resolved once, every address it has is checked, and the connection
goes to a checked address, so that a name cannot change its meaning in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from ssl import SSLContext

import httpx2

from deckcast.kit.errors import WorkError

MAX_REDIRECTS = 3
MAX_RESULT_BYTES = 4 << 30
MAX_RESULT_S = 3600.0
TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
REDIRECTS = (301, 302, 303, 307, 308)
EXPIRED = (401, 403, 404, 410)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

for _name in ("httpx2", "httpcore2"):  # they log addresses and headers, which hold secrets
    logging.getLogger(_name).setLevel(logging.WARNING)

# What `is_global` lets through though it leads, or may lead, to private networks.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments, where a cloud's metadata service lives
        "168.63.129.16/32",  # another cloud's inner service, on an address that looks public
        "192.88.99.0/24",  # 6to4 relays
        "::/8",  # unspecified, loopback, IPv4-compatible and IPv4-mapped, and NAT64 (64:ff9b::) inside it
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4 holds an IPv4 address
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local, of old
    )
)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet and to nothing else."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or "%" in address:
        return False
    return not any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)


def is_loopback(url: str) -> bool:
    """Whether an address names this machine itself."""
    try:
        host = httpx2.URL(url).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except (ValueError, httpx2.InvalidURL):
        return False


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address that a name has. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Outside:
    """Sends requests to addresses that a provider named; `own` is the provider's base URL."""

    def __init__(
        self,
        own: str,
        *,
        resolve: Resolve = resolve,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own = _origin(httpx2.URL(own)) if is_loopback(own) else None
        self._resolve = resolve
        self._transport = transport
        self._clock = clock

    @asynccontextmanager
    async def fetched(
        self, url: str, *, max_bytes: int = MAX_RESULT_BYTES, max_s: float = MAX_RESULT_S
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """A result's bytes in pieces.

        Raises WorkError result_expired (a fresh address may help), result_unreachable and result_truncated
        (trying again may help), result_refused (it never will).
        """
        for _ in range(MAX_REDIRECTS + 1):
            async with self.opened("GET", url, headers={"Accept-Encoding": "identity"}) as response:
                if response.status_code not in REDIRECTS:
                    _check_status(response.status_code)
                    yield self._pieces(response, max_bytes, self._clock() + max_s)
                    return
                url = _redirected(httpx2.URL(url), response.headers.get("Location", ""))
        raise _refused("It was sent from address to address too often.")

    @asynccontextmanager
    async def opened(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: AsyncIterable[bytes] | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        """One request to a checked address; redirects are not followed, the body is not read.

        Raises WorkError result_refused, result_unreachable.
        """
        target = _parsed(url)
        addresses = await self._checked(target)
        async with self._client() as client:
            response: httpx2.Response | None = None
            for address in addresses:
                request = client.build_request(
                    method,
                    target.copy_with(host=address),
                    headers={**(headers or {}), "Host": target.netloc.decode("ascii")},
                    content=content,
                    extensions={"sni_hostname": target.host} if target.scheme == "https" else {},
                )
                try:
                    response = await client.send(request, stream=True)
                    break
                except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                    problem: Exception = error
                except httpx2.HTTPError as error:
                    raise _unreachable() from error
            if response is None:
                raise _unreachable() from problem
            try:
                yield response
            finally:
                await response.aclose()

    async def _checked(self, target: httpx2.URL) -> Sequence[str]:
        """The addresses to connect to, every one of them checked; the provider's own as it is written."""
        if self._own is not None and _origin(target) == self._own:
            return [target.host]
        if target.scheme != "https":
            raise _refused("It is not an https address.")
        try:
            addresses = await self._resolve(target.host, target.port or 443)
        except (OSError, UnicodeError) as error:
            raise _unreachable() from error
        if not addresses or not all(is_public(address) for address in addresses):
            raise _refused("Its address does not belong to the public internet.")
        return addresses

    def _client(self) -> httpx2.AsyncClient:
        """A client of its own for each request: connections to a checked address serve one name only."""
        return httpx2.AsyncClient(
            transport=self._transport, verify=_tls(), timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )

    async def _pieces(self, response: httpx2.Response, max_bytes: int, until: float) -> AsyncIterator[bytes]:
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and int(expected) > max_bytes:
            raise _refused("It is larger than a video of a slide can be.")
        received = 0
        try:
            async for piece in response.aiter_raw():
                received += len(piece)
                if received > max_bytes:
                    raise _refused("It is larger than a video of a slide can be.")
                if self._clock() > until:
                    raise _unreachable()
                yield piece
        except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
            raise _truncated() from error
        except httpx2.HTTPError as error:
            raise _unreachable() from error
        if expected.isdigit() and received != int(expected):
            raise _truncated()


@cache
def _tls() -> SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"https": 443}.get(url.scheme, 80)


def _parsed(url: str) -> httpx2.URL:
    try:
        target = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise _refused("Its address cannot be read.") from error
    if not target.host or target.userinfo or (target.port or 443) > 65535:
        raise _refused("Its address cannot be read.")
    return target


def _redirected(url: httpx2.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except httpx2.InvalidURL as error:
        raise _refused("Its address cannot be read.") from error


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status in EXPIRED:
        raise WorkError(
            "result_expired", "The address of the presenter's video is no longer valid.", retryable=True
        )
    if status >= 500 or status in (408, 425, 429):
        raise _unreachable()
    raise _refused(f"Its server answers with status {status}.")


def _unreachable() -> WorkError:
    return WorkError("result_unreachable", "The presenter's video could not be fetched.", retryable=True)


def _truncated() -> WorkError:
    return WorkError("result_truncated", "The presenter's video came only in part.", retryable=True)


def _refused(reason: str) -> WorkError:
    return WorkError("result_refused", f"The presenter's video is not fetched. {reason}")
