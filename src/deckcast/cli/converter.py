"""`deckcast converter`: opens decks for workers that share a folder with it, where there is no network."""

from __future__ import annotations

import signal
import threading

from rich.console import Console

from deckcast.decks.converter import Converter, require_seclusion
from deckcast.kit import children
from deckcast.kit.errors import CallError
from deckcast.kit.files import disk_errors, sweep_scratch
from deckcast.kit.settings import Settings

PRELOAD = ["deckcast.kit.garbage", "deckcast.cli", "deckcast.decks.service"]


def run_converter(settings: Settings) -> int:
    """Convert until SIGINT or SIGTERM; returns the exit status.

    Raises CallError settings_invalid; MachineError converter_exposed, disk_full, not_writable.
    """
    folder = settings.decks.converter_dir
    if folder is None:
        raise CallError(
            "settings_invalid",
            "A converter needs a folder that it shares with the workers.",
            next_step="Name it with DECKCAST_DECKS__CONVERTER_DIR, here and for the workers.",
        )
    require_seclusion(settings.allow_unsandboxed)
    scratch = settings.data_dir / "tmp"
    with disk_errors(folder / "x"):
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep_scratch(scratch)
        children.preload(PRELOAD)
        children.set_log_level(settings.log_level)
        converter = Converter(folder, scratch)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(
            f"Opening decks that workers put into {folder}. Ctrl-C stops it."
        )
        converter.run(stop)
    return 0
