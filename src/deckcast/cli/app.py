"""The commands and their options; each hands over to a module of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deckcast import __version__
from deckcast.cli.database import database
from deckcast.cli.options import (
    Approach,
    CornerChoice,
    Deck,
    Engine,
    Json,
    Language,
    LayoutChoice,
    MaxCost,
    Provider,
    ShapeChoice,
    Simulated,
    SizeChoice,
    Slides,
    Style,
    VoiceId,
)
from deckcast.cli.paid_work import paid_work
from deckcast.cli.people import user
from deckcast.cli.reconcile import reconcile
from deckcast.cli.word_commands import words
from deckcast.kit.errors import DeckcastError, InputError
from deckcast.kit.logging import secrets_of, set_up_logging, set_up_service_logging
from deckcast.kit.settings import Settings, load_settings

app = typer.Typer(
    name="deckcast",
    help="Turns a slide deck into a presenter video.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(words)
app.add_typer(user, name="user", rich_help_panel="This machine")
app.add_typer(database, name="db", rich_help_panel="This machine")
app.command("paid-work", rich_help_panel="This machine")(paid_work)
app.command("reconcile", rich_help_panel="This machine")(reconcile)


def run() -> None:
    """Run the command line; every error ends in a sentence and an exit status, never in a traceback."""
    try:
        sys.exit(app(standalone_mode=False))
    except DeckcastError as error:
        sys.exit(say_error(error))
    except typer.Abort:
        sys.exit(130)
    except typer.Exit as end:
        sys.exit(end.exit_code)
    except Exception as error:  # noqa: BLE001 - wrong calls, and the last net
        sys.exit(_unexpected(error))


def _unexpected(error: Exception) -> int:
    show = getattr(error, "show", None)
    if callable(show):  # a usage error of the parser: it explains itself
        show()
        return 2
    import structlog

    structlog.get_logger(__name__).error("command.failed", exc_info=error)
    Console(stderr=True).print(
        "[bold red]Something went wrong inside Deckcast.[/] Nothing finished is lost; run the same command "
        "again. If it happens again, run it with DECKCAST_LOG_LEVEL=ERROR and report what it prints.",
    )
    return 1


def say_error(error: DeckcastError) -> int:
    """Print an error for a person; returns the exit status (2 for what was given, 1 else)."""
    console = Console(stderr=True, soft_wrap=not sys.stderr.isatty(), highlight=False)
    console.print(f"[bold red]{_plain(error.message)}[/] {_plain(error.next_step)} [dim]({error.code})[/]")
    return 2 if isinstance(error, InputError) else 1


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def prepared() -> Settings:
    """The settings, with logging set up."""
    settings = load_settings()
    set_up_logging(settings.log_level, secrets=secrets_of(settings))
    return settings


def prepared_service() -> Settings:
    """The settings for a server or a worker, which log for machines."""
    settings = load_settings()
    set_up_service_logging(settings)
    return settings


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deckcast {__version__}")
        raise typer.Exit


@app.callback()
def _deckcast(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Turns a slide deck into a presenter video."""


@app.command(rich_help_panel="Films")
def make(
    deck: Deck,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Folder for the film. Default: the deck's name.", metavar="OUT"),
    ] = None,
    provider: Provider = None,
    avatar: Annotated[
        str | None, typer.Option(help="The presenter; see `deckcast avatars`.", metavar="ID")
    ] = None,
    voice: VoiceId = None,
    language: Language = None,
    approach: Approach = None,
    style: Style = None,
    background: Annotated[
        str | None,
        typer.Option(help='Behind the presenter: "#RRGGBB", a picture, or "transparent".', metavar="COLOUR"),
    ] = None,
    layout: Annotated[
        LayoutChoice, typer.Option(help="How slide and presenter share the picture.")
    ] = LayoutChoice.AUTO,
    corner: Annotated[
        CornerChoice | None,
        typer.Option(help="The presenter's corner: always with --layout corner, where free with auto."),
    ] = None,
    shape: Annotated[
        ShapeChoice, typer.Option(help="The presenter's outline in a corner.")
    ] = ShapeChoice.CIRCLE,
    size: Annotated[
        SizeChoice | None, typer.Option(help="How large the presenter is; else as large as fits.")
    ] = None,
    ai_mark: Annotated[
        bool, typer.Option("--ai-mark", help='Say "AI-generated" in a corner of the film.')
    ] = False,
    slides: Slides = None,
    regenerate: Annotated[
        bool, typer.Option("--regenerate", help="Make speech, avatar videos and film anew.")
    ] = False,
    max_cost: MaxCost = None,
    json: Json = False,
) -> None:
    """Turn a deck into a film. Run again, it makes only what changed; killed, it goes on where it was."""
    from deckcast.cli.make import run_make
    from deckcast.cli.request import MakeOptions

    options = MakeOptions(
        deck=deck,
        out=out,
        provider=provider,
        avatar=avatar,
        voice=voice,
        language=language,
        background=background,
        layout=layout.value,
        corner=corner.value.replace("-", "_") if corner else None,
        shape=shape.value,
        size=size.value if size else None,
        ai_mark=ai_mark,
        slides=slides,
        approach=approach.value if approach else None,
        style=style.value if style else None,
        regenerate=regenerate,
        max_cost_usd=max_cost,
        json=json,
    )
    raise typer.Exit(run_make(prepared, options))


@app.command(rich_help_panel="Films")
def estimate(
    deck: Deck,
    provider: Provider = None,
    voice: VoiceId = None,
    language: Language = None,
    approach: Approach = None,
    style: Style = None,
    slides: Slides = None,
    json: Json = False,
) -> None:
    """Say how long the film would be, what it would cost and how long it would take. Makes nothing."""
    from deckcast.cli.estimate import run_estimate
    from deckcast.cli.request import MakeOptions

    options = MakeOptions(
        deck=deck,
        provider=provider,
        voice=voice,
        language=language,
        approach=approach.value if approach else None,
        style=style.value if style else None,
        slides=slides,
        json=json,
    )
    raise typer.Exit(run_estimate(prepared(), options))


@app.command(rich_help_panel="Films")
def status(
    presentation: Annotated[
        str | None, typer.Argument(help="A presentation's id or its deck.", metavar="[PRESENTATION]")
    ] = None,
    json: Json = False,
) -> None:
    """Show your presentations, or where one of them stands."""
    from deckcast.cli.status import run_status

    raise typer.Exit(run_status(prepared(), presentation, as_json=json))


@app.command(rich_help_panel="Films")
def cancel(
    presentation: Annotated[str, typer.Argument(help="A presentation's id or its deck.")],
) -> None:
    """Stop the work on a presentation. What runs at a provider is paid, so it is brought to its end."""
    from deckcast.cli.settle import run_cancel

    raise typer.Exit(run_cancel(prepared(), presentation))


@app.command(rich_help_panel="Films")
def resolve(
    avatar_video: Annotated[
        str, typer.Argument(help="An unresolved avatar video's id, see `deckcast status`.")
    ],
    job: Annotated[str | None, typer.Option(help="The provider's own id of the video: adopt it.")] = None,
    not_made: Annotated[
        bool, typer.Option("--not-made", help="The provider has no such video: it may be ordered again.")
    ] = False,
) -> None:
    """Settle a paid call whose answer was lost, where the provider cannot say what became of it."""
    from deckcast.cli.settle import run_resolve

    raise typer.Exit(run_resolve(prepared(), avatar_video, job, not_made=not_made))


@app.command(rich_help_panel="Films")
def delete(
    presentation: Annotated[str, typer.Argument(help="A presentation's id or its deck.")],
) -> None:
    """Remove a presentation and all that was made of it. The deck and exported films stay."""
    from deckcast.cli.settle import run_delete

    raise typer.Exit(run_delete(prepared(), presentation))


@app.command(rich_help_panel="Who presents and speaks")
def avatars(
    provider: Annotated[str | None, typer.Option(help="Whose: local, heygen, …", metavar="NAME")] = None,
    search: Annotated[
        str | None, typer.Option(help="Only those with this in their name.", metavar="TEXT")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Save a preview picture of each into this folder.", metavar="FOLDER")
    ] = None,
    json: Json = False,
) -> None:
    """List who can present."""
    from deckcast.cli.lists import list_avatars

    raise typer.Exit(list_avatars(prepared(), provider, search, save, as_json=json))


@app.command(rich_help_panel="Who presents and speaks")
def voices(
    engine: Engine = None,
    provider: Annotated[
        str | None, typer.Option(help="The voices of an avatar provider's own: heygen, …", metavar="NAME")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Only of this language.", metavar="TAG")] = None,
    install: Annotated[
        str | None,
        typer.Option(help="Fetch a voice of Piper's, such as piper:de_DE-thorsten-medium.", metavar="ID"),
    ] = None,
    remove: Annotated[str | None, typer.Option(help="Remove an installed voice.", metavar="ID")] = None,
    json: Json = False,
) -> None:
    """List the voices, or install and remove those that speak on this machine."""
    from deckcast.cli.voices import VoicesOptions, run_voices

    options = VoicesOptions(engine.value if engine else None, provider, language, install, remove, json)
    raise typer.Exit(run_voices(prepared(), options))


@app.command(rich_help_panel="This machine")
def doctor(json: Json = False) -> None:
    """Say what this machine has, what is missing, and the command that mends it."""
    from deckcast.cli.doctor import run_doctor

    raise typer.Exit(run_doctor(prepared(), Console(), as_json=json))


@app.command(rich_help_panel="This machine")
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8080,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Work here, too; else `deckcast worker` does.")
    ] = True,
) -> None:
    """Serve the API, with live progress, and take webhooks of avatar providers. Ctrl-C stops it."""
    from deckcast.cli.serve import run_serve

    raise typer.Exit(run_serve(prepared_service(), host, port, with_worker=worker))


@app.command("worker", rich_help_panel="This machine")
def run_a_worker(
    attached: Annotated[bool, typer.Option("--attached", hidden=True)] = False,
) -> None:
    """Work on what is ordered through the API of `deckcast serve --no-worker`. Ctrl-C stops it."""
    from deckcast.cli.worker import run_worker

    raise typer.Exit(run_worker(prepared_service(), attached=attached))


@app.command(rich_help_panel="This machine")
def converter() -> None:
    """Open decks for workers that share the folder DECKCAST_DECKS__CONVERTER_DIR, in a place without network."""
    from deckcast.cli.converter import run_converter

    raise typer.Exit(run_converter(prepared_service()))


@app.command(rich_help_panel="This machine")
def simulate(
    provider: Simulated,
    host: Annotated[str, typer.Option(help="The address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="The port: else 8090 to 8092, by what is imitated.", min=1, max=65535)
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(help="What is to go wrong: a TOML or JSON file.", metavar="FILE")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(help="How many times faster than the real one; not for llm.", metavar="TIMES", min=0.01),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="heygen: keep the account here for the next start.", metavar="DIR")
    ] = None,
) -> None:
    """Imitate a paid service on this machine, to try everything out without an account. Ctrl-C stops it."""
    from deckcast.cli.simulate import run_simulate

    raise typer.Exit(run_simulate(provider.value, host, port, faults, speed, folder))
