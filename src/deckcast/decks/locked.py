"""Hands a file to the locked-in reader and takes back its answer, which is checked since it is not trusted."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import structlog
from pydantic import ValidationError

from deckcast.decks.findings import DrawnPage, ReadDeck
from deckcast.decks.formats import broken
from deckcast.decks.reader import ANSWER, PAGE_NOTE, TASK, Answer, Task
from deckcast.decks.sandbox import MIB, Ended, Job, Limits, inside, run_locked_in
from deckcast.kit.errors import DeckError

_MEMORY_BYTES = 2048 * MIB
_OUT_OF_MEMORY = 3
_READ_TIMEOUT_S = 120.0
_ANSWER_BYTES = 256 * MIB
_NOTE_BYTES = 8
_MOST_BAD_PAGES = 5

log = structlog.get_logger(__name__)


def read_locked(
    source: Path, name: Path, out: Path, max_slides: int, *, pdf: bool, sandboxed: bool
) -> ReadDeck:
    """The deck in `source`, which the person knows as `name`; `out` is a fresh folder for the answer.

    Raises DeckError: deck_broken, deck_empty, deck_encrypted, deck_too_large, deck_out_of_time.
    """
    work = "pdf" if pdf else "powerpoint"
    answer = _ask(Task(work, "", name.name, "", max_slides), source, name, out, _READ_TIMEOUT_S, sandboxed)  # type: ignore[arg-type]
    if answer.read is None:
        raise broken(name, "its content cannot be read")
    return answer.read


def draw_locked(
    pdf: Path, name: Path, out: Path, names: list[str], timeout_s: float, *, sandboxed: bool
) -> tuple[DrawnPage, ...]:
    """The PDF's pages as pictures in `out`, one per name; errors as in `read_locked`."""
    answer = _ask(Task("draw", "", name.name, "", names=tuple(names)), pdf, name, out, timeout_s, sandboxed)
    if answer.drawn is None or len(answer.drawn) != len(names):
        raise broken(name, "its pages cannot be drawn")
    return answer.drawn


def _ask(task: Task, source: Path, name: Path, out: Path, timeout_s: float, sandboxed: bool) -> Answer:
    """Let the reader do the task; where a page of a PDF makes it crash, once more without that page."""
    out.mkdir(parents=True)
    source, out = source.resolve(), out.resolve()
    place = f"/in/{'file.pdf' if task.work != 'powerpoint' else 'file.pptx'}"
    end = time.monotonic() + timeout_s
    while True:
        task = replace(
            task,
            source=inside(source, place, sandboxed=sandboxed),
            out=inside(out, "/out", sandboxed=sandboxed),
        )
        (out / PAGE_NOTE).unlink(missing_ok=True)
        (out / "task.json").write_bytes(TASK.dump_json(task))
        job = _job(task, source, place, out, max(end - time.monotonic(), 1.0))
        ended = run_locked_in(job, sandboxed=sandboxed)
        page = _page_of_crash(ended, out / PAGE_NOTE)
        if page is None or page in task.skip or len(task.skip) >= _MOST_BAD_PAGES:
            return _answer(ended, out / "answer.json", name, timeout_s)
        log.warning("deck.page_crashed", page=page + 1, work=task.work, status=ended.status)
        task = replace(task, skip=(*task.skip, page))


def _job(task: Task, source: Path, place: str, out: Path, timeout_s: float) -> Job:
    command = [os.path.realpath(sys.executable), "-P", "-m", "deckcast.decks.reader", f"{task.out}/task.json"]
    return Job(
        command,
        Limits(timeout_s, memory_bytes=_MEMORY_BYTES),
        reads={path: str(path) for path in _python_files()} | {source: place},
        writes={out: "/out"},
        environment={
            "PYTHONPATH": os.pathsep.join(_python_path()),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
    )


def _page_of_crash(ended: Ended, note: Path) -> int | None:
    """The index of the page at which the reader crashed; None where it did not, or where that is not known."""
    if ended.status in (0, None, _OUT_OF_MEMORY) or "MemoryError" in ended.said:
        return None
    if note.is_symlink() or not note.is_file() or note.stat().st_size > _NOTE_BYTES:
        return None
    text = note.read_bytes()
    return int(text) if text.isdigit() else None


def _answer(ended: Ended, path: Path, name: Path, timeout_s: float) -> Answer:
    if ended.status is None:
        raise DeckError(
            "deck_out_of_time",
            f"Reading {name.name} took longer than {timeout_s:.0f} s and was stopped.",
            next_step="Split the deck, or open it in PowerPoint, save it as a new file and try again.",
            retryable=True,
        )
    if ended.status == _OUT_OF_MEMORY or (ended.status and "MemoryError" in ended.said):
        raise DeckError(
            "deck_too_large",
            f"Reading {name.name} takes more than {_MEMORY_BYTES // MIB} MB of memory.",
            next_step="Split the deck or compress its pictures and try again.",
        )
    if ended.status != 0 or path.is_symlink() or not path.is_file() or path.stat().st_size > _ANSWER_BYTES:
        log.warning("deck.reader_crashed", status=ended.status, said=ended.said[-1000:])
        raise broken(name, "reading it made the reader crash")
    try:
        answer = ANSWER.validate_json(path.read_bytes())
    except ValidationError as error:
        raise broken(name, "its content cannot be read") from error
    if answer.refused is not None:
        if answer.detail:
            log.warning("deck.unreadable", detail=answer.detail)
        raise DeckError(answer.refused.code, answer.refused.message, next_step=answer.refused.next_step)
    return answer


@cache
def _python_path() -> tuple[str, ...]:
    """Where this Python finds its packages and Deckcast; nothing else of its search path, such as a home folder."""
    home = Path(__file__).parents[2]
    entries = (Path(entry).absolute() for entry in sys.path if entry)
    return tuple(
        str(entry)
        for entry in entries
        if entry.is_dir() and (entry == home or entry.name in ("site-packages", "dist-packages"))
    )


@cache
def _python_files() -> tuple[Path, ...]:
    """What the same Python needs in the sandbox beyond /usr: itself, its packages and Deckcast."""
    own = (Path(sys.base_prefix), Path(sys.executable).resolve().parents[1])
    kept: list[Path] = []
    for path in sorted({*own, *map(Path, _python_path())}, key=lambda item: len(item.parts)):
        if not any(path.is_relative_to(other) for other in (Path("/usr"), *kept)):
            kept.append(path)
    return tuple(kept)
