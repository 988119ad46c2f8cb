"""Opens decks for workers elsewhere: takes them from the spool one by one, and leaves what it read there."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog

from deckcast.decks import spool
from deckcast.decks.formats import broken
from deckcast.decks.models import Deck, Slide
from deckcast.decks.sandbox import sandbox_state
from deckcast.decks.service import read_deck
from deckcast.decks.spool import (
    ALIVE,
    ANSWER_FILE,
    DEATHS_FILE,
    DECK_FOLDER,
    DONE,
    JOBS,
    PART,
    TASK_FILE,
    WORK,
    SpooledAnswer,
    SpooledRefusal,
)
from deckcast.kit.children import run_limited
from deckcast.kit.errors import DeckcastError, DeckError, MachineError
from deckcast.kit.ids import new_id

LOOK_S = 0.1
SWEEP_S = 5.0
LEFT_S = 3600.0  # an answer that nobody fetched
MOST_DEATHS = 2  # of converters that had the same deck in hand
_LOOPBACK, _SIOCGIFFLAGS, _IFF_UP = "lo", 0x8913, 1

log = structlog.get_logger(__name__)


def has_network() -> bool:
    """Whether this process could reach another machine: by any interface that is up, but its own loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        return any(name != _LOOPBACK and _is_up(asking, name) for _, name in socket.if_nameindex())


def _is_up(asking: socket.socket, interface: str) -> bool:
    answer = fcntl.ioctl(asking, _SIOCGIFFLAGS, struct.pack("16sH14x", interface.encode(), 0))
    return bool(struct.unpack("16sH14x", answer)[1] & _IFF_UP)


def require_seclusion(allow_unsandboxed: bool) -> None:
    """A converter opens decks in a sandbox, or where there is no network. Raises MachineError converter_exposed."""
    if sandbox_state().works or allow_unsandboxed or not has_network():
        return
    raise MachineError(
        "converter_exposed",
        "This converter can reach a network, and cannot lock in what opens decks.",
        next_step="Run it in a container without network (`network_mode: none`), or where bubblewrap works; "
        "DECKCAST_ALLOW_UNSANDBOXED=true says that the network is shut off in another way.",
    )


class Converter:
    """One converter on a spool: one deck at a time, until `stop` is set."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.id = new_id("cnv")
        self._folder, self._scratch = spool.prepared(folder), scratch
        self._work = folder / WORK / self.id
        self._still = spool.Stillness()

    def run(self, stop: threading.Event) -> None:
        """Convert until `stop` is set; what is being read then is brought to its end."""
        beating = threading.Thread(target=self._beat, args=(ended := threading.Event(),), daemon=True)
        beating.start()
        try:
            swept_at = 0.0
            while not stop.is_set():
                if time.monotonic() - swept_at > SWEEP_S:
                    self._sweep()
                    swept_at = time.monotonic()
                if not self._take():
                    stop.wait(LOOK_S)
        finally:
            ended.set()
            beating.join()
            spool.remove(self._work)
            (self._folder / ALIVE / self.id).unlink(missing_ok=True)

    def _beat(self, ended: threading.Event) -> None:
        count = 0
        while not ended.is_set():
            (self._folder / ALIVE / self.id).write_text("x" * (count % 1000))
            count += 1
            ended.wait(spool.BEAT_S)

    def _take(self) -> bool:
        """Convert the first deck that waits; whether there was one."""
        self._work.mkdir(mode=0o700, exist_ok=True)
        for job in spool.names_in(self._folder / JOBS):
            mine = self._work / job
            if spool.moved(self._folder / JOBS / job, mine):
                self._convert(job, mine)
                return True
        return False

    def _convert(self, job: str, mine: Path) -> None:
        answer_dir = self._folder / DONE / f"{job}.{self.id}{PART}"
        try:
            answer_dir.mkdir(mode=0o700)
            answer = self._answer(mine, answer_dir)
            (answer_dir / ANSWER_FILE).write_bytes(spool.ANSWER.dump_json(answer))
            if mine.exists():  # else whoever wanted it has gone, or another converter has it
                with suppress(OSError):
                    answer_dir.rename(self._folder / DONE / job)
        finally:
            spool.remove(mine)
            spool.remove(answer_dir)

    def _answer(self, mine: Path, answer_dir: Path) -> SpooledAnswer:
        pictures = self._scratch / self.id
        try:
            task = spool.TASK.validate_json((mine / TASK_FILE).read_bytes())
            deck_path = mine / DECK_FOLDER / Path(task.deck_name).name
            if deaths_of(mine) >= MOST_DEATHS:
                raise broken(deck_path, "reading it made the converter crash")
            work = (deck_path, pictures, task.limits, self._scratch, True)
            reading = run_limited(read_deck, work, timeout_s=task.limits.convert_timeout_s * 2)
            return SpooledAnswer(deck=_handed_over(asyncio.run(reading), answer_dir))
        except DeckcastError as error:
            fields = (error.code, error.message, error.next_step, error.retryable)
            return SpooledAnswer(refused=SpooledRefusal(isinstance(error, DeckError), *fields))
        finally:
            shutil.rmtree(pictures, ignore_errors=True)

    def _sweep(self) -> None:
        """Put back what converters that died had taken, and remove what nobody fetched."""
        for converter in spool.names_in(self._folder / WORK):
            state = spool.state_of(self._folder / ALIVE / converter)
            if converter != self.id and self._still.lasts_s(converter, state) > spool.DEAD_AFTER_S:
                self._bury(converter)
        for folder in (JOBS, DONE):
            for path in (self._folder / folder).iterdir():
                left = path.name.endswith(PART) or folder == DONE
                if left and self._still.lasts_s(str(path), spool.state_of(path)) > LEFT_S:
                    spool.remove(path)

    def _bury(self, converter: str) -> None:
        work = self._folder / WORK / converter
        for job in spool.names_in(work):
            log.warning("converter.died", job=job)
            with suppress(OSError):
                (work / job / DEATHS_FILE).write_text(str(deaths_of(work / job) + 1))
            spool.moved(work / job, self._folder / JOBS / job)
        spool.remove(work)
        (self._folder / ALIVE / converter).unlink(missing_ok=True)


def deaths_of(job: Path) -> int:
    """How many converters have died with a deck in hand."""
    try:
        return int((job / DEATHS_FILE).read_text())
    except (OSError, ValueError):
        return 0


def _handed_over(deck: Deck, folder: Path) -> Deck:
    """The deck, its pictures moved into `folder` and named from there."""

    def moved(slide: Slide) -> Slide:
        if slide.image is None:
            return slide
        shutil.move(slide.image, folder / slide.image.name)
        return replace(slide, image=Path(slide.image.name))

    warnings = tuple(each for each in deck.warnings if each.code != "not_sandboxed")  # see require_seclusion
    return replace(deck, slides=tuple(map(moved, deck.slides)), warnings=warnings)
