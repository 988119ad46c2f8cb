"""Hints that a job has ended, so that waiting for it ends at once; polling stays the net."""

from __future__ import annotations

import asyncio
import contextlib

_waiting: dict[str, asyncio.Event] = {}


async def wait_for(job_id: str, at_most_s: float) -> None:
    """Return when somebody hints at the job, or after `at_most_s`."""
    event = _waiting.setdefault(job_id, asyncio.Event())
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), at_most_s)
    finally:
        _waiting.pop(job_id, None)


def ended(job_id: str) -> None:
    """Hint that a job has ended; on the event loop of the one who waits."""
    event = _waiting.get(job_id)
    if event is not None:
        event.set()
