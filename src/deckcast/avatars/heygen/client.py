"""Calls to the HeyGen API: headers, timeouts, pages, and one translation of what goes wrong.

Reads and uploads are repeated inside; `post_once` never is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

import httpx2
import structlog

from deckcast import __version__
from deckcast.avatars.heygen.errors import (
    KEY_MISSING,
    UNREADABLE,
    CallFailed,
    call_failed,
)
from deckcast.avatars.pacing import Pace, unpaced
from deckcast.kit.clock import now
from deckcast.kit.retry import Retries, parse_retry_after
from deckcast.kit.settings import HeyGenSettings

READ_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
WRITE_TIMEOUT = httpx2.Timeout(120.0, connect=10.0)
MOST_PAGES = 1000
NOTHING_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)

Json = dict[str, Any]
log = structlog.get_logger(__name__)


class HeyGenClient:
    """One account at HeyGen. Raises CallFailed, translated, from every call."""

    def __init__(
        self,
        settings: HeyGenSettings,
        *,
        http: httpx2.AsyncClient | None = None,
        retries: Retries | None = None,
        clock: Callable[[], datetime] = now,
        pace: Pace = unpaced,
    ) -> None:
        self._key = settings.api_key.get_secret_value().strip() if settings.api_key else ""
        self._base = settings.base_url.rstrip("/")
        self._http = http or httpx2.AsyncClient(follow_redirects=False)
        self._retries = retries or Retries()
        self._clock = clock
        self._pace = pace

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, path: str, **params: str | int) -> Json:
        """The whole answer to a read, repeated where that can help."""
        return await self._retries.run(lambda: self.call("GET", path, params=params))

    async def pages(self, path: str, **params: str | int) -> AsyncIterator[list[Json]]:
        """Every page of a list, to its last one. Raises CallFailed where the end could not be reached."""
        token: str | None = None
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            answer = await self.get(path, **params, **({"token": token} if token else {}))
            items = answer.get("data")
            if not isinstance(items, list):
                raise call_failed(200, meaning=UNREADABLE)
            yield [item for item in items if isinstance(item, dict)]
            token = answer.get("next_token") or None
            if token is None and not answer.get("has_more"):
                return
            if token is None or token in seen:
                break  # it says that there is more, but not where
            seen.add(token)
        raise call_failed(200, meaning=UNREADABLE)

    async def post(self, path: str, body: Json | None = None) -> Json:
        """The answer to a write that may be repeated without harm."""
        return await self._retries.run(lambda: self.call("POST", path, json=body, timeout=WRITE_TIMEOUT))

    async def post_once(self, path: str, body: Json, key: str) -> Json:
        """The paid call: sent once, under its key."""
        self._headers()  # what cannot be sent at all waits for nothing
        await self._pace()
        try:
            async with asyncio.timeout(WRITE_TIMEOUT.read):
                return await self._send(
                    "POST", path, json=body, headers={"Idempotency-Key": key}, timeout=WRITE_TIMEOUT
                )
        except TimeoutError as error:
            raise call_failed(None) from error

    async def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any
    ) -> Json:
        """One call, once, when its turn has come."""
        self._headers()  # what cannot be sent at all waits for nothing
        await self._pace()
        return await self._send(method, path, headers=headers or {}, **request)

    async def _send(self, method: str, path: str, *, headers: Mapping[str, str], **request: Any) -> Json:
        request.setdefault("timeout", READ_TIMEOUT)
        try:
            response = await self._http.request(
                method, f"{self._base}{path}", headers={**self._headers(), **headers}, **request
            )
        except NOTHING_SENT as error:
            raise call_failed(None, nothing_sent=True) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise call_failed(None) from error
        return self._understood(response, method, path)

    def _headers(self) -> dict[str, str]:
        if not self._key:
            raise call_failed(None, meaning=KEY_MISSING, nothing_sent=True)
        if not (self._key.isascii() and self._key.isprintable()):
            raise call_failed(401, nothing_sent=True)
        return {
            "X-Api-Key": self._key,
            "User-Agent": f"deckcast/{__version__}",
            "Accept": "application/json",
        }

    def _understood(self, response: httpx2.Response, method: str, path: str) -> Json:
        body = _json(response)
        error = body.get("error") if body else None
        if body is not None and response.is_success and not error:
            return body
        failure = self._failure(response, error if isinstance(error, dict) else None)
        log.warning(
            "provider_call.failed",
            provider="heygen",
            call=f"{method} {'/'.join(path.split('/')[:3])}",
            status=response.status_code,
            code=failure.code,
            request_id=response.headers.get("X-Request-Id"),
        )
        raise failure

    def _failure(self, response: httpx2.Response, error: Json | None) -> CallFailed:
        status = response.status_code
        retry_after_s = parse_retry_after(response.headers.get("Retry-After"), self._clock())
        if response.is_success and not (error and error.get("code")):
            return call_failed(status, error, meaning=UNREADABLE, retry_after_s=retry_after_s)
        return call_failed(status, error, retry_after_s=retry_after_s)


def _json(response: httpx2.Response) -> Json | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
