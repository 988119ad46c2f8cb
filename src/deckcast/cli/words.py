"""`deckcast analyze`, `narrate` and `speak`: the steps before the film, each for all slides of a deck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deckcast.batches import repository
from deckcast.batches.context import Context
from deckcast.batches.imports import presentation_for
from deckcast.batches.models import BatchKind, BatchState, Status, Step
from deckcast.batches.progress import Progress
from deckcast.cli.app import say_error
from deckcast.cli.display import open_display
from deckcast.cli.make import check_out
from deckcast.cli.outcome import copy_changed, count, failure, print_json
from deckcast.cli.request import MakeOptions, words_request_of
from deckcast.cli.work import Job, stopping_cleanly, work_or_follow
from deckcast.db.models import ItemRow, NarrativeRow, PresentationRow, SlideAnalysisRow, SlideRow, SpeechRow
from deckcast.decks.service import check_deck
from deckcast.kit.errors import DeckcastError
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context

NEXT = {
    BatchKind.ALL_ANALYSES: "Write the narratives with: deckcast narrate {deck}",
    BatchKind.ALL_NARRATIVES: "Read and edit them with: deckcast narrative {deck}. "
    "Listen before anything is rendered with: deckcast speak {deck}",
    BatchKind.ALL_AUDIO: "Make the film of them with: deckcast make {deck}",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a batch made of one slide."""

    item: ItemRow
    slide: SlideRow
    analysis: SlideAnalysisRow | None
    narrative: NarrativeRow | None
    speech: SpeechRow | None
    audio: Path | None


def run_words(prepared: Callable[[], Settings], options: MakeOptions, kind: BatchKind) -> int:
    """Make what `kind` makes; returns the exit status: 0 completed, 1 partial or failed, 2 a wrong call or deck."""
    try:
        return asyncio.run(_run(prepared(), options, kind))
    except DeckcastError as error:
        if options.json:
            print_json(failure(error))
        return say_error(error)


async def _run(settings: Settings, options: MakeOptions, kind: BatchKind) -> int:
    check_deck(options.deck, settings.limits)
    speaks = kind.goes_to(Step.SPEECH)
    if speaks:
        check_out(options.out_dir)
    with open_display() as display:
        async with open_context(settings) as parts:
            job = Job(
                deck=options.deck,
                kind=kind,
                request_of=partial(words_request_of, options, kind, parts.providers),
                folders=(options.out_dir,) if speaks else (),
                json=options.json,
            )
            with stopping_cleanly(parts, job.folders, display):
                presentation = await presentation_for(options.deck)
                parts.scope = presentation.id
                progress = await work_or_follow(parts, presentation, job, display)
                made = await _made(parts, progress, options.out_dir if speaks else None)
                async with parts.db.read() as session:
                    presentation = await session.get_one(PresentationRow, presentation.id)
    if options.json:
        print_json(_as_json(presentation, progress, made))
    _say(progress, made, presentation, options.deck)
    return 0 if progress.state == BatchState.COMPLETED else 1


async def _made(parts: Context, progress: Progress, out: Path | None) -> list[Made]:
    async with parts.db.read() as session:
        items = await repository.items_of(session, progress.batch_id)
        analyses = await repository.rows_by_id(
            session, SlideAnalysisRow, [item.analysis_id for item in items]
        )
        narratives = await repository.rows_by_id(session, NarrativeRow, [item.narrative_id for item in items])
        speeches = await repository.rows_by_id(session, SpeechRow, [item.speech_id for item in items])
        slides = await repository.rows_by_id(session, SlideRow, [item.slide_id for item in items])
    made = []
    for item in items:
        speech = speeches.get(item.speech_id or "")
        audio = None
        if speech is not None and out is not None:
            audio = out / "speech" / f"{item.number:02d}.wav"
            await asyncio.to_thread(copy_changed, await parts.store.local(speech.audio_key), audio)
        made.append(
            Made(
                item=item,
                slide=slides[item.slide_id],
                analysis=analyses.get(item.analysis_id or ""),
                narrative=narratives.get(item.narrative_id or ""),
                speech=speech,
                audio=audio,
            )
        )
    if out is not None:
        await asyncio.to_thread(_remove_stale, out / "speech", {each.audio for each in made})
    return made


def _remove_stale(folder: Path, kept: set[Path | None]) -> None:
    """Speech of slides that are gone or silent would be mistaken for a result."""
    for path in folder.glob("[0-9][0-9]*.wav"):
        if path.stem.isdigit() and path not in kept:
            path.unlink()


def _as_json(presentation: PresentationRow, progress: Progress, made: Sequence[Made]) -> dict[str, Any]:
    return {
        "presentation_id": presentation.id,
        "kind": progress.kind,
        "state": progress.state if progress.state != BatchState.CANCELLED else "failed",
        "cost_usd": progress.cost_usd,
        "deck_analysis": presentation.analysis if progress.kind == BatchKind.ALL_ANALYSES else None,
        "warnings": list(progress.warnings),
        "slides": [_slide_json(progress.kind, each) for each in made],
        **({"error": progress.error} if progress.error else {}),
    }


def _slide_json(kind: BatchKind, made: Made) -> dict[str, Any]:
    item, error = made.item, made.item.error_code
    data: dict[str, Any] = {
        "number": item.number,
        "status": item.status,
        "reused": item.reused,
        "warnings": item.warnings,
        "error": {"code": error, "message": item.error_message or ""} if error else None,
    }
    if kind == BatchKind.ALL_ANALYSES:
        return {**data, "analysis": made.analysis.content if made.analysis else None}
    narrative = made.narrative
    data["narrative"] = (
        {key: getattr(narrative, key) for key in ("text", "language", "source", "version", "style", "writer")}
        if narrative
        else None
    )
    if kind == BatchKind.ALL_NARRATIVES:
        return {**data, "estimated_s": item.estimated_s}
    speech = made.speech
    return {
        **data,
        "audio": str(made.audio) if made.audio else None,
        "voice": speech.voice if speech else None,
        "duration_s": round(speech.duration_s, 3) if speech else 0.0,
    }


def _say(progress: Progress, made: Sequence[Made], presentation: PresentationRow, deck: Path) -> None:
    console = Console(stderr=True, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("slide", *_COLUMNS[progress.kind]):
        table.add_column(name, justify="right" if name in ("slide", "length") else "left", overflow="fold")
    for each in made:
        cells = _cells(progress.kind, each)
        table.add_row(str(each.item.number), *(Text(cell) for cell in cells))
    console.print(table)
    for warning in progress.warnings:
        console.print(Text(f"  {warning['message']}", "yellow"), soft_wrap=True)
    for each in made:
        for warning in each.item.warnings:
            console.print(Text(f"  slide {each.item.number}: {warning['message']}", "yellow"), soft_wrap=True)
    if progress.error:
        console.print(Text(f"  {progress.error['message']}", "red"), soft_wrap=True)
    done = progress.count(Status.COMPLETED)
    summary = f"{count(done, 'slide')} made, {progress.count(Status.SKIPPED)} as they were"
    failed = progress.count(Status.FAILED)
    cost = f", ${progress.cost_usd:.4f}" if progress.cost_usd else ""
    mark = Text("✓ ", "bold green") if progress.state == BatchState.COMPLETED else Text("✗ ", "bold red")
    console.print(mark, Text(f"{summary}{f', {failed} failed' if failed else ''}{cost}"), sep="")
    if failed:
        console.print("  Run the same command again to try these slides again.")
    console.print(Text(NEXT[progress.kind].format(deck=deck), "dim"), soft_wrap=True)


_COLUMNS = {
    BatchKind.ALL_ANALYSES: ("kind", "key points", "shows"),
    BatchKind.ALL_NARRATIVES: ("length", "from", "narrative"),
    BatchKind.ALL_AUDIO: ("length", "voice", "file"),
}


def _cells(kind: BatchKind, made: Made) -> tuple[str, str, str]:
    if made.item.error_code:
        return "", "failed", made.item.error_message or ""
    if kind == BatchKind.ALL_ANALYSES:
        content: dict[str, Any] = made.analysis.content if made.analysis else {}
        if not content:
            return "", "", ""
        return content["kind"], _short("; ".join(content["key_points"])), _short(content["shows"])
    if kind == BatchKind.ALL_NARRATIVES:
        row = made.narrative
        text = row.text.replace("\n", " ") if row else ""
        return f"{made.item.estimated_s:.0f} s", row.source if row else "", _short(text) or "(silent)"
    speech = made.speech
    if speech is None:
        return "", "", "(silent)"
    return f"{speech.duration_s:.1f} s", speech.voice, str(made.audio or "")


def _short(text: str) -> str:
    return text if len(text) <= 90 else text[:89].rstrip() + "…"
