"""`deckcast serve` and `deckcast simulate` as real processes, and a webhook's way from one to the other."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from command import Machine
from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ports import AvatarVideoRequest
from deckcast.batches import repository
from deckcast.batches.watch import AccountWatch, Pace
from deckcast.cli.serve import run_serve
from deckcast.cli.simulate import IMITATIONS, run_simulate
from deckcast.db.database import Database
from deckcast.kit.errors import CallError
from deckcast.kit.settings import HeyGenSettings, Settings
from heygen_account import heygen

REQUEST = AvatarVideoRequest("sim_ada_office", 320, 180, text="Good morning.", title="Slide 1")
AN_HOUR_S = 3600.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def started(machine: Machine, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the first line that it says; ended whatever happens."""
    process = machine.start(*arguments)
    assert process.stderr
    try:
        yield process, process.stderr.readline()
    finally:
        process.kill()
        process.communicate()


def stopped(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """The exit status after a signal, and what else was said."""
    process.send_signal(number)
    stdout, stderr = process.communicate()
    return process.returncode, stdout + stderr


def line_with(process: subprocess.Popen[str], words: str) -> str:
    """The next line that it says with these words in it."""
    assert process.stderr
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended without a word of {words!r}")


def address_in(line: str) -> str:
    found = re.search(r"http://[\w.:\[\]]+", line)
    assert found, line
    return found[0].rstrip(":.")


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_stopped_and_leaves_nothing(machine: Machine, number: signal.Signals) -> None:
    with started(machine, "serve", "--port", "0") as (process, line):
        address = address_in(line)
        line_with(process, "no users")
        while get(f"{address}/readyz")[0] != 200:  # its worker is still starting
            assert process.poll() is None
        assert get(f"{address}/api/nothing")[0] == 404
        status, said = stopped(process, number)
        assert (status, "Traceback" in said) == (0, False)
    assert machine.leftovers() == []
    assert machine.processes() == []


@pytest.mark.parametrize(
    ("host", "public_url", "code"),
    [
        ("127.0.0.1", None, "address_unusable"),
        ("no.such.host.invalid", "https://deckcast.example.org", "address_unusable"),
        ("0.0.0.0", None, "public_url_missing"),
    ],
)
def test_where_it_does_not_listen(tmp_path: Path, host: str, public_url: str | None, code: str) -> None:
    settings = Settings(data_dir=tmp_path / "data", public_url=public_url)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CallError) as caught:
        run_serve(settings, host, taken.getsockname()[1], with_worker=False)
    assert caught.value.code == code
    assert not (tmp_path / "data").exists()


def test_a_public_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CallError) as caught:
        settings = Settings(data_dir=tmp_path / "data", public_url="example.org")
        run_serve(settings, "127.0.0.1", 0, with_worker=False)
    assert caught.value.code == "settings_invalid"


async def _announced(machine: Machine, settings: HeyGenSettings, key: str) -> tuple[list[str], str]:
    """Order a video and wait for it in this process, by hints alone; returns the jobs that the server
    recorded, and this one."""
    db = Database(f"sqlite+aiosqlite:///{machine.data_dir / 'deckcast.db'}")
    provider = HeyGenProvider(settings, public_url="http://localhost", scratch=machine.folder / "scratch")

    async def hints(last_id: int) -> Sequence[tuple[int, str]]:
        async with db.read() as session:
            rows = await repository.webhook_events_after(session, "heygen", last_id)
        return [(row.id, row.job_id) for row in rows]

    watch = AccountWatch(provider, Pace(floor_s=AN_HOUR_S, ceiling_s=AN_HOUR_S, hints_s=0.05), hints)
    try:
        job_id = await provider.submit(await provider.prepare(REQUEST, key), key)
        assert await watch.wait(job_id, time.time(), time.time() + 120)
        async with db.read() as session:
            rows = await repository.webhook_events_after(session, "heygen", 0)
        return [row.job_id for row in rows], job_id
    finally:
        await provider.close()
        await db.close()


def test_an_ended_video_wakes_who_waits_for_it_in_another_process(machine: Machine) -> None:
    port = free_port()
    machine.settings["DECKCAST_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    with heygen(machine, check_webhook_url=True, speed=1000.0, render_to_s=300.0) as url:
        settings = HeyGenSettings(base_url=url, api_key=SecretStr("sim-tests"))
        for number in (1, 2):  # a restart registers again: the new process knows the new secret
            with started(machine, "serve", "--no-worker", "--port", str(port)) as (process, _line):
                line_with(process, "heygen sends its webhooks to")
                recorded, job_id = asyncio.run(_announced(machine, settings, f"avv_{number}.f.1"))
                assert len(recorded) == number
                assert recorded[-1] == job_id
                assert stopped(process)[0] == 0


def test_where_webhooks_cannot_be_had_it_says_so_and_serves(machine: Machine) -> None:
    port = free_port()
    with heygen(machine):
        machine.settings["DECKCAST_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
        machine.settings["DECKCAST_HEYGEN__API_KEY"] = "nobody"
        with started(machine, "serve", "--no-worker", "--port", str(port)) as (process, _line):
            said = line_with(process, "No webhooks of heygen")
            assert "(provider_key_refused)" in said
            assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
            assert stopped(process)[0] == 0


def test_an_imitated_account_is_gone_when_it_is_stopped(machine: Machine) -> None:
    machine.settings["TMPDIR"] = str(machine.folder)
    port = str(free_port())
    with started(machine, "simulate", "heygen", "--port", port, "--speed", "60") as (process, line):
        address = address_in(line)
        assert process.stderr
        assert f"DECKCAST_HEYGEN__BASE_URL={address} " in process.stderr.readline()
        while True:
            try:
                assert get(f"{address}/_ledger")[1]["jobs"] == []
                break
            except urllib.error.URLError:
                assert process.poll() is None
        assert len(list(machine.folder.glob("deckcast-heygen-*"))) == 1
        assert stopped(process)[0] == 0
    assert list(machine.folder.glob("deckcast-heygen-*")) == []


@pytest.mark.parametrize("name", IMITATIONS)
@pytest.mark.parametrize(
    "text", ["nonsense", "[[rules]]\ncall = 'submit'\nfault = 'explode'", "seeed = 1", None]
)
def test_a_faults_file_that_is_none(tmp_path: Path, text: str | None, name: str) -> None:
    faults = tmp_path / "faults.toml"
    if text is not None:
        faults.write_text(text)
    with pytest.raises(CallError) as caught:
        run_simulate(name, "127.0.0.1", free_port(), faults)
    assert caught.value.code == "faults_invalid"


@pytest.mark.parametrize(
    ("name", "given"),
    [("llm", {"speed": 2.0}), ("llm", {"folder": Path()}), ("elevenlabs", {"folder": Path()})],
)
def test_an_option_that_an_imitation_has_not_is_refused(name: str, given: dict[str, Any]) -> None:
    with pytest.raises(CallError) as caught:
        run_simulate(name, "127.0.0.1", free_port(), **given)
    assert caught.value.code == "simulate_call_invalid"
    assert f"--{next(iter(given))}" in caught.value.message


def test_an_imitated_account_finds_its_port_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CallError) as caught:
        run_simulate("heygen", "127.0.0.1", taken.getsockname()[1])
    assert caught.value.code == "address_unusable"
