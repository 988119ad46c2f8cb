"""What every test may ask for. A part that is missing here skips with its reason; in CI it fails."""

from __future__ import annotations

import logging
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from bench.postgres import postgres

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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server of its own, on a free port; DECKCAST_TEST_DATABASE_URL names another."""
    given = os.environ.get("DECKCAST_TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        with postgres() as server:
            yield server.url
    except FileNotFoundError as error:
        missing(str(error))


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
