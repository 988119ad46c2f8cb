"""Tables of what is shared by all who work: provider accounts, and what owners may spend."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from deckcast.db.base import Base


class ProviderAccountRow(Base):
    """A provider account's health: consecutive failures of the paid call, and why and until when it is paused. The
    next call may go out at `next_call_s`, in seconds since 1970 on the database's clock."""

    __tablename__ = "provider_accounts"

    provider: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
    code: Mapped[str | None]
    message: Mapped[str | None]
    next_call_s: Mapped[float] = mapped_column(default=0.0)


class SpendRow(Base):
    """What an owner has spent and reserved on a day (UTC, "2026-11-22"); locked while money is reserved."""

    __tablename__ = "spend"

    owner: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    reserved_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    spent_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
