"""The folder by which workers and converters hand over decks: each step is the renaming of a whole folder.

jobs/ID                 a worker has put a deck and a task there
work/CONVERTER/ID       a converter has taken it
done/ID                 the converter's answer and the pictures, for the worker to fetch
alive/CONVERTER         changes while the converter lives
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from deckcast.decks.models import Deck
from deckcast.kit.settings import LimitSettings

DEAD_AFTER_S = 20.0
BEAT_S = 2.0
JOBS, WORK, DONE, ALIVE = "jobs", "work", "done", "alive"
PART = ".part"


@dataclass(frozen=True, slots=True)
class SpooledTask:
    """What is wanted of a converter; the deck lies under its own name in the folder `deck` beside it."""

    deck_name: str
    limits: LimitSettings


@dataclass(frozen=True, slots=True)
class SpooledRefusal:
    """An error's fields; `of_deck` where the deck is why, and not the converter."""

    of_deck: bool
    code: str
    message: str
    next_step: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class SpooledAnswer:
    """Exactly one of them is given. Pictures of slides are names of files beside the answer."""

    deck: Deck | None = None
    refused: SpooledRefusal | None = None


TASK = TypeAdapter(SpooledTask)
ANSWER = TypeAdapter(SpooledAnswer)
TASK_FILE, DECK_FOLDER, DEATHS_FILE, ANSWER_FILE = "task.json", "deck", "deaths", "answer.json"


class Stillness:
    """How long things have not changed, as seen from here: clocks of other machines are not asked."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[Hashable, float]] = {}

    def lasts_s(self, name: str, state: Hashable) -> float:
        """Seconds since a thing was first seen in the state in which it is now."""
        now = time.monotonic()
        if name not in self._seen or self._seen[name][0] != state:
            self._seen[name] = (state, now)
        return now - self._seen[name][1]

    def forget_all_but(self, names: set[str]) -> None:
        """Forget things that are gone."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}


def prepared(folder: Path) -> Path:
    """The spool, with its folders. Raises OSError."""
    for name in (JOBS, WORK, DONE, ALIVE):
        path = folder / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_symlink():
            raise NotADirectoryError(20, "not a folder", str(path))
    return folder


def names_in(folder: Path) -> list[str]:
    """What lies in a folder, in the order of names; nothing that is not complete."""
    with suppress(FileNotFoundError):
        return sorted(path.name for path in folder.iterdir() if path.suffix != PART)
    return []


def state_of(path: Path) -> Hashable:
    """Something that is another whenever a file was written anew."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None


def moved(source: Path, target: Path) -> bool:
    """Move a folder; False where it is not there any more, as another was faster."""
    try:
        source.rename(target)
    except FileNotFoundError:
        return False
    return True


def remove(path: Path) -> None:
    """Remove a folder, whatever is in it; links are not followed."""
    shutil.rmtree(path, ignore_errors=True)
