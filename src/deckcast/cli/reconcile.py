"""`deckcast reconcile`: after an older database was restored, so that nothing is paid a second time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from deckcast.kit.errors import CallError, MachineError
from deckcast.kit.settings import Settings

if TYPE_CHECKING:
    from deckcast.avatars.restored import Reconciled


def reconcile() -> None:
    """After restoring a backup: find out at the providers what was ordered since, so that nothing is paid twice."""
    from deckcast.cli.app import prepared

    raise typer.Exit(asyncio.run(_reconcile(prepared())))


async def _reconcile(settings: Settings) -> int:
    from deckcast.avatars import repository
    from deckcast.avatars.restored import reconcile as settled
    from deckcast.batches.scopes import anybody_works
    from deckcast.wiring import open_context

    async with open_context(settings) as parts:
        if await anybody_works(parts):
            raise MachineError(
                "worker_running",
                "Somebody is at work on this database.",
                next_step="Stop every server, worker and command, wait a minute, and try again.",
            )
        async with parts.db.read() as session:
            used = await repository.providers_used(session)
        for name in sorted(used - set(parts.providers)):
            raise CallError(
                "provider_not_configured",
                f"Orders of {name} cannot be looked for: it is not configured here.",
                next_step=f"{parts.not_configured.get(name, 'Configure it')}; then try again.",
            )
        for name in sorted(used):
            if parts.providers[name].capabilities.paid:
                _say(name, await settled(parts.db, parts.providers[name]))
    Console(highlight=False, soft_wrap=True).print("Reconciled. Servers and workers may start.")
    return 0


def _say(provider: str, found: Reconciled) -> None:
    from deckcast.cli.outcome import count

    Console(highlight=False, soft_wrap=True).print(
        f"{provider}: {count(found.adopted, 'avatar video')} found that the backup did not know, and adopted; "
        f"{count(found.doubtful, 'avatar video')} not in its list. Those are looked for once more, after a quarter of "
        "an hour, before they are ordered."
    )
