"""Users, and the tokens they come with. Of a token only the SHA-256 is kept: whoever reads the database has no key."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from deckcast.db.database import Database
from deckcast.db.people import TokenRow, UserRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.ids import new_id
from deckcast.people import repository
from deckcast.people.models import NewToken, Token, User

PREFIX = "dct_"
NAME = r"[A-Za-z0-9._@-]{1,64}"
MOST_TOKENS = 100
USE_IS_NOTED_EVERY = timedelta(minutes=1)
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._@-]+")
_LONGEST_STEM = 56  # a name made from a provider's words leaves room for a number


def hashed(secret: str) -> str:
    """What is kept of a token or of a cookie's value."""
    return hashlib.sha256(secret.encode()).hexdigest()


def user_from(row: UserRow) -> User:
    """A row as a value."""
    return User(row.id, row.name, row.disabled_at is not None, row.issuer is not None, row.weight)


def _token_from(row: TokenRow) -> Token:
    return Token(row.id, row.name, row.last4, row.created_at, row.expires_at, row.last_used_at)


async def any_user(db: Database) -> bool:
    """Whether there is a user at all, disabled ones too: if so, nobody comes in without being one."""
    async with db.read() as session:
        return await repository.any_user(session)


async def add_user(db: Database, name: str) -> User:
    """Add a user. Raises CallError user_name_invalid, user_exists."""
    if not re.fullmatch(NAME, name):
        raise CallError(
            "user_name_invalid",
            "A user's name is made of 1 to 64 letters from A to Z, digits, dots and the signs _ @ -.",
            next_step="Choose another one.",
        )
    user = User(new_id("usr"), name)
    async with db.write() as session:
        if not await repository.add_user(session, id=user.id, name=name):
            raise CallError(
                "user_exists",
                f"There is a user {name} already.",
                next_step=f"A further token: deckcast user token {name}",
            )
    return user


async def user_named(db: Database, name: str) -> User:
    """The user of that name. Raises CallError user_not_found."""
    async with db.read() as session:
        row = await repository.user_named(session, name)
    if row is None:
        raise CallError(
            "user_not_found",
            "There is no user of that name.",
            next_step="deckcast user list shows who there is.",
        )
    return user_from(row)


async def all_users(db: Database) -> list[tuple[User, list[Token]]]:
    """Every user by name, with the tokens that are not revoked."""
    async with db.read() as session:
        rows = await repository.all_users(session)
        return [
            (user_from(row), [_token_from(each) for each in await repository.tokens_of(session, row.id)])
            for row in rows
        ]


async def set_disabled(db: Database, user_id: str, disabled: bool) -> None:
    """Refuse a user from now on, or no longer. Sessions end at once; tokens work again when the user does."""
    async with db.write() as session:
        row = await session.get_one(UserRow, user_id)
        row.disabled_at = now() if disabled else None
        await repository.end_sessions_of(session, user_id)


async def set_weight(db: Database, user_id: str, weight: float) -> None:
    """Who has twice the weight gets twice the turns where slides of several users wait; for batches ordered from now
    on."""
    async with db.write() as session:
        (await session.get_one(UserRow, user_id)).weight = weight


async def user_by_oidc(db: Database, issuer: str, subject: str, wanted_name: str) -> User:
    """The user whom a provider vouches for, made where they come for the first time. Raises CallError user_disabled."""
    async with db.write() as session:
        row = await repository.user_of(session, issuer, subject)
        for name in _names(wanted_name):
            if row is not None:
                break
            given = {"id": new_id("usr"), "name": name, "issuer": issuer, "subject": subject}
            await repository.add_user(session, **given)
            row = await repository.user_of(session, issuer, subject)
    if row is None or row.disabled_at is not None:
        raise CallError(
            "user_disabled", "You may not use this server any longer.", next_step="Ask who runs it."
        )
    return user_from(row)


def _names(wanted: str) -> Iterator[str]:
    """Names like the wanted one that Deckcast can use, without end."""
    stem = _NOT_IN_NAMES.sub("-", wanted)[:_LONGEST_STEM].strip("-") or "user"
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


async def make_token(db: Database, user_id: str, name: str, expires_at: datetime | None = None) -> NewToken:
    """A new token for a user. Raises CallError too_many_tokens."""
    secret = PREFIX + secrets.token_urlsafe(32)
    row = TokenRow(id=new_id("tok"), user_id=user_id, name=name, sha256=hashed(secret), last4=secret[-4:])
    row.created_at, row.expires_at = now(), expires_at
    async with db.write() as session:
        if await repository.count_tokens(session, user_id) >= MOST_TOKENS:
            raise CallError(
                "too_many_tokens",
                f"A user has at most {MOST_TOKENS} tokens.",
                next_step="Revoke those that are not needed.",
            )
        session.add(row)
    return NewToken(_token_from(row), secret)


async def tokens_of(db: Database, user_id: str) -> list[Token]:
    """A user's tokens that are not revoked, the newest first."""
    async with db.read() as session:
        return [_token_from(row) for row in await repository.tokens_of(session, user_id)]


async def revoke_token(db: Database, token_id: str, user_id: str | None = None) -> None:
    """Make a token (of that user, if one is named) useless at once. Raises CallError not_found."""
    async with db.write() as session:
        if not await repository.revoke(session, token_id, now(), user_id):
            raise CallError("not_found", "There is no such token.")


async def user_with_token(db: Database, secret: str) -> tuple[User, Token]:
    """Whose token it is. Raises CallError token_invalid where it is unknown, revoked, expired or of a disabled user."""
    async with db.read() as session:
        found = await repository.token_with(session, hashed(secret))
    at = now()
    if found is None or not _usable(*found, at):
        raise CallError(
            "token_invalid",
            "This token is unknown, has expired, or was revoked.",
            next_step="Use another one; who runs the server makes one with: deckcast user token NAME",
        )
    row, user = found
    if row.last_used_at is None or row.last_used_at < at - USE_IS_NOTED_EVERY:
        with suppress(DeckcastError):  # a token is good where there is no room to write that it was used
            async with db.write() as session:
                await repository.note_use(session, row.id, at, at - USE_IS_NOTED_EVERY)
    return user_from(user), _token_from(row)


def _usable(token: TokenRow, user: UserRow, at: datetime) -> bool:
    in_time = token.expires_at is None or token.expires_at > at
    return token.revoked_at is None and user.disabled_at is None and in_time


async def take_uploads(db: Database, owner: str, user_id: str) -> tuple[int, int]:
    """Give a user what another owner has uploaded; returns how many presentations are theirs now, and how many
    stayed since there is work under way on them."""
    async with db.write() as session:
        taken = stayed = 0
        for row in await repository.uploads_of(session, owner):
            if await repository.at_work(session, row.id):
                stayed += 1
            else:
                row.owner, taken = user_id, taken + 1
    return taken, stayed


async def count_uploads(db: Database, owner: str) -> int:
    """How many presentations an owner has uploaded."""
    async with db.read() as session:
        return len(await repository.uploads_of(session, owner))
