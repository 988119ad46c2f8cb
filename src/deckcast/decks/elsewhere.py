"""Has a deck read by a converter, by way of the spool; what comes back is checked, since it is not trusted."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from deckcast.decks import spool
from deckcast.decks.formats import broken
from deckcast.decks.models import Deck, Slide
from deckcast.decks.spool import (
    ALIVE,
    ANSWER_FILE,
    DECK_FOLDER,
    DONE,
    JOBS,
    PART,
    TASK_FILE,
    WORK,
    SpooledRefusal,
)
from deckcast.kit.errors import DeckcastError, DeckError, WorkError
from deckcast.kit.files import disk_errors
from deckcast.kit.ids import new_id
from deckcast.kit.settings import DeckSettings, LimitSettings

LOOK_S = 0.1
_ANSWER_BYTES = 256 * 1024 * 1024
_PICTURE_BYTES = 64 * 1024 * 1024
_PICTURE = re.compile(r"[A-Za-z0-9_-]{1,200}\.(png|jpg)")


async def read_elsewhere(path: Path, out_dir: Path, limits: LimitSettings, settings: DeckSettings) -> Deck:
    """Like `read_deck`, by a converter. Nothing is left in the spool, whatever happens.

    Raises DeckError as `read_deck`, WorkError with the codes of its other errors, and converter_away where no converter
    is at work; MachineError disk_full, not_writable where this machine cannot hand the deck over.
    """
    assert settings.converter_dir is not None
    folder, job = settings.converter_dir, new_id("deck")
    try:
        with disk_errors(folder / JOBS):
            await asyncio.to_thread(_put, folder, job, path, limits)
        await _answered(folder, job, path, limits.convert_timeout_s * 2, settings.converter_wait_s)
        with disk_errors(out_dir / "x"):
            return await asyncio.to_thread(_fetched, folder, job, path, out_dir)
    finally:
        await asyncio.shield(asyncio.to_thread(_clean, folder, job))


def _put(folder: Path, job: str, path: Path, limits: LimitSettings) -> None:
    spool.prepared(folder)
    part = folder / JOBS / f"{job}{PART}"
    (part / DECK_FOLDER).mkdir(mode=0o700, parents=True)
    shutil.copyfile(path, part / DECK_FOLDER / path.name)
    (part / TASK_FILE).write_bytes(spool.TASK.dump_json(spool.SpooledTask(path.name, limits)))
    part.rename(folder / JOBS / job)


async def _answered(folder: Path, job: str, path: Path, timeout_s: float, wait_s: float) -> None:
    """Wait for the answer: as long as others are before this deck, then for as long as reading it may take."""
    still = spool.Stillness()
    while not (folder / DONE / job).exists():
        waits = (folder / JOBS / job).exists()
        lasts_s = still.lasts_s("job", waits)
        alive = tuple(
            (name, spool.state_of(folder / ALIVE / name)) for name in spool.names_in(folder / ALIVE)
        )
        if still.lasts_s("converters", alive) > wait_s:
            raise _away(wait_s)
        if not waits and lasts_s > timeout_s:
            raise _out_of_time(path, timeout_s)
        await asyncio.sleep(LOOK_S)


def _fetched(folder: Path, job: str, path: Path, out_dir: Path) -> Deck:
    with _opened_folder(folder / DONE / job) as place:
        try:
            with _opened(place, ANSWER_FILE, _ANSWER_BYTES) as file:
                answer = spool.ANSWER.validate_json(file.read())
        except (OSError, ValidationError) as error:
            raise broken(path, "its content cannot be read") from error
        if answer.refused is not None:
            raise _refused(answer.refused)
        if answer.deck is None:
            raise broken(path, "its content cannot be read")
        out_dir.mkdir(parents=True, exist_ok=True)
        slides = tuple(_with_picture(slide, place, out_dir) for slide in answer.deck.slides)
    return replace(answer.deck, slides=slides)


def _with_picture(slide: Slide, place: int, out_dir: Path) -> Slide:
    if slide.image is None:
        return replace(slide, builds=())
    name = str(slide.image)
    if not _PICTURE.fullmatch(name):
        return replace(slide, image=None, builds=())
    target = out_dir / name
    try:
        source = _opened(place, name, _PICTURE_BYTES)
    except OSError:
        return replace(slide, image=None, builds=())
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
    return replace(slide, image=target, builds=())


@contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def _opened(folder: int, name: str, most_bytes: int) -> BinaryIO:
    """A plain file of the folder. Raises OSError where it is none, or too large."""
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size > most_bytes:
        os.close(handle)
        raise OSError(f"{name} is not a plain file of at most {most_bytes} bytes")
    return os.fdopen(handle, "rb")


def _refused(refusal: SpooledRefusal) -> DeckcastError:
    """What the converter's machine lacks stops nobody's work but this deck's."""
    kind = DeckError if refusal.of_deck else WorkError
    return kind(refusal.code, refusal.message, next_step=refusal.next_step, retryable=refusal.retryable)


def _clean(folder: Path, job: str) -> None:
    """Take back what nobody waits for any more; a converter that is at it finds its own folder gone."""
    for path in (folder / JOBS / f"{job}{PART}", folder / JOBS / job, folder / DONE / job):
        spool.remove(path)
    for converter in spool.names_in(folder / WORK):
        spool.remove(folder / WORK / converter / job)


def _away(wait_s: float) -> WorkError:
    return WorkError(
        "converter_away",
        f"Decks are opened by a converter here, and none has been at work for {wait_s:.0f} s.",
        next_step="See that `deckcast converter` runs and uses the same folder (DECKCAST_DECKS__CONVERTER_DIR).",
        retryable=True,
    )


def _out_of_time(path: Path, timeout_s: float) -> DeckError:
    return DeckError(
        "deck_out_of_time",
        f"Reading {path.name} took longer than {timeout_s:.0f} s and was stopped.",
        next_step="Split the deck, or open it in PowerPoint, save it as a new file and try again.",
        retryable=True,
    )
