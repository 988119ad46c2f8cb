"""The worker of the server: it takes up what was ordered through the API, and goes on with it until it is stopped.

Orders are rows: a batch of the scope SERVER, an upload to be read. Whoever writes them, in this process or another,
needs to tell nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable

import structlog

from deckcast.batches import repository, stages, uploads
from deckcast.batches.claims import Claims, claims_of
from deckcast.batches.context import Context
from deckcast.batches.deletion import purge_all_deleted
from deckcast.batches.events import forget_old_events
from deckcast.batches.hooks import forget_old as forget_old_hooks
from deckcast.batches.hooks import send_hooks
from deckcast.batches.housekeeping import keep_house
from deckcast.batches.idempotency import forget_old_keys
from deckcast.batches.leases import Lease
from deckcast.batches.rescue import end_failed, rescue, settle_given_up
from deckcast.batches.scopes import serving, take_over
from deckcast.db.database import said_in_words
from deckcast.kit.errors import DeckcastError, MachineError
from deckcast.kit.tasks import beside
from deckcast.wiring import running_engine

log = structlog.get_logger(__name__)

LOOK_S = 0.2  # for new orders
TIDY_S = 30.0  # for work that was given up, and for what was deleted


async def work(parts: Context, stop: asyncio.Event, at_once: asyncio.Event) -> None:
    """Work for the scope SERVER until `stop` is set; what is under way then stays durable, and the process has to
    end: children are still at work. Where other workers can go on with it, this one first ends what it has begun,
    unless `at_once` is set too.

    Raises MachineError worker_running where another process does this already; whatever the machine cannot go on with
    (a full disk, a database away, others who hold this one for dead): nothing is lost, and a new process goes on.
    """
    async with serving(parts) as lease:
        claims = claims_of(parts)
        try:
            async with said_in_words(), running_engine(parts), beside(send_hooks(parts, stop)):
                async with beside(keep_house(claims.am_first)):
                    await _attend(parts, claims, stop)
                if lease is not None:
                    await _drain(parts, lease, at_once)
        finally:
            claims.let_go()


async def _attend(parts: Context, claims: Claims, stop: asyncio.Event) -> None:
    attending = Attending(parts, claims)
    while not stop.is_set():
        if parts.halted is not None:
            raise parts.halted
        await attending.look()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_S)


async def _drain(parts: Context, lease: Lease, at_once: asyncio.Event) -> None:
    log.info("worker.draining", worker_id=lease.id)
    await lease.drain(at_once)
    if parts.halted is not None:
        raise parts.halted
    await lease.leave()


async def _take_up(batch_id: str) -> None:
    await take_over(batch_id)
    await rescue(batch_id)
    await stages.start(batch_id)


class Attending:
    """What this worker looks after."""

    def __init__(self, parts: Context, claims: Claims) -> None:
        self._parts = parts
        self._claims = claims
        self._being_read: set[tuple[str, str]] = set()
        self._tidied_at = time.monotonic()

    async def look(self) -> None:
        """Take up what is new, let go what has ended, and now and then look for what was given up."""
        async with self._parts.db.read() as session:
            uploaded = await repository.uploads_to_read(session)
        await uploads.start_imports([each for each in uploaded if each not in self._being_read])
        self._being_read = set(uploaded)
        async for batch_id in self._claims.new():
            await self._alone(batch_id, _take_up(batch_id))
        if time.monotonic() - self._tidied_at > TIDY_S:
            self._tidied_at = time.monotonic()
            await self._tidy()

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
        for batch_id in await self._claims.mine():
            await self._alone(batch_id, settle_given_up(batch_id))
        if not await self._claims.am_first():
            return
        async with self._parts.db.read() as session:
            uploaded = await repository.uploads_to_read(session)
        await uploads.settle_given_up_imports(uploaded)
        await purge_all_deleted()
        await forget_old_events()
        await forget_old_keys(self._parts.db)
        await forget_old_hooks(self._parts)
