"""A fuzzer reads the description of the API and calls everything in it, also with what it forbids: nothing is answered
with a fault, nothing in a way that is not described, and nobody comes in without signing in.

`make fuzz` is the long form: FUZZ_EXAMPLES for each call, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest

from conftest import long
from deckcast.simulators.heygen import running
from fuzzing import SETTINGS, fuzz, imported, known, things
from serving import serving

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
LONG = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", EXAMPLES or "")
AT_LENGTH_S = 3000


def fuzzed(folder: Path, *options: str, signed_in: bool, **settings: Any) -> str:
    """Fuzz a server, as a user with a token or as the local one; returns what the fuzzer said."""

    async def run() -> tuple[int, str]:
        with running() as heygen:
            account = {"api_key": "sim-fuzzed", "webhook_secret": "whsec_fuzzed", "base_url": heygen}
            async with serving(folder, heygen=account, **SETTINGS, **settings) as server:
                token = None
                if signed_in:
                    owner, token, tokens = await known(server)
                    found = {**await things(server, owner), "token_id": tokens}
                else:
                    deck = await imported(server, folder)
                    found = await things(server, "local")
                    found["presentation_id"].append(deck["id"])
                    found["slide_id"] += [slide["id"] for slide in deck["slides"]]
                answer = await fuzz(server, folder, found, token, *options)
                signed = {"Authorization": f"Bearer {token}"} if token else {}
                assert (await server.client.get("/api/me", headers=signed)).status_code == 200
                return answer

    status, said = asyncio.run(run())
    assert status == 0, said
    assert "Tested:" in said, said
    return said


@long
def test_the_description_holds_for_a_user(tmp_path: Path) -> None:
    fuzzed(tmp_path, "--phases", "coverage", signed_in=True)


def test_the_description_holds_for_the_local_user(tmp_path: Path) -> None:
    fuzzed(tmp_path, "--phases", "examples,fuzzing,stateful", "--max-examples", "1", signed_in=False)


@pytest.mark.skipif(EXAMPLES is None, reason="the long form: make fuzz")
@pytest.mark.timeout(AT_LENGTH_S)
@pytest.mark.parametrize("signed_in", [True, False], ids=["user", "local"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_at_length(tmp_path: Path, kind: str, signed_in: bool, request: pytest.FixtureRequest) -> None:
    settings = {}
    if kind == "postgresql":
        settings["database_url"] = _database(request.getfixturevalue("postgres_url"), f"fuzzed_{signed_in}")
    print(fuzzed(tmp_path, *LONG, signed_in=signed_in, **settings))


def _database(server_url: str, name: str) -> str:
    """The address of a new database."""
    plain = server_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
    return server_url.rpartition("/")[0] + f"/{name}"
