"""A batch's two lines in the log."""

from __future__ import annotations

from collections import Counter

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import money_repository, repository
from deckcast.batches.money import usd
from deckcast.db.models import BatchRow

log = structlog.get_logger(__name__)


def log_started(batch: BatchRow, slides: int) -> None:
    """`batch.started`: which one, what it makes, for how many slides."""
    log.info("batch.started", **_named(batch), slides=slides)


async def log_ended(session: AsyncSession, batch: BatchRow) -> None:
    """`batch.ended`: how, how many slides came to what, how long it took from its order on, and what it has cost."""
    items = await repository.items_of(session, batch.id)
    cost_usd = usd(await money_repository.committed_microusd(session, batch.id))
    took = batch.ended_at - batch.created_at if batch.ended_at is not None else None
    log.info(
        "batch.ended",
        **_named(batch),
        state=str(batch.state),
        slides=dict(Counter(str(item.status) for item in items)),
        codes=dict(Counter(item.error_code for item in items if item.error_code)),
        duration_s=round(took.total_seconds(), 3) if took is not None else None,
        cost_usd=cost_usd,
    )


def _named(batch: BatchRow) -> dict[str, str]:
    return {"batch_id": batch.id, "presentation_id": batch.presentation_id, "kind": str(batch.kind)}
