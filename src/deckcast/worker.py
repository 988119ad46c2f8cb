"""The worker of the server: it takes up what was ordered through the API, and goes on with it until it is stopped.

Orders are rows: a batch of the scope SERVER, an upload to be read. Whoever writes them, in this process or another,
needs to tell nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Collection
from contextlib import ExitStack

import structlog

from deckcast.batches import repository, stages, uploads
from deckcast.batches.context import Context
from deckcast.batches.deletion import purge_all_deleted
from deckcast.batches.events import forget_old_events
from deckcast.batches.hooks import forget_old as forget_old_hooks
from deckcast.batches.hooks import send_hooks
from deckcast.batches.idempotency import forget_old_keys
from deckcast.batches.rescue import end_failed, rescue, settle_given_up
from deckcast.batches.scopes import SERVER, only_worker, take_over
from deckcast.db.database import said_in_words
from deckcast.kit.errors import DeckcastError, MachineError
from deckcast.kit.tasks import beside
from deckcast.wiring import running_engine

log = structlog.get_logger(__name__)

LOOK_S = 0.2  # for new orders
TIDY_S = 30.0  # for work that was given up, and for what was deleted
THE_WORKER = 0x776F726B  # any number: the lock of the one worker that a PostgreSQL database has


async def work(parts: Context, stop: asyncio.Event) -> None:
    """Work for the scope SERVER until `stop` is set; what is under way then stays durable, and the process has to
    end: children are still at work.

    Raises MachineError worker_running where another process does this already; whatever the machine cannot go on with
    (a full disk, a database away): nothing is lost, and a new process goes on.
    """
    with only_worker(parts.settings.data_dir, SERVER, SERVER) as here:
        if not here:
            raise worker_running()
        async with parts.db.only(THE_WORKER) as mine:
            if not mine:
                raise worker_running()
            await _work(parts, stop)


async def _work(parts: Context, stop: asyncio.Event) -> None:
    attending = Attending(parts)
    try:
        async with said_in_words(), running_engine(parts), beside(send_hooks(parts, stop)):
            while not stop.is_set():
                if parts.halted is not None:
                    raise parts.halted
                await attending.look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_S)
    finally:
        attending.let_go()


async def _take_up(batch_id: str) -> None:
    await take_over(batch_id)
    await rescue(batch_id)
    await stages.start(batch_id)


def worker_running() -> MachineError:
    """Somebody else works already."""
    return MachineError(
        "worker_running",
        "Another Deckcast server is at work on this data folder, or on this database.",
        next_step="Stop it, or start this one with --no-worker.",
    )


class Attending:
    """What this worker has in hand: the presentations whose locks it holds, the batches it has taken up."""

    def __init__(self, parts: Context) -> None:
        self._parts = parts
        self._locks: dict[str, ExitStack] = {}
        self._taken_up: set[str] = set()
        self._being_read: set[tuple[str, str]] = set()
        self._tidied_at = time.monotonic()

    async def look(self) -> None:
        """Take up what is new, let go what has ended, and now and then look for what was given up."""
        async with self._parts.db.read() as session:
            ordered = await repository.batches_to_work_on(session, SERVER)
            uploaded = await repository.uploads_to_read(session)
        await uploads.start_imports([each for each in uploaded if each not in self._being_read])
        self._being_read = set(uploaded)
        for batch_id, presentation_id in ordered:
            if batch_id not in self._taken_up and self._hold(presentation_id):
                await self._alone(batch_id, _take_up(batch_id))
                self._taken_up.add(batch_id)
        open_now = {batch_id for batch_id, _ in ordered}
        self._taken_up &= open_now
        await self._let_go_ended({presentation_id for _, presentation_id in ordered})
        if time.monotonic() - self._tidied_at > TIDY_S:
            self._tidied_at = time.monotonic()
            await self._tidy()

    def let_go(self) -> None:
        """Let go of every presentation."""
        for lock in self._locks.values():
            lock.close()
        self._locks.clear()

    def _hold(self, presentation_id: str) -> bool:
        """Whether the presentation is this worker's to work on: a command may be at it."""
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

    async def _alone(self, batch_id: str, work: Awaitable[object]) -> None:
        """What cannot be done for one batch fails that batch, and holds up no other."""
        try:
            async with said_in_words():
                await work
        except MachineError:
            raise
        except Exception as error:
            log.error("batch.not_worked_on", batch_id=batch_id, exc_info=True)
            code = error.code if isinstance(error, DeckcastError) else "internal_error"
            await self._end(batch_id, code)

    async def _end(self, batch_id: str, code: str) -> None:
        try:
            async with said_in_words():
                await end_failed(batch_id, code, "Deckcast cannot go on with this; the log says more.")
        except MachineError:
            raise
        except Exception:
            log.error("batch.not_ended", batch_id=batch_id, exc_info=True)  # the next worker tries again

    async def _tidy(self) -> None:
        async with self._parts.db.read() as session:
            uploaded = await repository.uploads_to_read(session)
        await uploads.settle_given_up_imports(uploaded)
        for batch_id in sorted(self._taken_up):
            await self._alone(batch_id, settle_given_up(batch_id))
        await purge_all_deleted()
        await forget_old_events()
        await forget_old_keys(self._parts.db)
        await forget_old_hooks(self._parts)
