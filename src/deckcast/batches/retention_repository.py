"""All SQL of what is in use, and of what is forgotten when its files are gone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository
from deckcast.batches.models import ENDED, BatchKind, Status
from deckcast.db.models import (
    AvatarVideoRow,
    BatchRow,
    ItemRow,
    PresentationRow,
    PresentationVideoRow,
    SlideClipRow,
    SlideRow,
    SpeechRow,
)


async def keys_in_use(session: AsyncSession, presentation_id: str) -> set[str]:
    """Keys of the files that the slides as they are, the newest batch of each kind and open ones, and the newest
    film use; and of each slide's newest speech, and its newest paid avatar video of a provider, which would have to
    be paid again."""
    slides = await session.scalars(
        select(SlideRow.image_key).where(SlideRow.presentation_id == presentation_id)
    )
    keys: set[str | None] = set(slides)
    newest = [await repository.last_batch(session, presentation_id, (kind,)) for kind in BatchKind]
    standing = await repository.open_batches(session, presentation_id)
    batches = {batch.id for batch in [*standing, *newest] if batch is not None}
    for column, reference, key in (
        (SpeechRow.id, ItemRow.speech_id, SpeechRow.audio_key),
        (AvatarVideoRow.id, ItemRow.avatar_video_id, AvatarVideoRow.asset_key),
        (SlideClipRow.id, ItemRow.clip_id, SlideClipRow.asset_key),
    ):
        query = select(key).join(ItemRow, reference == column).where(ItemRow.batch_id.in_(batches))
        keys |= set(await session.scalars(query))
    keys |= await repository.deck_keys_of(session, presentation_id)
    keys |= await _newest_paid(session, presentation_id)
    keys |= await _newest_speech(session, presentation_id)
    films = select(PresentationVideoRow).where(PresentationVideoRow.presentation_id == presentation_id)
    for film in await session.scalars(films.order_by(PresentationVideoRow.created_at.desc()).limit(1)):
        keys |= {film.asset_key, film.srt_key, film.vtt_key, film.poster_key}
    return {key for key in keys if key is not None}


async def _newest_paid(session: AsyncSession, presentation_id: str) -> set[str | None]:
    query = (
        select(AvatarVideoRow.slide_id, AvatarVideoRow.provider, AvatarVideoRow.asset_key)
        .join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
        .where(SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False))
        .where(AvatarVideoRow.cost_microusd > 0, AvatarVideoRow.status == Status.COMPLETED)
        .order_by(AvatarVideoRow.created_at)
    )
    rows = await session.execute(query)
    return set({(row.slide_id, row.provider): row.asset_key for row in rows}.values())


async def _newest_speech(session: AsyncSession, presentation_id: str) -> set[str | None]:
    query = select(SpeechRow.slide_id, SpeechRow.audio_key).join(SlideRow, SlideRow.id == SpeechRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False))
    rows = await session.execute(query.order_by(SpeechRow.created_at))
    return set({row.slide_id: row.audio_key for row in rows}.values())


async def forget_assets(session: AsyncSession, keys: Collection[str]) -> None:
    """Their files are gone: what was made anew for nothing loses its row, an avatar video becomes `retired`."""
    await session.execute(delete(SpeechRow).where(SpeechRow.audio_key.in_(keys)))
    await session.execute(delete(SlideClipRow).where(SlideClipRow.asset_key.in_(keys)))
    await session.execute(delete(PresentationVideoRow).where(PresentationVideoRow.asset_key.in_(keys)))
    gone = update(AvatarVideoRow).where(AvatarVideoRow.asset_key.in_(keys))
    await session.execute(gone.values(status=Status.FAILED, error_code=repository.RETIRED, asset_key=None))


async def has_assets_older_than(session: AsyncSession, presentation_id: str, before: datetime) -> bool:
    """Whether any clip or speech of a presentation was made before a time; else nothing can be retired."""
    for row in (SlideClipRow, SpeechRow):
        query = select(func.min(row.created_at)).join(SlideRow, SlideRow.id == row.slide_id)
        oldest = await session.scalar(query.where(SlideRow.presentation_id == presentation_id))
        if oldest is not None and oldest < before:
            return True
    return False


async def presentations_at_rest(session: AsyncSession) -> list[str]:
    """Presentations on which no batch is at work."""
    busy = select(BatchRow.presentation_id).where(BatchRow.state.not_in(ENDED))
    query = select(PresentationRow.id).where(
        PresentationRow.deleted_at.is_(None), PresentationRow.id.not_in(busy)
    )
    return list(await session.scalars(query.order_by(PresentationRow.id)))


async def subjects_under_way(session: AsyncSession) -> set[str]:
    """Ids by which workflows are named that somebody may still ask for: of presentations with an open batch, and of
    avatar videos under way."""
    subjects: set[str] = set()
    open_ones = select(BatchRow.presentation_id).where(BatchRow.state.not_in(ENDED)).distinct()
    for presentation_id in await session.scalars(open_ones):
        subjects |= await repository.subjects_of(session, presentation_id)
    at_work = (Status.PENDING, Status.SUBMITTING, Status.PROCESSING, Status.PUBLISHING, Status.TIMED_OUT)
    unsettled = (*at_work, Status.UNRESOLVED)
    return subjects | set(
        await session.scalars(select(AvatarVideoRow.id).where(AvatarVideoRow.status.in_(unsettled)))
    )
