"""Runs one program for a sandbox-less machine and kills all it started when the parent goes away.

Started as a script, with the program's command as arguments; standard input is the parent's leash: when it
closes, because the parent let go or died, the whole process group is killed. Imports nothing of Deckcast.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys


def main() -> int:
    """Run the command given as arguments; returns its exit status."""
    with subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True) as program:
        end = os.pidfd_open(program.pid)
        ready, _, _ = select.select([sys.stdin, end], [], [])
        if end not in ready:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
            return 1
        status = program.wait()
        if status < 0:
            os.kill(os.getpid(), -status)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)  # what it left behind
        return status


if __name__ == "__main__":
    sys.exit(main())
