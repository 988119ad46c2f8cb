"""Fetching from addresses that a provider names: they come from outside, so every one is checked (kit/outside.py).

Only https, and only public addresses; or the provider's own address, where its base URL is a loopback one
(a simulator on this machine).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2

from deckcast.kit import outside
from deckcast.kit.errors import WorkError
from deckcast.kit.outside import Refused, Resolve, Unreachable, is_loopback, resolve

MAX_REDIRECTS = 3
MAX_RESULT_BYTES = 4 << 30
MAX_RESULT_S = 3600.0
REDIRECTS = (301, 302, 303, 307, 308)
EXPIRED = (401, 403, 404, 410)


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
        self._own = outside.origin(httpx2.URL(own)) if is_loopback(own) else None
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
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(
                    outside.opened(
                        method,
                        url,
                        headers=headers,
                        content=content,
                        trusted=self._is_own,
                        resolve=self._resolve,
                        transport=self._transport,
                    )
                )
            except Refused as error:
                raise _refused(str(error)) from error
            except Unreachable as error:
                raise _unreachable() from error
            yield response

    def _is_own(self, target: httpx2.URL) -> bool:
        """The provider's own address is used as it is written."""
        return self._own is not None and outside.origin(target) == self._own

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
