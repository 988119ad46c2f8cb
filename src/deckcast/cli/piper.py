"""`deckcast voices --install` and `--remove`: Piper's voices are fetched when a person asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from deckcast.kit.errors import MachineError
from deckcast.kit.settings import Settings
from deckcast.speech.piper import PiperEngine
from deckcast.speech.ports import Voice
from deckcast.speech.service import open_engines

Told = Callable[[int, int | None], None]
MIB = 1024**2
SAID_EVERY = 10 * MIB  # where progress is not drawn


def install_voice(settings: Settings, voice_id: str) -> int:
    """Fetch a voice, try it, and say how it is used; returns the exit status.

    Raises CallError unknown_voice, settings_invalid; WorkError voice_unreachable, voice_unusable; MachineError
    piper_missing, disk_full, not_writable.
    """
    console = Console(stderr=True, highlight=False)
    voice = asyncio.run(_install(settings, voice_id, console))
    console.print(f"[green]✓[/] {voice.name} can speak. Use it with: --voice {voice.id}", soft_wrap=True)
    return 0


def remove_voice(settings: Settings, voice_id: str) -> int:
    """Remove a voice's files; returns the exit status. Raises as `PiperEngine.remove`, MachineError piper_missing."""
    asyncio.run(_piper(settings).remove(voice_id))
    Console(stderr=True, highlight=False).print(f"The voice {voice_id.strip()} is removed.", soft_wrap=True)
    return 0


async def _install(settings: Settings, voice_id: str, console: Console) -> Voice:
    engine = _piper(settings)
    with _told(console, voice_id.strip()) as told:
        return await engine.install(voice_id, told)


def _piper(settings: Settings) -> PiperEngine:
    engines = open_engines(settings)
    engine = engines.configured.get(PiperEngine.name)
    if not isinstance(engine, PiperEngine):
        raise MachineError(
            "piper_missing",
            f"Piper cannot speak here: {engines.not_configured[PiperEngine.name]}",
            next_step="Then run the same command again.",
        )
    return engine


@contextmanager
def _told(console: Console, name: str) -> Iterator[Told]:
    """How far the fetching is: a bar on a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        yield _in_lines(console, name)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task(f"Fetching {name}", total=None)

        def drawn(so_far: int, total: int | None) -> None:
            all_here = total is not None and so_far >= total
            bars.update(
                bar,
                completed=so_far,
                total=total,
                description=f"{'Trying' if all_here else 'Fetching'} {name}",
            )

        yield drawn


def _in_lines(console: Console, name: str) -> Told:
    said = -1

    def told(so_far: int, total: int | None) -> None:
        nonlocal said
        if so_far // SAID_EVERY > said or so_far == total:
            said = so_far // SAID_EVERY
            whole = f" of {total / MIB:.0f}" if total else ""
            console.print(f"Fetching {name}: {so_far / MIB:.0f}{whole} MB", soft_wrap=True)

    return told
