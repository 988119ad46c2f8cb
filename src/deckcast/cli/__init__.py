"""The command line. Light to import: every command loads what it needs when it runs."""

from __future__ import annotations


def main() -> None:
    """Entry of the `deckcast` command."""
    import deckcast.kit.garbage  # noqa: F401 - before everything else
    from deckcast.cli.app import run

    run()
