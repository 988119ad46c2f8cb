"""Deleted presentations: their rows and files go when nothing of theirs is at a provider any more."""

from __future__ import annotations

from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.db.models import PresentationRow


async def purge_all_deleted() -> None:
    """Remove every deleted presentation whose last job has ended since."""
    async with current().db.read() as session:
        ids = await repository.deleted_presentations(session)
    for presentation_id in ids:
        await purge_deleted(presentation_id)


async def purge_deleted(presentation_id: str) -> bool:
    """Remove rows and files of a presentation that was deleted, once nothing of it is under way."""
    async with current().db.write() as session:
        row = await session.get(PresentationRow, presentation_id)
        if row is None or row.deleted_at is None:
            return row is None
        at_work = await repository.open_batches(session, presentation_id)
        if at_work or await repository.has_money_or_jobs_out(session, presentation_id):
            return False
        keys = await repository.asset_keys_of(session, presentation_id)
        keys |= await repository.forget_render_jobs(session, presentation_id)
        await session.delete(row)
    for key in keys:
        await current().store.remove(key)
    return True
