"""The one way in which a batch ends: its state, its money, and whoever is told, all in one transaction."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import hooks_repository, money, repository
from deckcast.batches.batch_log import log_ended
from deckcast.batches.context import current
from deckcast.batches.models import BatchState
from deckcast.db.models import BatchRow
from deckcast.kit.clock import now


async def end_batch(session: AsyncSession, batch: BatchRow, state: BatchState) -> None:
    """End a batch whose row is locked and whose items have all ended."""
    batch.state, batch.ended_at = state, now()
    await money.close_charges(session, batch.id)
    payload = {"batch_id": batch.id, "state": state}
    await repository.tell(session, batch.presentation_id, "batch.ended", payload)
    await hooks_repository.note_ended(session, batch, current().settings.public_url)
    await log_ended(session, batch)
