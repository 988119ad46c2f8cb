"""Whose turn it is: slides of several users and batches that wait for the same places take turns.

A *line* is what slides wait in: a queue of the engine. Each gets a turn in it, a virtual time: the line's present, or
that of its own batch's last one, plus its batch's stride. The engine takes the lowest turn first. So a short batch
comes in between the slides of a long one, and who was idle has saved up nothing. A stride is the longer, the more
batches of the same owner are open, and the less the owner's weight and the batch's share of it are.

The present is the turn of the foremost who waits. At an account, where a place is held for minutes, it is the turn of
the last one begun, less one: of the next places a newcomer gets the first, and then every other one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository, turns_repository
from deckcast.batches.context import current
from deckcast.batches.engine import queue_name
from deckcast.batches.models import Priority, Status, Step
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow

UNIT = 100  # the stride of an owner's only batch, at weight 1
LAST = 2**31 - 1  # the engine's largest priority; who would come later shares this turn, in order of arrival


def stride_of(share: int, all_shares: int, weight: float) -> int:
    """How far apart the turns of a batch are that has `share` of the shares of all its owner's open batches."""
    return min(LAST, max(1, round(UNIT * all_shares / (share * weight))))


def present_of(foremost: int | None, last_begun: int | None) -> int:
    """A line's present, by the lowest turn that waits there and the highest that has begun; None where there is none.
    Where nobody waits time begins anew. One less than the last begun, so that of equals who comes new goes first, and
    those who come new together go in the order in which they came."""
    if foremost is None or last_begun is None:
        return foremost or 0
    return max(0, min(foremost, last_begun - 1))


def turns_after(present: int, own_last: int | None, stride: int, count: int) -> list[int]:
    """The turns of `count` slides that come into a line with this present; `own_last` is the highest turn of their own
    batch that waits there."""
    begin = max(present, own_last or 0)
    return [min(LAST, begin + stride * number) for number in range(1, count + 1)]


async def set_stride(session: AsyncSession, batch: BatchRow, owner: str, priority: Priority) -> None:
    """Give a new batch its share and stride; the row is written by the caller."""
    others, weight = await turns_repository.standing_of(session, owner)
    batch.share = priority.share
    batch.stride = stride_of(batch.share, others + batch.share, weight)


def may_queue_up(item: ItemRow) -> bool:
    """Whether the item is neither in a line nor begun."""
    return item.turn is None and item.ended_at is None and item.status == Status.PENDING


async def queue_up(session: AsyncSession, batch: BatchRow, line: str, items: Sequence[ItemRow]) -> None:
    """Give slides of a batch that wait for a stage their turns, in the order of the film."""
    foremost = await turns_repository.foremost(session, ItemRow, line)
    own_last = await turns_repository.last_of(session, ItemRow, line, batch.id)
    turns = turns_after(present_of(foremost, None), own_last, batch.stride, len(items))
    for item, turn in zip(items, turns, strict=True):
        item.line, item.turn = line, turn


async def queue_up_video(session: AsyncSession, video: AvatarVideoRow, line: str) -> None:
    """Give a new avatar video its turn at its account. The batch's row is locked, so that no two of its videos get the
    same turn."""
    batch = await repository.lock_batch(session, str(video.batch_id))
    foremost = await turns_repository.foremost(session, AvatarVideoRow, line)
    last_begun = await turns_repository.last_begun(session, video.provider, line)
    own_last = await turns_repository.last_of(session, AvatarVideoRow, line, batch.id)
    present = present_of(foremost, last_begun)
    video.line, video.turn = line, turns_after(present, own_last, batch.stride, 1)[0]


def line_of(queue: str) -> str:
    """A queue's name within this process's scope."""
    return queue_name(current().scope, queue)


async def places_of(session: AsyncSession, items: Collection[ItemRow]) -> dict[str, int]:
    """Which place each of these items that waits has in its line, by its id; 1 is next. At most two queries."""
    waiting = [item.id for item in items if item.turn is not None and item.ended_at is None]
    at_accounts = {
        item.avatar_video_id: item.id
        for item in items
        if item.avatar_video_id and item.step == Step.AVATAR_VIDEO and item.status == Status.PENDING
    }
    places = await turns_repository.places(session, ItemRow, waiting) if waiting else {}
    if at_accounts:
        videos = await turns_repository.places(session, AvatarVideoRow, list(at_accounts))
        places |= {at_accounts[video_id]: place for video_id, place in videos.items()}
    return places


async def places_in(batch_id: str) -> dict[int, int]:
    """Which place each slide of a batch that waits has in its line, by the slide's number."""
    async with current().db.read() as session:
        items = await repository.items_of(session, batch_id)
        places = await places_of(session, items)
    return {item.number: places[item.id] for item in items if item.id in places}
