"""Hooks: users are told at an address of their own when a batch has ended, signed as Standard Webhooks says.

A message is a row, written together with what it tells. Whoever works sends it: at least once, under the same id,
for three days. One message at a time goes to each hook, so that a slow receiver holds up nobody else.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from deckcast import __version__
from deckcast.batches import hooks_repository
from deckcast.batches.context import Context
from deckcast.batches.hooks_repository import TEST
from deckcast.batches.hooks_signing import secret_of, signature
from deckcast.kit import outside
from deckcast.kit.clock import now
from deckcast.kit.outside import Refused, Resolve, Unreachable
from deckcast.kit.retry import parse_retry_after
from deckcast.kit.secrets import server_key

log = structlog.get_logger(__name__)

LOOK_S = 1.0  # for messages that are due
ANSWER_WITHIN_S = 15.0
LEASE = timedelta(seconds=60)  # well over what one try takes
AT_ONCE = 50
STOP_WITHIN_S = 2.0
KEPT = timedelta(days=30)
MOST_ASKED_S = 24 * 3600.0  # that a receiver's Retry-After may ask for
MINUTE, HOUR = 60.0, 3600.0
WAITS_S = (5.0, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""How long to wait after the first failure, the second …: three days in all, then a message is given up."""

Spread = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Message:
    """One try at telling a hook; `tries` counts it."""

    id: str
    hook_id: str
    url: str
    kind: str
    payload: dict[str, Any]
    tries: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try: the receiver's status, if it answered, else why there is none."""

    status: int | None = None
    error: str = ""
    retry_after_s: float | None = None


def next_try(message: Message, at: datetime, asked_s: float | None, spread: Spread) -> datetime | None:
    """When a message that was not taken is sent again; None where it is given up."""
    if message.kind == TEST or message.tries > len(WAITS_S):
        return None
    wait_s = WAITS_S[message.tries - 1] * spread(0.9, 1.1)
    return at + timedelta(seconds=max(wait_s, min(asked_s or 0.0, MOST_ASKED_S)))


class Sender:
    """Sends what is due. `clock`, `resolve` and `spread` are the time, the names and the chance that it goes by."""

    def __init__(
        self,
        parts: Context,
        *,
        clock: Callable[[], datetime] = now,
        resolve: Resolve = outside.resolve,
        spread: Spread = random.uniform,
    ) -> None:
        self._db = parts.db
        self._settings = parts.settings
        self._clock, self._resolve, self._spread = clock, resolve, spread

    async def claim(self, busy: Collection[str] = (), limit: int = AT_ONCE) -> Sequence[Message]:
        """Messages that this process now has to send, at most one for each hook that is not busy."""
        at = self._clock()
        async with self._db.read() as session:  # so that nobody is locked out where there is nothing to do
            if limit < 1 or not await hooks_repository.any_due(session, at):
                return []
        async with self._db.write() as session:
            taken = await hooks_repository.claim(session, at, at + LEASE, busy=busy, limit=limit)
            return [
                Message(row.id, hook.id, hook.url, row.kind, row.payload, row.tries) for row, hook in taken
            ]

    async def send(self, message: Message) -> None:
        """Send a claimed message once, and write down what came of it."""
        answer = await self._post(message)
        at = self._clock()
        told = {"hook_id": message.hook_id, "message_id": message.id, "tries": message.tries}
        async with self._db.write() as session:
            if answer.status is not None and 200 <= answer.status < 300:
                await hooks_repository.note_taken(session, message.id, answer.status, at)
                log.info("hook.told", **told)
                return
            gone = answer.status == 410
            again_at = None if gone else next_try(message, at, answer.retry_after_s, self._spread)
            if gone:
                await hooks_repository.disable(session, message.hook_id, at)
            await hooks_repository.note_not_taken(
                session, message.id, message.tries, again_at, answer.status, answer.error
            )
        log.warning("hook.not_told", **told, status=answer.status, given_up=again_at is None, disabled=gone)

    async def _post(self, message: Message) -> Answer:
        """No row is locked meanwhile, and nothing is read of the answer but its head."""
        body = json.dumps(message.payload, separators=(",", ":")).encode()
        try:
            async with (
                asyncio.timeout(ANSWER_WITHIN_S),
                outside.opened(
                    "POST",
                    message.url,
                    headers=self._headers(message, body),
                    content=body,
                    trusted=lambda _target: self._settings.hooks.allow_private,
                    resolve=self._resolve,
                ) as response,
            ):
                status = response.status_code
                asked_s = parse_retry_after(response.headers.get("Retry-After"), self._clock())
                return Answer(status, f"The receiver answered with status {status}.", asked_s)
        except TimeoutError:
            return Answer(error=f"No answer came within {ANSWER_WITHIN_S:.0f} seconds.")
        except Unreachable:
            return Answer(error="The receiver could not be reached.")
        except Refused as error:
            return Answer(error=f"Nothing was sent. {error}")
        except Exception as error:  # noqa: BLE001 - whatever a stranger answers, the next try comes when it is due
            log.warning("hook.broken", hook_id=message.hook_id, error=type(error).__name__)
            return Answer(error="The answer could not be understood.")

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        timestamp = int(self._clock().timestamp())
        secret = secret_of(server_key(self._settings), message.hook_id)
        return {
            "Content-Type": "application/json",
            "User-Agent": f"Deckcast/{__version__}",
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, message.id, timestamp, body),
        }


async def deliver_due(parts: Context, **world: Any) -> int:
    """Send, once, all that is due now, side by side; returns how many messages that were. `world` as in Sender."""
    sender, sent = Sender(parts, **world), 0
    while messages := await sender.claim():
        await asyncio.gather(*map(sender.send, messages))
        sent += len(messages)
    return sent


async def send_hooks(parts: Context, stop: asyncio.Event) -> None:
    """Send whatever falls due until `stop` is set. What is then under way has a moment left; what is not taken by
    then is sent again by whoever works next. An error ends nothing: the message stays due."""
    sender = Sender(parts)
    under_way: dict[asyncio.Task[None], str] = {}
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            try:
                for message in await sender.claim(under_way.values(), AT_ONCE - len(under_way)):
                    under_way[asyncio.create_task(sender.send(message))] = message.hook_id
            except Exception as error:  # noqa: BLE001 - the database may be back in a moment
                log.warning("hooks.not_claimed", error=type(error).__name__)
            done, _ = await asyncio.wait(
                {stopped, *under_way}, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in [each for each in under_way if each in done]:
                del under_way[task]
                if broken := task.exception():
                    log.warning("hook.not_noted", error=type(broken).__name__)
    finally:
        stopped.cancel()
        await _let_end(under_way)


async def _let_end(under_way: Collection[asyncio.Task[None]]) -> None:
    try:
        if under_way:
            await asyncio.wait(under_way, timeout=STOP_WITHIN_S)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def forget_old(parts: Context) -> None:
    """Remove messages that are older than 30 days."""
    async with parts.db.write() as session:
        await hooks_repository.forget_deliveries(session, before=now() - KEPT)
