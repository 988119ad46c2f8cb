"""What `deckcast doctor` found out about one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at: `ok`, whether Deckcast can do without it, what was found, what mends it, and whether it
    is set up at all, where nobody needs to."""

    name: str
    ok: bool
    required: bool
    found: str
    mend: str = ""
    set_up: bool = True

    @property
    def sign(self) -> str:
        """✓ fine, – not set up, ✗ must be mended, ! should be mended."""
        if not self.set_up:
            return "–"
        return "✓" if self.ok else "✗" if self.required else "!"


def not_set_up(name: str, found: str) -> Check:
    """Something that nobody needs, and that is not there."""
    return Check(name, True, False, found, set_up=False)


def fault_of(attempt: Callable[[], None]) -> str:
    """What goes wrong, in one line; empty where nothing does."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - a driver may raise anything, and it is shown
        return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return ""
