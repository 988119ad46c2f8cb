"""The live feed: whoever watches a presentation is told of every change, in order, each once, without a gap.

One task per process looks which of the watched presentations have new events, reads what they touched once, and gives
the same message to all who watch. On PostgreSQL it is called when there is something to see; else it looks ten times a
second. It runs only while somebody watches.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

import structlog

from deckcast.batches import status, status_repository
from deckcast.batches.context import current
from deckcast.batches.repository import EVENTS_CHANNEL
from deckcast.batches.status import BatchPart, Change, PresentationStatus
from deckcast.db.notices import LOST, notices
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, DeckcastError

log = structlog.get_logger(__name__)

LOOK_S = 0.05  # where nobody calls
NET_S = 2.0  # where PostgreSQL calls: a call may be lost with its connection
BREATH_S = 0.05  # after each look: what happens meanwhile shares a message
REFRESH_S = 5.0  # shares and times left move with the clock while a batch is open
REST_S = 1.0  # after the database did not answer
SNAPSHOT_LIVES_S = 1.0
WAITING = 256  # messages that a slow reader may be behind

KEPT_EVENTS = 2000  # of a presentation
KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Refresh:
    """The open batches as they are now, where no event came for a while; `seq` is the last one told."""

    seq: int
    batches: tuple[BatchPart, ...]


News = PresentationStatus | Change | Refresh


class End(Enum):
    """Why a watcher is told nothing more."""

    GONE = "the presentation was deleted"
    TOO_SLOW = "it did not take what it was given"


class Ended(Exception):
    """There is nothing more to come."""

    def __init__(self, why: End) -> None:
        super().__init__(why.value)
        self.why = why


class Watcher:
    """Takes messages for one reader, at most WAITING of them: who is further behind is dropped."""

    def __init__(self) -> None:
        self._messages: deque[str] = deque()
        self._news = asyncio.Event()
        self._end: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    def give(self, message: str) -> None:
        """Add a message for the reader."""
        if len(self._messages) >= WAITING:
            self.end(End.TOO_SLOW)
        elif not self._end.done():
            self._messages.append(message)
            self._news.set()

    def end(self, why: End) -> None:
        """Nothing more is to come, and what waits is thrown away."""
        self._messages.clear()
        if not self._end.done():
            self._end.set_result(why)
        self._news.set()

    async def next(self) -> str:
        """The next message. Raises Ended."""
        while not self._messages:
            if self._end.done():
                raise Ended(self._end.result())
            self._news.clear()
            await self._news.wait()
        return self._messages.popleft()

    async def over(self) -> End:
        """Waits until nothing more is to come."""
        return await asyncio.shield(self._end)


class _Watched:
    """A presentation that somebody watches: all of them have been told what happened until `seq`."""

    def __init__(self, presentation_id: str) -> None:
        self.id = presentation_id
        self.seq = 0
        self.watchers: set[Watcher] = set()
        self.wanted = 0  # by how many, those with them who are about to watch
        self.lock = asyncio.Lock()
        self.told_at = time.monotonic()
        self.snapshot: tuple[int, float, str] = (
            -1,
            0.0,
            "",
        )  # the seq it is of, when it was read, what it says

    def tell(self, message: str) -> None:
        self.told_at = time.monotonic()
        for watcher in self.watchers:
            watcher.give(message)

    def end(self, why: End) -> None:
        for watcher in self.watchers:
            watcher.end(why)


class Feed:
    """What this process's watchers are told; `encode` makes a message of news."""

    def __init__(self, encode: Callable[[News], str]) -> None:
        self._encode = encode
        self._watched: dict[str, _Watched] = {}
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watch(self, presentation_id: str, since: int | None = None) -> AsyncIterator[Watcher]:
        """Watch a presentation: its snapshot first, or what happened after the event `since`; then what happens.

        Raises CallError not_found.
        """
        watched = self._watched.setdefault(presentation_id, _Watched(presentation_id))
        watched.wanted += 1
        watcher = Watcher()
        try:
            async with watched.lock:
                await self._join(watched, watcher, since)
            self._task = self._task or asyncio.create_task(self._run())
            yield watcher
        finally:
            watched.watchers.discard(watcher)
            watched.wanted -= 1
            if not watched.wanted:
                del self._watched[presentation_id]
            if not self._watched:
                await self._rest()

    async def look(self) -> None:
        """Tell what is new of the presentations that are watched."""
        ids = [each.id for each in self._watched.values() if each.watchers]
        if not ids:
            return
        async with current().db.read() as session:
            seqs = await status_repository.seqs_of(session, ids)
        for presentation_id in ids:
            watched = self._watched.get(presentation_id)
            if watched is not None:
                await self._look_at(watched, seqs.get(presentation_id))

    async def _look_at(self, watched: _Watched, seq: int | None) -> None:
        if seq is None:
            watched.end(End.GONE)
        elif seq > watched.seq:
            async with watched.lock:
                await self._advance(watched)
        elif time.monotonic() - watched.told_at > REFRESH_S:
            await self._refresh(watched)

    async def _join(self, watched: _Watched, watcher: Watcher, since: int | None) -> None:
        """Everybody has been told the same when somebody joins: what he is given first ends where the others are."""
        seq, message = await self._first(watched, since)
        if watched.watchers:
            await self._advance(watched, upto=seq)
        watched.seq = seq
        if message is not None:
            watcher.give(message)
        watched.watchers.add(watcher)

    async def _first(self, watched: _Watched, since: int | None) -> tuple[int, str | None]:
        if since is not None:
            news = await status.change_since(watched.id, since)
            if news is None:
                return since, None
            return news.seq, self._encode(news)
        seq, read_at, message = watched.snapshot
        if seq != watched.seq or time.monotonic() - read_at > SNAPSHOT_LIVES_S:
            snapshot = await status.status_of(watched.id)
            seq, message = snapshot.seq, self._encode(snapshot)
            watched.snapshot = (seq, time.monotonic(), message)
        return seq, message

    async def _advance(self, watched: _Watched, upto: int | None = None) -> None:
        try:
            news = await status.change_since(watched.id, watched.seq, upto)
        except CallError:
            watched.end(End.GONE)
            return
        if news is not None:
            watched.seq = news.seq
            watched.tell(self._encode(news))

    async def _refresh(self, watched: _Watched) -> None:
        watched.told_at = time.monotonic()
        batches = await status.running_batches(watched.id)
        if batches:
            watched.tell(self._encode(Refresh(watched.seq, batches)))

    async def _run(self) -> None:
        if current().db.is_sqlite:
            await self._look_every(LOOK_S)
        else:
            await asyncio.gather(self._look_every(NET_S), self._listen())

    async def _look_every(self, seconds: float) -> None:
        while True:
            self._called.clear()
            try:
                await self.look()
            except DeckcastError as error:
                log.warning("feed.blind", code=error.code)
                await asyncio.sleep(REST_S)
            except Exception as error:
                log.error("feed.failed", exc_info=error)
                await asyncio.sleep(REST_S)
            await asyncio.sleep(BREATH_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), seconds)

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                async with notices(current().db, EVENTS_CHANNEL) as heard:
                    failures = 0
                    self._called.set()
                    async for presentation_id in heard:
                        if presentation_id in self._watched:
                            self._called.set()
            except LOST as error:
                failures += 1
                log.warning("feed.deaf", reason=type(error).__name__)
            await asyncio.sleep(full_jitter_s(failures))

    async def _rest(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def forget_old_events() -> None:
    """Remove old events: the newest 2,000 of each presentation are kept for a week. Who resumes from before gets a
    snapshot."""
    async with current().db.write() as session:
        await status_repository.forget_events(session, KEPT_EVENTS, now() - KEPT_FOR)
