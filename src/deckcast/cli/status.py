"""`deckcast status`: your presentations, or where one of them stands. Looks only; resumes nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deckcast.batches import repository
from deckcast.batches.context import Context
from deckcast.batches.imports import OWNER
from deckcast.batches.progress import Progress, progress_of
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.wiring import only_worker, open_context

Found = tuple[PresentationRow, Progress | None, bool]


def run_status(settings: Settings, presentation: str | None, *, as_json: bool) -> int:
    """Print the status; returns the exit status."""
    deck = str(Path(presentation).resolve()) if presentation else None
    found = asyncio.run(_find(settings, presentation, deck))
    if as_json:
        sys.stdout.write(json.dumps({"items": [_plain(*each) for each in found]}, ensure_ascii=False) + "\n")
        return 0
    console = Console(highlight=False)
    if not found:
        console.print("No presentations yet. Make one: deckcast make DECK")
    elif presentation is None:
        console.print(_overview(found))
    else:
        _show_one(console, *found[0])
    return 0


async def _find(settings: Settings, wanted: str | None, deck: str | None) -> list[Found]:
    async with open_context(settings) as parts:
        async with parts.db.read() as session:
            rows = await repository.presentations(session, OWNER)
        if wanted is not None:
            rows = [row for row in rows if row.id == wanted or row.source == deck]
            if not rows:
                raise CallError(
                    "presentation_not_found",
                    f"There is no presentation {wanted!r}.",
                    next_step="`deckcast status` lists those there are.",
                )
        return [(row, *await _state(parts, row.id)) for row in rows]


async def _state(parts: Context, presentation_id: str) -> tuple[Progress | None, bool]:
    async with parts.db.read() as session:
        batch = await repository.last_batch(session, presentation_id)
    with only_worker(parts.settings.data_dir, presentation_id) as free:
        return (await progress_of(batch.id) if batch else None), not free


def _state_words(progress: Progress | None, at_work: bool) -> str:
    if progress is None:
        return "nothing made yet"
    if progress.ended:
        return progress.state.value
    return f"{progress.share:.0%}, " + ("being made" if at_work else "interrupted: run make again to go on")


def _overview(found: Sequence[Found]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("presentation", "title", "state", "deck"):
        table.add_column(column, overflow="fold")
    for row, progress, at_work in found:
        table.add_row(row.id, row.title, _state_words(progress, at_work), row.source)
    return table


def _show_one(console: Console, row: PresentationRow, progress: Progress | None, at_work: bool) -> None:
    console.print(f"[bold]{row.title or row.source}[/]  {_state_words(progress, at_work)}\n{row.source}\n")
    if progress is None:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("slide", "title", "step", "state", "seconds", "reason"):
        table.add_column(column, overflow="fold")
    for slide in progress.slides:
        seconds = f"{slide.frames / 25:.1f}" if slide.frames else ""
        reason = slide.error["message"] if slide.error else ""
        table.add_row(str(slide.number), slide.title, slide.step.value, slide.status.value, seconds, reason)
    console.print(table)


def _plain(row: PresentationRow, progress: Progress | None, at_work: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "source": row.source,
        "state": progress.state.value if progress else None,
        "progress": round(progress.share, 4) if progress else 0.0,
        "atWork": at_work,
        "slides": [
            {"number": slide.number, "step": slide.step, "status": slide.status, "error": slide.error}
            for slide in (progress.slides if progress else ())
        ],
    }
