"""What `deckcast status` says of the workers of the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from deckcast.batches.workers_repository import Seen


def show_workers(console: Console, workers: Sequence[Seen]) -> None:
    """Who works on what is ordered through the API; nothing where nobody does, which is so without a server."""
    if workers:
        console.print()
    for each in workers:
        about = each.about
        words = f"Worker on {about.get('host', 'this machine')}"
        if each.id:
            words += f" (process {about.get('pid')}, heard of {each.silent_s:.0f} s ago)"
        console.print(Text(f"{words}: {each.state}", "dim"))


def plain_worker(worker: Seen) -> dict[str, Any]:
    """A worker for programs."""
    return {
        "id": worker.id,
        "state": worker.state,
        "silentS": round(worker.silent_s, 1),
        "livesS": round(worker.lives_s, 1),
        **worker.about,
    }
