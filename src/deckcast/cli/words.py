"""`deckcast analyze`, `narrate` and `speak`: the steps before the film, each for all slides of a deck."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
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
from deckcast.cli.outcome import copy_changed, count, failure, length_words, print_json
from deckcast.cli.request import MakeOptions, request_of
from deckcast.cli.work import Job, stopping_cleanly, work_or_follow
from deckcast.db.models import ItemRow, NarrativeRow, PresentationRow, SlideAnalysisRow, SlideRow, SpeechRow
from deckcast.decks.service import check_deck
from deckcast.kit.errors import DeckcastError
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context

NEXT = {
    BatchKind.ALL_ANALYSES: "Write the narratives with: deckcast narrate {deck}",
    BatchKind.ALL_NARRATIVES: "Read and edit them with: deckcast narrative {deck}\n"
    "Listen before anything is rendered with: deckcast speak {deck}",
    BatchKind.ALL_AUDIO: "Make the film of them with: deckcast make {deck}{out}",
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
                request_of=partial(request_of, options, parts.providers, kind=kind),
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
    _say(progress, made, presentation, options)
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


def _say(
    progress: Progress, made: Sequence[Made], presentation: PresentationRow, options: MakeOptions
) -> None:
    console = Console(stderr=True, highlight=False)
    console.print(_table(progress.kind, made, console.width))
    if progress.kind == BatchKind.ALL_ANALYSES:
        console.print(_about(presentation.analysis or {}), end="")
    for remark in _remarks(progress, made):
        if console.is_terminal:
            console.print(Padding(remark, (0, 0, 0, 2)))
        else:
            console.print(Text("  ") + remark, soft_wrap=True)
    completed = progress.state == BatchState.COMPLETED
    mark = Text("✓ ", "bold green") if completed else Text("✗ ", "bold red")
    console.print(mark, Text(_summary(progress, made)), sep="", soft_wrap=True)
    if progress.count(Status.FAILED):
        console.print("  Run the same command again to try these slides again.")
    if completed:
        deck = shlex.quote(str(options.deck))
        out = f" -o {shlex.quote(str(options.out))}" if options.out else ""
        console.print(Text(NEXT[progress.kind].format(deck=deck, out=out), "dim"), soft_wrap=True)


def _remarks(progress: Progress, made: Sequence[Made]) -> Iterator[Text]:
    """What failed, and what a person should know of the rest."""
    for warning in progress.warnings:
        yield Text(warning["message"], "yellow")
    for each in made:
        head = f"slide {each.item.number}: "
        if each.item.error_message:
            yield Text(head + each.item.error_message, "red")
        for warning in each.item.warnings:
            yield Text(head + warning["message"], "yellow")
    if progress.error:
        yield Text(progress.error["message"], "red")


def _summary(progress: Progress, made: Sequence[Made]) -> str:
    done, kept = progress.count(Status.COMPLETED), progress.count(Status.SKIPPED)
    told = [f"{count(done, 'slide')} {_DONE[progress.kind]}"] if done or not kept else []
    if kept:
        told.append(
            f"{kept} as {'it was' if kept == 1 else 'they were'}"
            if told
            else f"{count(kept, 'slide')} as before"
        )
    if progress.count(Status.FAILED):
        told.append(f"{progress.count(Status.FAILED)} failed")
    spoken_s = sum(each.speech.duration_s for each in made if each.speech)
    if progress.kind == BatchKind.ALL_NARRATIVES:
        spoken_s = sum(each.item.estimated_s for each in made if each.narrative)
    if spoken_s:
        told.append(f"{length_words(spoken_s)} in all")
    if progress.cost_usd:
        told.append(f"${progress.cost_usd:.4f}" if progress.cost_usd < 1 else f"${progress.cost_usd:.2f}")
    return ", ".join(told)


def _about(analysis: dict[str, Any]) -> Table:
    """What the deck as a whole is about, where that is known."""
    table = Table.grid(padding=(0, 2))
    for name in ("audience", "thread", "tone"):
        if analysis.get(name):
            table.add_row(Text(name.capitalize(), "bold"), Text(analysis[name]))
    if table.rows:
        table.add_row()
    return table


def _table(kind: BatchKind, made: Sequence[Made], width: int) -> Table:
    """A row per slide; words are cut where the terminal ends, names of files are not."""
    names = ("slide", *_COLUMNS[kind])
    rows = [(Text(str(each.item.number)), *_cells(kind, each)) for each in made]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(names[:-1]):
        widest = max((len(row[index].plain) for row in rows), default=0)
        right = name in ("slide", "length")
        widest = max(widest, len(name))
        table.add_column(name, justify="right" if right else "left", width=widest)
        width -= widest + 2
    cut = kind is not BatchKind.ALL_AUDIO
    table.add_column(names[-1], overflow="ellipsis" if cut else "fold", no_wrap=cut, max_width=max(width, 20))
    for row in rows:
        table.add_row(*row)
    return table


_COLUMNS = {
    BatchKind.ALL_ANALYSES: ("kind", "what it says and shows"),
    BatchKind.ALL_NARRATIVES: ("length", "from", "narrative"),
    BatchKind.ALL_AUDIO: ("length", "voice", "file"),
}
_DONE = {
    BatchKind.ALL_ANALYSES: "analysed",
    BatchKind.ALL_NARRATIVES: "narrated",
    BatchKind.ALL_AUDIO: "spoken",
}


def _cells(kind: BatchKind, made: Made) -> tuple[Text, ...]:
    if made.item.error_code:
        failed = Text("failed", "red")
        return (failed, Text()) if kind == BatchKind.ALL_ANALYSES else (Text(), failed, Text())
    if kind == BatchKind.ALL_ANALYSES:
        content: dict[str, Any] = made.analysis.content if made.analysis else {}
        return Text(content.get("kind", "")), _of_slide(made.slide.title, content)
    if kind == BatchKind.ALL_NARRATIVES:
        row = made.narrative
        text = _line(row.text) if row else ""
        length = f"{made.item.estimated_s:.0f} s" if text else ""
        return Text(length), Text(row.source if row else ""), Text(text) if text else Text("(silent)", "dim")
    speech = made.speech
    if speech is None:
        return Text(), Text(), Text("(silent)", "dim")
    return Text(f"{speech.duration_s:.1f} s"), Text(speech.voice), Text(str(made.audio or ""))


def _of_slide(title: str, content: dict[str, Any]) -> Text:
    lines = [Text(_line(title) or "(no title)", "bold")]
    if content.get("key_points"):
        lines.append(Text(_line("; ".join(content["key_points"]))))
    if content.get("shows"):
        lines.append(Text(f"Shows: {_line(content['shows'])}", "dim"))
    return Text("\n").join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())
