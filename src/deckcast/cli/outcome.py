"""What came of a film: copied to its folder, told to a person, printed as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.batches.films import film_fingerprint, parts_of
from deckcast.batches.models import PAUSE_AFTER_S, PAUSE_BEFORE_S, BatchState
from deckcast.batches.progress import Progress, SlideProgress
from deckcast.db.models import PresentationVideoRow
from deckcast.kit.errors import DeckcastError
from deckcast.kit.files import copy_whole
from deckcast.videos.models import FRAME_RATE


@dataclass(frozen=True, slots=True)
class SlideOutcome:
    """One slide of the result, as in the JSON."""

    number: int
    status: str
    reused: bool
    video: str | None
    duration_s: float
    speech_duration_s: float
    pause_s: float
    warnings: list[dict[str, str]]
    error: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of `deckcast make`."""

    presentation_id: str
    state: str
    video: str | None
    duration_s: float
    cost_usd: float
    slides: list[SlideOutcome]
    error: dict[str, str] | None
    deck_sha256: str

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        data: dict[str, Any] = {
            "presentation_id": self.presentation_id,
            "state": self.state,
            "video": self.video,
            "duration_s": self.duration_s,
            "cost_usd": self.cost_usd,
            "slides": [{key: getattr(slide, key) for key in SlideOutcome.__slots__} for slide in self.slides],
        }
        return {**data, "error": self.error} if self.error else data


def failure(error: DeckcastError) -> dict[str, Any]:
    """The JSON object where nothing could be made at all."""
    return {
        "presentation_id": None,
        "state": "failed",
        "video": None,
        "duration_s": 0.0,
        "cost_usd": 0.0,
        "slides": [],
        "error": {"code": error.code, "message": str(error)},
    }


def print_json(data: dict[str, Any]) -> None:
    """One line on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def export(progress: Progress, presentation_id: str, out: Path, started_at: datetime) -> Outcome:
    """Copy film, captions, poster and clips to `out`; only what differs is written.

    Raises MachineError disk_full, not_writable, storage_unreachable; WorkError storage_lost.
    """
    context = current()
    _, presentation, parts = await parts_of(progress.batch_id)
    async with context.db.read() as session:
        film = await repository.film_with(session, presentation_id, film_fingerprint(presentation, parts))
    if progress.state == BatchState.FAILED:
        film = None
    slides = [await _export_slide(slide, out, started_at) for slide in progress.slides]
    if film is not None:
        await _export_film(film, out)
    await asyncio.to_thread(_remove_stale, out, {slide.video for slide in slides}, film is not None)
    return Outcome(
        presentation_id=presentation_id,
        state=progress.state.value if progress.state != BatchState.CANCELLED else "failed",
        video=str(out / "presentation.mp4") if film else None,
        duration_s=film.frames / FRAME_RATE if film else 0.0,
        cost_usd=progress.cost_usd,
        slides=slides,
        error=progress.error,
        deck_sha256=presentation.deck_sha256,
    )


async def _export_film(film: PresentationVideoRow, out: Path) -> None:
    store = current().store
    for key, name in (
        (film.asset_key, "presentation.mp4"),
        (film.srt_key, "captions.srt"),
        (film.vtt_key, "captions.vtt"),
        (film.poster_key, "poster.jpg"),
    ):
        await asyncio.to_thread(copy_changed, await store.local(key), out / name)


async def _export_slide(slide: SlideProgress, out: Path, started_at: datetime) -> SlideOutcome:
    video = None
    if slide.clip_key is not None:
        video = out / "slides" / f"{slide.number:02d}.mp4"
        await asyncio.to_thread(copy_changed, await current().store.local(slide.clip_key), video)
    duration_s = slide.frames / FRAME_RATE
    return SlideOutcome(
        number=slide.number,
        status=slide.status.value,
        reused=slide.made_at is not None and slide.made_at < started_at,
        video=str(video) if video else None,
        duration_s=duration_s,
        speech_duration_s=round(slide.speech_duration_s, 3),
        pause_s=round(PAUSE_BEFORE_S + PAUSE_AFTER_S, 3) if slide.speech_duration_s else duration_s,
        warnings=[dict(warning) for warning in slide.warnings],
        error=slide.error,
    )


def copy_changed(source: Path, target: Path) -> None:
    """Copy unless the very same file was copied there before (size and time of change tell)."""
    wanted = source.stat()
    if target.is_file():
        there = target.stat()
        if there.st_size == wanted.st_size and there.st_mtime_ns == wanted.st_mtime_ns:
            return
    copy_whole(source, target)
    os.utime(target, ns=(wanted.st_atime_ns, wanted.st_mtime_ns))


def _remove_stale(out: Path, videos: set[str | None], has_film: bool) -> None:
    """Clips of slides that are gone, and a film that no longer holds, would be mistaken for results."""
    for path in (out / "slides").glob("[0-9][0-9]*.mp4"):
        if path.stem.isdigit() and str(path) not in videos:
            path.unlink()
    if not has_film:
        for name in ("presentation.mp4", "captions.srt", "captions.vtt", "poster.jpg"):
            (out / name).unlink(missing_ok=True)


def count(number: int, noun: str) -> str:
    """ "1 slide", "8 slides"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def length_words(seconds: float) -> str:
    """ "45 s", "2.6 min", "12 min"."""
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{seconds / 60:.1f} min" if seconds < 300 else f"{round(seconds / 60)} min"


def say_outcome(outcome: Outcome) -> None:
    """Tell a person, on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
    missing = [slide for slide in outcome.slides if slide.error]
    warned = [slide for slide in outcome.slides if slide.warnings]
    minutes, seconds = divmod(round(outcome.duration_s), 60)
    if outcome.video:
        reused = sum(slide.reused for slide in outcome.slides)
        console.print(
            f"[bold green]✓[/] [bold]{escape(outcome.video)}[/]  {minutes}:{seconds:02d} min, "
            f"{count(len(outcome.slides), 'slide')}"
            + (f", {reused} of them as they were" if reused else "")
            + (f", ${outcome.cost_usd:.2f}" if outcome.cost_usd else ""),
            soft_wrap=True,
        )
    else:
        console.print("[bold red]✗ There is no film.[/]")
    if outcome.error:
        console.print(f"  {escape(outcome.error['message'])} [dim]({outcome.error['code']})[/]")
    for slide in missing:
        error = slide.error or {}
        console.print(f"  [red]slide {slide.number}[/] {escape(error['message'])} [dim]({error['code']})[/]")
    for slide in warned:
        for warning in slide.warnings:
            console.print(f"  [yellow]slide {slide.number}[/] {escape(warning['message'])}")
    if missing:
        console.print("  Run the same command again to try these slides again.")
