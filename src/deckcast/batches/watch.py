"""Waiting for jobs: one loop per provider account asks for all of them at once. Hints make it ask sooner.

How often it asks follows from how long renders take: dense where a job may end at any moment, sparse before.
A hint (a webhook, the local renderer) never decides anything: the provider is asked again.
"""

from __future__ import annotations

import asyncio
import statistics
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import time

import structlog

from deckcast.avatars.ports import AvatarProvider
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.errors import WorkError

log = structlog.get_logger(__name__)

KNOWN_RENDERS = 50  # the newest that the pace is learned from
NEW_S = 5.0
HintsSince = Callable[[int], Awaitable[Sequence[tuple[int, str]]]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to ask. `share` of a typical render between two questions keeps what waiting adds to it
    below one percent; `floor_s` and `ceiling_s` bound it. `hints_s` is how often stored hints are read."""

    share: float = 0.01
    unlearned_share: float = 0.02
    floor_s: float = 0.5
    ceiling_s: float = 30.0
    hints_s: float = 0.5

    def interval_s(self, age_s: float, renders_s: Sequence[float]) -> float:
        """Seconds until a job of this age is asked after again, given how long renders took of late."""
        if len(renders_s) < 3:
            return self._bounded(age_s * self.unlearned_share)
        first_s = min(renders_s) * 0.8
        if age_s < first_s:
            return max(self.floor_s, first_s - age_s)
        late = 5.0 if age_s > max(renders_s) * 1.5 else 1.0
        return self._bounded(statistics.median(renders_s) * self.share * late)

    def _bounded(self, interval_s: float) -> float:
        return min(self.ceiling_s, max(self.floor_s, interval_s))


@dataclass(slots=True)
class _Waiting:
    """`whole`: it was new when it came here, so that its end tells how long renders take. `hinted`: since the
    last question, somebody has said that it ended."""

    since: float
    due: float
    whole: bool
    hinted: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    waiters: int = 0


class AccountWatch:
    """Watches the jobs of one account. `hints_since` reads stored hints newer than an id, where there are any."""

    def __init__(
        self,
        provider: AvatarProvider,
        pace: Pace | None = None,
        hints_since: HintsSince | None = None,
        *,
        clock: Callable[[], float] = time,
    ) -> None:
        self._provider = provider
        self._pace = pace or Pace()
        self._hints_since = hints_since
        self._clock = clock
        self._waiting: dict[str, _Waiting] = {}
        self._renders_s: deque[float] = deque(maxlen=KNOWN_RENDERS)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._last_hint = 0
        self._failures = 0

    async def wait(self, job_id: str, submitted_at: float, until: float) -> bool:
        """Wait for a job's end, by the clock's seconds; false where `until` came first.

        It is asked after at least once, however long ago `until` was: it may have ended while nobody watched.
        """
        job = self._waiting.setdefault(job_id, self._new(submitted_at))
        job.waiters += 1
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            await asyncio.wait_for(job.ended.wait(), max(0.0, until - self._clock()))
        except TimeoutError:
            if not job.asked.is_set():
                self.hint(job_id)
                await job.asked.wait()
        finally:
            job.waiters -= 1
            if not job.waiters and self._waiting.get(job_id) is job:
                del self._waiting[job_id]
        return job.ended.is_set()

    def _new(self, submitted_at: float) -> _Waiting:
        """A job that is not new (after a crash, say) is asked after at once."""
        age_s = self._clock() - submitted_at
        is_new = age_s < NEW_S
        first_s = self._pace.interval_s(age_s, self._renders_s) if is_new else 0.0
        return _Waiting(submitted_at, self._clock() + first_s, is_new)

    def hint(self, job_id: str) -> None:
        """Somebody says that a job has ended: ask after it now. Called on the loop that waits."""
        job = self._waiting.get(job_id)
        if job is not None:
            job.due, job.hinted = min(job.due, self._clock()), True
            self._wake.set()

    async def _watch(self) -> None:
        """The loop that everybody waits on: whatever goes wrong in it is tried again, never its end."""
        while self._waiting:
            try:
                await self._look()
            except WorkError as error:
                log.info("jobs.not_asked", provider=self._provider.name, code=error.code)
                self._put_off(error.retry_after_s)
            except Exception as error:
                log.error("jobs.not_asked", provider=self._provider.name, exc_info=error)
                self._put_off(None)

    async def _look(self) -> None:
        await self._read_hints()
        if self._waiting:
            due = min(job.due for job in self._waiting.values())
            if due > self._clock():
                await self._rest(due - self._clock())
            else:
                await self._ask()

    def _put_off(self, retry_after_s: float | None) -> None:
        """A question was not answered: ask again after a while."""
        self._failures += 1
        pause_s = max(retry_after_s or 0.0, full_jitter_s(self._failures))
        for job in self._waiting.values():
            job.asked.set()
            job.due = max(job.due, self._clock() + pause_s)

    async def _rest(self, seconds: float) -> None:
        self._wake.clear()
        if self._hints_since is not None:
            seconds = min(seconds, self._pace.hints_s)
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    async def _ask(self) -> None:
        asked, began = list(self._waiting), self._clock()
        for job in self._waiting.values():
            job.hinted = False
        ended = await self._provider.ended(asked)
        self._failures = 0
        for job_id in asked:
            found = self._waiting.get(job_id)
            if found is None:
                continue
            found.asked.set()
            age_s = self._clock() - found.since
            if job_id in ended:
                self._learn(found, age_s, late_s=began - found.due)
                found.ended.set()
                del self._waiting[job_id]
            elif not found.hinted:  # a hint that came meanwhile stands
                found.due = self._clock() + self._pace.interval_s(age_s, self._renders_s)

    def _learn(self, job: _Waiting, age_s: float, late_s: float) -> None:
        """How long a render took; not where we came back to it, or slept ourselves, so that age is no measure."""
        if job.whole and late_s <= self._pace.ceiling_s:
            self._renders_s.append(age_s)

    async def _read_hints(self) -> None:
        if self._hints_since is None:
            return
        for hint_id, job_id in await self._hints_since(self._last_hint):
            self._last_hint = max(self._last_hint, hint_id)
            self.hint(job_id)
