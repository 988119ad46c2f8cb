"""`deckcast doctor`: what is there on this machine, what is missing, and which command mends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deckcast.cli.check import Check, fault_of
from deckcast.cli.outcome import print_json
from deckcast.cli.server_checks import server_checks
from deckcast.cli.services import model_check, provider_checks, speech_checks
from deckcast.db.database import Database
from deckcast.decks.canary import try_deck
from deckcast.decks.service import sandbox_state, soffice_path
from deckcast.kit.errors import DeckcastError
from deckcast.kit.settings import Settings
from deckcast.publishing.service import try_store

GIB = 1024**3
LEAST_DISK_BYTES = GIB // 2
LEAST_MEMORY_BYTES = 2 * GIB
PATIENCE_S = 20
MEMORY_BOUNDS = (  # of a container
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
FONTS = {  # what fc-list is asked for: the Debian package that brings it
    "Carlito": "fonts-crosextra-carlito",
    "Caladea": "fonts-crosextra-caladea",
    "Liberation Sans": "fonts-liberation2",
    "Noto Sans": "fonts-noto-core",
    "Chinese, Japanese, Korean:lang=zh-cn": "fonts-wqy-microhei",
    "Symbola": "fonts-symbola",
}
ENCODERS = """
import av
from av.codec import Codec
print("PyAV", av.__version__, "with", " and ".join(Codec(name, "w").name for name in ("libx264", "aac")))
"""


def checks(settings: Settings) -> list[Check]:
    """Look at everything, in the order in which a presentation needs it; leaves nothing behind."""
    built_in, *engines = speech_checks(settings)
    return [
        _python(),
        *_decks(settings),
        _fonts(),
        built_in,
        _encoders(),
        _data_folder(settings.data_dir),
        _disk(settings.data_dir),
        _machine(settings),
        _database(settings),
        *([_storage(settings)] if settings.storage_url else []),
        *server_checks(settings),
        model_check(settings),
        *engines,
        *provider_checks(settings),
    ]


def run_doctor(settings: Settings, console: Console, *, as_json: bool = False) -> int:
    """Print the checks and what mends them; returns 0 where nothing required is missing, else 1."""
    done = checks(settings)
    if as_json:
        works = not any(check.required and not check.ok for check in done)
        print_json({"works": works, "checks": [asdict(check) for check in done]})
        return 0 if works else 1
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    styles = {"✓": "green", "–": "dim", "✗": "bold red", "!": "yellow"}
    for check in done:
        style = "" if check.set_up else "dim"
        table.add_row(Text(check.sign, styles[check.sign]), Text(check.name, style), Text(check.found, style))
    console.print(table)
    faulty = [check for check in done if not check.ok]
    for check in faulty:
        console.print()
        console.print(
            Text(f"{check.sign} {check.name}: ", styles[check.sign]) + Text(check.mend), soft_wrap=True
        )
    console.print()
    if any(check.required for check in faulty):
        console.print("Deckcast cannot work here before what is marked ✗ is mended.")
        return 1
    console.print("Everything that Deckcast needs is here.")
    return 0


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    mend = "Install Python 3.11 or newer, then run scripts/setup.sh."
    return Check("Python", ok, True, platform.python_version(), mend)


def _libreoffice() -> Check:
    name, mend = "LibreOffice", "sudo apt-get install --no-install-recommends libreoffice-impress"
    program = soffice_path()
    if program is None:
        return Check(name, False, True, "not found; PowerPoint and OpenDocument decks cannot be drawn", mend)
    if not any(
        (program.parent / part).exists() for part in ("libsdlo.so", "libmergedlo.so", "libsdlo.dylib")
    ):
        return Check(name, False, True, "found, but without Impress", mend)
    with tempfile.TemporaryDirectory() as profile:
        said = _said([str(program), f"-env:UserInstallation={Path(profile).as_uri()}", "--version"])
    if not said:
        return Check(
            name,
            False,
            True,
            "found, but it does not start",
            mend.replace("install", "install --reinstall", 1),
        )
    return Check(name, True, True, " ".join(said.split()[:2]))


def _decks(settings: Settings) -> list[Check]:
    """What opens decks: this machine, or a converter elsewhere; a small deck is really read."""
    if settings.decks.converter_dir is None:
        checks = [_libreoffice(), _sandbox(settings)]
        return [*checks, _canary(settings)] if checks[1].ok else checks
    return [_canary(settings)]


def _canary(settings: Settings) -> Check:
    name, elsewhere = "Decks", settings.decks.converter_dir is not None
    mend = "See that `deckcast converter` runs with the same DECKCAST_DECKS__CONVERTER_DIR."
    with tempfile.TemporaryDirectory(prefix="deckcast-") as folder:
        fault = fault_of(lambda: asyncio.run(try_deck(Path(folder), settings)))
    if fault:
        return Check(name, False, True, f"a small deck cannot be read: {fault}", mend if elsewhere else "")
    return Check(
        name, True, True, f"a small deck was read {'by a converter' if elsewhere else 'in the sandbox'}"
    )


def _sandbox(settings: Settings) -> Check:
    state = sandbox_state()
    found = state.sentence
    if not state.works and settings.allow_unsandboxed:
        found += " Decks are opened without it, as DECKCAST_ALLOW_UNSANDBOXED asks."
    return Check("Sandbox", state.works, not settings.allow_unsandboxed, found, state.command)


def _fonts() -> Check:
    missing = [font for font in FONTS if not _said(["fc-list", _pattern(font), "family"])]
    if not missing:
        return Check("Fonts", True, False, f"all {len(FONTS)} families that decks rely on")
    names = ", ".join(font.split(":")[0] for font in missing)
    packages = " ".join(["fontconfig", *(FONTS[font] for font in missing)])
    return Check(
        "Fonts",
        False,
        False,
        f"missing: {names}; some decks will look different",
        f"sudo apt-get install {packages}",
    )


def _pattern(font: str) -> str:
    name, _, language = font.partition(":")
    return f":{language}" if language else name


def _encoders() -> Check:
    """PyAV is looked at in a process of its own: it is large, and only the media packages import it."""
    said = _said([sys.executable, "-c", ENCODERS])
    mend = "Run scripts/setup.sh again; the package av brings the encoders."
    return Check("Video", bool(said), True, said or "PyAV, or its H.264 or AAC encoder, does not load", mend)


def _data_folder(folder: Path) -> Check:
    name, mend = (
        "Data folder",
        "Choose another folder with DECKCAST_DATA_DIR, or change the rights of this one.",
    )
    home = _existing(folder)
    try:
        if not home.is_dir() or not os.access(home, os.W_OK | os.X_OK):
            return Check(name, False, True, f"{folder} cannot be written", mend)
        if home == folder:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"0")
    except OSError as error:
        return Check(name, False, True, f"{folder} cannot be written: {error.strerror}", mend)
    return Check(name, True, True, str(folder))


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(_existing(folder)).free
    mend = f"Free some space where {folder} lies: the slide clips and films need room."
    return Check("Disk", free >= LEAST_DISK_BYTES, True, f"{free / GIB:.1f} GiB free", mend)


def _machine(settings: Settings) -> Check:
    memory = memory_bytes()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{cores} cores, {memory / GIB:.1f} GiB of memory; {settings.workers} slides at a time"
    mend = "Large decks may run out of memory; use fewer slides at a time: DECKCAST_WORKERS=1."
    return Check("Machine", memory >= LEAST_MEMORY_BYTES, False, found, mend)


def memory_bytes(bounds: Sequence[Path] = MEMORY_BOUNDS) -> int:
    """The machine's memory, or as much of it as this container may use."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for bound in bounds:
        with contextlib.suppress(OSError, ValueError):  # "max": there is none
            found.append(int(bound.read_text()))
    return min(found)


def _database(settings: Settings) -> Check:
    if settings.database_url is None:
        return _sqlite(settings)
    mend = "Start the database, or correct DECKCAST_DATABASE_URL."
    fault = fault_of(lambda: asyncio.run(_connect(settings.database_url or "")))
    if fault:
        return Check("Database", False, True, f"cannot be reached: {fault}", mend)
    return Check("Database", True, True, f"{settings.database_url.split(':', 1)[0]}, reached")


def _sqlite(settings: Settings) -> Check:
    version = sqlite3.sqlite_version
    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        mend = "Use a Python with SQLite 3.42 or newer (uv venv --managed-python brings one), or Python 3.11."
        return Check("Database", False, True, f"SQLite {version} is too old for this Python", mend)
    file = settings.data_dir / "deckcast.db"
    if not file.exists():
        return Check("Database", True, True, f"SQLite {version}, made at the first use")
    fault = fault_of(lambda: asyncio.run(_connect(settings.app_database_url)))
    if fault:
        return Check(
            "Database",
            False,
            True,
            f"{file}: {fault}",
            f"Move {file} away; Deckcast then makes everything anew.",
        )
    return Check("Database", True, True, f"SQLite {version}")


def _storage(settings: Settings) -> Check:
    url = settings.storage_url or ""
    try:
        asyncio.run(try_store(settings))
    except DeckcastError as error:
        return Check("Storage", False, True, f"{error.message} ({error.code})", error.next_step)
    kind = "a bucket" if url.startswith("s3:") else "a folder"
    return Check("Storage", True, True, f"{kind}; written, read and removed a file")


async def _connect(url: str) -> None:
    database = Database(url)
    try:
        async with asyncio.timeout(PATIENCE_S), database.engine().connect() as connection:
            await connection.exec_driver_sql("SELECT 1")
    finally:
        await database.close()


def _existing(folder: Path) -> Path:
    """The folder itself, or its nearest parent that is there already."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _said(command: list[str]) -> str:
    """What a program prints, stripped; empty where it is missing, fails or hangs."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""
