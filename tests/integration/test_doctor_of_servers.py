"""`deckcast doctor` finds what is usually wrong with a server: each thing is really made wrong here."""

from __future__ import annotations

import http.server
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from api_client import server_of
from command import Machine
from databases import put_newest, with_database
from deckcast.cli import doctor, server_checks
from deckcast.cli.check import Check
from deckcast.cli.doctor import run_doctor
from deckcast.db import migrate
from deckcast.db.database import Database
from deckcast.kit.settings import Settings


def settings_for(folder: Path, **values: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **values)


def found_in(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in server_checks.server_checks(settings)}


def assert_says(check: Check, sign: str, what: str, next_step: str) -> None:
    assert check.sign == sign, check
    assert what in check.found
    assert next_step in check.mend


def test_a_small_installation_has_nothing_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert found_in(settings_for(tmp_path / "data")) == {}
    put_newest(tmp_path / "data" / "deckcast.db")
    assert {name: check.sign for name, check in found_in(settings_for(tmp_path / "data")).items()} == {
        "Schema": "✓"
    }


def test_a_database_without_a_schema_or_of_another_version(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, database_url=database_url)

    async def body(db: Database) -> None:
        import asyncio

        monkeypatch.setattr(migrate, "HEAD", "99")
        older = await asyncio.to_thread(found_in, settings)
        assert_says(older["Schema"], "✗", "this version needs 99", "deckcast db upgrade")
        monkeypatch.setattr(migrate, "HEAD", "1")
        fine = await asyncio.to_thread(found_in, settings)
        assert fine["Schema"].ok
        if not db.is_sqlite:
            assert fine["Database's clock"].ok
            few = settings_for(tmp_path, database_url=database_url, database={"pool_max": 80})
            short = (await asyncio.to_thread(found_in, few))["Connections"]
            assert_says(short, "!", "takes up to 100, so 0 fit", "Raise max_connections")

    with_database(database_url, body)


def test_pools_the_wrong_way_round(tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, database_url="postgresql+psycopg://nobody@127.0.0.1:1/x", database={"pool_min": 40}
    )
    assert_says(found_in(settings)["Pool"], "✗", "at least 40", "DECKCAST_DATABASE__POOL_MIN")


def test_a_signing_key_that_other_machines_do_not_have(tmp_path: Path) -> None:
    address = "postgresql+psycopg://nobody@127.0.0.1:1/x"
    alone = settings_for(tmp_path, database_url=address)
    assert_says(found_in(alone)["Signing key"], "!", "each machine has another", "DECKCAST_SECRET_KEY")
    assert "Signing key" not in found_in(
        settings_for(tmp_path, database_url=address, secret_key="one for all")
    )


class Answering(http.server.BaseHTTPRequestHandler):
    """Says what time it thinks it is, and nothing else."""

    date = "Sun, 22 Nov 2020 10:00:00 GMT"

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Date", self.date)
        self.end_headers()
        self.wfile.write(b"hello")

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def other_server() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_clock_that_is_years_away(tmp_path: Path, other_server: str) -> None:
    storage = {"endpoint": other_server, "access_key_id": "a", "secret_access_key": "b"}
    check = found_in(settings_for(tmp_path, storage_url="s3://videos", storage=storage))["Storage's clock"]
    assert_says(check, "✗", "s fast", "set-ntp")
    assert server_checks.skew_check("x", 5.0).sign == "!"
    assert server_checks.skew_check("x", 1.0).sign == "✓"


def test_a_store_in_the_world_without_encryption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = {"endpoint": "http://1.1.1.1:9000", "allow_http": True}
    monkeypatch.setattr(server_checks, "PATIENCE_S", 0.01)
    assert_says(
        found_in(settings_for(tmp_path, storage=storage))["Storage's way"], "✗", "unencrypted", "https"
    )
    private = {"endpoint": "http://10.0.0.1:9000", "allow_http": True}
    assert "Storage's way" not in found_in(settings_for(tmp_path, storage=private))


def test_a_public_address_that_leads_nowhere_or_elsewhere(tmp_path: Path, other_server: str) -> None:
    away = found_in(settings_for(tmp_path, public_url="http://127.0.0.1:9"))["Public address"]
    assert_says(away, "!", "does not answer", "DECKCAST_PUBLIC_URL")
    foreign = found_in(settings_for(tmp_path, public_url=other_server))["Public address"]
    assert_says(foreign, "!", "another server answers", "DECKCAST_SECRET_KEY")


def test_a_public_address_that_leads_here(machine: Machine, tmp_path: Path) -> None:
    machine.settings["DECKCAST_SECRET_KEY"] = "k" * 40
    with server_of(machine, "--no-worker") as server:
        url = str(server.client.base_url).rstrip("/")
        ours = settings_for(tmp_path, public_url=url, secret_key="k" * 40)
        assert_says(found_in(ours)["Public address"], "✓", "leads here", "")
        theirs = settings_for(tmp_path, public_url=url, secret_key="x" * 40)
        assert_says(found_in(theirs)["Public address"], "!", "another server", "DECKCAST_SECRET_KEY")
        paying = settings_for(tmp_path, public_url=url, secret_key="k" * 40, heygen={"api_key": "sim"})
        assert_says(found_in(paying)["Public address"], "!", "https addresses only", "TLS")


def test_secrets_that_everybody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = tmp_path / ".env"
    env.write_text("DECKCAST_HEYGEN__API_KEY=canary\n")
    env.chmod(0o644)
    check = found_in(settings_for(tmp_path / "data"))["Secrets"]
    assert_says(check, "!", "may read .env", "chmod 600 .env")
    assert "canary" not in check.found + check.mend
    env.chmod(0o600)
    assert "Secrets" not in found_in(settings_for(tmp_path / "data"))
    env.write_text("DECKCAST_LOG_LEVEL=INFO\n")
    env.chmod(0o644)
    assert "Secrets" not in found_in(settings_for(tmp_path / "data"))


@pytest.mark.parametrize(
    ("folder", "kind"), [("/srv/data/x", "nfs4"), ("/srv/other", "ext4"), ("/srv/my disk/x", "cifs")]
)
def test_a_folder_that_machines_share_is_known(folder: str, kind: str) -> None:
    mounts = "/dev/a / ext4 rw 0 0\nserver:/x /srv/data nfs4 rw 0 0\n//s/y /srv/my\\040disk cifs rw 0 0\n"
    assert server_checks.file_system_of(Path(folder), mounts) == kind


def test_a_converter_that_is_away_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deckcast.decks import canary

    monkeypatch.setattr(canary, "WAIT_S", 0.2)
    check = doctor._canary(settings_for(tmp_path, decks={"converter_dir": tmp_path / "shared"}))
    assert_says(check, "✗", "none has been at work", "deckcast converter")


def test_a_small_deck_is_really_read(tmp_path: Path) -> None:
    check = doctor._canary(settings_for(tmp_path))
    assert (check.ok, check.found) == (True, "a small deck was read in the sandbox")


def test_it_is_said_as_json_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Check("Schema", False, True, "it is old", "deckcast db upgrade")
    monkeypatch.setattr(doctor, "checks", lambda settings: [wrong])
    assert run_doctor(settings_for(tmp_path), Console(file=io.StringIO()), as_json=True) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["works"] is False
    assert said["checks"][0]["mend"] == "deckcast db upgrade"
