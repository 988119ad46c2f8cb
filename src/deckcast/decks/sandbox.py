"""Programs that open a stranger's file run locked in: no network, no files but their own, bounded in all they use.

bubblewrap does it (Linux user namespaces). Everything inside dies with this process, even when it is killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from deckcast.kit.errors import MachineError

MIB = 1024 * 1024
_TMPFS_BYTES = 1024 * MIB
_KILL_WAIT_S = 10.0
_TAIL_BYTES = 4000
_SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64")
_READABLE = (
    "/usr",
    "/etc/fonts",
    "/etc/libreoffice",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/opt/libreoffice",
    "/var/cache/fontconfig",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
)


@dataclass(frozen=True, slots=True)
class SandboxState:
    """Whether programs can be locked in here: `works`, `missing` (no bubblewrap) or `blocked` (by the system)."""

    state: str
    sentence: str
    command: str = ""

    @property
    def works(self) -> bool:
        """True where decks can be opened safely."""
        return self.state == "works"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one program: wall-clock and processor seconds, address space, size of any file it writes."""

    timeout_s: float
    memory_bytes: int = 2048 * MIB
    file_bytes: int = 1024 * MIB
    processes: int = 4096


@dataclass(frozen=True, slots=True)
class Job:
    """A program and the only places it sees: `reads` and `writes` map outside paths to inside ones.

    `environment` is all of its environment but HOME, PATH and LANG.
    """

    command: Sequence[str]
    limits: Limits
    reads: Mapping[Path, str] = field(default_factory=dict)
    writes: Mapping[Path, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended; `status` is None where it ran out of time. `said` is the end of what it printed."""

    status: int | None
    said: str


@cache
def sandbox_state() -> SandboxState:
    """Try the sandbox once with a harmless program."""
    if shutil.which("bwrap") is None:
        return SandboxState(
            "missing",
            "bubblewrap is not installed; without it decks cannot be opened safely.",
            "sudo apt-get install bubblewrap",
        )
    try:
        tried = subprocess.run(
            [*_walls(), "--", "/usr/bin/true"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return SandboxState("blocked", f"bubblewrap cannot be started: {error}.", _mend())
    if tried.returncode == 0:
        return SandboxState("works", "Decks are opened in a sandbox without network.")
    reason = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
    return SandboxState("blocked", f"This system does not let bubblewrap work ({reason}).", _mend())


def require_sandbox(allow_unsandboxed: bool) -> bool:
    """True where the sandbox works, False where it does not and the person accepts that.

    Raises MachineError sandbox_missing else.
    """
    state = sandbox_state()
    if state.works:
        return True
    if allow_unsandboxed:
        return False
    raise MachineError(
        "sandbox_missing",
        state.sentence,
        next_step=f"Run `{state.command}`; or, only for decks that you trust, set DECKCAST_ALLOW_UNSANDBOXED=true.",
    )


def run_locked_in(job: Job, *, sandboxed: bool) -> Ended:
    """Run a program to its end, or kill it and all it started when its time is over.

    With `sandboxed` false it runs with limits, behind a fence where the kernel has one (see fence.py), and sees outside
    paths (see `inside`).
    """
    command = [*_bounds(job.limits), *job.command]
    if sandboxed:
        command = [*_walls(), *_doors(job), "--", *command]
        return _run(command, {"PATH": "/usr/bin:/bin"}, job.limits.timeout_s)
    command = [*_script("leash.py"), *_script("fence.py"), *_gates(job), "--", *command]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": os.devnull, **job.environment}
    for folder in list(job.writes)[:1]:  # what is temporary lies where whoever wants the work cleans up
        (folder / "temporary").mkdir(exist_ok=True)
        environment["TMPDIR"] = str(folder / "temporary")
    try:
        return _run(command, environment, job.limits.timeout_s)
    finally:
        _remove_dead_sockets()


def inside(path: Path, place: str, *, sandboxed: bool) -> str:
    """The path by which a program knows a file: its place inside the sandbox, or the path itself without one."""
    return place if sandboxed else str(path)


def _run(command: list[str], environment: dict[str, str], timeout_s: float) -> Ended:
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
    ) as process:
        held = process.stdin  # the leash: its end closes when this process dies, however it dies
        process.stdin = None
        try:
            said, _ = process.communicate(timeout=timeout_s)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            status, said = None, b""
        finally:
            if held:
                held.close()  # unsandboxed: the leash now kills the whole group
            if process.returncode is None:
                _end(process)
    return Ended(status, said[-_TAIL_BYTES:].decode("utf-8", "replace").strip())


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=0.5)  # a leash needs a moment to kill its group
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=_KILL_WAIT_S)


def _walls() -> list[str]:
    walls = [
        "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        "--cap-drop",
        "ALL",
    ]
    for folder in _SYSTEM_FOLDERS:
        path = Path("/", folder)
        if path.is_symlink():
            walls += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            walls += ["--ro-bind", str(path), str(path)]
    for readable in _READABLE:
        walls += ["--ro-bind-try", readable, readable]
    walls += ["--proc", "/proc", "--dev", "/dev", "--size", str(_TMPFS_BYTES), "--tmpfs", "/tmp"]
    walls += ["--setenv", "HOME", "/tmp", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8"]
    return [*walls, "--chdir", "/tmp"]


def _doors(job: Job) -> list[str]:
    doors: list[str] = []
    for outside, place in job.reads.items():
        doors += ["--ro-bind", str(outside), place]
    for outside, place in job.writes.items():
        doors += ["--bind", str(outside), place]
    for name, value in job.environment.items():
        doors += ["--setenv", name, value]
    return doors


def _remove_dead_sockets() -> None:
    """LibreOffice leaves its socket in /tmp where it was stopped."""
    for path in Path("/tmp").glob("OSL_PIPE_*SingleOfficeIPC_*"):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
            if asking.connect_ex(str(path)) == errno.ECONNREFUSED:
                path.unlink()


def _script(name: str) -> list[str]:
    return [sys.executable, "-P", str(Path(__file__).with_name(name))]


def _gates(job: Job) -> list[str]:
    """The fence's gates: what a sandbox would show."""
    system = [*(f"/{folder}" for folder in _SYSTEM_FOLDERS), *_READABLE, "/proc", "/sys/devices/system/cpu"]
    reads = [part for path in (*system, *job.reads) for part in ("--read", str(path))]
    return reads + [part for path in job.writes for part in ("--write", str(path))]


def _bounds(limits: Limits) -> list[str]:
    return [
        "/usr/bin/prlimit",
        f"--as={limits.memory_bytes}",
        f"--cpu={int(limits.timeout_s) + 5}",
        f"--fsize={limits.file_bytes}",
        f"--nproc={limits.processes}",
        "--core=0",
        "--",
    ]


def _mend() -> str:
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined …"
    if _is_set("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"):
        return "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    if _is_set("/proc/sys/kernel/unprivileged_userns_clone", "0"):
        return "sudo sysctl -w kernel.unprivileged_userns_clone=1"
    return "sudo sysctl -w user.max_user_namespaces=15000"


def _is_set(path: str, value: str) -> bool:
    try:
        return Path(path).read_text().strip() == value
    except OSError:
        return False
