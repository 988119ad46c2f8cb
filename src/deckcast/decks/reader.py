"""The part that runs locked in: it parses the stranger's file and answers with plain JSON and pictures.

Started as `python -m deckcast.decks.reader TASK.json`; see `locked.py` for the other side.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from deckcast.decks.findings import DrawnPage, ReadDeck
from deckcast.decks.formats import broken
from deckcast.kit.errors import DeckError


@dataclass(frozen=True, slots=True)
class Task:
    """What to do: read a deck (`powerpoint`, `pdf`) or draw a PDF's pages under the given names into `out`.

    `skip` are the indexes of pages that are known to make the reader crash.
    """

    work: Literal["powerpoint", "pdf", "draw"]
    source: str
    shown_name: str
    out: str
    max_slides: int = 0
    names: tuple[str, ...] = ()
    skip: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A DeckError's fields."""

    code: str
    message: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Exactly one of them is given; `detail` says more for the log."""

    read: ReadDeck | None = None
    drawn: tuple[DrawnPage, ...] | None = None
    refused: Refusal | None = None
    detail: str = ""


PAGE_NOTE = "page"
TASK = TypeAdapter(Task)
ANSWER = TypeAdapter(Answer)


def perform(task: Task) -> Answer:
    """Do the task; whatever the libraries raise becomes a refusal. MemoryError is left to end the process.

    Only what the task needs is imported: each task has a process of its own.
    """
    source, name = Path(task.source), Path(task.shown_name)
    try:
        if task.work == "powerpoint":
            from deckcast.decks.powerpoint import read_powerpoint

            return Answer(read=read_powerpoint(source, name, task.max_slides))
        if task.work == "draw":
            from deckcast.decks.pages import draw_pages

            return Answer(drawn=draw_pages(source, Path(task.out), task.names, _turns(task)))
        from deckcast.decks.pdf import read_pages

        return Answer(read=read_pages(source, name, task.max_slides, _turns(task)))
    except DeckError as error:
        return Answer(refused=Refusal(error.code, error.message, error.next_step))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's file can make the libraries raise anything
        refusal = broken(name, "its content does not follow the format")
        detail = f"{type(error).__name__}: {error}"[:500]
        return Answer(refused=Refusal(refusal.code, refusal.message, refusal.next_step), detail=detail)


def _turns(task: Task) -> Callable[[int], bool]:
    """Asked before each page whether it may be opened; notes it, so that a crash can be laid to its page."""
    note = Path(task.out, PAGE_NOTE)

    def turn(index: int) -> bool:
        if index in task.skip:
            return False
        note.write_text(str(index))
        return True

    return turn


def main(arguments: list[str]) -> int:
    """Read the task, write the answer beside the pictures; status 3 means out of memory."""
    task = TASK.validate_json(Path(arguments[0]).read_bytes())
    try:
        answer = perform(task)
    except MemoryError:
        return 3
    Path(task.out, "answer.json").write_bytes(ANSWER.dump_json(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
