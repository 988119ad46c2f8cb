"""Nothing waits for ever: a slide whose workflow the engine has given up fails as `crashed_repeatedly`, one whose
provider was taken away as `provider_not_configured`."""

from __future__ import annotations

from collections.abc import Mapping

from dbos import DBOS

from deckcast.batches import money, repository
from deckcast.batches.avatar_rows import may_be_paid
from deckcast.batches.clips import compose_slide_clip, note_failure, settle
from deckcast.batches.context import current
from deckcast.batches.ending import end_batch
from deckcast.batches.engine import WORK, enqueue
from deckcast.batches.films import close, finish_batch, note_batch_failure
from deckcast.batches.models import ENDED, BatchState, DeckStep, Status
from deckcast.batches.scopes import SERVER, workers_seen
from deckcast.batches.stages import done_for_all, note_deck_failure
from deckcast.batches.stages import start as start_batch
from deckcast.db.database import LOCKED
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow
from deckcast.kit.clock import now

GIVEN_UP = ["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "ERROR", "CANCELLED"]
AT_ONCE = 5000  # databases bound how many values a query may name
CODE = "crashed_repeatedly"
AT_WORK = (Status.PENDING, Status.SUBMITTING, Status.PROCESSING, Status.PUBLISHING)
MESSAGE = "Deckcast was ended again and again while it worked on this."


OVER = [*GIVEN_UP, "SUCCESS"]


async def rescue(batch_id: str) -> None:
    """Before the engine's work goes on: settle what was given up, and leave every video that no workflow works
    on any more to whoever wants it next."""
    videos = await settle_given_up(batch_id)
    await _leave_forsaken(videos)
    for video in videos.values():
        if video.status in AT_WORK and not await _is_configured(video.provider):
            await _go_on_without(video.id, video.provider)


async def settle_given_up(batch_id: str) -> dict[str, AvatarVideoRow]:
    """Settle the slides of a running batch, or close it, where the workflow that should do so is given up; at
    any time. Returns the presentation's videos that are made or under way."""
    batch, items, videos = await _unsettled(batch_id)
    given_up = await ended_works(
        [
            f"{batch_id}.finish",
            *(f"{batch_id}.{each}" for each in DeckStep),
            *(each for item in items for each in _works(item, videos)),
        ],
        GIVEN_UP,
    )
    if given_up:  # others may have gone on with some of it meanwhile, in another round
        batch, items, videos = await _unsettled(batch_id)
    for item in items:
        if given_up & set(_works(item, videos)):
            await note_failure(item.id, CODE, MESSAGE, True)
            if await settle(item.id) is not None:
                await enqueue(WORK, finish_batch, f"{batch_id}.finish", batch_id)
    for each in DeckStep:
        if f"{batch_id}.{each}" in given_up and each in batch.todo:
            await note_deck_failure(batch_id, each, CODE, MESSAGE)
            await done_for_all(batch_id, each)
    if given_up:
        await start_batch(batch_id)  # what waited for them goes on
    if f"{batch_id}.finish" in given_up:
        await note_batch_failure(batch_id, CODE, MESSAGE)
        await close(batch_id)
    return videos


async def _unsettled(batch_id: str) -> tuple[BatchRow, list[ItemRow], dict[str, AvatarVideoRow]]:
    """A batch, its slides on their way, and the presentation's videos that are made or under way."""
    async with current().db.read() as session:
        batch = await repository.batch_with(session, batch_id)
        items = [item for item in await repository.items_of(session, batch_id) if item.ended_at is None]
        videos = {row.id: row for row in await repository.videos_of(session, batch.presentation_id)}
    return batch, items, videos


async def _is_configured(provider: str) -> bool:
    """Whether this process, or another worker of the same queues, can use a provider."""
    context = current()
    if provider in context.providers:
        return True
    others = await workers_seen(context) if context.scope == SERVER else ()
    return any(provider in each.about.get("providers", ()) for each in others)


async def _go_on_without(video_id: str, provider: str) -> None:
    """Nobody can ask after a video whose provider is not configured any more. What may be paid is left to the next who
    wants it when the provider is back; the rest is cancelled, or what is queued would be bought for nobody then."""
    code = "provider_not_configured"
    message = current().not_configured.get(provider, f"The provider {provider} is not configured any more.")
    async with current().db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id, with_for_update=LOCKED)
        if row.status not in AT_WORK:
            return
        row.status = Status.TIMED_OUT if await may_be_paid(session, row) else Status.CANCELLED
        row.error_code, row.error_message, row.retryable = code, message, True
        if row.status == Status.CANCELLED:
            await money.release(session, row)
        items = await repository.items_waiting_for(session, video_id)
        for item in items:
            await repository.set_item(
                session, item.id, error_code=code, error_message=message, retryable=True
            )
    for item in items:
        await enqueue(WORK, compose_slide_clip, f"{item.id}.compose", item.id)


async def end_failed(batch_id: str, code: str, message: str) -> None:
    """End a batch with which nobody can go on, unless it has ended or is gone; what is paid for is brought to its end
    all the same."""
    async with current().db.write() as session:
        if await session.get(BatchRow, batch_id) is None:
            return
        batch = await repository.lock_batch(session, batch_id)
        if batch.state in ENDED:
            return
        for item in await repository.items_of(session, batch_id):
            if item.ended_at is None:
                item.status, item.error_code, item.error_message = Status.FAILED, code, message
                item.retryable, item.ended_at = True, now()
        batch.error_code, batch.error_message = code, message
        await end_batch(session, batch, BatchState.FAILED)


def _works(item: ItemRow, videos: Mapping[str, AvatarVideoRow]) -> list[str]:
    """Ids of the workflows that bring the item on: its own, and those of its video's present round."""
    video = videos.get(item.avatar_video_id or "")
    of_video = [f"{video.id}.{kind}.{video.round}" for kind in ("render", "publish")] if video else []
    return [*(f"{item.id}.{name}" for name in ("analyse", "write", "prepare", "compose")), *of_video]


async def _leave_forsaken(videos: Mapping[str, AvatarVideoRow]) -> None:
    """A video on its way whose workflow has ended: the next to want it starts a new round, or it would wait
    for ever."""
    at_work = {_working(row): row for row in videos.values() if row.status in AT_WORK}
    ended = await ended_works(list(at_work), OVER)
    for work in ended & at_work.keys():
        await leave(at_work[work].id, work)


def _working(row: AvatarVideoRow) -> str:
    kind = "publish" if row.status == Status.PUBLISHING else "render"
    return f"{row.id}.{kind}.{row.round}"


async def leave(video_id: str, ended: str) -> None:
    """Nobody works on the video any more, and its job may be there; unless others have gone on with it since that
    workflow has ended, which wrote down what came of it before it did."""
    async with current().db.write() as session:
        row = await session.get_one(AvatarVideoRow, video_id, with_for_update=LOCKED)
        if row.status in AT_WORK and _working(row) == ended:
            row.status = Status.TIMED_OUT


async def ended_works(works: list[str], statuses: list[str]) -> set[str]:
    """Which of these workflows have one of these statuses."""
    found: set[str] = set()
    for start in range(0, len(works), AT_ONCE):
        listed = await DBOS.list_workflows_async(
            workflow_ids=works[start : start + AT_ONCE],
            status=statuses,
            load_input=False,
            load_output=False,
        )
        found |= {workflow.workflow_id for workflow in listed}
    return found
