"""How often a provider is called: so many times a second for all processes on a database together.

A call is granted its moment on the account's row, by the database's clock, one after the other at equal distances. Who
has to wait for the moment holds nothing meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from deckcast.avatars import repository
from deckcast.db.database import Database

Pace = Callable[[], Awaitable[None]]
"""Returns when the next call may go out."""


class Pacing:
    """The pace of one provider's account, in calls per second."""

    def __init__(
        self,
        db: Database,
        provider: str,
        per_second: float,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._provider = provider
        self._apart_s = 1 / per_second
        self._clock = clock
        self._sleep = sleep

    async def __call__(self) -> None:
        """Return when the next call may go out."""
        async with self._db.write() as session:
            # SQLite is this machine's, so its clock is ours
            at_s = self._clock() if self._db.is_sqlite else None
            wait_s = await repository.grant_call(session, self._provider, self._apart_s, at_s)
        if wait_s > 0:
            await self._sleep(wait_s)


async def unpaced() -> None:
    """The pace of who calls as often as he likes."""
