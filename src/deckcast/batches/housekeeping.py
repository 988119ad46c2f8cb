"""What a worker does once in a while: old files go, and what the durable engine knows of work that ended long ago."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from dbos import DBOS

from deckcast.batches import retention_repository
from deckcast.batches.context import current
from deckcast.batches.rescue import OVER
from deckcast.batches.retention import retire_files
from deckcast.db.switches import is_due
from deckcast.kit.clock import now

FILES_EVERY, WORK_EVERY = timedelta(days=1), timedelta(hours=1)
AT_ONCE = 1000
LOOK_S = 30.0

log = structlog.get_logger(__name__)


async def keep_house(am_first: Callable[[], Awaitable[bool]]) -> None:
    """Beside a worker, for ever: the chores, while it is the one that does what only one should do. An error ends
    nothing; the chore's next time comes."""
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            if await am_first():
                await do_chores()
        except Exception as error:  # noqa: BLE001 - the database or the store may be back by then
            log.warning("house.not_kept", error=type(error).__name__)


async def do_chores() -> None:
    """What is due: remove the files of old attempts of every presentation, forget work that ended long ago."""
    context = current()
    async with context.db.write() as session:
        retire = await is_due(session, "retire_files", FILES_EVERY)
        forget = await is_due(session, "forget_work", WORK_EVERY)
    if retire:
        async with context.db.read() as session:
            presentations = await retention_repository.presentations_at_rest(session)
        for presentation_id in presentations:
            await retire_files(presentation_id)
    if forget:
        await forget_ended_work()


async def forget_ended_work() -> int:
    """Delete workflows of the engine that ended more than `worker.keep_days` days ago, and that nobody will ask for:
    none of an open batch or of an avatar video under way. Returns how many."""
    context = current()
    before = now() - timedelta(days=context.settings.worker.keep_days)
    async with context.db.read() as session:
        wanted = await retention_repository.subjects_under_way(session)
    deleted = kept = 0
    while True:
        listed = await DBOS.list_workflows_async(
            status=OVER,
            completed_before=before.isoformat(),
            limit=AT_ONCE,
            offset=kept,
            load_input=False,
            load_output=False,
        )
        ids = [each.workflow_id for each in listed if each.workflow_id.partition(".")[0] not in wanted]
        if ids:
            await DBOS.delete_workflows_async(ids)
        deleted, kept = deleted + len(ids), kept + len(listed) - len(ids)
        if len(listed) < AT_ONCE:
            log.info("work.forgotten", count=deleted)
            return deleted
