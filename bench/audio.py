"""What speaking a whole deck takes: every slide in a child of its own, one by one and side by side.

The words are those of the sample deck's notes, repeated to the number of slides. CPU time is that of the children and
of this process, wall time what a person waits.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.machine import ROOT, keep


@dataclass(frozen=True)
class Spoken:
    """One way to speak a deck."""

    what: str
    slides: int
    speech_s: float
    cpu_s: float
    wall_s: float


def notes(slides: int) -> list[str]:
    """What is said: the sample deck's notes, over and over."""
    from pptx import Presentation

    deck = Presentation(str(ROOT / "samples" / "deckcast.pptx"))
    said = [each.notes_slide.notes_text_frame.text for each in deck.slides if each.has_notes_slide]
    said = [text for text in said if text.strip()]
    return [said[number % len(said)] for number in range(slides)]


async def speak_all(texts: list[str], folder: Path, at_once: int) -> float:
    """Speak them, so many at once; returns the seconds of speech."""
    from deckcast.kit.settings import Settings
    from deckcast.speech.ports import SpeechRequest
    from deckcast.speech.service import open_engines

    engines = open_engines(Settings(_env_file=None, data_dir=folder))  # type: ignore[call-arg]
    await engines.load()
    voice = engines.voice("espeak:en-us", "en")
    places = asyncio.Semaphore(at_once)

    async def one(number: int, text: str) -> float:
        async with places:
            request = SpeechRequest(text, "en", voice.id)
            return (await engines.speak(request, folder / f"{number}.wav")).duration_s

    try:
        return sum(await asyncio.gather(*(one(number, text) for number, text in enumerate(texts))))
    finally:
        await engines.close()


def measure(texts: list[str], at_once: int) -> Spoken:
    """Speak the texts; children are counted when they have ended."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name:
        began_cpu_s, began_s = _cpu_s(), time.perf_counter()
        speech_s = asyncio.run(speak_all(texts, Path(name), at_once))
        wall_s = time.perf_counter() - began_s
        return Spoken(
            "one by one" if at_once == 1 else f"{at_once} at once", len(texts), speech_s,
            _cpu_s() - began_cpu_s, wall_s,
        )  # fmt: skip


def _cpu_s() -> float:
    """Of this process, and of every child that the fork server has seen end (children report to it, not to us)."""
    from multiprocessing.forkserver import _forkserver  # the only place that knows its process

    ours = time.process_time() + sum(
        getattr(resource.getrusage(resource.RUSAGE_CHILDREN), each) for each in ("ru_utime", "ru_stime")
    )
    server = getattr(_forkserver, "_forkserver_pid", None)
    if server is None:
        return ours
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return (
        ours + sum(int(ticks) for ticks in fields[11:15]) / 100
    )  # its own and its ended children's, user and system


def run(slides: int, *, kept: bool) -> None:
    """Measure, print and keep."""
    import os

    from deckcast.kit import children

    children.preload(["deckcast.speech.service"])
    texts = notes(slides)
    measure(texts[:1], 1)  # the server of children is started once, whoever speaks
    results = [measure(texts, at_once) for at_once in (1, os.cpu_count() or 1)]
    for each in results:
        print(
            f"{each.what}: {each.slides} slides, {each.speech_s:.0f} s of speech in {each.wall_s:.1f} s, "
            f"{each.cpu_s:.1f} CPU-s ({each.speech_s / each.cpu_s:.0f} s of speech per core-second)"
        )
    if kept:
        print(keep("audio", [asdict(each) for each in results]))
