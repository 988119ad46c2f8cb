"""What the speech engines behind HTTP share: one account's calls, the script line by line, and a check of the sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import structlog
from pydantic import SecretStr

from deckcast import __version__
from deckcast.kit.children import run_in_child
from deckcast.kit.clock import now
from deckcast.kit.errors import AnswerLost, DeckcastError
from deckcast.kit.files import disk_errors, scratch_dir
from deckcast.kit.marks import parse
from deckcast.kit.retry import Retries, parse_retry_after
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest
from deckcast.speech.remote_errors import Service, Trouble, failure, is_theirs
from deckcast.speech.script import Line, lines
from deckcast.speech.spoken import speakable
from deckcast.speech.takes import Take, finish

NATURAL_WPM = 165
_NOTHING_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
_PATIENCE_S, _PATIENCE_PER_CHARACTER_S = 60.0, 0.05

Json = dict[str, Any]
Raw = TypeVar("Raw")
Result = TypeVar("Result")
log = structlog.get_logger(__name__)


class Account:
    """One account at a speech service: its key, its connections, how many requests at once, polite repeats.

    `refusal` turns an answer that is not a success into the error to raise; `headers` are made of the key.
    """

    def __init__(
        self,
        service: Service,
        key: SecretStr | None,
        *,
        max_concurrent: int,
        headers: Callable[[str], dict[str, str]],
        refusal: Callable[[httpx2.Response, float | None], DeckcastError],
        usd_per_million_chars: Decimal,
        retries: Retries | None = None,
        patience_s: float = _PATIENCE_S,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.service = service
        self._key = key.get_secret_value().strip() if key else ""
        self._headers = headers
        self._refusal = refusal
        self._usd_per_char = usd_per_million_chars / 1_000_000
        self._retries = retries or Retries(tries=6, budget=60, refill_per_s=1)
        self._patience_s = patience_s
        self._clock = clock
        self._places = asyncio.Semaphore(max_concurrent)
        self._http = httpx2.AsyncClient(follow_redirects=False, timeout=_TIMEOUT)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def headers(self) -> dict[str, str]:
        """What every call carries; raises CallError speech_key_invalid where the key cannot be one."""
        if not (self._key and self._key.isascii() and self._key.isprintable()):
            raise failure(self.service, Trouble.KEY)
        return {"User-Agent": f"deckcast/{__version__}", **self._headers(self._key)}

    async def repeated(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """A call that costs nothing, repeated where that can help."""
        return await self._retries.run(call)

    async def paid(
        self, call: Callable[[], Awaitable[Raw]], understood: Callable[[Raw], Awaitable[Result]], chars: int
    ) -> tuple[Result, int]:
        """The result of a call for `chars` characters, and how many characters may have been billed for it.

        It waits for its place among the account's calls, and is repeated where that can help, also where its
        answer is not `understood`: a repeat after an answer that was lost may be billed twice, so it is counted
        twice; where none is understood, it stands in the error's `spent_usd`. What goes wrong on this machine is
        never a reason to pay again.
        """
        billed = 0

        async def once() -> Result | DeckcastError:
            nonlocal billed
            try:
                return await understood(await self._within_patience(call, chars))
            except AnswerLost:
                billed += chars
                raise
            except DeckcastError as error:
                if is_theirs(error):
                    raise
                return error

        try:
            result = await self._retries.run(once)
        except DeckcastError as error:
            error.spent_usd += billed * self._usd_per_char
            raise
        if isinstance(result, DeckcastError):
            result.spent_usd += (billed + chars) * self._usd_per_char
            raise result
        return result, billed + chars

    async def _within_patience(self, call: Callable[[], Awaitable[Raw]], chars: int) -> Raw:
        async with self._places:
            try:
                async with asyncio.timeout(self._patience_s + _PATIENCE_PER_CHARACTER_S * chars):
                    return await call()
            except TimeoutError as error:
                raise failure(self.service, Trouble.LOST) from error

    async def get(self, url: str, **params: str) -> Any:
        """The JSON of a read, once. Raises the account's errors, and `speech_failed` for what is no JSON."""
        async with self.answer("GET", url, params=params) as response:
            try:
                await response.aread()
                return response.json()
            except ValueError as error:
                raise failure(self.service, Trouble.UNREADABLE) from error

    @asynccontextmanager
    async def answer(self, method: str, url: str, **request: Any) -> AsyncIterator[httpx2.Response]:
        """A successful answer, not read yet; everything that goes wrong inside is translated."""
        headers = self.headers()
        try:
            async with self._http.stream(method, url, headers=headers, **request) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._refused(response)
                yield response
        except _NOTHING_SENT as error:
            raise failure(self.service, Trouble.UNREACHABLE) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise failure(self.service, Trouble.LOST) from error

    def retry_after_s(self, value: str | None) -> float | None:
        """Seconds of a Retry-After header."""
        return parse_retry_after(value, self._clock())

    def _refused(self, response: httpx2.Response) -> DeckcastError:
        error = self._refusal(response, self.retry_after_s(response.headers.get("Retry-After")))
        log.warning(
            "speech_call.failed", engine=self.service.name, status=response.status_code, code=error.code
        )
        return error


async def saved(response: httpx2.Response, target: Path) -> None:
    """Stream an answer into a file."""
    with disk_errors(target), target.open("wb") as file:
        async for chunk in response.aiter_bytes():
            file.write(chunk)


async def spoken_by_lines(
    request: SpeechRequest,
    out: Path,
    capabilities: SpeechCapabilities,
    take: Callable[[Line, Path], Awaitable[tuple[Take, int]]],
    *,
    longest_pause_s: float = 0.0,
) -> Speech:
    """Speak line after line and join them. `take` speaks one line, may write files into the folder it is given,
    and says how many characters it was billed."""
    script = [
        part for line in lines(request, capabilities) for part in _at_long_pauses(line, longest_pause_s)
    ]
    billed = 0
    takes: list[Take] = []
    with scratch_dir(out.parent, "speech") as folder:
        for number, line in enumerate(script):
            place = folder / str(number)
            place.mkdir()
            try:
                done, chars = await take(line, place)
            except DeckcastError as error:
                error.spent_usd += billed * capabilities.usd_per_million_chars / 1_000_000
                raise
            takes.append(done)
            billed += chars
        speech = await run_in_child(finish, tuple(takes), parse(request.text).text, request.language, out)
    return replace(speech, billed_chars=billed)


def _at_long_pauses(line: Line, longest_s: float) -> list[Line]:
    """The line cut at pauses that are longer than the engine can make them: those become silence of our own."""
    cuts = [(at, seconds) for at, seconds in line.pauses if seconds > longest_s]
    if not cuts:
        return [line]
    edges = pairwise([0, *(at for at, _ in cuts), len(line.said)])
    waits = [*(seconds for _, seconds in cuts), line.pause_s]
    parts: list[Line] = []
    for (start, end), pause_s in zip(edges, waits, strict=True):
        if any(speakable(letter) for letter in line.said[start:end]):
            bare = line.said[start:end].strip()
            first = line.said.index(bare, start)
            parts.append(_part(line, first, first + len(bare), pause_s))
        elif parts:
            parts[-1] = replace(parts[-1], pause_s=parts[-1].pause_s + pause_s)
    return parts


def _part(line: Line, start: int, end: int, pause_s: float) -> Line:
    return replace(
        line,
        start=line.source[start],
        end=line.source[end - 1] + 1,
        said=line.said[start:end],
        source=line.source[start:end],
        pause_s=pause_s,
        before=f"{line.before} {line.said[:start]}".strip(),
        after=f"{line.said[end:]} {line.after}".strip(),
        emphases=tuple(
            (max(first, start) - start, min(last, end) - start)
            for first, last in line.emphases
            if first < end and last > start
        ),
        pauses=tuple((at - start, seconds) for at, seconds in line.pauses if start < at < end),
    )


def plausible_marks(marks: tuple[tuple[int, float], ...], duration_s: float) -> tuple[tuple[int, float], ...]:
    """The marks, where they can be true: in order and within the sound. None of them where many are not."""
    kept: list[tuple[int, float]] = []
    for position, second in marks:
        if 0.0 <= second <= duration_s + 0.05 and (
            not kept or (position > kept[-1][0] and second >= kept[-1][1])
        ):
            kept.append((position, second))
    spread_s = kept[-1][1] - kept[0][1] if kept else 0.0
    enough = len(kept) >= 0.9 * len(marks) and (len(kept) < 8 or spread_s > 0.3 * duration_s)
    return tuple(kept) if enough else ()
