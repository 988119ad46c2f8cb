"""`deckcast cancel`, `resolve` and `delete`: what a person decides about work that was ordered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console

from deckcast.batches import control, repository
from deckcast.batches.context import Context
from deckcast.batches.deletion import purge_deleted
from deckcast.batches.imports import OWNER
from deckcast.batches.scopes import holding
from deckcast.cli.outcome import count
from deckcast.cli.status import find_presentations
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context, running_engine

ASK_AGAIN_S = 0.5


def run_cancel(settings: Settings, presentation: str) -> int:
    """Cancel the open batches of a presentation; returns the exit status."""
    draining = asyncio.run(_cancel(settings, presentation, _deck(presentation)))
    if draining:
        _say(
            f"Cancelled. {count(draining, 'avatar video')} at the provider will be brought to an end: it is paid."
        )
    else:
        _say("Cancelled. Finished slides stay; `deckcast make` makes the rest.")
    return 0


async def _cancel(settings: Settings, presentation: str, deck: str) -> int:
    async with open_context(settings) as parts:
        (row,) = await find_presentations(parts, presentation, deck)
        async with parts.db.read() as session:
            batches = await repository.open_batches(session, row.id)
        if not batches:
            raise CallError("batch_ended", "There is nothing to cancel: no work is under way.")
        return sum([await control.cancel(batch.id) for batch in batches])


def run_resolve(settings: Settings, avatar_video: str, job: str | None, *, not_made: bool) -> int:
    """Settle an unresolved avatar video; returns the exit status."""
    if (job is not None) == not_made:
        raise CallError(
            "resolve_invalid", "Say what became of it.", next_step="Give either --job ID or --not-made."
        )
    asyncio.run(_resolve(settings, avatar_video, job))
    _say("Settled. Run `deckcast make` again: it goes on from here.")
    return 0


async def _resolve(settings: Settings, avatar_video: str, job: str | None) -> None:
    async with open_context(settings):
        if job is not None:
            await control.adopt(avatar_video, job)
        else:
            await control.declare_not_made(avatar_video)


def run_delete(settings: Settings, presentation: str) -> int:
    """Delete a presentation; returns the exit status."""
    gone = asyncio.run(_delete(settings, presentation, _deck(presentation)))
    if gone:
        _say("Deleted.")
    else:
        _say("Deleted as soon as what runs at the provider has ended and is settled.")
    return 0


async def _delete(settings: Settings, presentation: str, deck: str) -> bool:
    """Delete; where nobody else works on the presentation, what runs at a provider is brought to its end here."""
    async with open_context(settings) as parts:
        async with parts.db.read() as session:
            row = await repository.presentation_with(session, OWNER, presentation)
        if row is None:
            (row,) = await find_presentations(parts, presentation, deck)
        if await control.delete_presentation(row.id):
            return True
        parts.scope = row.id
        async with holding(parts, row.id) as mine:
            if mine:
                _say(f"Waiting for what runs at the provider; if stopped: deckcast delete {row.id}")
                await _drained(parts, row.id)
            return mine


async def _drained(parts: Context, presentation_id: str) -> None:
    async with running_engine(parts):
        while True:
            if await purge_deleted(presentation_id):
                return
            await asyncio.sleep(ASK_AGAIN_S)


def _deck(presentation: str) -> str:
    return str(Path(presentation).resolve())


def _say(sentence: str) -> None:
    Console(highlight=False).print(sentence)
