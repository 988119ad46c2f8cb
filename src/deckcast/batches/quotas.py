"""What an owner may have at most: presentations, and storage. Checked before an upload and before a batch.

Storage is counted from rows: an owner's decks, speeches, avatar videos, slide clips and films, each of which knows the
size of its file. That is one query, where asking an object store would be a listing per slide. Pictures of slides,
captions and posters are not counted: together they are small beside one video. What a batch is going to make is not
known beforehand, so a batch is refused once the quota is reached, and may pass it by what it makes.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import quotas_repository
from deckcast.kit.errors import CallError
from deckcast.kit.settings import QuotaSettings

MB = 1_000_000


async def check_upload(
    session: AsyncSession, owner: str, quotas: QuotaSettings, size_bytes: int, *, new: bool = True
) -> None:
    """Refuse an upload of this size (0 where it is not known yet) that the owner has no room for; `new` where it makes
    another presentation. Raises CallError quota_exceeded, with the figures."""
    if new and quotas.presentations is not None:
        there = await quotas_repository.presentations_of(session, owner)
        if there >= quotas.presentations:
            raise CallError(
                "quota_exceeded",
                f"You have {there} presentations, and may have {quotas.presentations}.",
                next_step="Delete one that you do not need.",
                facts={"quota": "presentations", "used": there, "allowed": quotas.presentations},
            )
    await check_storage(session, owner, quotas, size_bytes)


async def check_storage(
    session: AsyncSession, owner: str, quotas: QuotaSettings, more_bytes: int = 0
) -> None:
    """Refuse where the owner's files take all that they may, or would with `more_bytes`. Raises CallError
    quota_exceeded, with the figures."""
    allowed = quotas.storage_bytes
    if allowed is None:
        return
    used = await quotas_repository.stored_bytes(session, owner)
    if used < allowed and used + more_bytes <= allowed:
        return
    raise CallError(
        "quota_exceeded",
        f"Your presentations take {used / MB:.0f} MB, and may take {allowed / MB:.0f} MB.",
        next_step="Delete presentations that you do not need.",
        facts={"quota": "storage_bytes", "used": used, "allowed": allowed, "asked": more_bytes},
    )
