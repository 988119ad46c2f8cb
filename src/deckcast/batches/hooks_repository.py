"""All SQL of hooks: where owners want to be told, what they are told, and how far that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import status_repository
from deckcast.batches.models import BatchKind, BatchState, Status
from deckcast.batches.money import usd
from deckcast.db.models import BatchRow, PresentationRow
from deckcast.db.people import HookDeliveryRow, HookRow, UserRow
from deckcast.kit.clock import now
from deckcast.kit.ids import new_id

BATCH_ENDED = "batch.ended"
TEST = "hook.test"

_NAMED = (Status.COMPLETED, Status.SKIPPED, Status.CANCELLED)  # whatever else a slide ended with has failed


async def note_ended(session: AsyncSession, batch: BatchRow, public_url: str | None) -> None:
    """Write what the owner's hooks are told of a batch that ends, in the transaction that ends it: it is told if, and
    only if, that is so. A constant number of statements."""
    query = select(HookRow.id).join(PresentationRow, PresentationRow.owner == HookRow.owner)
    query = query.outerjoin(UserRow, UserRow.id == HookRow.owner).where(UserRow.disabled_at.is_(None))
    query = query.where(PresentationRow.id == batch.presentation_id, HookRow.disabled_at.is_(None))
    hook_ids = (await session.scalars(query)).all()
    if not hook_ids:
        return
    payload = message(BATCH_ENDED, await _data_of(session, batch, public_url))
    session.add_all(delivery(hook_id, payload) for hook_id in hook_ids)


def message(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """What is sent, in the form of Standard Webhooks."""
    return {"type": kind, "timestamp": now().isoformat(), "data": data}


def delivery(hook_id: str, payload: dict[str, Any]) -> HookDeliveryRow:
    """A message to a hook, to be sent at once."""
    return HookDeliveryRow(
        id=new_id("msg"), hook_id=hook_id, kind=payload["type"], payload=payload, tries=0, next_at=now()
    )


async def _data_of(session: AsyncSession, batch: BatchRow, public_url: str | None) -> dict[str, Any]:
    """The same figures as the status of the presentation has."""
    counts: Counter[str] = Counter()
    for each in await status_repository.counts_of(session, [batch.id]):
        counts[each.status] += each.items
    cost = await status_repository.costs_of(session, [batch.id])
    named = {str(status): counts.pop(status, 0) for status in _NAMED}
    return {
        "batchId": batch.id,
        "presentationId": batch.presentation_id,
        "kind": str(batch.kind),
        "state": str(batch.state),
        "total": sum(named.values()) + counts.total(),
        "failed": counts.total(),
        **named,
        "costUsd": usd(cost[batch.id]),
        **_addresses(batch, public_url),
    }


def _addresses(batch: BatchRow, public_url: str | None) -> dict[str, str]:
    """Where to ask further: addresses that stay, and that ask who calls."""
    if not public_url:
        return {}
    presentation = f"{public_url.rstrip('/')}/api/presentations/{batch.presentation_id}"
    has_film = batch.kind == BatchKind.PRESENTATION_VIDEO and batch.state in (
        BatchState.COMPLETED,
        BatchState.PARTIAL,
    )
    return {"presentationUrl": presentation, **({"filmUrl": f"{presentation}/film"} if has_film else {})}


async def hooks_of(session: AsyncSession, owner: str) -> Sequence[HookRow]:
    """An owner's hooks, oldest first."""
    query = select(HookRow).where(HookRow.owner == owner).order_by(HookRow.created_at, HookRow.id)
    return (await session.scalars(query)).all()


async def lock_hooks(session: AsyncSession, owner: str) -> int:
    """How many hooks an owner has; who else counts them in order to add one waits."""
    await session.scalars(select(HookRow.id).where(HookRow.owner == owner).with_for_update(key_share=True))
    return await session.scalar(select(func.count()).where(HookRow.owner == owner)) or 0


async def deliveries_of(
    session: AsyncSession, hook_id: str, after: str | None, limit: int
) -> Sequence[HookDeliveryRow]:
    """Messages to a hook, newest first, from the one after an id on: ids are in the order of time."""
    query = select(HookDeliveryRow).where(HookDeliveryRow.hook_id == hook_id)
    if after is not None:
        query = query.where(HookDeliveryRow.id < after)
    return (await session.scalars(query.order_by(HookDeliveryRow.id.desc()).limit(limit))).all()


async def waiting_test(session: AsyncSession, hook_id: str) -> HookDeliveryRow | None:
    """The test message to a hook that is still on its way; the hook is locked."""
    await session.scalar(select(HookRow.id).where(HookRow.id == hook_id).with_for_update(key_share=True))
    query = select(HookDeliveryRow).where(HookDeliveryRow.hook_id == hook_id, HookDeliveryRow.kind == TEST)
    return await session.scalar(query.where(HookDeliveryRow.next_at.is_not(None)).limit(1))


async def any_due(session: AsyncSession, at: datetime) -> bool:
    """Whether a message is to be sent."""
    return await session.scalar(select(HookDeliveryRow.id).where(_due(at)).limit(1)) is not None


async def claim(
    session: AsyncSession, at: datetime, until: datetime, *, busy: Collection[str], limit: int
) -> Sequence[tuple[HookDeliveryRow, HookRow]]:
    """Take messages that are due, the oldest of each hook but the `busy` ones, with one more try on their count.
    Until `until` they are due for nobody else; then, should this process die, for everybody."""
    place = func.row_number().over(
        partition_by=HookDeliveryRow.hook_id, order_by=(HookDeliveryRow.next_at, HookDeliveryRow.id)
    )
    due = select(HookDeliveryRow.id, place.label("place")).where(_due(at))
    due = due.where(HookDeliveryRow.hook_id.not_in(busy))
    first = due.subquery()
    query = select(HookDeliveryRow).where(
        _due(at), HookDeliveryRow.id.in_(select(first.c.id).where(first.c.place == 1))
    )
    query = query.order_by(HookDeliveryRow.next_at, HookDeliveryRow.id).limit(limit)
    taken = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    hooks = await session.scalars(select(HookRow).where(HookRow.id.in_({each.hook_id for each in taken})))
    by_id = {hook.id: hook for hook in hooks}
    for each in taken:
        each.tries, each.next_at = each.tries + 1, until
    return [(each, by_id[each.hook_id]) for each in taken]


def _due(at: datetime) -> ColumnElement[bool]:
    return HookDeliveryRow.next_at <= at


async def note_taken(session: AsyncSession, delivery_id: str, status: int, at: datetime) -> None:
    """The receiver has the message."""
    values = {"delivered_at": at, "next_at": None, "last_status": status, "last_error": None}
    await session.execute(update(HookDeliveryRow).where(HookDeliveryRow.id == delivery_id).values(**values))


async def note_not_taken(
    session: AsyncSession,
    delivery_id: str,
    tries: int,
    next_at: datetime | None,
    status: int | None,
    error: str,
) -> None:
    """This try came to nothing; where another one has begun meanwhile, that one counts."""
    mine = and_(
        HookDeliveryRow.id == delivery_id,
        HookDeliveryRow.tries == tries,
        HookDeliveryRow.delivered_at.is_(None),
    )
    values = {"next_at": next_at, "last_status": status, "last_error": error}
    await session.execute(update(HookDeliveryRow).where(mine).values(**values))


async def disable(session: AsyncSession, hook_id: str, at: datetime) -> None:
    """Tell a hook nothing more: what was on its way to it is given up."""
    await session.execute(update(HookRow).where(HookRow.id == hook_id).values(disabled_at=at))
    waiting = and_(HookDeliveryRow.hook_id == hook_id, HookDeliveryRow.next_at.is_not(None))
    await session.execute(update(HookDeliveryRow).where(waiting).values(next_at=None))


async def forget_deliveries(session: AsyncSession, before: datetime) -> None:
    """Remove messages that were written before a time."""
    await session.execute(delete(HookDeliveryRow).where(HookDeliveryRow.created_at < before))
