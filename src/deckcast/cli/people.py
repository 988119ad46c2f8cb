"""`deckcast user …`: who may use the server, and the tokens they come with."""

from __future__ import annotations

import asyncio
import json as json_text
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from deckcast.cli.options import Json

if TYPE_CHECKING:
    from deckcast.db.database import Database
    from deckcast.people.models import Token, User

Result = TypeVar("Result")

user = typer.Typer(
    help="Add users of the server, list them, and make and revoke their tokens.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="A user's name.", metavar="NAME")]
DEFAULT_LABEL = "made on the command line"


@user.command()
def add(
    name: Annotated[str, typer.Argument(help="1 to 64 letters, digits, or . _ - @", metavar="NAME")],
    take_local: Annotated[
        bool,
        typer.Option("--take-local", help="Give them what was uploaded to the page before there were users."),
    ] = False,
    json: Json = False,
) -> None:
    """Add a user, and print their token: it is shown this once."""
    from deckcast.batches.imports import OWNER
    from deckcast.people import service

    async def work(db: Database) -> tuple[str, str, tuple[int, int], int]:
        added = await service.add_user(db, name)
        made = await service.make_token(db, added.id, DEFAULT_LABEL)
        taken = await service.take_uploads(db, OWNER, added.id) if take_local else (0, 0)
        return added.name, made.secret, taken, await service.count_uploads(db, OWNER)

    added, token, taken, left = _with_database(work)
    _say_token(added, token, as_json=json)
    _say_taken(added, *taken)
    if left and not take_local:
        _note(
            f"What was uploaded to the page before there were users ({left}) is now out of reach there. "
            f"To hand it over: deckcast user take-local {added}"
        )


@user.command(name="list")
def list_users(json: Json = False) -> None:
    """List the users, with their tokens' ids and last letters."""
    from deckcast.people import service

    found = _with_database(service.all_users)
    if json:
        items = [
            {"id": who.id, "name": who.name, "disabled": who.disabled, "by_oidc": who.by_oidc}
            | {"weight": who.weight}
            | {"tokens": [_plain(token) for token in tokens]}
            for who, tokens in found
        ]
        sys.stdout.write(json_text.dumps({"items": items}) + "\n")
    elif not found:
        typer.echo("No users yet: on this machine the page needs no login. Add one: deckcast user add NAME")
    else:
        _show(found)


@user.command()
def disable(name: Name) -> None:
    """Let a user in no longer: tokens and sessions stop working at once. What is theirs stays."""
    _set_disabled(name, True)


@user.command()
def enable(name: Name) -> None:
    """Let a disabled user in again."""
    _set_disabled(name, False)


@user.command()
def weight(
    name: Name,
    weight: Annotated[
        float,
        typer.Argument(help="0.01 to 100; everybody has 1 at first.", metavar="WEIGHT", min=0.01, max=100),
    ],
) -> None:
    """Give a user more turns, or fewer, where slides of several users wait: twice the weight is twice the turns. It
    holds for what is ordered from now on."""
    from deckcast.people import service

    async def work(db: Database) -> str:
        who = await service.user_named(db, name)
        await service.set_weight(db, who.id, weight)
        return who.name

    typer.echo(f"{_with_database(work)} has the weight {weight:g}.")


@user.command()
def token(
    name: Name,
    label: Annotated[str, typer.Option("--name", help="What it is for.", metavar="LABEL")] = DEFAULT_LABEL,
    expires_in_days: Annotated[
        int | None,
        typer.Option(help="After how many days it ends; else never.", metavar="DAYS", min=1, max=3650),
    ] = None,
    json: Json = False,
) -> None:
    """Make a further token for a user, and print it: it is shown this once."""
    from deckcast.kit.clock import now
    from deckcast.people import service

    ends: datetime | None = now() + timedelta(days=expires_in_days) if expires_in_days else None

    async def work(db: Database) -> tuple[str, str]:
        who = await service.user_named(db, name)
        return who.name, (await service.make_token(db, who.id, label, ends)).secret

    _say_token(*_with_database(work), as_json=json)


@user.command()
def revoke(
    token_id: Annotated[
        str, typer.Argument(help="A token's id; see `deckcast user list`.", metavar="TOKEN_ID")
    ],
) -> None:
    """Make a token useless at once, and end the sessions that it opened."""
    from deckcast.people import service

    _with_database(lambda db: service.revoke_token(db, token_id))
    typer.echo("Revoked.")


@user.command(name="take-local")
def take_local(name: Name) -> None:
    """Give a user what was uploaded to the page before there were users. Films of the command line stay with it."""
    from deckcast.batches.imports import OWNER
    from deckcast.people import service

    async def work(db: Database) -> tuple[str, int, int]:
        who = await service.user_named(db, name)
        return who.name, *await service.take_uploads(db, OWNER, who.id)

    _say_taken(*_with_database(work), always=True)


def _with_database(work: Callable[[Database], Awaitable[Result]]) -> Result:
    from deckcast.cli.app import prepared
    from deckcast.wiring import open_context

    async def run() -> Result:
        async with open_context(prepared()) as parts:
            return await work(parts.db)

    return asyncio.run(run())


def _set_disabled(name: str, disabled: bool) -> None:
    from deckcast.people import service

    async def work(db: Database) -> str:
        who = await service.user_named(db, name)
        await service.set_disabled(db, who.id, disabled)
        return who.name

    typer.echo(
        f"{_with_database(work)} may {'not use Deckcast any longer' if disabled else 'use Deckcast again'}."
    )


def _say_token(name: str, secret: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json_text.dumps({"name": name, "token": secret}) + "\n")
    else:
        typer.echo(secret)
        _note(
            f"The token of {name}. It is not shown again: sign in to the page with it, or send it with each call."
        )


def _say_taken(name: str, taken: int, stayed: int, *, always: bool = False) -> None:
    if taken or always:
        _note(f"{taken} presentation{'s' * (taken != 1)} handed over to {name}.")
    if stayed:
        _note(
            f"{stayed} not yet, since there is work under way: run deckcast user take-local {name} when it has ended."
        )


def _note(sentence: str) -> None:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(sentence)


def _plain(token: Token) -> dict[str, Any]:
    times = ("created_at", "expires_at", "last_used_at")
    said: dict[str, Any] = {name: getattr(token, name) for name in ("id", "name", "last4")}
    return said | {name: at and at.isoformat() for name in times for at in [getattr(token, name)]}


def _show(found: Sequence[tuple[User, Sequence[Token]]]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("user", "token", "", "last used"):
        table.add_column(title, overflow="fold")
    for who, tokens in found:
        name = (
            who.name + (" (disabled)" if who.disabled else "") + (" (single sign-on)" if who.by_oidc else "")
        ) + (f" (weight {who.weight:g})" if who.weight != 1 else "")
        rows = [(token.id, f"…{token.last4} {token.name}", _day(token.last_used_at)) for token in tokens]
        for number, row in enumerate(rows or [("", "", "")]):
            table.add_row(name if number == 0 else "", *row)
    Console(highlight=False, markup=False).print(table)


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "never"
