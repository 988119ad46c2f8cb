"""Old attempts' files go after a while; never one that is in use."""

from __future__ import annotations

from datetime import timedelta

import structlog

from deckcast.batches import repository, retention_repository
from deckcast.batches.context import current
from deckcast.kit.clock import now
from deckcast.publishing.retention import remove_expired

log = structlog.get_logger(__name__)


async def retire_old(batch_id: str) -> None:
    """Remove the files of a batch's presentation that nothing has used for `storage.keep_days` days."""
    async with current().db.read() as session:
        batch = await repository.batch_with(session, batch_id)
    await retire_files(batch.presentation_id)


async def retire_files(presentation_id: str) -> None:
    """Remove the files of a presentation that nothing has used for `storage.keep_days` days."""
    context = current()
    keep_days = context.settings.storage.keep_days
    async with context.db.read() as session:
        before = now() - timedelta(days=keep_days)
        if not await retention_repository.has_assets_older_than(session, presentation_id, before):
            return
        slides = await repository.all_slides_of(session, presentation_id)

    async def in_use() -> set[str]:
        async with context.db.read() as session:
            return await retention_repository.keys_in_use(session, presentation_id)

    removed: list[str] = []
    for prefix in (f"presentations/{presentation_id}", *(f"slides/{slide.id}" for slide in slides)):
        removed += await remove_expired(context.store, prefix, in_use, keep_days)
    async with context.db.write() as session:
        await retention_repository.forget_assets(session, removed)
    log.info("assets.retired", presentation_id=presentation_id, count=len(removed))
