"""The `deckcast` command with its boundaries announced (boundaries.py names them): at the first one that stands
in AT it says so and stands still, so that a test can kill it from outside at just that moment.

AT holds names, apart by spaces; `submit.done#2` means the second time that this process comes there. What is
reached is written to the file REACHED, and everything that is passed to the file TRACE.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from dbos import DBOS

from deckcast import wiring
from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ledger import Ledger
from deckcast.avatars.local.provider import LocalProvider
from deckcast.batches import analyses, charges, evening, narratives, ordering
from deckcast.cli import main
from deckcast.cli import make as make_command
from deckcast.cli import work as work_command
from deckcast.publishing.folder import FolderStore

QUESTIONS = {
    "SlideForm": "analysis", "DeckForm": "deck_analysis", "Written": "narrative", "NewWords": "evening_out",
}  # fmt: skip
PUT_KINDS = {"spe": "speech", "avv": "result", "clp": "clip", "flm": "film"}
wanted = frozenset(os.environ.get("AT", "").split())
passed: Counter[str] = Counter()


def announce(boundary: str) -> None:
    """Stand still here for ever if this boundary is one that is asked for."""
    passed[boundary] += 1
    if "TRACE" in os.environ:
        with Path(os.environ["TRACE"]).open("a") as trace:
            trace.write(f"{boundary}\n")
    for name in wanted & {boundary, f"{boundary}#{passed[boundary]}"}:
        reached = Path(os.environ["REACHED"])
        reached.with_suffix(".new").write_text(name)
        reached.with_suffix(".new").replace(reached)
        time.sleep(3600)


def announce_around(owner: Any, method: str, name: Callable[..., str]) -> None:
    """Two boundaries of a method of the product: before it, and after it where it succeeded."""
    real: Callable[..., Awaitable[Any]] = getattr(owner, method)

    async def run(*args: Any, **options: Any) -> Any:
        here = name(*args)
        announce(f"{here}.before")
        result = await real(*args, **options)
        announce(f"{here}.after")
        return result

    setattr(owner, method, run)


def announce_steps() -> None:
    """Three boundaries of every durable step: before, done (but not recorded yet), and after."""
    real = DBOS.run_step_async

    async def run(options: dict[str, Any], work: Callable[[], Awaitable[Any]]) -> Any:
        name = options["name"]

        async def body() -> Any:
            result = await work()
            announce(f"{name}.done")
            return result

        announce(f"{name}.before")
        result = await real(options, body)
        announce(f"{name}.after")
        return result

    DBOS.run_step_async = run  # type: ignore[method-assign]


def announce_download(provider: Any) -> None:
    """Three boundaries of a result's way here: before, with the first piece, and after."""
    real = provider.open_result

    @asynccontextmanager
    async def run(self: Any, done: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        announce("download.before")
        async with real(self, done) as pieces:

            async def announced() -> AsyncIterator[bytes]:
                async for piece in pieces:
                    yield piece
                    announce("download.begun")

            yield announced()
        announce("download.after")

    provider.open_result = run


def announce_questions() -> None:
    """Two boundaries of every question to the language model, named after what is asked."""
    real = wiring.open_model

    def run(settings: Any) -> Any:
        model = real(settings)
        if model is not None:
            announce_around(
                type(model), "ask", lambda _, question: f"ask.{QUESTIONS[question.form.__name__]}"
            )
        return model

    wiring.open_model = run


def put_name(_: FolderStore, source: Path, key: str) -> str:
    """What is put into the store."""
    return f"put.{PUT_KINDS.get(Path(key).name.split('_')[0], 'picture')}"


if __name__ == "__main__":
    announce_steps()
    announce_around(work_command, "import_deck", lambda *_: "import")
    announce_around(ordering, "plan_batch", lambda *_: "plan")
    announce_questions()
    announce_around(charges, "_reserve", lambda charge_id, *_: f"set_aside.{charge_id.rpartition('.')[2]}")
    announce_around(analyses, "_save", lambda *_: "save.analysis")
    announce_around(narratives, "_save", lambda *_: "save.narrative")
    announce_around(evening, "_save", lambda *_: "save.evening_out")
    announce_around(make_command, "export", lambda *_: "export")
    announce_around(Ledger, "reserve", lambda *_: "reserve")
    announce_around(Ledger, "_record", lambda _, row, event: f"ledger.{event}")
    announce_around(FolderStore, "put", put_name)
    for each in (HeyGenProvider, LocalProvider):
        announce_around(each, "prepare", lambda *_: "prepare")
        announce_around(each, "submit", lambda *_: "call")
        announce_download(each)
    main()
