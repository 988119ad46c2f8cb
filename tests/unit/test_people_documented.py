"""docs/users.md names every command of `deckcast user`, every option, route and setting."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from deckcast.api import oidc, people
from deckcast.cli.people import user
from deckcast.kit.settings import OidcSettings

PAGE = (Path(__file__).parents[2] / "docs" / "users.md").read_text(encoding="utf-8")


def test_every_command_and_option() -> None:
    commands = typer.main.get_command(user).commands
    options = {
        option
        for command in commands.values()
        for param in command.params
        for option in param.opts
        if option.startswith("--")
    }
    wanted = {f"deckcast user {name}" for name in commands} | options
    assert len(wanted) > 8
    assert [word for word in sorted(wanted) if not re.search(rf"{re.escape(word)}\b", PAGE)] == []


def test_no_command_that_does_not_exist() -> None:
    named = set(re.findall(r"deckcast user ([a-z-]+)", PAGE))
    assert named == set(typer.main.get_command(user).commands)


def test_every_route_and_setting() -> None:
    paths = {route.path for router in (people.router, oidc.router) for route in router.routes}
    wanted = {re.sub(r"\{\w+\}", "{id}", path) for path in paths}
    wanted |= {f"DECKCAST_OIDC__{name.upper()}" for name in OidcSettings.model_fields}
    assert [word for word in sorted(wanted) if word not in PAGE] == []
