"""What every test may ask for. A part that is missing here skips with its reason; in CI it fails."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from command import Machine


def missing(reason: str) -> None:
    """Skip on somebody's machine, fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


long = pytest.mark.skipif(
    not os.environ.get("DECKCAST_LONG_TESTS"),
    reason="a long story, told by `make chaos` (DECKCAST_LONG_TESTS=1)",
)


@pytest.fixture(scope="session")
def bucket_settings() -> Iterator[dict[str, str]]:
    """A server of its own that speaks S3, with an empty bucket, as settings without their prefix."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError:
        missing("moto is not installed: run the set-up with --tests")
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/videos", method="PUT")).close()
        yield {
            "STORAGE_URL": "s3://videos/deckcast",
            "STORAGE__ENDPOINT": endpoint,
            "STORAGE__ACCESS_KEY_ID": "someone",
            "STORAGE__SECRET_ACCESS_KEY": "a-canary-that-nobody-shall-see",
        }
    finally:
        server.stop()


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _as_postgres(command: list[str]) -> list[str]:
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server of its own, on a free port; DECKCAST_TEST_DATABASE_URL names another."""
    given = os.environ.get("DECKCAST_TEST_DATABASE_URL")
    if given:
        yield given
        return
    binaries = _postgres_bin()
    if binaries is None:
        missing("PostgreSQL is not installed: apt-get install postgresql")
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="deckcast-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    init = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"]
    subprocess.run(_as_postgres(init), **run)  # type: ignore[call-overload]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    start = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-o", options, "start"]
    subprocess.run(_as_postgres(start), **run)  # type: ignore[call-overload]
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        stop = [str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
        subprocess.run(_as_postgres(stop), **run)  # type: ignore[call-overload]
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Coloured tracebacks with all their values take half a second each."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@pytest.fixture(scope="session", autouse=True)
def _presenters(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one machine has drawn serves those of every worker."""
    own = tmp_path_factory.getbasetemp()
    Machine.presenters = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "presenters"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A data folder of its own, and the real command to work in it."""
    return Machine(tmp_path)
