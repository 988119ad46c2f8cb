"""The table of the processes that work on a PostgreSQL database. A SQLite database has one, which locks its folder."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from deckcast.db.base import Base


class WorkerState(StrEnum):
    """What a worker does with new work."""

    WORKING = "working"  # takes it
    DRAINING = "draining"  # leaves it to others, and ends what it has begun


class WorkerRow(Base):
    """A process at work for a scope (batches.scopes): the row is there as long as it counts as alive, and without it
    the process may not write. `id` is new at each start; `machine` is the data folder and computer it runs on, `about`
    is for people. Times are the database's own."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(index=True)
    machine: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    about: Mapped[dict[str, Any]]
