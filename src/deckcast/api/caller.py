"""Who calls: every route that touches an owner's things depends on this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from sqlalchemy import select
from starlette.requests import HTTPConnection

from deckcast.batches.context import Context
from deckcast.batches.imports import OWNER
from deckcast.db.people import UserRow
from deckcast.kit.errors import CallError


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who calls. `owner` is what rows of theirs name as their owner."""

    owner: str
    name: str


async def identify(connection: HTTPConnection) -> CallerIdentity:
    """Who a request or a WebSocket's handshake comes from. Raises CallError login_required."""
    parts = cast(Context, connection.app.state.parts)
    async with parts.db.read() as session:
        if await session.scalar(select(UserRow.id).limit(1)) is None:
            return CallerIdentity(OWNER, "local")
    raise CallError("login_required", "Sign in first.")


Caller = Annotated[CallerIdentity, Depends(identify)]
