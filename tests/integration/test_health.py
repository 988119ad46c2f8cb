"""Ready means that work can be done: each thing that is missing is named, and the server says so with 503."""

from __future__ import annotations

import asyncio
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deckcast.api import health
from deckcast.api.app import create_app
from deckcast.batches.scopes import SERVER, only_worker
from deckcast.kit.errors import MachineError
from deckcast.publishing.service import open_store
from serving import Server, story

Usage = namedtuple("Usage", "total used free")


async def ready(server: Server) -> tuple[int, dict[str, Any]]:
    answer = await server.client.get("/readyz")
    return answer.status_code, answer.json()


def test_what_is_ready_names_every_check(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        status, body = await ready(server)
        assert (status, body["status"], body["working"]) == (200, "ready", False)
        assert body["checks"] == {name: {"ok": True} for name in ("machine", "database", "storage", "disk")}
        with only_worker(tmp_path / "data", SERVER, SERVER) as mine:
            assert mine
            assert (await ready(server))[1]["working"] is True

    story(tmp_path, told)


def test_a_server_with_its_own_worker_is_ready_only_while_that_works(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        app = create_app(server.parts)
        app.state.with_worker = True
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()["code"]) == (503, "worker_missing")
            assert answer.json()["checks"]["worker"]["ok"] is False
            with only_worker(tmp_path / "data", SERVER, SERVER):
                assert (await client.get("/readyz")).status_code == 200

    story(tmp_path, told)


def test_a_disk_that_is_nearly_full_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(server: Server) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, health.FREE_BYTES - 1))
        status, body = await ready(server)
        assert (status, body["code"], body["checks"]["disk"]["code"]) == (503, "disk_low", "disk_low")
        assert body["checks"]["database"] == {"ok": True}
        assert (await server.client.get("/healthz")).status_code == 200
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, health.FREE_BYTES))
        assert (await ready(server))[0] == 200

    story(tmp_path, told)


def test_what_halts_the_machine_halts_its_readiness(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        server.parts.halted = MachineError("disk_full", "The disk is full.")
        status, body = await ready(server)
        assert (status, body["code"]) == (503, "disk_full")
        server.parts.halted = None
        assert (await ready(server))[0] == 200

    story(tmp_path, told)


def test_a_storage_folder_that_is_none_is_not_ready(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        (tmp_path / "store").write_text("a file where a folder should be")
        status, body = await ready(server)
        assert (status, body["code"], body["checks"]["storage"]["ok"]) == (503, "not_writable", False)
        (tmp_path / "store").unlink()
        assert (await ready(server))[0] == 200

    story(tmp_path, told, storage_url=f"file://{tmp_path / 'store'}")


def test_a_bucket_that_is_not_there_is_noticed(tmp_path: Path, bucket_settings: dict[str, str]) -> None:
    storage = {
        "endpoint": bucket_settings["STORAGE__ENDPOINT"],
        "access_key_id": bucket_settings["STORAGE__ACCESS_KEY_ID"],
        "secret_access_key": bucket_settings["STORAGE__SECRET_ACCESS_KEY"],
    }

    async def told(server: Server) -> None:
        there = server.parts.settings.model_copy(update={"storage_url": bucket_settings["STORAGE_URL"]})
        server.parts.store = open_store(there)
        assert (await ready(server))[0] == 200
        gone = server.parts.settings.model_copy(update={"storage_url": "s3://no-such-bucket/deckcast"})
        server.parts.store = open_store(gone, retries=0)
        status, body = await ready(server)
        assert (status, body["code"]) == (503, "storage_refused")
        assert bucket_settings["STORAGE__SECRET_ACCESS_KEY"] not in str(body)

    story(tmp_path, told, storage=storage)


def test_a_storage_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "ANSWER_WITHIN_S", 0.05)

    async def told(server: Server) -> None:
        async def never() -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(server.parts.store, "check", never)
        status, body = await ready(server)
        # on a busy machine the database does not answer within so little time either
        assert (status, body["checks"]["storage"]["code"]) == (503, "storage_unreachable")

    story(tmp_path, told)
