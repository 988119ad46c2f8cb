"""`deckcast user` as a person calls it."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from command import Machine
from deckcast.api.server import check_users
from deckcast.db.database import Database
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.people import service
from deckcast.wiring import open_context


def with_machine(machine: Machine, body: Any) -> Any:
    async def run() -> Any:
        db = Database(f"sqlite+aiosqlite:///{machine.data_dir / 'deckcast.db'}")
        try:
            return await body(db)
        finally:
            await db.close()

    return asyncio.run(run())


def test_a_user_from_the_first_token_to_the_last(machine: Machine) -> None:
    async def upload(db: Database) -> None:
        async with db.write() as session:
            session.add(PresentationRow(id="pre_1", owner="local", source="pre_1"))
            session.add(PresentationRow(id="pre_2", owner="local", source="/decks/a.pptx"))

    async def owners(db: Database) -> dict[str, str]:
        async with db.read() as session:
            return {row.id: row.owner for row in await session.scalars(select(PresentationRow))}

    async def opens(db: Database) -> str:
        return (await service.user_with_token(db, added.result["token"]))[0].name

    assert machine.run("user", "list").stdout.startswith("No users yet")
    with_machine(machine, upload)
    added = machine.run("user", "add", "Ann", "--json")
    assert (added.status, list(added.result)) == (0, ["name", "token"])
    assert "take-local Ann" in added.stderr
    assert with_machine(machine, opens) == "Ann"
    again = machine.run("user", "add", "ann")
    assert again.status == 2
    assert "(user_exists)" in again.stderr
    assert machine.run("user", "take-local", "ann").status == 0
    (listed,) = machine.run("user", "list", "--json").result["items"]
    assert with_machine(machine, owners) == {"pre_1": listed["id"], "pre_2": "local"}
    assert listed["tokens"][0]["last4"] == added.result["token"][-4:]
    assert machine.run("user", "revoke", listed["tokens"][0]["id"]).status == 0
    assert machine.run("user", "revoke", listed["tokens"][0]["id"]).status == 2
    further = machine.run("user", "token", "ann", "--name", "nightly", "--expires-in-days", "7")
    token = further.stdout.strip()
    shown = machine.run("user", "list").stdout
    assert f"…{token[-4:]} nightly" in shown
    assert token not in shown
    assert machine.run("user", "disable", "ann").status == 0
    assert "Ann (disabled)" in machine.run("user", "list").stdout
    assert machine.run("user", "enable", "ann").status == 0
    assert machine.run("user", "disable", "ben").status == 2


def test_what_was_uploaded_before_is_handed_over_with_the_first_user(machine: Machine) -> None:
    async def upload(db: Database) -> None:
        async with db.write() as session:
            session.add(PresentationRow(id="pre_1", owner="local", source="pre_1"))

    machine.run("user", "list")
    with_machine(machine, upload)
    added = machine.run("user", "add", "ann", "--take-local", "--json")
    assert added.status == 0
    assert "1 presentation handed over to ann." in added.stderr


def test_open_to_others_only_with_users(machine: Machine) -> None:
    async def code(host: str, **settings: Any) -> str | None:
        async with open_context(Settings(data_dir=machine.data_dir, **settings)) as parts:
            try:
                await check_users(parts, host)
            except CallError as error:
                return error.code
            return None

    assert asyncio.run(code("127.0.0.1")) is None
    assert asyncio.run(code("0.0.0.0")) == "users_missing"
    vouching = {"issuer": "https://id.example.org", "client_id": "x"}
    assert asyncio.run(code("0.0.0.0", oidc=vouching)) is None
    machine.run("user", "add", "ann")
    assert asyncio.run(code("0.0.0.0")) is None
