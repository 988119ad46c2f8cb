"""Hooks and messages in a database, a receiver, and a clock of the test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from deckcast.batches import hooks_repository
from deckcast.batches.hooks import deliver_due
from deckcast.db.people import HookDeliveryRow, HookRow
from deckcast.kit.clock import now
from deckcast.kit.settings import HooksSettings
from hook_receiver import Receiver, receiving
from words_world import WordsWorld, told


class Clock:
    """A time that passes only when it is told to."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at


class HooksWorld:
    """Hooks and messages in a database, and a receiver."""

    def __init__(self, world: WordsWorld, receiver: Receiver) -> None:
        self.parts, self.db, self.receiver = world.parts, world.db, receiver
        self.clock = Clock()

    async def hook(self, hook_id: str = "hok_1", url: str | None = None, owner: str = "local") -> None:
        async with self.db.write() as session:
            session.add(HookRow(id=hook_id, owner=owner, url=url or self.receiver.url(f"/{hook_id}")))

    async def tell(self, hook_id: str = "hok_1") -> str:
        """A message that is due on the test's clock; its id."""
        row = hooks_repository.delivery(
            hook_id, hooks_repository.message("batch.ended", {"batchId": "bat_1"})
        )
        row.next_at = self.clock()
        async with self.db.write() as session:
            session.add(row)
        return row.id

    async def deliver(self, **world: Any) -> int:
        return await deliver_due(self.parts, clock=self.clock, **world)

    async def row(self, message_id: str) -> HookDeliveryRow:
        async with self.db.read() as session:
            return await session.get_one(HookDeliveryRow, message_id)

    async def all(self) -> Sequence[HookDeliveryRow]:
        async with self.db.read() as session:
            return (await session.scalars(select(HookDeliveryRow).order_by(HookDeliveryRow.id))).all()


def story(
    url: str,
    folder: Path,
    body: Callable[[HooksWorld], Awaitable[None]],
    *answers: str,
    private: bool = True,
) -> None:
    async def tell(world: WordsWorld) -> None:
        settings = world.parts.settings
        allowed = HooksSettings(allow_private=private)
        world.parts.settings = settings.model_copy(update={"hooks": allowed})
        async with receiving(*answers) as receiver:
            await body(HooksWorld(world, receiver))

    told(url, folder, ["Hello."], tell)
