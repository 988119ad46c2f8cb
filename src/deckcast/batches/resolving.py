"""An owner settles what became of a paid call whose answer was lost."""

from __future__ import annotations

from deckcast.batches import control, owned_repository, repository
from deckcast.batches.context import current
from deckcast.batches.requests import provider_named
from deckcast.db.models import SlideRow


async def resolve(owner: str, video_id: str, job_id: str | None) -> None:
    """It is the provider's job `job_id`, or (None) nothing was made.

    Raises CallError not_found, not_unresolved, job_not_found, provider_not_configured; WorkError where the provider
    says nothing.
    """
    async with current().db.read() as session:
        video = await owned_repository.avatar_video(session, owner, video_id)
        slide = await session.get_one(SlideRow, video.slide_id)
    if job_id is not None:
        provider_named(video.provider, current().providers)
        await control.adopt(video_id, job_id)
    else:
        await control.declare_not_made(video_id)
    async with current().db.write() as session:
        await repository.tell(session, slide.presentation_id, "presentation.changed", {})
