"""A world for the submission ledger: its own time, crashes at any await, and a provider that counts paid jobs."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars import repository
from deckcast.avatars.accounts import Account, AccountRules
from deckcast.avatars.ledger import Ledger
from deckcast.avatars.ports import Capabilities
from deckcast.avatars.submissions import Rules
from deckcast.db.database import Database
from deckcast.db.migrate import upgrade
from deckcast.db.models import AvatarVideoRow, PresentationRow, SlideRow, SubmissionRow
from deckcast.kit.errors import AnswerLost, SubmissionRefused, WorkError

VIDEOS = ("avv_1", "avv_2")
VIDEO = VIDEOS[0]
RULES = Rules()
CALL_S = 5.0  # how long a call takes
SLOW_S = 100.0  # how long the provider may still work on a call whose answer was lost
MOST_CALLS = 400  # of one process; more is a loop without end


class Crash(BaseException):
    """The process is killed."""


class Forbidden(BaseException):
    """A call that should not have been made; no `except Exception` of the ledger may hide it."""


class Time:
    """Time that only sleeping and jumping moves."""

    def __init__(self, at: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)) -> None:
        self.at = at

    def clock(self) -> datetime:
        return self.at

    def jump(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Fuse:
    """Kills the process when so many points have been passed; None: never."""

    left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


class MortalDatabase(Database):
    """A database whose user may be killed before and after every transaction and before every commit."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url)
        self._fuse = fuse

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        self._fuse.burn()
        async with super().write() as session:
            yield session
            self._fuse.burn()
        self._fuse.burn()


class Fault(StrEnum):
    """What goes wrong with one call."""

    NOT_SENT = "not_sent"  # no network: a definite no, before anything
    TURNED_AWAY = "turned_away"  # 429 at the gate, before the key is looked at
    NO_CREDIT = "no_credit"  # 402, likewise; the account is paused
    REFUSED = "refused"  # 400 for good
    LOST_BEFORE = "lost_before"  # nothing arrived, or a 5xx before acceptance
    LOST_AFTER = "lost_after"  # accepted; the answer is lost, or a 5xx
    SLOW = "slow"  # no answer in time; accepted a while later, and 409 until then
    DEFECT = "defect"  # an error that no adapter should raise, after acceptance


@dataclass
class Job:
    """What the provider has made and will charge for, unless it fails."""

    id: str
    key: str
    made_at: datetime
    failed: bool = False


@dataclass
class Doubt:
    """A key whose call nobody has had an answer to: since when, and when it was searched for in vain."""

    since: datetime
    empty: list[datetime] = field(default_factory=list)

    def settled(self) -> bool:
        apart = timedelta(seconds=RULES.search_apart_s)
        later = [at for at in self.empty if at - self.since >= apart]
        return any(at - earlier >= apart for at in later for earlier in self.empty)


def video_of(key: str) -> str:
    return key.split(".")[0]


class PaidProvider:
    """Its `jobs` are the truth. A call that should not have been made is Forbidden at once."""

    name = "paid"

    def __init__(
        self,
        time: Time,
        fuse: Fuse | None = None,
        *,
        window_s: float = 23 * 3600.0,
        find: bool = True,
        lag_s: float = 0.0,
    ) -> None:
        self.capabilities = Capabilities(
            takes_audio=True,
            takes_text=True,
            transparent=True,
            webhooks=False,
            find_by_key=find,
            can_cancel=False,
            draws_silence=False,
            paid=True,
            max_concurrent=5,
            replay_window_s=window_s,
        )
        self.jobs: list[Job] = []
        self.calls: list[str] = []
        self.faults: deque[Fault] = deque()
        self.failing_searches = 0
        self.searches: list[tuple[str, bool]] = []
        self.doubts: dict[str, Doubt] = {}
        self.answering: Callable[[], Awaitable[None]] | None = None  # runs before a job's id is given
        self._time = time
        self._fuse = fuse or Fuse()
        self._lag = timedelta(seconds=lag_s)
        self._orders: dict[str, Any] = {}
        self._prepared: defaultdict[str, int] = defaultdict(int)

    def misbehave(self, faults: Iterable[Fault] = (), failing_searches: int = 0) -> None:
        self.faults, self.failing_searches = deque(faults), failing_searches

    def jobs_of(self, video_id: str) -> list[Job]:
        return [job for job in self.jobs if video_of(job.key) == video_id]

    def alive(self, video_id: str) -> list[Job]:
        return [job for job in self.jobs_of(video_id) if not job.failed]

    async def prepare(self, key: str) -> dict[str, Any]:
        """An order that differs each time it is prepared."""
        self._fuse.burn()
        self._prepared[key] += 1
        return {"title": key, "prepared": self._prepared[key]}

    async def submit(self, order: dict[str, Any], key: str) -> str:
        self._fuse.burn()
        self._check(order, key)
        fault = self.faults.popleft() if self.faults else None
        first = key not in self.doubts
        self.doubts[key] = Doubt(self._time.at + timedelta(seconds=CALL_S))
        self._time.jump(CALL_S)
        if fault in (Fault.NOT_SENT, Fault.TURNED_AWAY, Fault.NO_CREDIT):
            raise self._refusal(key, fault, first)
        if fault is Fault.LOST_BEFORE:
            raise AnswerLost("provider_failed", "Nothing came back.", retryable=True)
        job = self._replayed(key)
        if job is not None and job.made_at > self._time.at:
            raise AnswerLost("provider_conflict", "The same request is under way.", retryable=True)
        if job is None and fault is Fault.REFUSED:
            raise self._refusal(key, fault, first)
        job = job or self._make(key, SLOW_S if fault is Fault.SLOW else 0.0)
        self._fuse.burn()
        if self.answering is not None:
            await self.answering()
        if fault in (Fault.LOST_AFTER, Fault.SLOW):
            raise AnswerLost("provider_unreachable", "The answer was lost.", retryable=True)
        if fault is Fault.DEFECT:
            raise KeyError("video_id")
        del self.doubts[key]
        return job.id

    def _check(self, order: dict[str, Any], key: str) -> None:
        self.calls.append(key)
        others = [each for each in self.doubts if video_of(each) == video_of(key) and each != key]
        open_ = [each for each in others if not self.doubts[each].settled()]
        living = [job for job in self.alive(video_of(key)) if job.key != key]
        if len(self.calls) >= MOST_CALLS:
            raise Forbidden("it never stops calling")
        if self._orders.setdefault(key, order) != order:
            raise Forbidden(f"{key} comes with two orders")
        if open_ or living:
            raise Forbidden(f"{key} is called while {open_} may have made a job, and {living} lives")

    def _refusal(self, key: str, fault: Fault, first: bool) -> SubmissionRefused:
        if first:
            del self.doubts[key]
        lasting = fault in (Fault.REFUSED, Fault.NO_CREDIT)
        return SubmissionRefused(fault, "No.", retryable=not lasting, account=fault is Fault.NO_CREDIT)

    def _replayed(self, key: str) -> Job | None:
        window = timedelta(seconds=self.capabilities.replay_window_s)
        kept = [job for job in self.jobs if job.key == key and self._time.at - job.made_at < window]
        return kept[-1] if kept else None

    def _make(self, key: str, after_s: float) -> Job:
        job = Job(f"job_{len(self.jobs) + 1}", key, self._time.at + timedelta(seconds=after_s))
        self.jobs.append(job)
        return job

    async def find(self, key: str) -> str | None:
        self._fuse.burn()
        assert self.capabilities.find_by_key
        self._time.jump(CALL_S)
        if self.failing_searches:
            self.failing_searches -= 1
            raise WorkError("provider_failed", "The list could not be read to its end.", retryable=True)
        seen = [job for job in self.jobs if job.key == key and job.made_at + self._lag <= self._time.at]
        self.searches.append((key, bool(seen)))
        if seen:
            self.doubts.pop(key, None)
        elif key in self.doubts:
            self.doubts[key].empty.append(self._time.at)
        self._fuse.burn()
        return seen[0].id if seen else None

    async def find_all(self, keys: Collection[str]) -> dict[str, str]:
        return {key: job for key in keys if (job := await self.find(key)) is not None}


@cache
def _template() -> Path:
    """A migrated database with avatar videos to submit, made once."""
    path = Path(tempfile.mkdtemp(prefix="deckcast-ledger-")) / "template.db"

    async def make() -> None:
        db = Database(f"sqlite+aiosqlite:///{path}")
        await upgrade(db)
        await add_videos(db)
        await db.close()

    asyncio.run(make())
    return path


async def add_videos(db: Database) -> None:
    async with db.write() as session:
        session.add(PresentationRow(id="pre_1", owner="ann", source="deck.pptx"))
        await session.flush()
        for number, video_id in enumerate(VIDEOS, start=1):
            slide_id = f"sli_{number}"
            slide = SlideRow(id=slide_id, presentation_id="pre_1", key=slide_id, number=number)
            slide.title, slide.notes, slide.language, slide.content = "", "", "en", {}
            session.add(slide)
            await session.flush()
            video = AvatarVideoRow(id=video_id, slide_id=slide_id, fingerprint="f", provider="paid")
            video.request = {}
            session.add(video)


def fresh_database(folder: Path) -> str:
    """The address of a copy of the template."""
    shutil.copyfile(_template(), folder / "test.db")
    return f"sqlite+aiosqlite:///{folder / 'test.db'}"


class World:
    """A provider, a database and a loop; `process()` is a ledger in a process of its own."""

    def __init__(self, **provider: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="deckcast-ledger-"))
        self.loop = asyncio.new_event_loop()
        self.time, self.fuse = Time(), Fuse()
        self.provider = PaidProvider(self.time, self.fuse, **provider)
        self.db = MortalDatabase(fresh_database(self.folder), self.fuse)

    def close(self) -> None:
        self.run(self.db.close())
        self.loop.close()
        shutil.rmtree(self.folder)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def sleep(self, seconds: float) -> None:
        self.fuse.burn()
        self.time.jump(seconds)
        self.fuse.burn()

    def account(self) -> Account:
        rules = AccountRules(rest_s=1.0, longest_rest_s=4.0)
        return Account(self.db, self.provider, 5, rules, clock=self.time.clock, sleep=self.sleep)

    def process(self) -> Ledger:
        return Ledger(self.db, RULES, clock=self.time.clock, sleep=self.sleep)

    async def submitting(self, video_id: str = VIDEO) -> str:
        return await self.process().submit_once(
            video_id, self.provider, self.provider.prepare, self.account()
        )

    def submit(self, video_id: str = VIDEO) -> str:
        try:
            return str(self.run(self.submitting(video_id)))
        except Forbidden as call:
            raise AssertionError(str(call)) from call

    def newest(self, video_id: str = VIDEO) -> SubmissionRow | None:
        async def read() -> SubmissionRow | None:
            async with self.db.read() as session:
                return await repository.newest_submission(session, video_id)

        return self.run(read())  # type: ignore[no-any-return]

    def state(self, video_id: str = VIDEO) -> str | None:
        row = self.newest(video_id)
        return row.state if row else None

    def attempts(self) -> list[str]:
        """The states of the video's attempts, oldest first."""

        async def read() -> list[str]:
            async with self.db.read() as session:
                query = select(SubmissionRow.state).where(SubmissionRow.avatar_video_id == VIDEO)
                return list((await session.scalars(query.order_by(SubmissionRow.attempt))).all())

        return list(self.run(read()))

    def job_fails(self, video_id: str = VIDEO) -> None:
        """The job fails at the provider, unpaid, and the ledger is told."""
        newest = self.newest(video_id)
        for job in self.provider.alive(video_id):
            job.failed = True
        self.run(self.process().job_failed(video_id, str(newest.job_id) if newest else ""))

    @contextmanager
    def crashing(self, after: int | None) -> Iterator[None]:
        """The process that works within is killed after so many points, unless it has ended; None: never."""
        self.fuse.left = after
        try:
            yield
        except Crash:
            pass
        finally:
            self.fuse.left = None
