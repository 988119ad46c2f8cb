"""Runs one program that sees only the files it was given, and no network, by Landlock: for places where bubblewrap is
blocked, such as containers. On a kernel without it the program runs as it is.

Started as a script: `fence.py --read PATH … --write PATH … -- COMMAND …`. Imports nothing of Deckcast.
"""

import ctypes
import os
import stat
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every processor
PR_SET_NO_NEW_PRIVS = 38
CAPABILITIES_3 = 0x20080522
PATH_BENEATH = 1
READ = 0b1101  # execute, read files, read folders
SOCKET = 1 << 9 | 1 << 5  # to make one, and to remove files
IN_FILES = 0b1000_0000_0000_0111 | 1 << 14  # what can be allowed on a file: also write, ioctl, truncate
TO_FILES_OF_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
DEVICE = 0b110 | 1 << 14

libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Which version of Landlock this kernel has; 0 where there is none."""
    return max(0, int(libc.syscall(CREATE_RULESET, None, 0, 1)))


def rights_of(landlock: int) -> int:
    """Every right to files that this version knows."""
    return (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(landlock, 16)) - 1


def shut(reads: list[str], writes: list[str]) -> None:
    """Shut this process in: from now on, and for all that it starts. Raises OSError."""
    landlock = version()
    if not landlock:
        return
    every = rights_of(landlock)
    attributes = struct.pack("QQQ", every, 0b11, 0b11)[: {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}.get(landlock, 24)]
    ruleset = libc.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    _check(ruleset)
    for path in reads:
        _allow(ruleset, path, READ & every)
    for path in writes:
        _allow(ruleset, path, every)
    for path in TO_FILES_OF_DEVICES:
        _allow(ruleset, path, DEVICE & every)
    _allow(ruleset, "/tmp", SOCKET)  # LibreOffice has its socket there, whatever it is told
    _check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(
        libc.capset(struct.pack("Ii", CAPABILITIES_3, 0), bytes(24))
    )  # else root may look into other processes
    _check(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= IN_FILES
        _check(libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, handle), 0))
    finally:
        os.close(handle)


def _check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main(arguments: list[str]) -> None:
    """Shut this process in and become the command."""
    end = arguments.index("--")
    named = list(zip(arguments[:end:2], arguments[1:end:2], strict=True))
    shut(
        [path for kind, path in named if kind == "--read"],
        [path for kind, path in named if kind == "--write"],
    )
    os.execvp(arguments[end + 1], arguments[end + 1 :])


if __name__ == "__main__":
    main(sys.argv[1:])
