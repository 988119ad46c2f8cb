"""`deckcast narrative` and `deckcast pronounce`: what a person reads and changes of a presentation's words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deckcast.batches import editing, repository, texts_repository
from deckcast.batches.context import Context
from deckcast.batches.requests import language_tag
from deckcast.cli.outcome import print_json
from deckcast.cli.status import find_presentations
from deckcast.db.models import NarrativeRow, PresentationRow, SlideRow
from deckcast.kit.errors import CallError
from deckcast.kit.fingerprint import file_sha256
from deckcast.kit.settings import Settings
from deckcast.narration.service import estimate_s
from deckcast.wiring import open_context


@dataclass(frozen=True, slots=True)
class NarrativeOptions:
    """What was written after `deckcast narrative`."""

    presentation: str
    slide: int | None
    text: str | None
    file: Path | None
    versions: bool
    restore: int | None
    language: str | None
    json: bool


def run_narrative(settings: Settings, options: NarrativeOptions) -> int:
    """Show or change narratives; returns the exit status.

    Raises CallError presentation_not_found, slides_invalid, narrative_too_long, version_not_found,
    narrative_call_invalid, file_unreadable, language_invalid.
    """
    changes = [each is not None for each in (options.text, options.file, options.restore)]
    if sum(changes) + options.versions > 1 or (options.slide is None and (any(changes) or options.versions)):
        raise CallError(
            "narrative_call_invalid",
            "One of --set, --file, --restore and --versions can be given, and for one slide.",
            next_step="Write for example: deckcast narrative DECK 3 --set “What I want to say.”",
        )
    if options.language is not None:
        options = replace(options, language=language_tag(options.language))
    rows = asyncio.run(_narrative(settings, options))
    if options.json:
        print_json({"items": [_plain(slide, row) for slide, row in rows]})
    elif options.slide is None:
        _show_all(rows)
    elif options.versions:
        _show_versions(rows)
    else:
        _show(*rows[0])
    return 0


async def _narrative(
    settings: Settings, options: NarrativeOptions
) -> list[tuple[SlideRow, NarrativeRow | None]]:
    async with open_context(settings) as parts:
        presentation = await _presentation(parts, options.presentation)
        await asyncio.to_thread(_say_changed, Path(options.presentation), presentation)
        async with parts.db.read() as session:
            slides = await repository.slides_of(session, presentation.id)
            newest = await texts_repository.narratives_of(session, presentation.id)
            made = await texts_repository.languages_of(session, presentation.id)
        if options.slide is None:
            tags = {slide.id: options.language or made.get(slide.id, "") for slide in slides}
            return [(slide, newest.get((slide.id, tags[slide.id]))) for slide in slides]
        slide = _slide(slides, options.slide)
        if options.restore is not None:
            return [
                (
                    slide,
                    await editing.restore_narrative(presentation, slide, options.restore, options.language),
                )
            ]
        if options.text is not None or options.file is not None:
            words = options.text if options.text is not None else _read(options.file or Path())
            return [(slide, await editing.edit_narrative(presentation, slide, words, options.language))]
        versions = await editing.versions_of(presentation, slide, options.language)
        if options.versions:
            return [(slide, row) for row in versions]
        return [(slide, versions[-1] if versions else None)]


async def _presentation(parts: Context, wanted: str) -> PresentationRow:
    deck = str(await asyncio.to_thread(Path(wanted).resolve))
    return (await find_presentations(parts, wanted, deck))[0]


def _say_changed(deck: Path, presentation: PresentationRow) -> None:
    with contextlib.suppress(OSError):
        if deck.is_file() and file_sha256(deck) != presentation.deck_sha256:
            Console(stderr=True, highlight=False).print(
                "The deck has changed since it was read: slides are numbered as they were then.",
                style="yellow",
                soft_wrap=True,
            )


def _slide(slides: Sequence[SlideRow], number: int) -> SlideRow:
    for slide in slides:
        if slide.number == number:
            return slide
    raise CallError(
        "slides_invalid",
        f"The deck has no slide {number}; it has 1 to {len(slides)}.",
        next_step="Name another slide.",
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CallError(
            "file_unreadable",
            f"{file} cannot be read as text.",
            next_step="Give a text file in UTF-8.",
        ) from error


def _plain(slide: SlideRow, row: NarrativeRow | None) -> dict[str, Any]:
    narrative = row and {
        "text": row.text,
        "language": row.language,
        "version": row.version,
        "source": row.source,
        "style": row.style,
        "writer": row.writer,
        "warnings": row.warnings,
        "estimated_s": estimate_s(row.text, row.language),
        "created_at": row.created_at.isoformat(),
    }
    return {"number": slide.number, "title": slide.title, "narrative": narrative}


def _show_all(rows: Sequence[tuple[SlideRow, NarrativeRow | None]]) -> None:
    console = Console(highlight=False)
    for slide, row in rows:
        _show(slide, row, console)
        console.print()
    if not any(row for _, row in rows):
        console.print("No narratives yet. Write them: deckcast narrate DECK")


def _show(slide: SlideRow, row: NarrativeRow | None, console: Console | None = None) -> None:
    console = console or Console(highlight=False)
    title = " ".join(slide.title.split())
    if row is None:
        console.print(Text(f"{slide.number}  {title}", "bold"), Text("  no narrative yet", "dim"), sep="")
        return
    length = f"{estimate_s(row.text, row.language):.0f} s" if row.text else "silent"
    facts = f"  {length}, {row.source}, {row.language}, version {row.version}"
    console.print(Text(f"{slide.number}  {title}", "bold"), Text(facts, "dim"), sep="")
    if row.text:
        console.print(Text(row.text))
    for warning in row.warnings:
        console.print(Text(warning["message"], "yellow"))


def _show_versions(rows: Sequence[tuple[SlideRow, NarrativeRow | None]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("version", "written", "from", "words"):
        table.add_column(name, overflow="fold", justify="right" if name == "version" else "left")
    for _, row in rows:
        if row is not None:
            when = row.created_at.strftime("%Y-%m-%d %H:%M")
            table.add_row(str(row.version), when, row.source, Text(row.text.replace("\n", " ")))
    Console(highlight=False).print(table)


def run_pronounce(
    settings: Settings,
    presentation: str,
    written: str | None,
    spoken: str | None,
    *,
    remove: bool,
    as_json: bool,
) -> int:
    """List, set or remove pronunciations; returns the exit status.

    Raises CallError presentation_not_found, pronunciation_invalid, pronunciation_not_found.
    """
    if written is not None and (spoken is None) != remove:
        raise CallError(
            "pronunciation_invalid",
            "Say how the word is said, or --remove it.",
            next_step="Write for example: deckcast pronounce DECK SQL “sequel”.",
        )
    rows = asyncio.run(_pronounce(settings, presentation, written, spoken))
    if as_json:
        print_json({"items": [{"written": word, "spoken": said} for word, said in rows]})
        return 0
    console = Console(highlight=False)
    for word, said in sorted(rows):
        console.print(Text(word, "bold"), Text(f" → {said}"), sep="")
    if not rows:
        console.print("Nothing is pronounced in a way of its own.")
    return 0


async def _pronounce(
    settings: Settings, wanted: str, written: str | None, spoken: str | None
) -> list[tuple[str, str]]:
    async with open_context(settings) as parts:
        presentation = await _presentation(parts, wanted)
        if written is not None:
            await editing.pronounce(presentation.id, written, spoken)
        return await editing.pronunciations_of(presentation.id)
