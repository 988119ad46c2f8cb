"""`deckcast paid-work`: stop everything that costs money, in every process at once; and let it go on."""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from deckcast.kit.settings import Settings


class Switch(StrEnum):
    """What an operator says."""

    ON = "on"
    OFF = "off"


def paid_work(
    switch: Annotated[
        Switch | None, typer.Argument(help="on or off; left out, it says which.", metavar="[on|off]")
    ] = None,
) -> None:
    """Stop everything that costs money, at once and everywhere; or let it go on. Local work is not touched."""
    from deckcast.cli.app import prepared

    raise typer.Exit(run_paid_work(prepared(), switch))


def run_paid_work(settings: Settings, switch: Switch | None) -> int:
    """Switch paid work, or say how it stands; returns the exit status."""
    since = asyncio.run(_switched(settings, switch))
    Console(highlight=False, soft_wrap=True).print(_sentence(since))
    return 0


async def _switched(settings: Settings, switch: Switch | None) -> datetime | None:
    from deckcast.db import switches
    from deckcast.wiring import open_context

    async with open_context(settings) as parts:
        if switch is not None:
            async with parts.db.write() as session:
                await switches.switch_paid_work(session, on=switch is Switch.ON)
        async with parts.db.read() as session:
            return await switches.paid_work_off_since(session)


def _sentence(off_since: datetime | None) -> str:
    if off_since is None:
        return "Paid work is on."
    return (
        f"Paid work is off since {off_since:%Y-%m-%d %H:%M} UTC. Nothing new is sent to a service that costs money; "
        "what a provider is making already is fetched when it is ready."
    )
