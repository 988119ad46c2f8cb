"""All SQL of the workers that share a PostgreSQL database, and of the engine's work that passes between them.

The engine's own way to resume work asks for nothing: a worker that was frozen could take work from whoever has it by
now. So its table is written here, in transactions of ours, which a worker that is held for dead cannot commit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches.models import ENDED, Status
from deckcast.db.models import AvatarVideoRow, BatchRow, SlideRow
from deckcast.db.workers import WorkerRow, WorkerState

_WHO_WORKS = 0x776F726B  # any number: the lock under which it is decided who works on what

_GIVEN = "status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL, updated_at = floor(extract(epoch FROM "
_GIVEN += "clock_timestamp()) * 1000)::bigint"
_ORPHANED = (
    "status = 'PENDING' AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = workflow_status.executor_id)"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker as others see it; `silent_s` is how long it has not been heard of."""

    id: str
    scope: str
    machine: str
    state: WorkerState
    silent_s: float
    lives_s: float
    about: Mapping[str, Any]


async def lock_who_works(session: AsyncSession) -> None:
    """Decide who works on what one process at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(_WHO_WORKS)))


async def add(session: AsyncSession, worker_id: str, scope: str, machine: str, about: dict[str, Any]) -> None:
    """A worker begins."""
    moment = func.clock_timestamp()
    session.add(
        WorkerRow(
            id=worker_id,
            scope=scope,
            machine=machine,
            state=WorkerState.WORKING,
            started_at=moment,
            beat_at=moment,
            about=about,
        )
    )
    await session.flush()


async def beat(session: AsyncSession, worker_id: str, state: WorkerState) -> None:
    """A worker is alive."""
    values = {"beat_at": func.clock_timestamp(), "state": state}
    await session.execute(update(WorkerRow).where(WorkerRow.id == worker_id).values(**values))


async def remove(session: AsyncSession, worker_id: str) -> None:
    """A worker ends in order."""
    await session.execute(delete(WorkerRow).where(WorkerRow.id == worker_id))


async def remove_silent(session: AsyncSession, lease_s: float) -> Sequence[str]:
    """Hold those for dead that have not been heard of for so long; returns their ids. One in mid transaction waits
    for the next time."""
    silent = select(WorkerRow.id).where(_silent(lease_s)).with_for_update(skip_locked=True)
    return (
        await session.scalars(delete(WorkerRow).where(WorkerRow.id.in_(silent)).returning(WorkerRow.id))
    ).all()


async def remove_of_machine(session: AsyncSession, machine: str, scope: str) -> Sequence[str]:
    """Hold those for dead that worked for a scope on a machine whose lock somebody else has now."""
    gone = delete(WorkerRow).where(WorkerRow.machine == machine, WorkerRow.scope == scope)
    return (await session.scalars(gone.returning(WorkerRow.id))).all()


async def anybody(session: AsyncSession, scope: str, *, but: str = "") -> bool:
    """Whether somebody else works for a scope, or may still."""
    query = select(WorkerRow.id).where(WorkerRow.scope == scope, WorkerRow.id != but)
    return await session.scalar(query.limit(1)) is not None


async def anybody_heard(session: AsyncSession, scope: str, lease_s: float) -> bool:
    """Whether somebody works for a scope who was heard of lately."""
    query = select(WorkerRow.id).where(WorkerRow.scope == scope, ~_silent(lease_s))
    return await session.scalar(query.limit(1)) is not None


async def all_seen(session: AsyncSession) -> Sequence[Seen]:
    """Every worker, the eldest first."""
    silent = func.extract("epoch", func.clock_timestamp() - WorkerRow.beat_at)
    lives = func.extract("epoch", func.clock_timestamp() - WorkerRow.started_at)
    found = await session.execute(
        select(WorkerRow, silent, lives).order_by(WorkerRow.started_at, WorkerRow.id)
    )
    return [
        Seen(
            row.id, row.scope, row.machine, WorkerState(row.state), float(silent_s), float(lives_s), row.about
        )
        for row, silent_s, lives_s in found
    ]


async def eldest(session: AsyncSession, scope: str) -> str | None:
    """The one of a scope's workers that does what only one should do."""
    query = select(WorkerRow.id).where(WorkerRow.scope == scope, WorkerRow.state == WorkerState.WORKING)
    return await session.scalar(query.order_by(WorkerRow.started_at, WorkerRow.id).limit(1))


def _silent(lease_s: float) -> ColumnElement[bool]:
    return WorkerRow.beat_at < func.clock_timestamp() - timedelta(seconds=lease_s)


async def give_back_orphans(session: AsyncSession) -> Sequence[str]:
    """Put what dead workers were at back onto its queues; returns the ids of those workflows. How often a workflow
    was begun stays counted."""
    found = await session.scalars(
        text(
            f"UPDATE dbos.workflow_status SET {_GIVEN} WHERE queue_name IS NOT NULL AND {_ORPHANED} "
            "RETURNING workflow_uuid"
        )
    )
    return found.all()


async def give_back(session: AsyncSession, worker_id: str, *, but: Collection[str] = ()) -> Sequence[str]:
    """Put what a worker is at back onto its queues, `but` some workflows; having begun it counts for nothing."""
    found = await session.scalars(
        text(
            f"UPDATE dbos.workflow_status SET {_GIVEN}, recovery_attempts = greatest(recovery_attempts - 1, 0) "
            "WHERE queue_name IS NOT NULL AND status = 'PENDING' AND executor_id = :worker "
            "AND workflow_uuid <> ALL(:but) RETURNING workflow_uuid"
        ),
        {"worker": worker_id, "but": list(but)},
    )
    return found.all()


async def move(session: AsyncSession, queues: Mapping[str, str], subjects: Collection[str]) -> None:
    """Put what waits on queues that nobody works on, or was left there by the dead, onto others: from name to name,
    for some subjects."""
    for old, new in queues.items():
        await session.execute(
            text(
                f"UPDATE dbos.workflow_status SET {_GIVEN}, queue_name = :new WHERE queue_name = :old "
                f"AND (status IN ('ENQUEUED', 'DELAYED') OR {_ORPHANED}) "
                "AND split_part(workflow_uuid, '.', 1) = ANY(:subjects)"
            ),
            {"old": old, "new": new, "subjects": list(subjects)},
        )


async def works_on(session: AsyncSession, presentation_id: str, scope: str) -> bool:
    """Whether work of a presentation lies with a scope: an open batch, or an avatar video under way."""
    of = and_(BatchRow.presentation_id == presentation_id, BatchRow.scope == scope)
    if await session.scalar(select(BatchRow.id).where(of, BatchRow.state.not_in(ENDED)).limit(1)):
        return True
    under_way = (Status.SUBMITTING, Status.PROCESSING, Status.PUBLISHING)
    videos = select(AvatarVideoRow.id).join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    videos = videos.join(BatchRow, BatchRow.id == AvatarVideoRow.batch_id)
    return await session.scalar(videos.where(of, AvatarVideoRow.status.in_(under_way)).limit(1)) is not None


def _nobodys(scope: str) -> ColumnElement[bool]:
    """Open batches of a scope that no living worker looks after, and whose presentation no command works on."""
    keeper = exists().where(WorkerRow.id == BatchRow.worker_id)
    command = exists().where(WorkerRow.scope == BatchRow.presentation_id)
    return and_(
        BatchRow.scope == scope,
        BatchRow.state.not_in(ENDED),
        or_(BatchRow.worker_id.is_(None), ~keeper),
        ~command,
    )


async def any_unclaimed(session: AsyncSession, scope: str) -> bool:
    """Whether there is a batch of a scope to look after."""
    return await session.scalar(select(BatchRow.id).where(_nobodys(scope)).limit(1)) is not None


async def claim_batches(session: AsyncSession, scope: str, worker_id: str) -> Sequence[str]:
    """Look after all batches of a scope that nobody looks after; returns their ids, oldest first."""
    free = select(BatchRow.id).where(_nobodys(scope)).with_for_update(skip_locked=True, key_share=True)
    free = free.order_by(BatchRow.created_at)
    ids = (await session.scalars(free)).all()
    await session.execute(update(BatchRow).where(BatchRow.id.in_(ids)).values(worker_id=worker_id))
    return ids


async def release_batches(session: AsyncSession, worker_id: str) -> None:
    """Leave all batches to others."""
    mine = and_(BatchRow.worker_id == worker_id, BatchRow.state.not_in(ENDED))
    await session.execute(update(BatchRow).where(mine).values(worker_id=None))


async def claimed_batches(session: AsyncSession, worker_id: str) -> Sequence[str]:
    """The open batches that a worker looks after."""
    mine = and_(BatchRow.worker_id == worker_id, BatchRow.state.not_in(ENDED))
    return (await session.scalars(select(BatchRow.id).where(mine).order_by(BatchRow.created_at))).all()
