"""A provider account: how many jobs may be alive there, and when it is better to leave it alone.

An account that keeps failing is paused, so that it does not burn through the slides one by one. What a person
has to mend (no credit, a wrong key) fails the slides that wait, with that reason; what may pass is waited for.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from deckcast.avatars import repository
from deckcast.avatars.ports import AvatarProvider
from deckcast.db.database import LOCKED, Database
from deckcast.db.models import AvatarVideoRow
from deckcast.kit.clock import now
from deckcast.kit.errors import SubmissionRefused, WorkError

log = structlog.get_logger(__name__)

FAILING = "provider_failing"  # the code of a pause that passes by itself


@dataclass(frozen=True, slots=True)
class AccountRules:
    """Times in seconds. After `streak` failures in a row the account rests, twice as long each time.

    A job counts as alive for at most `alive_s`. `look_again_s` is how often a full account is looked at.
    """

    streak: int = 10
    rest_s: float = 5.0
    longest_rest_s: float = 300.0
    gives_up_after: int = 16
    lasting_pause_s: float = 600.0
    alive_s: float = 2 * 3600.0
    look_again_s: float = 0.3
    ask_again_s: float = 10.0


class Account:
    """One account at a provider, shared by everything that works on this database."""

    def __init__(
        self,
        db: Database,
        provider: AvatarProvider,
        places: int,
        rules: AccountRules | None = None,
        *,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._provider = provider
        self._places = places
        self._rules = rules or AccountRules()
        self._clock = clock
        self._sleep = sleep

    async def admit(self) -> None:
        """Return when a call may be made. Raises WorkError (the pause's reason) where a person has to act."""
        while True:
            async with self._db.read() as session:
                row = await repository.account_of(session, self._provider.name)
            left_s = (row.paused_until - self._clock()).total_seconds() if row and row.paused_until else 0.0
            if row is None or left_s <= 0:
                return
            if row.code != FAILING:
                raise WorkError(str(row.code), str(row.message), retryable=True)
            await self._sleep(min(left_s, 1.0))

    async def take_place(self, video_id: str) -> None:
        """Return when a place of the account is taken for this video, whose status is then `submitting`.
        Raises WorkError cancelled.

        Nobody takes more than `places`, in whatever process: the account's row is locked while counting.
        """
        asked_s = 0.0
        while not await self._try_place(video_id):
            await self._sleep(self._rules.look_again_s)
            asked_s += self._rules.look_again_s
            if asked_s >= self._rules.ask_again_s:
                asked_s = 0.0
                await self._free_places(video_id)

    async def succeeded(self) -> None:
        """A call was answered."""
        async with self._db.read() as session:
            row = await repository.account_of(session, self._provider.name)
        if row is not None and (row.failures or row.paused_until):
            await self.resume()

    async def failed(self, error: WorkError) -> None:
        """A call failed: count it, and pause the account where that is wiser."""
        rules = self._rules
        async with self._db.write() as session:
            row = await repository.lock_account(session, self._provider.name)
            row.failures += 1
            over = row.failures - rules.streak
            if isinstance(error, SubmissionRefused) and error.account:
                row.code, row.message = error.code, str(error)
                row.paused_until = self._clock() + timedelta(seconds=rules.lasting_pause_s)
            elif over >= rules.gives_up_after:
                row.code = "provider_unavailable"
                row.message = f"{self._provider.name} has kept failing for too long: {error.message}"
                row.paused_until = self._clock() + timedelta(seconds=rules.lasting_pause_s)
            elif over >= 0:
                rest_s = min(rules.longest_rest_s, rules.rest_s * math.pow(2, over))
                row.code, row.message = FAILING, error.message
                row.paused_until = self._clock() + timedelta(seconds=rest_s)
        if row.paused_until is not None:
            log.warning("account.paused", provider=self._provider.name, code=row.code)

    async def resume(self) -> None:
        """Lift a pause: a person has asked to go on, or the provider answers again."""
        async with self._db.write() as session:
            row = await repository.lock_account(session, self._provider.name)
            row.failures, row.paused_until, row.code, row.message = 0, None, None, None

    async def _try_place(self, video_id: str) -> bool:
        since = self._clock() - timedelta(seconds=self._rules.alive_s)
        async with self._db.write() as session:
            await repository.lock_account(session, self._provider.name)
            alive = await repository.jobs_alive(session, self._provider.name, since, besides=video_id)
            if len(alive) >= self._places:
                return False
            video = await session.get_one(AvatarVideoRow, video_id, with_for_update=LOCKED)
            if video.status == "cancelled":
                raise WorkError("cancelled", "This avatar video was cancelled before it was submitted.")
            if video.status not in repository.AT_THE_PROVIDER:
                video.status = "submitting"
            if video.job_ended_at is not None:  # another job follows one that has ended: the place is its own
                video.status, video.provider_video_id, video.job_ended_at = "submitting", None, None
        return True

    async def _free_places(self, video_id: str) -> None:
        """Ask after jobs that another process left behind: those that have ended hold no place any more."""
        since = self._clock() - timedelta(seconds=self._rules.alive_s)
        async with self._db.read() as session:
            alive = await repository.jobs_alive(session, self._provider.name, since, besides=video_id)
        by_job = {row.provider_video_id: row.id for row in alive if row.provider_video_id}
        if not by_job:
            return
        try:
            ended = await self._provider.ended(by_job.keys())
        except WorkError as error:
            log.info("account.not_asked", provider=self._provider.name, code=error.code)
            return
        async with self._db.write() as session:
            for job_id in ended & by_job.keys():
                row = await session.get_one(AvatarVideoRow, by_job[job_id])
                if row.provider_video_id == job_id:  # it may have got another job meanwhile
                    row.job_ended_at = self._clock()
