"""What the rest of Deckcast gets to know of users, tokens and sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who uses Deckcast. Rows of theirs name `id` as their owner."""

    id: str
    name: str
    disabled: bool = False
    by_oidc: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Token:
    """A key to the API, without what it is made of; `last4` are its last letters."""

    id: str
    name: str
    last4: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token at the only moment when its secret is known."""

    token: Token
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session at the only moment when the cookie's value is known."""

    user: User
    secret: str = field(repr=False)
    expires_at: datetime
