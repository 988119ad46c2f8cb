"""What `deckcast doctor` says of a server and its workers: clocks, connections, addresses, secrets, the schema."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
import secrets
import socket
import stat
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text

from deckcast.cli.check import Check, fault_of
from deckcast.cli.database import sentence
from deckcast.db.database import Database
from deckcast.db.migrate import Schema, schema_of
from deckcast.kit.secrets import KEY_FILE, sign_of_life
from deckcast.kit.settings import Settings

PATIENCE_S = 20.0
SKEW_S, WORST_SKEW_S = 2.0, 60.0
ENGINE_CONNECTIONS = 20  # of the durable engine's own pool, for each process
FEWEST_PROCESSES = 3  # a server and two workers
_USED = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
SHARED_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "glusterfs", "ceph", "9p")
SETTINGS_FILE = Path(".env")
_SECRET = re.compile(
    r"^\s*(export\s+)?DECKCAST_\w*(KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL)\w*\s*=\s*\S", re.M
)


def server_checks(settings: Settings) -> list[Check]:
    """Everything that can be wrong with a server's settings, and is set here at all."""
    return [
        *_database(settings),
        *_pools(settings),
        *_storage_clock(settings),
        *_storage_way(settings),
        *_public_url(settings),
        *_secrets(settings),
        *_signing_key(settings),
    ]


def skew_check(name: str, skew_s: float) -> Check:
    """What a clock that goes before (+) or after (-) this machine's means."""
    if abs(skew_s) <= SKEW_S:
        return Check(name, True, False, "agree within two seconds")
    found = f"this machine's is {abs(skew_s):.0f} s {'slow' if skew_s > 0 else 'fast'}; links and signatures fail early"
    mend = "Have the machine's clock set over the network: sudo timedatectl set-ntp true"
    return Check(name, False, abs(skew_s) > WORST_SKEW_S, found, mend)


def _database(settings: Settings) -> list[Check]:
    """The schema; on PostgreSQL also the clock and the connections that there are, on SQLite where the file lies."""
    if settings.database_url is None and not (settings.data_dir / "deckcast.db").exists():
        return []
    seen: list[tuple[Schema, float | None, int, int]] = []
    if fault_of(lambda: seen.append(asyncio.run(_asked(settings)))):
        return []  # that it cannot be reached is said already
    schema, skew_s, most, used = seen[0]
    checks = [schema_check(schema)]
    if skew_s is None:
        kind = file_system_of(settings.data_dir, Path("/proc/mounts").read_text())
        return [*checks, *([_shared_sqlite(kind)] if kind in SHARED_FILE_SYSTEMS else [])]
    return [*checks, skew_check("Database's clock", skew_s), connections_check(settings, most, used)]


async def _asked(settings: Settings) -> tuple[Schema, float | None, int, int]:
    db = Database(settings.app_database_url)
    try:
        async with asyncio.timeout(PATIENCE_S):
            schema = await schema_of(db)
            if db.is_sqlite:
                return schema, None, 0, 0
            async with db.read() as session:
                began = time.time()
                there = await session.scalar(text("SELECT extract(epoch FROM clock_timestamp())::float8"))
                here = (began + time.time()) / 2
                most = await session.scalar(
                    text(
                        "SELECT current_setting('max_connections')::int"
                        " - current_setting('superuser_reserved_connections')::int"
                    )
                )
                used = await session.scalar(text(_USED))
            return schema, float(there) - here, int(most), int(used)
    finally:
        await db.close()


def schema_check(schema: Schema) -> Check:
    """Whether this version can work on the database."""
    mend = (
        "deckcast db upgrade"
        if schema.is_older
        else "Install the version that the database was upgraded for."
    )
    return Check("Schema", not (schema.is_older or schema.is_too_new), True, sentence(schema), mend)


def connections_check(settings: Settings, most: int, used: int) -> Check:
    """Whether the database lets a server and two workers in."""
    each = settings.database.pool_max + ENGINE_CONNECTIONS
    processes = most // each
    found = f"{most} allowed, {used} in use; a server or worker takes up to {each}, so {processes} fit"
    mend = (
        f"Raise max_connections of PostgreSQL ({FEWEST_PROCESSES * each + 10} for a server and two workers), lower "
        "DECKCAST_DATABASE__POOL_MAX, or put a pooler in front that keeps sessions."
    )
    return Check("Connections", processes >= FEWEST_PROCESSES and used < 0.8 * most, False, found, mend)


def _pools(settings: Settings) -> list[Check]:
    least, most = settings.database.pool_min, settings.database.pool_max
    if settings.database_url is None or least <= most:
        return []
    found = f"at least {least} connections are kept, but there may be only {most}"
    mend = "Set DECKCAST_DATABASE__POOL_MIN (10) below DECKCAST_DATABASE__POOL_MAX (30)."
    return [Check("Pool", False, True, found, mend)]


def file_system_of(folder: Path, mounts: str) -> str:
    """The kind of file system on which a folder lies, by what /proc/mounts says."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, place, each, *_ = line.split(" ")
        place = place.replace("\\040", " ")
        if len(place) > len(best) and folder.absolute().is_relative_to(place):
            best, kind = place, each
    return kind


def _shared_sqlite(kind: str) -> Check:
    found = f"SQLite on a file system that machines share ({kind}): its locks do not hold there"
    mend = "Keep DECKCAST_DATA_DIR on a disk of this machine, or use PostgreSQL (DECKCAST_DATABASE_URL)."
    return Check("Database's disk", False, True, found, mend)


def _storage_clock(settings: Settings) -> list[Check]:
    if not (settings.storage_url or "").startswith("s3:") or settings.storage.endpoint is None:
        return []
    headers: list[str] = []
    if fault_of(lambda: headers.append(_date_of(settings.storage.endpoint or ""))) or not headers[0]:
        return []  # that it cannot be reached is said already
    there = parsedate_to_datetime(headers[0])
    skew_s = (there - datetime.now(UTC)).total_seconds()
    return [
        skew_check("Storage's clock", skew_s if abs(skew_s) > SKEW_S + 1 else 0.0)
    ]  # it says whole seconds


def _date_of(address: str) -> str:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, method="HEAD"), timeout=PATIENCE_S
        ) as answer:
            return str(answer.headers.get("Date", ""))
    except urllib.error.HTTPError as error:
        return str(error.headers.get("Date", ""))


def _storage_way(settings: Settings) -> list[Check]:
    endpoint = urlsplit(settings.storage.endpoint or "")
    if endpoint.scheme != "http" or not endpoint.hostname or not settings.storage.allow_http:
        return []
    if not _is_public(endpoint.hostname):
        return []
    found = "keys and videos go over the internet unencrypted (DECKCAST_STORAGE__ALLOW_HTTP)"
    return [
        Check("Storage's way", False, True, found, "Name an https address in DECKCAST_STORAGE__ENDPOINT.")
    ]


def _is_public(host: str) -> bool:
    try:
        found = {each[4][0] for each in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return any(ipaddress.ip_address(address).is_global for address in found)


def _public_url(settings: Settings) -> list[Check]:
    """Whether the public address leads to a server with our key."""
    if settings.public_url is None:
        return []
    name, mend = (
        "Public address",
        (
            "Start the server, and have DECKCAST_PUBLIC_URL and the reverse proxy lead to it; all servers need the "
            "same DECKCAST_SECRET_KEY. Until then webhooks do not come, and providers are asked instead."
        ),
    )
    nonce, answers = secrets.token_hex(16), []
    url = f"{settings.public_url.rstrip('/')}/healthz/{nonce}"
    fault = fault_of(lambda: answers.append(_said_at(url)))
    if fault:
        return [Check(name, False, False, f"{settings.public_url} does not answer: {fault}", mend)]
    if not hmac.compare_digest(answers[0], sign_of_life(settings, nonce)):
        return [Check(name, False, False, f"another server answers at {settings.public_url}", mend)]
    if settings.heygen.api_key is not None and not settings.public_url.startswith("https:"):
        found = f"{settings.public_url} answers, but HeyGen sends webhooks to https addresses only"
        return [Check(name, False, False, found, "Put a reverse proxy with TLS before it.")]
    return [Check(name, True, False, f"{settings.public_url} leads here")]


def _said_at(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return str(answer.read(1000).decode("ascii", "replace"))


def _secrets(settings: Settings) -> list[Check]:
    """Files with keys that other users of this machine may read."""
    open_files = [path for path in (SETTINGS_FILE, settings.data_dir / KEY_FILE) if _is_open(path)]
    if not open_files:
        return []
    names = ", ".join(str(path) for path in open_files)
    found = f"everybody on this machine may read {names}"
    return [Check("Secrets", False, False, found, f"chmod 600 {' '.join(str(path) for path in open_files)}")]


def _signing_key(settings: Settings) -> list[Check]:
    """Where several machines may work, links and hooks are signed on one and checked on another."""
    if settings.database_url is None or settings.secret_key is not None:
        return []
    found = f"comes from {settings.data_dir / KEY_FILE}, so each machine has another"
    mend = "With several machines, set DECKCAST_SECRET_KEY to the same long random text on all of them."
    return [Check("Signing key", False, False, found, mend)]


def _is_open(path: Path) -> bool:
    try:
        shared = path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
        return bool(shared) and (path.name == KEY_FILE or _SECRET.search(path.read_text()) is not None)
    except OSError:
        return False
