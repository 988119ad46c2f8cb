"""Progress on stderr: an overall bar and a line per slide on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deckcast.batches.models import Status, Step
from deckcast.batches.progress import Progress, SlideProgress
from deckcast.videos.models import FRAME_RATE

Eta = tuple[float, float] | None

WORDS = {
    Step.WAITING: "waiting",
    Step.ANALYSIS: "looking at it",
    Step.NARRATIVE: "writing",
    Step.SPEECH: "speaking",
    Step.AVATAR_VIDEO: "presenting",
    Step.CLIP: "composing",
    Step.DONE: "done",
}
_ENDED = {Status.COMPLETED: "done", Status.SKIPPED: "as it was"}
_BEHIND_IT = {Step.ANALYSIS: "analysed", Step.NARRATIVE: "written"}


class Display(Protocol):
    """Where progress is shown."""

    def note(self, text: str) -> None:
        """Say something in passing."""
        ...

    def show(self, progress: Progress, eta: Eta) -> None:
        """Show where things are."""
        ...

    def say(self, text: str) -> None:
        """Say a last word, after `close`."""
        ...

    def close(self) -> None:
        """Give the terminal back."""
        ...


@contextmanager
def open_display() -> Iterator[Display]:
    """A display that suits where stderr goes."""
    console = Console(stderr=True, highlight=False)
    display: Display = LiveDisplay(console) if console.is_terminal else PlainDisplay(console)
    try:
        yield display
    finally:
        display.close()


class PlainDisplay:
    """One line per change, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: dict[int, str] = {}

    def note(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, markup=False)

    say = note

    def show(self, progress: Progress, eta: Eta) -> None:
        for slide in progress.slides:
            word = _word(slide, progress.paid_to)
            if slide.step is not Step.WAITING and self._said.get(slide.number) != word:
                self._said[slide.number] = word
                head = f"[{progress.share:4.0%}] slide {slide.number}/{progress.slides[-1].number}"
                self._console.print(f"{head}: {word}", markup=False, soft_wrap=True)

    def close(self) -> None:
        """Nothing to give back."""


class LiveDisplay:
    """A bar, an estimate, and a line per slide that redraws itself."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._live: Live | None = Live(console=console, refresh_per_second=8, transient=True)
        self._live.start()

    def note(self, text: str) -> None:
        if self._live is not None:
            self._live.update(Text(text, style="dim"))

    def say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def show(self, progress: Progress, eta: Eta) -> None:
        if self._live is not None:
            self._live.update(self._picture(progress, eta))

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self, progress: Progress, eta: Eta) -> RenderableType:
        done = sum(slide.step is Step.DONE for slide in progress.slides)
        head = Table.grid(padding=(0, 2))
        head.add_row(
            ProgressBar(total=1.0, completed=progress.share, width=40),
            Text(f"{progress.share:.0%}", style="bold"),
            Text(f"{done} of {len(progress.slides)} slides"),
            Text(_eta_words(eta, time.monotonic() - self._began), style="dim"),
            Text(f"${progress.cost_usd:.2f} so far" if progress.paid_to else "", style="dim"),
        )
        rows = Table.grid(padding=(0, 2))
        for slide in _in_sight(progress.slides, max(4, self._console.height - 5)):
            rows.add_row(*_row(slide, progress.paid_to))
        return Group(head, Text(), rows)


def _in_sight(slides: tuple[SlideProgress, ...], most: int) -> list[SlideProgress]:
    """What fits: slides at work first, then failed ones, then what is next, in the deck's order."""
    if len(slides) <= most:
        return list(slides)

    def rank(slide: SlideProgress) -> int:
        if slide.step not in (Step.WAITING, Step.DONE):
            return 0
        return 1 if slide.error else 2 if slide.step is Step.WAITING else 3

    chosen = sorted(slides, key=lambda slide: (rank(slide), slide.number))[:most]
    return sorted(chosen, key=lambda slide: slide.number)


def _row(slide: SlideProgress, paid_to: str | None) -> tuple[Text, Text, Text]:
    if slide.error:
        mark, style = "✗", "red"
    elif slide.step is Step.DONE:
        mark, style = "✓", "green"
    else:
        mark, style = ("·", "dim") if slide.step is Step.WAITING else ("▸", "cyan")
    title = slide.title.replace("\n", " ") or "(no title)"
    return (
        Text(f"{mark} {slide.number:>3}", style=style),
        Text(title[:48], style="" if style != "dim" else "dim", no_wrap=True),
        Text(_word(slide, paid_to), style=style, no_wrap=True, overflow="ellipsis"),
    )


def _word(slide: SlideProgress, paid_to: str | None) -> str:
    if slide.error:
        return slide.error["message"]
    if slide.step is Step.DONE:
        if slide.frames:
            return f"done, {slide.frames / FRAME_RATE:.1f} s"
        return _ENDED.get(slide.status, slide.status.value)
    if slide.step is Step.AVATAR_VIDEO and slide.status is Status.PUBLISHING:
        return "checking"
    if slide.step is Step.AVATAR_VIDEO and paid_to:
        return f"rendering at {paid_to}" if slide.status is Status.PROCESSING else f"ready for {paid_to}"
    if slide.status is Status.COMPLETED and slide.step in _BEHIND_IT:
        return _BEHIND_IT[slide.step]
    return WORDS[slide.step]


def _eta_words(eta: Eta, elapsed_s: float) -> str:
    gone = f"{_clock(elapsed_s)} gone"
    if eta is None:
        return gone
    low, high = eta
    if high < 5:
        return f"{gone}, almost there"
    return f"{gone}, {_clock(low)} to {_clock(high)} left"


def _clock(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 90 else f"{seconds / 60:.0f} min"
