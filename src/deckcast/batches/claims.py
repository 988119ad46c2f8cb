"""Which batches this worker of the server looks after: it sets each to work once, and sees to what was given up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import ExitStack
from typing import Protocol

from deckcast.batches import repository, workers_repository
from deckcast.batches.context import Context
from deckcast.batches.scopes import SERVER, only_worker


class Claims(Protocol):
    """The batches of this worker."""

    def new(self) -> AsyncIterator[str]:
        """Batches that nobody looks after: each is this worker's from when it is given until it ends."""

    async def mine(self) -> Sequence[str]:
        """The open batches that this worker looks after."""

    async def am_first(self) -> bool:
        """Whether this worker does what only one should do."""

    def let_go(self) -> None:
        """Leave everything to others."""


def claims_of(parts: Context) -> Claims:
    """The claims of this process, which is a worker of the server."""
    return ByLocks(parts) if parts.worker_id is None else ByRows(parts, parts.worker_id)


class ByLocks:
    """The only worker, on SQLite: it holds each presentation by its lock, since a command may be at one."""

    def __init__(self, parts: Context) -> None:
        self._parts = parts
        self._locks: dict[str, ExitStack] = {}
        self._taken_up: set[str] = set()

    async def new(self) -> AsyncIterator[str]:
        """As Claims says."""
        async with self._parts.db.read() as session:
            ordered = await repository.batches_to_work_on(session, SERVER)
        for batch_id, presentation_id in ordered:
            if batch_id not in self._taken_up and self._hold(presentation_id):
                yield batch_id
                self._taken_up.add(batch_id)
        self._taken_up &= {batch_id for batch_id, _ in ordered}
        await self._let_go_ended({presentation_id for _, presentation_id in ordered})

    async def mine(self) -> Sequence[str]:
        """As Claims says."""
        return sorted(self._taken_up)

    async def am_first(self) -> bool:
        """There is no other."""
        return True

    def let_go(self) -> None:
        """As Claims says."""
        for lock in self._locks.values():
            lock.close()
        self._locks.clear()

    def _hold(self, presentation_id: str) -> bool:
        """Whether the presentation is this worker's to work on."""
        if presentation_id in self._locks:
            return True
        with ExitStack() as stack:
            folder = self._parts.settings.data_dir
            if not stack.enter_context(only_worker(folder, presentation_id, SERVER)):
                return False
            self._locks[presentation_id] = stack.pop_all()
        return True

    async def _let_go_ended(self, still_open: Collection[str]) -> None:
        idle = self._locks.keys() - set(still_open)
        if not idle:
            return
        async with self._parts.db.read() as session:
            idle -= await repository.at_work_on(session, idle)
        for presentation_id in idle:
            self._locks.pop(presentation_id).close()


class ByRows:
    """One worker of several, on PostgreSQL: a batch's row says who looks after it."""

    def __init__(self, parts: Context, worker_id: str) -> None:
        self._db, self._id = parts.db, worker_id

    async def new(self) -> AsyncIterator[str]:
        """As Claims says."""
        async with self._db.read() as session:  # so that nobody is held up where there is nothing to do
            if not await workers_repository.any_unclaimed(session, SERVER):
                return
        async with self._db.write() as session:
            await workers_repository.lock_who_works(session)
            claimed = await workers_repository.claim_batches(session, SERVER, self._id)
        for batch_id in claimed:
            yield batch_id

    async def mine(self) -> Sequence[str]:
        """As Claims says."""
        async with self._db.read() as session:
            return await workers_repository.claimed_batches(session, self._id)

    async def am_first(self) -> bool:
        """Whether this is the eldest worker of the server."""
        async with self._db.read() as session:
            return await workers_repository.eldest(session, SERVER) == self._id

    def let_go(self) -> None:
        """The rows of one that is gone say nothing."""
