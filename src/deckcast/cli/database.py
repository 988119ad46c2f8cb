"""`deckcast db …`: the database's schema, and the migrations that bring it up to date."""

from __future__ import annotations

import asyncio
import json as json_text
import sys
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from deckcast.cli.options import Json
from deckcast.kit.settings import Settings

if TYPE_CHECKING:
    from deckcast.db.database import Database
    from deckcast.db.migrate import Schema

database = typer.Typer(
    help="Say which schema the database has, and bring it up to date.", no_args_is_help=True
)


@database.command("upgrade")
def upgrade_schema(json: Json = False) -> None:
    """Run the migrations that are missing. Servers and workers of the version before may go on meanwhile."""
    from deckcast.cli.app import prepared

    settings = prepared()
    before = asyncio.run(_upgraded(settings))
    if json:
        _print(before.revision, before.head)
    elif before.is_older:
        _say(f"The database has schema {before.head} now; before it had {before.revision or 'none'}.")
    else:
        _say(f"Nothing to do: the database has schema {before.revision}.")


@database.command()
def status(json: Json = False) -> None:
    """Say which schema the database has. Exit status 1 where this version cannot work on it."""
    from deckcast.cli.app import prepared

    found = asyncio.run(_schema(prepared()))
    if json:
        _print(found.revision, found.head)
    else:
        _say(sentence(found))
    raise typer.Exit(1 if found.is_older or found.is_too_new else 0)


def sentence(found: Schema) -> str:
    """What a schema means for this version."""
    if found.revision is None:
        return f"The database is empty; this version makes schema {found.head}."
    if found.is_older:
        return (
            f"The database has schema {found.revision}; this version needs {found.head}: deckcast db upgrade"
        )
    if found.is_too_new:
        return f"The database has schema {found.revision}, which this version ({found.head}) is too old for."
    if found.revision == found.head:
        return f"The database has schema {found.revision}, as this version wants it."
    return f"The database has schema {found.revision}; this version ({found.head}) can work on it."


async def _upgraded(settings: Settings) -> Schema:
    from deckcast.batches.engine_schema import upgrade_engine
    from deckcast.db.migrate import upgrade

    db = _opened(settings)
    try:
        before = await upgrade(db)
    finally:
        await db.close()
    await upgrade_engine(settings.engine_database_url)
    return before


async def _schema(settings: Settings) -> Schema:
    from deckcast.db.migrate import HEAD, Schema, schema_of

    if settings.database_url is None and not (settings.data_dir / "deckcast.db").exists():
        return Schema(None, HEAD)
    db = _opened(settings)
    try:
        return await schema_of(db)
    finally:
        await db.close()


def _opened(settings: Settings) -> Database:
    from deckcast.db.database import Database
    from deckcast.kit.files import disk_errors

    with disk_errors(settings.data_dir / "x"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(settings.app_database_url, settings.database)


def _print(revision: str | None, head: str) -> None:
    sys.stdout.write(json_text.dumps({"revision": revision, "head": head}) + "\n")


def _say(line: str) -> None:
    Console(highlight=False, soft_wrap=True, markup=False).print(line)
