"""Who works on what. A scope is a command's presentation, or SERVER for the worker of the server.

Whoever works on a presentation holds its lock, as long as the process lives. What a dead worker of another scope left
of a presentation is taken over by the next that works on it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbos import DBOS

from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.batches.engine import queue_name, queues
from deckcast.db.models import BatchRow
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


async def take_over(batch_id: str) -> None:
    """Put what dead workers of other scopes left of the batch's presentation on this scope's queues; the engine runs,
    and the presentation's lock is held."""
    context = current()
    async with context.db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        subjects = await repository.subjects_of(session, batch.presentation_id)
    for other in {SERVER, batch.presentation_id} - {context.scope}:
        if holder_of(context.settings.data_dir, other) != other:
            await _move(other, context.scope, subjects)
    async with context.db.write() as session:
        await repository.give_to_scope(session, batch.presentation_id, context.scope)


async def _move(old: str, new: str, subjects: set[str]) -> None:
    names = {queue_name(old, queue): queue_name(new, queue) for queue in queues(current().providers)}
    listed = await DBOS.list_workflows_async(
        status=UNDER_WAY, queue_name=list(names), load_input=False, load_output=False
    )
    for workflow in listed:
        if workflow.workflow_id.partition(".")[0] in subjects:
            await DBOS.resume_workflow_async(workflow.workflow_id, queue_name=names[str(workflow.queue_name)])
