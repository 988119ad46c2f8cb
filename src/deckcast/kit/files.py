"""Files that appear whole or not at all, and temporary folders that never outlive their process."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deckcast.kit.errors import DeckcastError, MachineError

_NEXT_TO_NOTHING_BYTES = 4 << 20


@contextmanager
def scratch_dir(root: Path, name: str = "job") -> Iterator[Path]:
    """A private folder (mode 0700) below `root`, named after this process, removed whatever happens.

    What a killed process leaves is removed by `sweep_scratch` at the next start.
    """
    root.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=f"{_mark()}-{name}-", dir=root))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def sweep_scratch(root: Path, *, own: bool = False) -> None:
    """Remove scratch folders whose process is gone; with `own` those of this process too."""
    for path in root.glob("*-*"):
        if _is_left_over(path.name, own):
            shutil.rmtree(path, ignore_errors=True)


def sweep_parts(folder: Path, *, own: bool = False) -> None:
    """Remove unfinished files (see `written_whole`) below `folder` whose process is gone; see `sweep_scratch`."""
    for path in folder.rglob(".*-*.part"):
        if _is_left_over(path.name[1:], own):
            path.unlink(missing_ok=True)


def _mark() -> str:
    """This process's number and when it began: a container that is started again gives the same numbers again."""
    return f"{os.getpid()}.{_began(str(os.getpid()))}"


def _began(pid: str) -> str:
    """When a process began, in ticks since the machine did; empty where it is gone."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _is_left_over(name: str, own: bool) -> bool:
    mark = name.split("-", 1)[0]
    pid, _, began = mark.partition(".")
    if not pid.isdigit():
        return False
    if mark == _mark():
        return own
    now = _began(pid)
    return not now or began not in ("", now)


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; moved into place (and synced) only when the block succeeds.

    Raises MachineError (disk_full, output_not_writable) instead of OSError where the file system refuses.
    """
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{_mark()}-{target.name}."
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=".part", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that `target` is either absent, old or complete; shares blocks where the system can."""
    with written_whole(target) as temporary:
        shutil.copyfile(source, temporary)
        temporary.chmod(0o644)


def placed_new(source: Path, target: Path) -> bool:
    """Give a file a second name (same disk) or a copy; False, and nothing done, where `target` is there already.

    Raises MachineError disk_full, not_writable.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:  # another disk, or one that knows no second names
        if target.exists():
            return False
        copy_whole(source, target)
    return True


def synced(path: Path) -> None:
    """See to it that a file's content outlives a power cut."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Say a full disk or a missing right in words (MachineError: disk_full, not_writable)."""
    try:
        yield
    except DeckcastError:
        raise
    except OSError as error:
        if _is_full(error, path.parent):
            raise MachineError(
                "disk_full",
                f"The disk is full: {path.parent} has no room left.",
                next_step="Free some space and run the same command again; it goes on where it was.",
                retryable=True,
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR):
            raise MachineError(
                "not_writable",
                f"Deckcast may not write to {path.parent}.",
                next_step="Choose another folder or change its rights, then run the same command again.",
                retryable=True,
            ) from error
        raise


def _is_full(error: OSError, folder: Path) -> bool:
    """numpy reports a short write without an errno; then the disk itself is asked."""
    if error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return folder.exists() and shutil.disk_usage(folder).free < _NEXT_TO_NOTHING_BYTES
