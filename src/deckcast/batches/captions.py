"""The captions that a provider gives beside a video that it spoke itself: welcome, never needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from deckcast.avatars.ports import AvatarProvider, Done
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckcastError

log = structlog.get_logger(__name__)

MOST_BYTES = 1 << 18  # a text of 5,000 characters, word for word, has 45,000
FETCH_S = 60.0
LATE_S = 30.0  # HeyGen's come about 12 s after the video
ASK_EVERY_S = 3.0

Sleep = Callable[[float], Awaitable[None]]


async def their_captions(
    provider: AvatarProvider, job_id: str, *, sleep: Sleep = asyncio.sleep
) -> str | None:
    """The SRT text beside a finished job's video, as it came; None where there is none or it cannot be had.

    Waits for one that is still to come, until 30 s after the job's end. Raises nothing.
    """
    try:
        done = await _with_captions(provider, job_id, sleep)
        if done is None:
            return None
        async with asyncio.timeout(FETCH_S):
            return await _fetched(provider, done)
    except (DeckcastError, TimeoutError, UnicodeDecodeError) as error:
        log.warning("captions.not_fetched", provider=provider.name, reason=type(error).__name__)
        return None


async def _with_captions(provider: AvatarProvider, job_id: str, sleep: Sleep) -> Done | None:
    waited_s = 0.0
    while isinstance(state := await provider.inspect(job_id), Done):
        if state.captions_url:
            return state
        ended = state.metadata.get("completed_at")
        since_s = now().timestamp() - ended if isinstance(ended, int | float) else LATE_S
        if max(since_s, waited_s) >= LATE_S:
            return None
        await sleep(ASK_EVERY_S)
        waited_s += ASK_EVERY_S
    return None


async def _fetched(provider: AvatarProvider, done: Done) -> str | None:
    """By the rules for the video itself. None where it is larger than any captions are."""
    received = b""
    async with provider.open_result(replace(done, url=str(done.captions_url))) as pieces:
        async for piece in pieces:
            received += piece
            if len(received) > MOST_BYTES:
                return None
    return received.decode("utf-8-sig")
