"""The durable engine (DBOS): queues, launch, and how workflows start one another.

A *scope* is who works: a presentation's id for `deckcast make`, so that a command resumes its own
presentation and no other. Each scope has its own queues and its own recovery.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import structlog
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from dbos import error as engine_errors
from structlog.contextvars import bound_contextvars

from deckcast.batches import context
from deckcast.batches.polling import POLL_S, Polling
from deckcast.batches.stopping import stand_still
from deckcast.db.database import STANDSTILL_S, said_in_words
from deckcast.kit.backoff import full_jitter_s
from deckcast.kit.errors import DeckcastError, MachineError
from deckcast.kit.tracing import span

R = TypeVar("R")

log = structlog.get_logger(__name__)

# The order of a workflow's steps is schema: raise this only together with a plan for work in flight.
APPLICATION_VERSION = "1"
RETRY_S = 0.25  # a step's first wait before it is tried again, at most twice this
IDLE_POLL_S = 0.25  # for messages between workflows, of which there are none; stopping waits for one turn
# Children isolate crashes of media work, so a workflow is only ever tried again because the whole
# command was killed; see docs/decisions/0003-recovery-attempts.md.
MEDIA_RECOVERY_ATTEMPTS = 100

WORK = "work"
RENDER = "render"
MONITOR = "monitor"
TEXT = "text"  # questions to the language model
SPEECH = "speech"  # slides spoken by an engine behind a network; each engine bounds its requests itself

_polling = Polling({})  # of the engine that was launched last

_NAMES = {"bat_": "batch_id", "itm_": "item_id", "avv_": "avatar_video_id", "pre_": "presentation_id"}


def account_queue(provider: str) -> str:
    """The queue whose places are the jobs alive at a provider account."""
    return f"account-{provider}"


def queues(providers: Iterable[str]) -> list[str]:
    """Every queue of a scope; `providers` are the names of those that can be used."""
    return [WORK, RENDER, MONITOR, TEXT, SPEECH, *(account_queue(name) for name in providers)]


def queue_name(scope: str, queue: str) -> str:
    """A queue's name within a scope."""
    return f"{scope}.{queue}"


async def launch(database_url: str, scope: str, places: dict[str, int], worker_id: str | None = None) -> None:
    """Start the engine: recover what this scope left, then work on its queues. A worker with an id of its own
    recovers nothing: what others have left, they are given back (batches/leases.py).

    `places` is the number of workflows at once per queue, on this machine. Raises MachineError disk_full,
    not_writable, database_unreachable.
    """
    async with said_in_words():
        await _launch(database_url, scope, places, worker_id or scope)


async def _launch(database_url: str, scope: str, places: dict[str, int], executor_id: str) -> None:
    if database_url.startswith("sqlite"):
        _use_wal(Path(database_url.removeprefix("sqlite:///")))
    config: DBOSConfig = {
        "name": "deckcast",
        "system_database_url": database_url,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor_id,
        "log_level": "ERROR",
        "console_log_level": "CRITICAL",
        "notification_listener_polling_interval_sec": IDLE_POLL_S,
        "sys_db_idle_transaction_timeout_sec": STANDSTILL_S,
    }
    engine = DBOS(config=config)
    named = {queue_name(scope, queue): count for queue, count in places.items()}
    DBOS.listen_queues(list(named))
    DBOS.launch()
    global _polling
    _polling = Polling(named)
    _polling.attach(engine)
    shared = () if database_url.startswith("sqlite") else _shared_queues(scope)
    for name, count in named.items():
        await DBOS.register_queue_async(
            name,
            worker_concurrency=count,
            global_concurrency=count if name in shared else None,
            polling_interval_sec=POLL_S,
        )
    _polling.registered()


def _shared_queues(scope: str) -> set[str]:
    """Queues whose places are those of all machines together: more that begin would only wait for a place of the paid
    account (avatars/accounts.py), and out of turn."""
    providers = context.current().providers.values()
    return {queue_name(scope, account_queue(each.name)) for each in providers if each.capabilities.paid}


def stop() -> None:
    """Stop the engine; what is in flight stays durable."""
    _polling.end()
    DBOS.destroy(workflow_completion_timeout_sec=0)
    # The engine made its own thread pool the loop's, and has just shut it down.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="deckcast"))


def _use_wal(path: Path) -> None:
    """SQLite's write-ahead log is off by default; it halves the bytes written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


async def enqueue(
    queue: str,
    workflow: Callable[[str], Coroutine[Any, Any, None]],
    workflow_id: str,
    subject: str,
    turn: int | None = None,
) -> None:
    """Put a workflow on a queue of this process's scope; the same id starts nothing twice. The lowest `turn` goes
    first, and before all turns what has none. Raises MachineError as `launch`."""
    name = queue_name(context.current().scope, queue)
    with SetWorkflowID(workflow_id), SetEnqueueOptions(priority=turn):
        async with said_in_words():
            await DBOS.enqueue_workflow_async(name, workflow, subject)
    _polling.wake(name)


async def enqueue_from_step(
    queue: str, workflow: Callable[[str], Coroutine[Any, Any, None]], workflow_id: str, subject: str
) -> None:
    """`enqueue` for use inside a step, where the engine allows no child: the new workflow has no parent."""
    apart = contextvars.Context()
    task = enqueue(queue, workflow, workflow_id, subject)
    await asyncio.get_running_loop().create_task(task, context=apart)


async def step(
    work: Callable[..., Awaitable[R]], *args: Any, tries: int = 2, mostly_waits: bool = False
) -> R:
    """Run `work` as a durable step named after it. What is safe to do again is tried again soon. One that
    `mostly_waits` for somebody is broken off where the process is to stop, others come to their end.

    A machine's failure (a full disk, …) is never recorded as the step's outcome: it halts the whole
    process with everything in place, and the step runs again at the next start.
    """

    ids, stopping, workflow_id = _ids(args), context.current().stopping, str(DBOS.workflow_id)

    async def body() -> R:
        named = {f"deckcast__{name}": value for name, value in ids.items()}
        with span(work.__name__, **named), bound_contextvars(step=work.__name__, **ids):
            if mostly_waits:
                return await stopping.waiting(workflow_id, lambda: _tried(work, args, tries))
            return await _tried(work, args, tries)

    making = contextlib.nullcontext() if mostly_waits else stopping.making(workflow_id)
    try:
        async with making, said_in_words():
            return await DBOS.run_step_async({"name": work.__name__}, body)
    except MachineError as error:  # the engine could not write down what the step did
        await _halted(error)


async def _tried(work: Callable[..., Awaitable[R]], args: Sequence[Any], tries: int) -> R:
    for left in range(tries - 1, -1, -1):
        try:
            return await work(*args)
        except MachineError as error:
            await _halted(error)
        except DeckcastError as error:
            if not (error.retryable and left):
                raise
            log.warning("step.retried", code=error.code)
            await asyncio.sleep(max(error.retry_after_s or 0.0, full_jitter_s(tries - left, RETRY_S)))
    raise AssertionError("unreachable")


async def _halted(error: MachineError) -> NoReturn:
    context.current().halt(error)
    await stand_still()


def _ids(args: Sequence[Any]) -> dict[str, str]:
    """What a step is for, by the ids among its arguments."""
    texts = [each for each in args if isinstance(each, str)]
    return {_NAMES[each[:4]]: each for each in reversed(texts) if each[:4] in _NAMES}


async def guarded(work: Awaitable[None], failed: Callable[[DeckcastError], Awaitable[None]]) -> None:
    """Run a workflow's body; a slide's failure is handed to `failed`, a defect becomes `internal_error`."""
    try:
        await work
    except DeckcastError as error:
        await failed(error)
    except engine_errors.DBOSWorkflowConflictIDError:
        raise  # somebody else has the workflow now
    except Exception:
        log.error("workflow.failed", exc_info=True)
        await failed(
            DeckcastError(
                "internal_error",
                "Something went wrong inside Deckcast; the log says more.",
                next_step="Run the same command again, with DECKCAST_LOG_LEVEL=ERROR to see the reason.",
                retryable=True,
            )
        )
