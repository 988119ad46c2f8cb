"""The command line. Light to import: every command loads what it needs when it runs."""

from __future__ import annotations

import atexit
import gc

GARBAGE_AFTER = 50_000  # objects more; Python's own 700 is met hundreds of times by imports alone


def main() -> None:
    """Entry of the `deckcast` command."""
    gc.set_threshold(GARBAGE_AFTER)
    atexit.register(gc.freeze)  # nothing is searched for garbage that the process's end frees anyway
    from deckcast.cli.app import run

    run()
