"""All SQL of batches, slides and what is made of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches.models import ENDED, Status, phase_of
from deckcast.db.database import at_the_end
from deckcast.db.models import (
    ACTIVE,
    AvatarVideoRow,
    BatchRow,
    EventRow,
    ItemRow,
    NarrativeRow,
    PresentationRow,
    PresentationVideoRow,
    RenderJobRow,
    SlideAnalysisRow,
    SlideClipRow,
    SlideRow,
    SpeechRow,
    SubmissionRow,
    WebhookEventRow,
)
from deckcast.kit.clock import now

Row = TypeVar("Row", SlideRow, SlideAnalysisRow, NarrativeRow, SpeechRow)

EVENTS_CHANNEL = "deckcast_events"
RETIRED = "retired"  # the error code of a video whose file the retention rule has removed


async def presentation_of(session: AsyncSession, owner: str, source: str) -> PresentationRow | None:
    """The presentation an owner made of a source."""
    return await session.scalar(
        select(PresentationRow).where(PresentationRow.owner == owner, PresentationRow.source == source)
    )


async def presentations(session: AsyncSession, owner: str) -> Sequence[PresentationRow]:
    """All of an owner's presentations, newest first."""
    query = select(PresentationRow).where(
        PresentationRow.owner == owner, PresentationRow.deleted_at.is_(None)
    )
    return (await session.scalars(query.order_by(PresentationRow.created_at.desc()))).all()


async def slides_of(session: AsyncSession, presentation_id: str) -> Sequence[SlideRow]:
    """The slides that are in the deck now, in order."""
    query = select(SlideRow).where(SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False))
    return (await session.scalars(query.order_by(SlideRow.position, SlideRow.number))).all()


async def all_slides_of(session: AsyncSession, presentation_id: str) -> Sequence[SlideRow]:
    """Every slide that ever was in the deck."""
    return (await session.scalars(select(SlideRow).where(SlideRow.presentation_id == presentation_id))).all()


async def open_batches(session: AsyncSession, presentation_id: str) -> Sequence[BatchRow]:
    """Batches of a presentation that have not ended."""
    query = select(BatchRow).where(BatchRow.presentation_id == presentation_id, BatchRow.state.not_in(ENDED))
    return (await session.scalars(query.order_by(BatchRow.created_at))).all()


async def last_batch(
    session: AsyncSession, presentation_id: str, kinds: Collection[str] = ()
) -> BatchRow | None:
    """The newest batch of a presentation, of some kinds or of all."""
    query = select(BatchRow).where(BatchRow.presentation_id == presentation_id)
    if kinds:
        query = query.where(BatchRow.kind.in_(kinds))
    return await session.scalar(query.order_by(BatchRow.created_at.desc()).limit(1))


async def items_of(session: AsyncSession, batch_id: str) -> Sequence[ItemRow]:
    """The items of a batch in the order of the film."""
    query = select(ItemRow).where(ItemRow.batch_id == batch_id)
    return (await session.scalars(query.order_by(ItemRow.position, ItemRow.number))).all()


async def todo_of(session: AsyncSession, batch_id: str) -> Sequence[Sequence[str]]:
    """What the slides of a batch that are still on their way have to do yet, one entry a slide."""
    query = select(ItemRow.todo).where(ItemRow.batch_id == batch_id, ItemRow.ended_at.is_(None))
    return (await session.scalars(query)).all()


async def rows_by_id(session: AsyncSession, kind: type[Row], ids: Collection[str | None]) -> dict[str, Row]:
    """Rows of a table by their ids, those of them that are there."""
    wanted = [each for each in ids if each is not None]
    column: Any = kind.__table__.c["id"]
    return {row.id: row for row in await session.scalars(select(kind).where(column.in_(wanted)))}


async def batch_of_item(session: AsyncSession, item: ItemRow) -> BatchRow:
    """The batch that an item belongs to."""
    return await session.get_one(BatchRow, item.batch_id)


async def batch_with(session: AsyncSession, batch_id: str) -> BatchRow:
    """A batch, for reading."""
    return await session.get_one(BatchRow, batch_id)


async def unsettled_items(session: AsyncSession, batch_id: str) -> int:
    """How many slides of a batch are still on their way."""
    query = select(func.count()).where(ItemRow.batch_id == batch_id, ItemRow.ended_at.is_(None))
    return await session.scalar(query) or 0


async def lock_batch(session: AsyncSession, batch_id: str) -> BatchRow:
    """The batch's row, locked to the end of the transaction."""
    return (
        await session.scalars(select(BatchRow).where(BatchRow.id == batch_id).with_for_update(key_share=True))
    ).one()


async def speeches_of(session: AsyncSession, presentation_id: str) -> set[tuple[str, str]]:
    """Slide and fingerprint of every speech of a presentation."""
    query = select(SpeechRow.slide_id, SpeechRow.fingerprint).join(
        SlideRow, SlideRow.id == SpeechRow.slide_id
    )
    found = await session.execute(query.where(SlideRow.presentation_id == presentation_id))
    return {(slide_id, fingerprint) for slide_id, fingerprint in found}


async def speech_with(session: AsyncSession, slide_id: str, fingerprint: str) -> SpeechRow | None:
    """The slide's speech with this fingerprint."""
    return await session.scalar(
        select(SpeechRow).where(SpeechRow.slide_id == slide_id, SpeechRow.fingerprint == fingerprint)
    )


async def lock_slide(session: AsyncSession, slide_id: str) -> None:
    """Lock a slide's row to the end of the transaction: two batches cannot order the same video at once."""
    await session.execute(select(SlideRow.id).where(SlideRow.id == slide_id).with_for_update(key_share=True))


async def lock_slides(session: AsyncSession, presentation_id: str) -> None:
    """Lock every slide of a presentation, as `lock_slide` does, always in the same order."""
    query = select(SlideRow.id).where(SlideRow.presentation_id == presentation_id).order_by(SlideRow.id)
    await session.execute(query.with_for_update(key_share=True))


async def avatar_video_with(session: AsyncSession, slide_id: str, fingerprint: str) -> AvatarVideoRow | None:
    """The slide's avatar video with this content: completed, living, or failed though paid; in that order.

    Its row is locked: who decides to wait for a video is among its waiting items before it can end.
    """
    query = select(AvatarVideoRow).where(
        AvatarVideoRow.slide_id == slide_id,
        AvatarVideoRow.fingerprint == fingerprint,
        _made_or_under_way(),
    )
    rows = (
        await session.scalars(
            query.order_by(AvatarVideoRow.created_at.desc()).with_for_update(key_share=True)
        )
    ).all()
    ranks = {Status.COMPLETED: 0, Status.FAILED: 2}
    return min(rows, key=lambda row: ranks.get(Status(row.status), 1), default=None)


def _made_or_under_way() -> ColumnElement[bool]:
    """Videos that stand in the way of ordering another: a paid one does even where its file was no good."""
    failed = (AvatarVideoRow.status == Status.FAILED) & (AvatarVideoRow.cost_microusd > 0)
    paid_for = failed & (func.coalesce(AvatarVideoRow.error_code, "") != RETIRED)
    return or_(AvatarVideoRow.status.in_((Status.COMPLETED, *ACTIVE)), paid_for)


async def items_waiting_for(session: AsyncSession, avatar_video_id: str) -> Sequence[ItemRow]:
    """Items of any batch that wait for this avatar video."""
    query = select(ItemRow).where(ItemRow.avatar_video_id == avatar_video_id, ItemRow.ended_at.is_(None))
    return (await session.scalars(query)).all()


async def clip_with(session: AsyncSession, slide_id: str, fingerprint: str) -> SlideClipRow | None:
    """The slide's clip with this fingerprint."""
    return await session.scalar(
        select(SlideClipRow).where(SlideClipRow.slide_id == slide_id, SlideClipRow.fingerprint == fingerprint)
    )


async def film_with(
    session: AsyncSession, presentation_id: str, fingerprint: str
) -> PresentationVideoRow | None:
    """The presentation's film with this fingerprint."""
    return await session.scalar(
        select(PresentationVideoRow).where(
            PresentationVideoRow.presentation_id == presentation_id,
            PresentationVideoRow.fingerprint == fingerprint,
        )
    )


async def set_item(session: AsyncSession, item_id: str, **values: Any) -> None:
    """Change an item that has not ended, and tell."""
    if "started_at" not in values:
        values["started_at"] = func.coalesce(ItemRow.started_at, now())
    if "step" in values or "status" in values:
        values |= {"turn": None} | await _phase(session, item_id, values)  # its turn has come
    found = await session.execute(
        update(ItemRow)
        .where(ItemRow.id == item_id, ItemRow.ended_at.is_(None))
        .values(**values)
        .returning(ItemRow.batch_id, ItemRow.slide_id, ItemRow.step, ItemRow.status)
    )
    row = found.one_or_none()
    if row is not None:
        presentation_id = await session.scalar(
            select(BatchRow.presentation_id).where(BatchRow.id == row.batch_id)
        )
        payload = {"batch_id": row.batch_id, "slide_id": row.slide_id, "step": row.step, "status": row.status}
        await tell(session, str(presentation_id), "slide.changed", payload)


async def _phase(session: AsyncSession, item_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be written where an item goes into another phase: how long it was in the one before."""
    columns = (ItemRow.step, ItemRow.status, ItemRow.phase_began_at, ItemRow.worked_s)
    found = (await session.execute(select(*columns).where(ItemRow.id == item_id))).one_or_none()
    if found is None:
        return {}
    was = phase_of(found.step, found.status)
    is_in = phase_of(values.get("step", found.step), values.get("status", found.status))
    if was is is_in:
        return {}
    moment, worked_s = now(), dict(found.worked_s)
    if was is not None and found.phase_began_at is not None:
        seconds = (moment - found.phase_began_at).total_seconds()
        worked_s[was] = round(worked_s.get(was, 0.0) + seconds, 3)
    return {"phase_began_at": moment if is_in is not None else None, "worked_s": worked_s}


async def tell(session: AsyncSession, presentation_id: str, kind: str, payload: dict[str, Any]) -> None:
    """Append an event at the end of the transaction; its number is taken under the presentation's row lock, so that
    events become visible in their order. On PostgreSQL who listens hears of it; elsewhere they look for themselves."""
    told = session.info.setdefault("told", [])
    if not told:
        at_the_end(session, lambda: _append(session, told))
    told.append(EventRow(presentation_id=presentation_id, kind=kind, payload=payload))


async def _append(session: AsyncSession, told: Sequence[EventRow]) -> None:
    for presentation_id in sorted({each.presentation_id for each in told}):
        events = [each for each in told if each.presentation_id == presentation_id]
        values = {"seq": PresentationRow.seq + len(events), "updated_at": now()}
        row = update(PresentationRow).where(PresentationRow.id == presentation_id).values(values)
        last = await session.scalar(row.returning(PresentationRow.seq))
        if last is None:
            continue  # it is gone, and nobody watches it
        for seq, event in enumerate(events, start=last - len(events) + 1):
            event.seq = seq
        session.add_all(events)
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(select(func.pg_notify(EVENTS_CHANNEL, presentation_id)))


async def webhook_events_after(
    session: AsyncSession, provider: str, last_id: int
) -> Sequence[WebhookEventRow]:
    """A provider's webhooks that came in since the one with this id."""
    query = select(WebhookEventRow).where(WebhookEventRow.provider == provider, WebhookEventRow.id > last_id)
    return (await session.scalars(query.order_by(WebhookEventRow.id))).all()


async def forget_webhook_events(session: AsyncSession, before: datetime) -> None:
    """Remove webhooks that came in before a time."""
    await session.execute(delete(WebhookEventRow).where(WebhookEventRow.received_at < before))


async def videos_of(session: AsyncSession, presentation_id: str) -> Sequence[AvatarVideoRow]:
    """All avatar videos of a presentation's slides that are made, paid or under way."""
    query = select(AvatarVideoRow).join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    return (
        await session.scalars(query.where(SlideRow.presentation_id == presentation_id, _made_or_under_way()))
    ).all()


async def has_money_or_jobs_out(session: AsyncSession, presentation_id: str) -> bool:
    """Whether a provider may still be at work for this presentation, or its money is not settled."""
    query = (
        select(func.count())
        .select_from(AvatarVideoRow)
        .join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    )
    query = query.where(SlideRow.presentation_id == presentation_id)
    under_way = AvatarVideoRow.status.in_(ACTIVE) & (AvatarVideoRow.status != Status.PENDING)
    return bool(await session.scalar(query.where(or_(under_way, AvatarVideoRow.reserved_microusd > 0))))


async def asset_keys_of(session: AsyncSession, presentation_id: str) -> set[str]:
    """Keys of a presentation's decks, and of all files that were made of it."""
    of_slides = SlideRow.presentation_id == presentation_id
    keys: set[str | None] = set(await session.scalars(select(SlideRow.image_key).where(of_slides)))
    keys |= await deck_keys_of(session, presentation_id)
    for column, row in (
        (SpeechRow.audio_key, SpeechRow),
        (AvatarVideoRow.asset_key, AvatarVideoRow),
        (SlideClipRow.asset_key, SlideClipRow),
    ):
        keys |= set(
            await session.scalars(select(column).join(SlideRow, SlideRow.id == row.slide_id).where(of_slides))
        )
    films = select(PresentationVideoRow).where(PresentationVideoRow.presentation_id == presentation_id)
    for film in await session.scalars(films):
        keys |= {film.asset_key, film.srt_key, film.vtt_key, film.poster_key}
    return {key for key in keys if key is not None}


async def deck_keys_of(session: AsyncSession, presentation_id: str) -> set[str | None]:
    """Keys of the uploaded deck, and of the one that is being read."""
    row = await session.get_one(PresentationRow, presentation_id)
    return {row.deck_key, row.next_deck_key}


async def unresolved_videos(
    session: AsyncSession, presentation_id: str
) -> Sequence[tuple[int, AvatarVideoRow]]:
    """Slide number and row of each avatar video that a person has to settle."""
    query = select(SlideRow.number, AvatarVideoRow).join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    query = query.where(
        SlideRow.presentation_id == presentation_id, AvatarVideoRow.status == Status.UNRESOLVED
    )
    found = await session.execute(query.order_by(SlideRow.number))
    return [(number, row) for number, row in found]


async def forget_render_jobs(session: AsyncSession, presentation_id: str) -> set[str]:
    """Remove the jobs of our own presenter for a presentation, which hold its words; returns their results' keys."""
    keys = select(SubmissionRow.key).join(AvatarVideoRow, AvatarVideoRow.id == SubmissionRow.avatar_video_id)
    keys = keys.join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    gone = delete(RenderJobRow).where(
        RenderJobRow.key.in_(keys.where(SlideRow.presentation_id == presentation_id))
    )
    return {key for key in await session.scalars(gone.returning(RenderJobRow.asset_key)) if key}


async def deleted_presentations(session: AsyncSession) -> Sequence[str]:
    """Ids of presentations that were deleted and are still here."""
    return (
        await session.scalars(select(PresentationRow.id).where(PresentationRow.deleted_at.is_not(None)))
    ).all()


async def presentation_with(
    session: AsyncSession, owner: str, presentation_id: str
) -> PresentationRow | None:
    """An owner's presentation, also while its deletion waits."""
    row = await session.get(PresentationRow, presentation_id)
    return row if row is not None and row.owner == owner else None


async def subjects_of(session: AsyncSession, presentation_id: str) -> set[str]:
    """Ids of all that workflows of a presentation are for: batches, items and avatar videos."""
    batches = select(BatchRow.id).where(BatchRow.presentation_id == presentation_id)
    items = select(ItemRow.id).join(BatchRow, BatchRow.id == ItemRow.batch_id)
    videos = select(AvatarVideoRow.id).join(SlideRow, SlideRow.id == AvatarVideoRow.slide_id)
    found: set[str] = set()
    for query in (
        batches,
        items.where(BatchRow.presentation_id == presentation_id),
        videos.where(SlideRow.presentation_id == presentation_id),
    ):
        found |= set(await session.scalars(query))
    return found


async def give_to_scope(session: AsyncSession, presentation_id: str, scope: str) -> None:
    """What lies on the queues is this scope's from now on: of open batches, and what ended ones have left running."""
    query = update(BatchRow).where(BatchRow.presentation_id == presentation_id, BatchRow.scope != scope)
    await session.execute(query.values(scope=scope))


async def batches_to_work_on(session: AsyncSession, scope: str) -> Sequence[tuple[str, str]]:
    """Ids of a scope's open batches and of their presentations, oldest first."""
    query = select(BatchRow.id, BatchRow.presentation_id).where(
        BatchRow.scope == scope, BatchRow.state.not_in(ENDED)
    )
    return [(batch, of) for batch, of in await session.execute(query.order_by(BatchRow.created_at))]


async def at_work_on(session: AsyncSession, presentation_ids: Collection[str]) -> set[str]:
    """Which of these presentations have an avatar video under way."""
    query = select(SlideRow.presentation_id).join(AvatarVideoRow, AvatarVideoRow.slide_id == SlideRow.id)
    under_way = (Status.SUBMITTING, Status.PROCESSING, Status.PUBLISHING)
    query = query.where(SlideRow.presentation_id.in_(presentation_ids), AvatarVideoRow.status.in_(under_way))
    return set(await session.scalars(query.distinct()))


async def uploads_to_read(session: AsyncSession) -> Sequence[tuple[str, str]]:
    """Ids of presentations with an upload that is still to be read, and the upload's key."""
    query = select(PresentationRow.id, PresentationRow.next_deck_key).where(
        PresentationRow.next_deck_key.is_not(None), PresentationRow.deleted_at.is_(None)
    )
    return [(of, str(key)) for of, key in await session.execute(query)]
