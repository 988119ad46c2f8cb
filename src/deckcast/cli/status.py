"""`deckcast status`: your presentations, or where one of them stands. Looks only; resumes nothing."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deckcast.batches import repository, turns
from deckcast.batches.context import Context
from deckcast.batches.imports import OWNER
from deckcast.batches.models import BatchKind, Step
from deckcast.batches.progress import Progress, progress_of
from deckcast.batches.scopes import is_at_work, workers_seen
from deckcast.batches.workers_repository import Seen
from deckcast.cli.display import WORDS
from deckcast.cli.workers import plain_worker, show_workers
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.videos.models import FRAME_RATE
from deckcast.wiring import open_context

GO_ON = "What was interrupted goes on where it was when its command is run again: "
_COMMANDS = {
    BatchKind.ALL_AVATAR_VIDEOS: "make",
    BatchKind.ALL_ANALYSES: "analyze",
    BatchKind.ALL_NARRATIVES: "narrate",
    BatchKind.ALL_AUDIO: "speak",
    BatchKind.PRESENTATION_VIDEO: "make",
}
_MADE = {
    BatchKind.ALL_ANALYSES: "analyses ",
    BatchKind.ALL_NARRATIVES: "narratives ",
    BatchKind.ALL_AUDIO: "speech ",
    BatchKind.ALL_AVATAR_VIDEOS: "avatar videos ",
}

Found = tuple[PresentationRow, Progress | None, bool, Mapping[int, int]]


def run_status(settings: Settings, presentation: str | None, *, as_json: bool) -> int:
    """Print the status; returns the exit status."""
    deck = str(Path(presentation).resolve()) if presentation else None
    found, workers = asyncio.run(_find(settings, presentation, deck))
    if as_json:
        plain = {
            "items": [_plain(*each) for each in found],
            "workers": [plain_worker(each) for each in workers],
        }
        sys.stdout.write(json.dumps(plain, ensure_ascii=False) + "\n")
        return 0
    console = Console(highlight=False)
    if not found:
        console.print("No presentations yet. Make one: deckcast make DECK")
    elif presentation is None:
        _show_all(console, found)
        show_workers(console, workers)
    else:
        _show_one(console, *found[0])
    return 0


async def _find(
    settings: Settings, wanted: str | None, deck: str | None
) -> tuple[list[Found], Sequence[Seen]]:
    async with open_context(settings) as parts:
        rows = await find_presentations(parts, wanted, deck)
        return [(row, *await _state(parts, row.id)) for row in rows], await workers_seen(parts)


async def find_presentations(
    parts: Context, wanted: str | None, deck: str | None
) -> Sequence[PresentationRow]:
    """All presentations, or the one with this id or made of this deck. Raises CallError presentation_not_found."""
    async with parts.db.read() as session:
        rows = await repository.presentations(session, OWNER)
    if wanted is None:
        return rows
    found = [row for row in rows if row.id == wanted or row.source == deck]
    if not found:
        raise CallError(
            "presentation_not_found",
            f"There is no presentation {wanted!r}.",
            next_step="`deckcast status` lists those there are.",
        )
    return found


async def _state(parts: Context, presentation_id: str) -> tuple[Progress | None, bool, Mapping[int, int]]:
    """Where the newest batch is, whether a command works on it, and which of its slides wait at which place."""
    async with parts.db.read() as session:
        batch = await repository.last_batch(session, presentation_id)
    at_work = await is_at_work(parts, presentation_id)
    if batch is None:
        return None, at_work, {}
    return await progress_of(batch.id), at_work, await turns.places_in(batch.id)


def _state_words(progress: Progress | None, at_work: bool) -> str:
    if progress is None:
        return "nothing made yet"
    of = _MADE.get(progress.kind, "")
    if progress.ended:
        return of + progress.state.value
    return f"{of}{progress.share:.0%}, " + ("being made" if at_work else "interrupted")


def _show_all(console: Console, found: Sequence[Found]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [
        (row.id, _state_words(progress, at_work), row.title.replace("\n", " "), _short(row.source))
        for row, progress, at_work, _ in found
    ]
    # An id is there to be copied and a state to be read: where room is short, title and path give way.
    table.add_column("presentation", no_wrap=True, min_width=max(len(cell[0]) for cell in cells))
    table.add_column("state", no_wrap=True, min_width=max(len(cell[1]) for cell in cells))
    table.add_column("title", overflow="fold", min_width=8, max_width=40)
    table.add_column("deck", overflow="fold", min_width=14)
    for row_cells in cells:
        table.add_row(*(Text(cell) for cell in row_cells))
    console.print(table)
    _say_go_on(console, found)


def _say_go_on(console: Console, found: Sequence[Found]) -> None:
    commands = {
        _COMMANDS[progress.kind]
        for _, progress, at_work, _ in found
        if progress is not None and not progress.ended and not at_work
    }
    if commands:
        named = ", ".join(f"deckcast {command}" for command in sorted(commands))
        console.print(f"\n{GO_ON}{named}", style="dim")


def _short(path: str) -> str:
    """A path as one would write it here: from the working folder, else from home."""
    here, home = str(Path.cwd()), str(Path.home())
    if path.startswith(here + os.sep):
        return path[len(here) + 1 :]
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


def _show_one(
    console: Console,
    row: PresentationRow,
    progress: Progress | None,
    at_work: bool,
    places: Mapping[int, int],
) -> None:
    title = Text(row.title or Path(row.source).name, "bold")
    console.print(title, Text(f" {_state_words(progress, at_work)}"))
    console.print(Text(row.source, "dim"), soft_wrap=True)
    if progress is None:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("slide", "title", "state", "length", "reason"):
        table.add_column(
            column, overflow="fold", justify="right" if column in ("slide", "length") else "left"
        )
    for slide in progress.slides:
        length = f"{slide.frames / FRAME_RATE:.1f} s" if slide.frames else ""
        state = slide.status.value if slide.step is Step.DONE or slide.error else WORDS[slide.step]
        if slide.number in places and not slide.error:
            state = f"waiting, number {places[slide.number]}"
        reason = slide.error["message"] if slide.error else ""
        cells = (str(slide.number), slide.title.replace("\n", " "), state, length, reason)
        table.add_row(*(Text(cell) for cell in cells))
    console.print()
    console.print(table)
    if progress.error:
        console.print(Text(f"\n{progress.error['message']}", "red"))
    _say_go_on(console, [(row, progress, at_work, places)])


def _plain(
    row: PresentationRow, progress: Progress | None, at_work: bool, places: Mapping[int, int]
) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "source": row.source,
        "kind": progress.kind.value if progress else None,
        "state": progress.state.value if progress else None,
        "progress": round(progress.share, 4) if progress else 0.0,
        "atWork": at_work,
        "slides": [
            {
                "number": slide.number,
                "step": slide.step,
                "status": slide.status,
                "queuePosition": places.get(slide.number),
                "error": slide.error,
            }
            for slide in (progress.slides if progress else ())
        ],
    }
