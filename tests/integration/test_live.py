"""The live feed over the real server: who watches hears of everything, in order, each once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from websockets.exceptions import ConnectionClosed, InvalidStatus

from deckcast.api import live
from deckcast.batches import events
from deckcast.batches.events import End, Watcher
from deckcast.batches.models import Status, Step
from deckcast.db.database import Database
from deckcast.db.models import Base
from deckcast.kit.clock import now
from deckcast.people import service
from live_world import (
    add_batch,
    add_deck,
    another_process,
    end_batch,
    mark_deleted,
    message,
    seqs,
    set_item,
    socket,
    until,
)
from serving import Server, serving

Story = Callable[[Server, Database], Awaitable[None]]


def watched(folder: Path, url: str, story: Story) -> None:
    """A server on an empty database, and somebody who writes into it from elsewhere."""

    async def run() -> None:
        async with serving(folder, database_url=url) as server:
            try:
                async with another_process(server) as db:
                    await asyncio.wait_for(story(server, db), 60)
            finally:
                if not server.parts.db.is_sqlite:
                    await _empty(server.parts.db)

    asyncio.run(run())


async def _empty(db: Database) -> None:
    async with db.engine().begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'live.db'}"


def test_a_client_hears_of_every_change_once_and_in_order(tmp_path: Path, database_url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        async with socket(server) as client:
            first = await message(client)
            assert (first["type"], first["seq"]) == ("snapshot", 0)
            assert [slide["status"] for slide in first["slides"]] == ["idle"] * 3
            await add_batch(db)
            for place in (1, 2, 3):
                for status in (Status.PROCESSING, Status.PUBLISHING):
                    await set_item(db, place, step=Step.SPEECH, status=status)
                await set_item(db, place, step=Step.DONE, status=Status.COMPLETED, ended_at=now())
            await end_batch(db, "completed")
            changes = await until(client, 11)
            assert seqs(changes) == list(range(1, 12))
            assert all(each["since"] == each["events"][0]["seq"] for each in changes)
            last = changes[-1]["batches"][0]
            assert (last["state"], last["completed"], last["share"]) == ("completed", 3, 1.0)

    watched(tmp_path, database_url, story)


def test_who_comes_back_hears_what_was_missed(tmp_path: Path, database_url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        await add_batch(db)
        async with socket(server) as other, socket(server) as client:
            seen = await until(client, 1)
            for place in (1, 2):
                await set_item(db, place, step=Step.SPEECH, status=Status.PROCESSING)
            seen += await until(client, 3)
            await client.close()
            await set_item(db, 3, step=Step.SPEECH, status=Status.PROCESSING)
            await set_item(db, 3, step=Step.SPEECH, status=Status.PUBLISHING)
            async with socket(server, since=3) as again:
                await set_item(db, 1, step=Step.CLIP, status=Status.PROCESSING)
                missed = await until(again, 6)
            assert seqs(seen + missed) == [2, 3, 4, 5, 6]
            assert seqs(await until(other, 6)) == [2, 3, 4, 5, 6]

    watched(tmp_path, database_url, story)


def test_who_knows_everything_is_told_what_comes_next(tmp_path: Path, url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        await add_batch(db)
        async with socket(server, since=1) as client:
            await set_item(db, 2, step=Step.SPEECH, status=Status.PROCESSING)
            told = await message(client)
            assert (told["type"], seqs([told])) == ("change", [2])
            assert [slide["id"] for slide in told["slides"]] == ["sli_1_2"]
            assert [batch["inProgress"] for batch in told["batches"]] == [3]

    watched(tmp_path, url, story)


@pytest.mark.parametrize("since", [7, 10**14])
def test_who_comes_from_nowhere_gets_a_snapshot(tmp_path: Path, url: str, since: int) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        await add_batch(db)
        async with socket(server, since=since) as client:
            told = await message(client)
            assert (told["type"], told["seq"]) == ("snapshot", 1)

    watched(tmp_path, url, story)


def test_many_who_come_while_it_happens_miss_nothing(tmp_path: Path, database_url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        await add_batch(db)

        async def client() -> tuple[int, list[int]]:
            async with socket(server) as watching:
                messages = await until(watching, 13)
            return messages[0]["seq"], seqs(messages)

        clients = []
        for number in range(12):
            clients += [asyncio.create_task(client()) for _ in range(2)]
            await asyncio.sleep(0)
            await set_item(db, number % 3 + 1, step=Step.SPEECH, status=Status.PROCESSING)
        for began, told in await asyncio.gather(*clients):
            assert told == list(range(began + 1, 14))

    watched(tmp_path, database_url, story)


def test_what_is_not_theirs_is_not_there(tmp_path: Path, url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db, deck="pre_2", owner="usr_2")
        await add_deck(db)
        await mark_deleted(db)
        for deck in ("pre_1", "pre_2", "pre_3", "pre_%00"):
            with pytest.raises(InvalidStatus) as refused:
                async with socket(server, deck=deck):
                    pass
            assert refused.value.response.status_code == 404, deck
            body = refused.value.response.body
            assert body is not None
            assert b'"not_found"' in body

    watched(tmp_path, url, story)


def test_who_is_not_signed_in_or_on_another_site_is_refused(tmp_path: Path, url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        wrong = [
            ({"additional_headers": {"Authorization": "Bearer dct_nobody"}}, 401),
            ({"origin": "https://elsewhere.example"}, 403),
        ]
        for more, status in wrong:
            with pytest.raises(InvalidStatus) as refused:
                async with socket(server, **more):
                    pass
            assert refused.value.response.status_code == status
        async with socket(server, origin=f"http://127.0.0.1:{server.port}") as ours:
            assert (await message(ours))["type"] == "snapshot"

    watched(tmp_path, url, story)


def test_a_wrong_since_is_named(tmp_path: Path, url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        for since in (-1, "x", "", "9" * 40):
            with pytest.raises(InvalidStatus) as refused:
                async with socket(server, since=since):  # type: ignore[arg-type]
                    pass
            assert refused.value.response.status_code == 422, since

    watched(tmp_path, url, story)


def test_a_deletion_closes_at_once(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "NET_S", 3600.0)

    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        async with socket(server) as client:
            await message(client)
            await mark_deleted(db)
            with pytest.raises(ConnectionClosed):
                await message(client)
            assert client.close_code == live.ACCESS_ENDED

    watched(tmp_path, database_url, story)


def test_postgres_calls_again_after_its_connection_was_cut(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "NET_S", 3600.0)

    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        await add_batch(db)
        async with socket(server) as client:
            await message(client)
            await set_item(db, 1, step=Step.SPEECH, status=Status.PROCESSING)
            assert seqs(await until(client, 2)) == [2]
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
            async with db.write() as session:
                assert (await session.execute(text(cut))).all() == [(True,)]
            for place in (2, 3):
                await set_item(db, place, step=Step.SPEECH, status=Status.PROCESSING)
            assert seqs(await until(client, 4)) == [3, 4]

    watched(tmp_path, postgres_url, story)


@pytest.mark.parametrize("way", ["revoked", "disabled"])
def test_access_that_ends_closes(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(live, "ASK_AGAIN_S", 0.05)

    async def story(server: Server, db: Database) -> None:
        ann, bob = await service.add_user(db, "ann"), await service.add_user(db, "bob")
        token, other = await service.make_token(db, ann.id, "x"), await service.make_token(db, bob.id, "y")
        await add_deck(db, owner=ann.id)
        with pytest.raises(InvalidStatus) as refused:
            async with socket(server, additional_headers={"Authorization": f"Bearer {other.secret}"}):
                pass
        assert refused.value.response.status_code == 404
        async with socket(server, additional_headers={"Authorization": f"Bearer {token.secret}"}) as client:
            assert (await message(client))["type"] == "snapshot"
            if way == "revoked":
                await service.revoke_token(db, token.token.id)
            else:
                await service.set_disabled(db, ann.id, True)
            with pytest.raises(ConnectionClosed):
                await message(client)
            assert client.close_code == live.ACCESS_ENDED

    watched(tmp_path, url, story)


def test_one_owner_has_so_many_sockets(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PER_OWNER", 2)

    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        async with socket(server) as one, socket(server) as two:
            await message(one)
            await message(two)
            async with socket(server) as three:
                with pytest.raises(ConnectionClosed):
                    await message(three)
                assert three.close_code == live.TOO_MANY
            await set_item(db, 1, status=Status.PROCESSING)
            assert not one.close_code

    watched(tmp_path, url, story)


def test_a_server_that_stops_says_so(tmp_path: Path, url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        async with socket(server) as client:
            await message(client)
            signal.raise_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed):
                await message(client)
            assert client.close_code == 1012
        await server.task

    watched(tmp_path, url, story)


def test_who_does_not_read_is_dropped(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[End] = []

    class Noted(Watcher):
        def end(self, why: End) -> None:
            super().end(why)
            dropped.append(why)

    monkeypatch.setattr(events, "Watcher", Noted)
    monkeypatch.setattr(events, "WAITING", 4)

    async def story(server: Server, db: Database) -> None:
        await add_deck(db, 60, title="long " * 400)
        await add_batch(db, 60)
        async with socket(server, max_queue=1) as slow, socket(server) as quick:
            seq = (await message(quick))["seq"]
            while not dropped:
                await end_batch(db, "running")
                seq += 1
                await until(quick, seq)
            with pytest.raises(ConnectionClosed):
                while True:
                    await message(slow)
            assert slow.close_code == live.TOO_SLOW
            assert (dropped, quick.close_code) == ([End.TOO_SLOW], None)

    watched(tmp_path, url, story)


def test_what_clients_say_is_bounded(tmp_path: Path, url: str) -> None:
    async def story(server: Server, db: Database) -> None:
        await add_deck(db)
        await add_batch(db)
        async with socket(server) as client:
            await message(client)
            await client.send("hello")
            await set_item(db, 1, status=Status.PROCESSING)
            assert seqs([await message(client)]) == [2]
            await client.send("x" * 10_000)
            with pytest.raises(ConnectionClosed):
                await message(client)
            assert client.close_code == 1009

    watched(tmp_path, url, story)
