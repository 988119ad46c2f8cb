"""The present time, in one place so that tests can say what it is."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present time in UTC, with its zone."""
    return datetime.now(UTC)
