"""Workers that share a PostgreSQL database. Each says every few seconds that it is alive; one that was not heard of for
a lease is held for dead by the others: its row goes, so that it cannot write any more, and its work goes back to its
queues. docs/decisions/0008-many-workers.md says why so.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast import __version__
from deckcast.batches import workers_repository
from deckcast.batches.context import Context
from deckcast.db.database import Database
from deckcast.db.workers import WorkerState
from deckcast.kit.errors import MachineError
from deckcast.kit.files import disk_errors, placed_new, written_whole
from deckcast.kit.ids import new_id
from deckcast.kit.tasks import beside

log = structlog.get_logger(__name__)

BEATS = 5  # within a lease
LOOK_S = 0.2  # at what still has to end, while stopping

Join = Callable[[AsyncSession, str], Awaitable[bool]]
"""Decides in a transaction, given this machine's name, whether a worker may begin."""


class Pulse:
    """When a worker was last heard of, by its own clock (seconds). After a gap, such as while the database was away,
    everybody has fallen silent, and whoever comes first must not hold the others for dead."""

    def __init__(self, lease_s: float, moment: float) -> None:
        self._lease_s = lease_s
        self._beaten_at = self._steady_since = moment

    def beaten(self, moment: float) -> None:
        """The database has heard of it."""
        if moment - self._beaten_at > self._lease_s / 2:
            self._steady_since = moment
        self._beaten_at = moment

    def may_judge(self, moment: float) -> bool:
        """Whether it was heard of without a gap for longer than a lease: who was not is dead."""
        return moment - self._steady_since > self._lease_s and not self.is_over(moment)

    def is_over(self, moment: float) -> bool:
        """Whether it was not heard of for so long that others may hold it for dead."""
        return moment - self._beaten_at > self._lease_s


class Lease:
    """This process among the workers; `id` is its row's."""

    def __init__(
        self, parts: Context, worker_id: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.id = worker_id
        self._parts, self._clock = parts, clock
        self._lease_s = parts.settings.worker.lease_s
        self._pulse = Pulse(self._lease_s, clock())
        self._state = WorkerState.WORKING
        self._has_left = False

    async def keep(self) -> None:
        """Beat, and take over from the dead; halts the process where it is held for dead itself, or cannot beat."""
        while self._parts.halted is None:
            await asyncio.sleep(self._lease_s / BEATS)
            try:
                await self.beat()
            except MachineError as error:
                if self._has_left:
                    return
                if error.code == "taken_over" or self._pulse.is_over(self._clock()):
                    log.error("worker.halted", worker_id=self.id, code=error.code)
                    self._parts.halt(error)
            except Exception:
                log.error("worker.not_heard", worker_id=self.id, exc_info=True)

    async def beat(self) -> None:
        """Say that this worker lives, and see to those that do not. Raises MachineError taken_over, …"""
        async with self._parts.db.write() as session:
            await workers_repository.beat(session, self.id, self._state)
        self._pulse.beaten(self._clock())
        if self._pulse.may_judge(self._clock()):
            await take_over_from_dead(self._parts.db, self._lease_s)

    async def drain(self, at_once: asyncio.Event) -> None:
        """Take no more work, let what makes something come to its end, within `worker.drain_s` or until `at_once`, and
        give back what is left, first of all what only waits. Others go on with it."""
        stopping, began = self._parts.stopping, self._clock()
        stopping.begin()
        self._state = WorkerState.DRAINING
        async with self._parts.db.write() as session:
            await workers_repository.beat(session, self.id, self._state)
            await workers_repository.release_batches(session, self.id)
        while left := stopping.still_at_work():
            async with self._parts.db.write() as session:
                await workers_repository.give_back(session, self.id, but=left)
            if at_once.is_set() or self._clock() - began > self._parts.settings.worker.drain_s:
                log.warning("worker.broke_off", worker_id=self.id, workflows=len(left))
                break
            await asyncio.sleep(LOOK_S)

    async def leave(self) -> None:
        """End in order: what is left is there for others at once, and this process writes no more."""
        self._has_left = True
        async with self._parts.db.write() as session:
            await workers_repository.give_back(session, self.id)
            await workers_repository.remove(session, self.id)
        log.info("worker.left", worker_id=self.id)


@asynccontextmanager
async def joined(parts: Context, join: Join) -> AsyncIterator[Lease | None]:
    """This process as a worker for the context's scope, while the block runs; None where `join` says no. It writes as
    such from then on, even after the block: what a worker that is held for dead still does must come to nothing."""
    machine = await asyncio.to_thread(machine_of, parts.settings.data_dir)
    worker_id = new_id("wrk")
    async with parts.db.write() as session:
        await workers_repository.lock_who_works(session)
        may = await join(session, machine)
        if may:
            await workers_repository.add(session, worker_id, parts.scope, machine, _about(parts))
    if not may:
        yield None
        return
    log.info("worker.joined", worker_id=worker_id, scope=parts.scope)
    lease = Lease(parts, worker_id)
    parts.worker_id = worker_id
    parts.db.only_as(worker_id)
    async with beside(lease.keep()):
        yield lease


def _about(parts: Context) -> dict[str, object]:
    """What a person wants to know of a worker, and others of its settings."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "version": __version__,
        "places": parts.settings.workers,
        "providers": sorted(parts.providers),
    }


async def take_over_from_dead(db: Database, lease_s: float) -> None:
    """Hold those for dead that are silent, and give their work back, in one transaction: either both is done, or
    somebody else does it."""
    async with db.write() as session:
        await workers_repository.lock_who_works(session)
        dead = await workers_repository.remove_silent(session, lease_s)
        given_back = await workers_repository.give_back_orphans(session)
    _log_given_back(given_back, dead)


async def give_back_orphans(db: Database) -> None:
    """Put back onto its queues what nobody living works on; the engine has run on this database before."""
    async with db.write() as session:
        await workers_repository.lock_who_works(session)
        given_back = await workers_repository.give_back_orphans(session)
    _log_given_back(given_back, ())


def _log_given_back(workflows: object, dead: object) -> None:
    if workflows or dead:
        log.warning("worker.taken_over", dead=dead, workflows=workflows)


def machine_of(folder: Path) -> str:
    """This machine's name: the computer's, and one of the data folder's own. Raises MachineError disk_full, …"""
    path = folder / "locks" / "machine"
    with disk_errors(path):
        if not path.is_file():
            with written_whole(path.with_suffix(".new")) as new:
                new.write_text(new_id("mac"))
            placed_new(path.with_suffix(".new"), path)
        return f"{socket.gethostname()}/{path.read_text()}"
