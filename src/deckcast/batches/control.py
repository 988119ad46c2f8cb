"""What a person does to work that is under way: cancel a batch, settle what is unresolved, delete a presentation."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import control_repository, money, repository
from deckcast.batches.context import current
from deckcast.batches.deletion import purge_deleted
from deckcast.batches.films import close
from deckcast.batches.models import ENDED, Status
from deckcast.db.models import AvatarVideoRow, BatchRow, PresentationRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError

DRAINING = (Status.SUBMITTING, Status.PROCESSING, Status.PUBLISHING)


async def cancel(batch_id: str) -> int:
    """Stop what is queued, at once; what runs at a provider is paid, so it drains. Finished slides stay.

    Returns how many avatar videos drain. Raises CallError batch_ended.
    """
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        if batch.state in ENDED:
            raise CallError("batch_ended", "There is nothing to cancel: this work has ended.")
        batch.cancelled_at = batch.cancelled_at or now()
        draining = await _stop(session, batch)
        if draining:
            await repository.tell(session, batch.presentation_id, "batch.changed", {"batch_id": batch_id})
    if not draining:
        await close(batch_id)
    return draining


async def _stop(session: AsyncSession, batch: BatchRow) -> int:
    """Cancel what is not at a provider, in a constant number of queries; returns how many items are."""
    presentation = await session.get_one(PresentationRow, batch.presentation_id)
    items = [item for item in await repository.items_of(session, batch.id) if item.ended_at is None]
    videos = await control_repository.lock_videos(session, [item.avatar_video_id for item in items])
    at_a_provider = {video.id for video in videos if video.status in DRAINING}
    stopped = [item for item in items if item.avatar_video_id not in at_a_provider]
    await control_repository.cancel_items(session, batch, stopped)
    queued = [video for video in videos if video.status == Status.PENDING]
    awaited = await control_repository.awaited(session, [video.id for video in queued])
    given_up = [video for video in queued if video.id not in awaited]
    for video in given_up:
        video.status = Status.CANCELLED
    await money.release_queued(session, presentation.owner, given_up)
    return len(items) - len(stopped)


async def adopt(video_id: str, job_id: str) -> None:
    """Settle an unresolved submission: this is its job. The next make goes on with it.

    Raises CallError avatar_video_not_found, not_unresolved, job_not_found.
    """
    row = await _video(video_id)
    provider = current().providers[row.provider]
    if await provider.ended([job_id]):
        state = await provider.inspect(job_id)
        if getattr(state, "code", "") == "job_not_found":
            raise CallError(
                "job_not_found",
                f"{provider.name} knows no video {job_id!r}.",
                next_step="Copy the video's id from the provider's own list.",
            )
    await current().ledger.adopt(video_id, job_id)


async def declare_not_made(video_id: str) -> None:
    """Settle an unresolved submission: nothing was made. The next make orders it anew.

    Raises CallError avatar_video_not_found, not_unresolved.
    """
    await _video(video_id)
    await current().ledger.declare_not_made(video_id)
    async with current().db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id)
        row.status = Status.FAILED
        await money.release(session, row)


async def _video(video_id: str) -> AvatarVideoRow:
    async with current().db.read() as session:
        row = await session.get(AvatarVideoRow, video_id)
    if row is None:
        raise CallError(
            "avatar_video_not_found",
            f"There is no avatar video {video_id!r}.",
            next_step="`deckcast status` names those that have to be settled.",
        )
    return row


async def delete_presentation(presentation_id: str) -> bool:
    """Remove a presentation with all that was made of it. Where paid jobs still run, they drain and settle
    first: returns whether it is gone already. Raises CallError unresolved_left."""
    async with current().db.write() as session:
        if await repository.unresolved_videos(session, presentation_id):
            raise CallError(
                "unresolved_left",
                "Some paid calls of this presentation are not settled.",
                next_step="`deckcast status` names them; settle them with `deckcast resolve` first.",
            )
        row = await session.get_one(PresentationRow, presentation_id)
        if row.deleted_at is None:
            row.deleted_at, row.source = now(), f"{row.source}#{row.id}"
            await repository.tell(session, presentation_id, "presentation.deleted", {})
        batches = await repository.open_batches(session, presentation_id)
    for batch in batches:
        if batch.cancelled_at is None:
            with suppress(CallError):  # it has just ended by itself
                await cancel(batch.id)
    return await purge_deleted(presentation_id)
