"""Who works on what. A scope is a command's presentation, or SERVER for the workers of the server.

Whoever works on a presentation holds it, as long as the process lives. What a dead worker of another scope left of a
presentation is taken over by the next that works on it.

On SQLite everything is on one machine, and to hold is to have locked a file. On PostgreSQL the rows of the workers say
it (batches/leases.py): a command has one for its presentation; the server's workers hold together what the server was
told to make. The locked files stay, as the quickest way to know that a process of this machine has died.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from dbos import DBOS
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository, workers_repository
from deckcast.batches.context import Context, current
from deckcast.batches.engine import queue_name, queues
from deckcast.batches.leases import Lease, joined
from deckcast.batches.workers_repository import Seen
from deckcast.db.models import BatchRow
from deckcast.db.workers import WorkerState
from deckcast.kit.errors import MachineError
from deckcast.kit.files import disk_errors

SERVER = "server"
UNDER_WAY = ["PENDING", "ENQUEUED", "DELAYED"]


@contextmanager
def only_worker(folder: Path, name: str, holder: str) -> Iterator[bool]:
    """Whether this process may work for `name` (SERVER, or a presentation's id): true for one process at a time on
    this machine. `holder` is the scope it works in."""
    path = _lock(folder, name)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            raise MachineError("lock_failed", "This file system cannot lock files.") from error
        with disk_errors(path):
            os.truncate(handle, 0)
            os.pwrite(handle, holder.encode(), 0)
        yield True
    finally:
        os.close(handle)


def holder_of(folder: Path, name: str) -> str | None:
    """The scope of the living process that holds a lock; None where there is none."""
    try:
        handle = os.open(_lock(folder, name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, 200, 0).decode()
    else:
        return None
    finally:
        os.close(handle)


def _lock(folder: Path, name: str) -> Path:
    return folder / "locks" / f"{name}.lock"


@asynccontextmanager
async def serving(parts: Context) -> AsyncIterator[Lease | None]:
    """This process as a worker of the server; None on SQLite, where it is the only one.

    Raises MachineError worker_running where another one works on this machine's data folder.
    """
    with only_worker(parts.settings.data_dir, SERVER, SERVER) as mine:
        if not mine:
            raise worker_running()
        if parts.db.is_sqlite:
            yield None
            return

        async def join(session: AsyncSession, machine: str) -> bool:
            await workers_repository.remove_of_machine(session, machine, SERVER)
            return True

        async with joined(parts, join) as lease:
            yield lease


def worker_running() -> MachineError:
    """Somebody else works already."""
    return MachineError(
        "worker_running",
        "Another Deckcast server is at work on this data folder.",
        next_step="Stop it, or start this one with --no-worker.",
    )


@asynccontextmanager
async def holding(parts: Context, presentation_id: str, *, waited_s: float = 0.0) -> AsyncIterator[bool]:
    """Whether this command may work on a presentation, which nobody else does then. Who has waited for it longer than a
    lease holds those for dead that have not been heard of meanwhile. The context's scope is the presentation's."""
    with only_worker(parts.settings.data_dir, presentation_id, presentation_id) as mine:
        if not mine or parts.db.is_sqlite:
            yield mine
            return

        async def join(session: AsyncSession, machine: str) -> bool:
            await workers_repository.remove_of_machine(session, machine, presentation_id)
            if holder_of(parts.settings.data_dir, SERVER) is None:
                await workers_repository.remove_of_machine(session, machine, SERVER)
            if waited_s > parts.settings.worker.lease_s:
                await workers_repository.remove_silent(session, parts.settings.worker.lease_s)
            if await workers_repository.anybody(session, presentation_id):
                return False
            served = await workers_repository.anybody(session, SERVER)
            return not (served and await workers_repository.works_on(session, presentation_id, SERVER))

        async with joined(parts, join) as lease:
            yield lease is not None
            if lease is not None:
                await lease.leave()
        parts.db.only_as(None)


async def held_by_command(parts: Context, presentation_id: str) -> bool:
    """Whether a living command works on a presentation."""
    if parts.db.is_sqlite:
        holder = await asyncio.to_thread(holder_of, parts.settings.data_dir, presentation_id)
        return holder not in (None, SERVER)
    return await _anybody_heard(parts, presentation_id)


async def is_at_work(parts: Context, presentation_id: str) -> bool:
    """Whether a living process works on a presentation."""
    if parts.db.is_sqlite:
        return await asyncio.to_thread(holder_of, parts.settings.data_dir, presentation_id) is not None
    if await _anybody_heard(parts, presentation_id):
        return True
    async with parts.db.read() as session:
        is_servers = await workers_repository.works_on(session, presentation_id, SERVER)
    return is_servers and await _anybody_heard(parts, SERVER)


async def _anybody_heard(parts: Context, scope: str) -> bool:
    async with parts.db.read() as session:
        return await workers_repository.anybody_heard(session, scope, parts.settings.worker.lease_s)


async def server_works(parts: Context) -> bool:
    """Whether a living worker takes up what is ordered through the API."""
    if parts.db.is_sqlite:
        return await asyncio.to_thread(holder_of, parts.settings.data_dir, SERVER) is not None
    return await _anybody_heard(parts, SERVER)


async def anybody_works(parts: Context) -> bool:
    """Whether a living process works on anything: a worker of the server, or a command; on SQLite on this machine."""
    if parts.db.is_sqlite:
        locks = (parts.settings.data_dir / "locks").glob("*.lock")
        return any(holder_of(parts.settings.data_dir, lock.stem) is not None for lock in locks)
    async with parts.db.read() as session:
        seen = await workers_repository.all_seen(session)
    return any(each.silent_s <= parts.settings.worker.lease_s for each in seen)


async def workers_seen(parts: Context) -> Sequence[Seen]:
    """The workers of the server that are not held for dead, the eldest first; on SQLite of this machine's only."""
    if not parts.db.is_sqlite:
        async with parts.db.read() as session:
            return [each for each in await workers_repository.all_seen(session) if each.scope == SERVER]
    if not await server_works(parts):
        return []
    return [Seen("", SERVER, "", WorkerState.WORKING, 0.0, 0.0, {"host": socket.gethostname()})]


async def take_over(batch_id: str) -> None:
    """Put what dead workers of other scopes left of the batch's presentation on this scope's queues; the engine runs,
    and the presentation is held."""
    context = current()
    async with context.db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        subjects = await repository.subjects_of(session, batch.presentation_id)
    for other in {SERVER, batch.presentation_id} - {context.scope}:
        if context.worker_id is not None:
            await _move_rows(other, context.scope, subjects)
        elif holder_of(context.settings.data_dir, other) != other:
            await _move(other, context.scope, subjects)
    async with context.db.write() as session:
        await repository.give_to_scope(session, batch.presentation_id, context.scope)


async def _move_rows(old: str, new: str, subjects: Collection[str]) -> None:
    async with current().db.write() as session:
        await workers_repository.lock_who_works(session)
        if not await workers_repository.anybody(session, old):
            await workers_repository.move(session, _names(old, new), subjects)


async def _move(old: str, new: str, subjects: set[str]) -> None:
    names = _names(old, new)
    listed = await DBOS.list_workflows_async(
        status=UNDER_WAY, queue_name=list(names), load_input=False, load_output=False
    )
    for workflow in listed:
        if workflow.workflow_id.partition(".")[0] in subjects:
            await DBOS.resume_workflow_async(workflow.workflow_id, queue_name=names[str(workflow.queue_name)])


def _names(old: str, new: str) -> dict[str, str]:
    """The queues of a scope, and the same of another."""
    return {queue_name(old, queue): queue_name(new, queue) for queue in queues(current().providers)}
