"""Tables of who uses Deckcast, and of what they are told and share. Secrets are kept as their SHA-256 only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from deckcast.db.base import Base
from deckcast.kit.clock import now


def _key_of_name(context: Any) -> str:
    return str(context.get_current_parameters()["name"]).lower()


class UserRow(Base):
    """A user. `name_key` is the name without capitals: no two names differ in those only. `issuer` and `subject` are
    those of an OpenID Connect provider, where that vouches for them. Who has twice the `weight` gets twice the turns
    where several wait."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True, default=_key_of_name)
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    weight: Mapped[float] = mapped_column(default=1.0)
    created_at: Mapped[datetime] = mapped_column(default=now)


class TokenRow(Base):
    """A key to the API that a user has made; `last4` are its last letters, for recognising it."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    last4: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SessionRow(Base):
    """A user who is signed in with a browser; the cookie's value is not kept. `token_id` is of the token that was shown
    for it, if any: the session ends with it."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_id: Mapped[str | None] = mapped_column(ForeignKey("tokens.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class ShareRow(Base):
    """A link that opens a presentation's film for whoever has it, for a while."""

    __tablename__ = "shares"

    id: Mapped[str] = mapped_column(primary_key=True)
    presentation_id: Mapped[str] = mapped_column(
        ForeignKey("presentations.id", ondelete="CASCADE"), index=True
    )
    sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class IdempotencyRow(Base):
    """A call that an owner named by an Idempotency-Key: `call` is the hash of its method, path and body; `status`
    and `answer` are there once it was answered."""

    __tablename__ = "idempotency_keys"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str]
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class HookRow(Base):
    """Where a user wants to be told when a batch ends. The signing secret is derived, not kept."""

    __tablename__ = "hooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    url: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]


class HookDeliveryRow(Base):
    """One message to a hook, written together with what it tells. `next_at` is when it is tried (again); None once it
    was taken, or given up after three days. `last_status` is what the receiver answered."""

    __tablename__ = "hook_deliveries"
    __table_args__ = (Index("ix_hook_deliveries_next_at", "next_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    hook_id: Mapped[str] = mapped_column(ForeignKey("hooks.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]


class SwitchRow(Base):
    """What an operator has switched, for all processes at once; `value` is its words."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(default=now)
