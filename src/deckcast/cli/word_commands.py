"""The commands on the words of a deck and how they are spoken."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deckcast.cli.options import (
    Approach,
    Deck,
    Json,
    Language,
    MaxCost,
    OverwriteEdits,
    Slides,
    Style,
    VoiceId,
)

words = typer.Typer()


@words.command(rich_help_panel="Words and speech")
def analyze(
    deck: Deck,
    slides: Slides = None,
    regenerate: Annotated[bool, typer.Option("--regenerate", help="Analyse also what is analysed.")] = False,
    max_cost: MaxCost = None,
    json: Json = False,
) -> None:
    """Find out what every slide shows and means, and what the deck is about."""
    from deckcast.batches.models import BatchKind
    from deckcast.cli.app import prepared
    from deckcast.cli.request import MakeOptions
    from deckcast.cli.words import run_words

    options = MakeOptions(deck=deck, slides=slides, regenerate=regenerate, max_cost_usd=max_cost, json=json)
    raise typer.Exit(run_words(prepared, options, BatchKind.ALL_ANALYSES))


@words.command(rich_help_panel="Words and speech")
def narrate(
    deck: Deck,
    approach: Approach = None,
    style: Style = None,
    language: Language = None,
    slides: Slides = None,
    regenerate: Annotated[
        bool, typer.Option("--regenerate", help="Write anew also what is written, but for your edits.")
    ] = False,
    overwrite_edits: OverwriteEdits = False,
    max_cost: MaxCost = None,
    json: Json = False,
) -> None:
    """Write the narrative of every slide. Run again, it writes only what changed; every version is kept."""
    from deckcast.batches.models import BatchKind
    from deckcast.cli.app import prepared
    from deckcast.cli.request import MakeOptions
    from deckcast.cli.words import run_words

    options = MakeOptions(
        deck=deck,
        approach=approach.value if approach else None,
        style=style.value if style else None,
        language=language,
        slides=slides,
        regenerate=regenerate,
        overwrite_edits=overwrite_edits,
        max_cost_usd=max_cost,
        json=json,
    )
    raise typer.Exit(run_words(prepared, options, BatchKind.ALL_NARRATIVES))


@words.command(rich_help_panel="Words and speech")
def speak(
    deck: Deck,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Folder for the speech. Default: the deck's name.", metavar="OUT"),
    ] = None,
    voice: VoiceId = None,
    language: Language = None,
    approach: Approach = None,
    style: Style = None,
    slides: Slides = None,
    regenerate: Annotated[bool, typer.Option("--regenerate", help="Speak everything anew.")] = False,
    max_cost: MaxCost = None,
    json: Json = False,
) -> None:
    """Speak every narrative, to listen before anything is rendered. A film takes this speech as it is."""
    from deckcast.batches.models import BatchKind
    from deckcast.cli.app import prepared
    from deckcast.cli.request import MakeOptions
    from deckcast.cli.words import run_words

    options = MakeOptions(
        deck=deck,
        out=out,
        voice=voice,
        language=language,
        approach=approach.value if approach else None,
        style=style.value if style else None,
        slides=slides,
        regenerate=regenerate,
        max_cost_usd=max_cost,
        json=json,
    )
    raise typer.Exit(run_words(prepared, options, BatchKind.ALL_AUDIO))


@words.command(rich_help_panel="Words and speech")
def narrative(
    presentation: Annotated[str, typer.Argument(help="A presentation's id or its deck.")],
    slide: Annotated[int | None, typer.Argument(help="The slide's number.", min=1)] = None,
    text: Annotated[str | None, typer.Option("--set", help="The words to be spoken.", metavar="TEXT")] = None,
    file: Annotated[Path | None, typer.Option(help="The same, from a text file.", metavar="FILE")] = None,
    versions: Annotated[bool, typer.Option("--versions", help="Show every version.")] = False,
    restore: Annotated[
        int | None, typer.Option(help="Take an earlier version's words again.", metavar="VERSION", min=1)
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Which of the narrative's languages.", metavar="TAG")
    ] = None,
    json: Json = False,
) -> None:
    """Read, edit and restore narratives. Your words are never written over unasked."""
    from deckcast.cli.app import prepared
    from deckcast.cli.narratives import NarrativeOptions, run_narrative

    options = NarrativeOptions(presentation, slide, text, file, versions, restore, language, json)
    raise typer.Exit(run_narrative(prepared(), options))


@words.command(rich_help_panel="Words and speech")
def pronounce(
    presentation: Annotated[str, typer.Argument(help="A presentation's id or its deck.")],
    written: Annotated[str | None, typer.Argument(help="A word as it is written.")] = None,
    spoken: Annotated[str | None, typer.Argument(help="How it is said, in plain letters.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Forget how the word is said.")] = False,
    json: Json = False,
) -> None:
    """List, set and remove how words of a presentation are pronounced."""
    from deckcast.cli.app import prepared
    from deckcast.cli.narratives import run_pronounce

    raise typer.Exit(run_pronounce(prepared(), presentation, written, spoken, remove=remove, as_json=json))
