"""Calls that their owner has named by a key: each is done once, and answered the same however often it comes.

One row per owner and key says what was called and, later, what was answered. Who is at it holds the row; where nobody
has answered for a minute, whoever died, the next one takes it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deckcast.batches import idempotency_repository as calls
from deckcast.db.database import Database
from deckcast.db.people import IdempotencyRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError

HELD_FOR_S = 60.0
KEPT_DAYS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do a call. `token` is the call's own, the same for whoever takes it over: what is made anew under
    it is the same thing again. `holder` is this try's."""

    owner: str
    key: str
    token: str
    holder: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call was answered: an HTTP status, a JSON body and some headers."""

    status: int
    body: Any
    headers: dict[str, str]


async def claim(db: Database, owner: str, key: str, call: str) -> Claim | Answered:
    """The right to do a call, or what it was answered before; `call` is a hash of all that is asked.

    Raises CallError idempotency_key_reused, idempotency_in_progress.
    """
    fresh = Claim(owner, key, secrets.token_hex(8), secrets.token_hex(8))
    async with db.write() as session:
        if await calls.insert_call(session, owner, key, call, _held(fresh)):
            return fresh
        row = await calls.lock_call(session, owner, key)
        if row is None:
            raise _in_progress()  # forgotten just now
        if row.call != call:
            raise CallError(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request before.",
                next_step="Send a new key with every new request.",
            )
        said = row.answer or {}
        if row.status is not None:
            return Answered(row.status, said["body"], said["headers"])
        if said["since"] is not None and now() - datetime.fromisoformat(said["since"]) < timedelta(
            seconds=HELD_FOR_S
        ):
            raise _in_progress()
        taken = Claim(owner, key, said["token"], fresh.holder)
        row.answer = _held(taken)
    return taken


async def keep(db: Database, mine: Claim, answered: Answered) -> None:
    """Keep what the call was answered, unless somebody else has taken it over meanwhile."""
    async with db.write() as session:
        row = await calls.lock_call(session, mine.owner, mine.key)
        if row is not None and _is_held(row, mine):
            row.status = answered.status
            row.answer = {"body": answered.body, "headers": answered.headers}


async def give_back(db: Database, mine: Claim) -> None:
    """The call came to nothing that should be kept: the next try does it."""
    async with db.write() as session:
        row = await calls.lock_call(session, mine.owner, mine.key)
        if row is not None and _is_held(row, mine):
            row.answer = {**_held(mine), "since": None}


async def forget_old_keys(db: Database) -> None:
    """Forget calls that nobody will repeat any more."""
    async with db.write() as session:
        await calls.forget_calls(session, now() - timedelta(days=KEPT_DAYS))


def _held(by: Claim) -> dict[str, Any]:
    return {"token": by.token, "holder": by.holder, "since": now().isoformat()}


def _is_held(row: IdempotencyRow, by: Claim) -> bool:
    return row.status is None and (row.answer or {}).get("holder") == by.holder


def _in_progress() -> CallError:
    return CallError(
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still being answered.",
        next_step="Ask again in a second.",
        retryable=True,
        retry_after_s=1.0,
    )
