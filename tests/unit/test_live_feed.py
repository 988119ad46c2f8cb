"""The feed without a database: who is told what, whatever the order of things."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from awaited import awaited
from deckcast.batches import events
from deckcast.batches.events import WAITING, End, Ended, Feed, News, Refresh, Watcher
from deckcast.batches.status import Change, PresentationStatus, Told
from deckcast.kit.errors import CallError


class History:
    """A presentation's events so far, in place of the database: reading them takes its time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seq = 0
        self.gone = False
        self.kept_from = 1
        self.running: tuple[Any, ...] = ()
        self.reads = 0
        self.dice = random.Random(1)
        monkeypatch.setattr(events, "status", self)
        monkeypatch.setattr(events, "status_repository", self)
        monkeypatch.setattr(events, "current", lambda: SimpleNamespace(db=self))
        self.is_sqlite = True

    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        yield None

    async def seqs_of(self, _session: None, ids: Collection[str]) -> dict[str, int]:
        await self._turns()
        return {} if self.gone else dict.fromkeys(ids, self.seq)

    async def status_of(self, _presentation_id: str) -> PresentationStatus:
        self._there()
        seq = self.seq
        await self._turns()
        return PresentationStatus(seq, SimpleNamespace(), (), ())  # type: ignore[arg-type]

    async def change_since(
        self, _presentation_id: str, since: int, upto: int | None = None
    ) -> Change | PresentationStatus | None:
        self._there()
        self.reads += 1
        last = self.seq if upto is None else upto
        await self._turns()
        if since == last:
            return None
        if since > last or since + 1 < self.kept_from:
            return await self.status_of("")
        told = tuple(Told(seq, "slide.changed", None, None) for seq in range(since + 1, last + 1))
        return Change(since + 1, last, told, False, None, (), ())

    async def running_batches(self, _presentation_id: str) -> tuple[Any, ...]:
        return self.running

    def _there(self) -> None:
        if self.gone:
            raise CallError("not_found", "gone")

    async def _turns(self) -> None:
        await turns(self.dice.randrange(4))


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setattr(events, "LOOK_S", 3600.0)  # the tests say when it looks
    return History(monkeypatch)


def encode(news: News) -> str:
    if isinstance(news, Change):
        return f"{news.since}-{news.seq}"
    return f"progress {news.seq}" if isinstance(news, Refresh) else f"snapshot {news.seq}"


@awaited
async def test_events_that_come_together_share_a_message(history: History) -> None:
    feed = Feed(encode)
    async with feed.watch("pre_1") as one, feed.watch("pre_1") as other:
        history.seq = 3
        await feed.look()
        await feed.look()
        history.seq = 4
        await feed.look()
        for watcher in (one, other):
            assert [await watcher.next() for _ in range(3)] == ["snapshot 0", "1-3", "4-4"]
    assert history.reads < 8


LAST = 120


@awaited
async def test_no_gap_and_no_repeat_whoever_comes_when(history: History) -> None:
    """Writers, watchers that come and go, and looks that nobody orders, all at once."""
    feed, dice = Feed(encode), random.Random(20261123)

    async def write() -> None:
        while history.seq < LAST:
            history.seq = min(LAST, history.seq + dice.choice((1, 1, 2)))
            await turns(dice.randrange(6))

    async def look() -> None:
        while not all(task.done() for task in watching):
            await feed.look()
            await turns(dice.randrange(6))

    watching = [
        asyncio.create_task(hear(feed, dice.choice((None, 0)), dice.randrange(200))) for _ in range(40)
    ]
    await asyncio.gather(write(), look(), look())
    heard = await asyncio.gather(*watching)
    assert {told[0] for told in heard} > {0}
    for told in heard:
        assert told == list(range(told[0], LAST + 1))


async def hear(feed: Feed, since: int | None, after: int) -> list[int]:
    """The numbers of all that somebody hears who comes after so many turns."""
    await turns(after)
    async with feed.watch("pre_1", since) as watcher:
        told: list[int] = [] if since is None else [since]
        while not told or told[-1] < LAST:
            kind, _, number = (said := await watcher.next()).partition(" ")
            if kind == "snapshot":
                told.append(int(number))
            else:
                first, until = map(int, said.split("-"))
                told += range(first, until + 1)
    return told


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@awaited
async def test_who_is_too_far_behind_is_dropped_alone(history: History) -> None:
    feed = Feed(encode)
    async with feed.watch("pre_1") as slow, feed.watch("pre_1") as quick:
        for history.seq in range(1, WAITING + 2):
            await feed.look()
            await quick.next()
        assert await slow.over() is End.TOO_SLOW
        with pytest.raises(Ended) as ended:
            await slow.next()
        assert ended.value.why is End.TOO_SLOW
        assert await quick.next() == f"{WAITING + 1}-{WAITING + 1}"


@awaited
async def test_so_many_messages_may_wait() -> None:
    watcher = Watcher()
    for number in range(WAITING):
        watcher.give(str(number))
    assert [await watcher.next() for _ in range(WAITING)] == [str(number) for number in range(WAITING)]


@awaited
async def test_a_deletion_ends_it(history: History) -> None:
    feed = Feed(encode)
    async with feed.watch("pre_1") as watcher:
        history.gone = True
        await feed.look()
        assert await watcher.over() is End.GONE
    with pytest.raises(CallError):
        async with feed.watch("pre_1"):
            pass


@awaited
async def test_who_resumes_from_what_is_forgotten_gets_a_snapshot(history: History) -> None:
    history.seq, history.kept_from = 10, 6
    feed = Feed(encode)
    for since, first in ((5, "6-10"), (4, "snapshot 10"), (11, "snapshot 10")):
        async with feed.watch("pre_1", since) as watcher:
            assert await watcher.next() == first


@awaited
async def test_progress_is_refreshed_while_a_batch_is_open(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "REFRESH_S", 0.0)
    feed = Feed(encode)
    async with feed.watch("pre_1") as watcher:
        await feed.look()
        history.running = (object(),)
        await feed.look()
        history.seq = 1
        await feed.look()
        said = [await watcher.next() for _ in range(3)]
        while said[-1] == "progress 0":
            said.append(await watcher.next())
        assert [said[0], *dict.fromkeys(said[1:])] == ["snapshot 0", "progress 0", "1-1"]


@awaited
async def test_nothing_runs_while_nobody_watches(history: History) -> None:
    feed = Feed(encode)
    before = asyncio.all_tasks()
    async with feed.watch("pre_1"):
        async with feed.watch("pre_2"):
            assert len(asyncio.all_tasks() - before) == 1
        assert len(asyncio.all_tasks() - before) == 1
    assert asyncio.all_tasks() == before
