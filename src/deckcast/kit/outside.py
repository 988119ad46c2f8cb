"""Requests to addresses that came from outside: every one is checked before anything is sent there.

Only https, and only public addresses, but for those that the caller trusts. A name is resolved once, every address
it has is checked, and the connection goes to a checked address, so that a name cannot change its meaning in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from ssl import SSLContext

import httpx2

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)

_NAME = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})"
)  # of a host, or its IPv4 address; with a colon it is IPv6

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Every address of a name and port; raises OSError."""

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


class Refused(Exception):
    """Nothing is sent there; the reason is a sentence without the address."""


class Unreachable(Exception):
    """Nobody answered there."""


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


def origin(url: httpx2.URL) -> tuple[str, str, int]:
    """Scheme, host and port."""
    return url.scheme, url.host, url.port or {"https": 443}.get(url.scheme, 80)


def parsed(url: str) -> httpx2.URL:
    """A web address that names a host, and no user. Raises Refused."""
    try:
        target = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise Refused("Its address cannot be read.") from error
    host = target.raw_host.decode("ascii")
    if not (_NAME.fullmatch(host) or ":" in host) or target.userinfo or (target.port or 443) > 65535:
        raise Refused("Its address cannot be read.")
    return target


def _untrusted(_target: httpx2.URL) -> bool:
    return False


@asynccontextmanager
async def opened(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | AsyncIterable[bytes] | None = None,
    trusted: Callable[[httpx2.URL], bool] = _untrusted,
    resolve: Resolve = resolve,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> AsyncIterator[httpx2.Response]:
    """One request to a checked address; redirects are not followed, the body is not read. What is `trusted` is sent
    to as it is written, also without https.

    Raises Refused, Unreachable.
    """
    target = parsed(url)
    addresses = [target.host] if trusted(target) else await _checked(target, resolve)
    # A client of its own for each request: connections to a checked address serve one name only.
    async with httpx2.AsyncClient(
        transport=transport, verify=_tls(), timeout=TIMEOUT, follow_redirects=False, trust_env=False
    ) as client:
        response: httpx2.Response | None = None
        problem: Exception | None = None
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
                problem = error
            except httpx2.HTTPError as error:
                raise Unreachable from error
        if response is None:
            raise Unreachable from problem
        try:
            yield response
        finally:
            await response.aclose()


async def _checked(target: httpx2.URL, resolve: Resolve) -> Sequence[str]:
    """The addresses to connect to, every one of them checked."""
    if target.scheme != "https":
        raise Refused("It is not an https address.")
    try:
        addresses = await resolve(target.host, target.port or 443)
    except (OSError, UnicodeError) as error:
        raise Unreachable from error
    if not addresses or not all(is_public(address) for address in addresses):
        raise Refused("Its address does not belong to the public internet.")
    return addresses


@cache
def _tls() -> SSLContext:
    return httpx2.create_ssl_context(trust_env=False)
