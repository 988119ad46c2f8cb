"""Sessions of users who signed in with a browser. The cookie's value is as long as a token and kept as its SHA-256."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from deckcast.db.database import Database
from deckcast.db.people import SessionRow
from deckcast.kit.clock import now
from deckcast.kit.ids import new_id
from deckcast.people import repository
from deckcast.people.models import NewSession, Token, User
from deckcast.people.service import hashed, user_from, user_with_token


async def sign_in(db: Database, token: str, days: float) -> NewSession:
    """Open a session for whoever has the token; it ends with the token at the latest.

    Raises CallError token_invalid.
    """
    user, shown = await user_with_token(db, token)
    return await open_session(db, user, days, shown)


async def open_session(db: Database, user: User, days: float, token: Token | None = None) -> NewSession:
    """Open a session for a user; sessions that have ended are swept away by the way."""
    at = now()
    ends = at + timedelta(days=days)
    if token is not None and token.expires_at is not None:
        ends = min(ends, token.expires_at)
    secret = secrets.token_urlsafe(32)
    row = SessionRow(id=new_id("ses"), user_id=user.id, sha256=hashed(secret), created_at=at, expires_at=ends)
    row.token_id = token.id if token else None
    async with db.write() as session:
        await repository.forget_expired(session, at)
        session.add(row)
    return NewSession(user, secret, ends)


async def user_with_session(db: Database, secret: str) -> tuple[User, datetime] | None:
    """Who is signed in with a cookie's value, and until when; None where nobody is any more."""
    async with db.read() as session:
        found = await repository.session_with(session, hashed(secret))
    if found is None:
        return None
    row, user = found
    if row.expires_at <= now() or user.disabled_at is not None:
        return None
    return user_from(user), row.expires_at


async def sign_out(db: Database, secret: str) -> None:
    """End a session; nothing happens where it has ended."""
    async with db.write() as session:
        await repository.end_session(session, hashed(secret))
