"""Whether this machine has the fonts that a deck asks for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import cache

from deckcast.decks.models import Warning

_TWINS = {
    "arial": "liberation sans",
    "arial narrow": "liberation sans narrow",
    "arial unicode ms": "liberation sans",
    "helvetica": "liberation sans",
    "calibri": "carlito",
    "cambria": "caladea",
    "courier": "liberation mono",
    "courier new": "liberation mono",
    "georgia": "gelasio",
    "symbol": "opensymbol",
    "times": "liberation serif",
    "times new roman": "liberation serif",
    "webdings": "opensymbol",
    "wingdings": "opensymbol",
    "wingdings 2": "opensymbol",
    "wingdings 3": "opensymbol",
}
"""Fonts drawn with the same widths (or the same signs) as the ones that cannot be shipped."""
_EMOJI = {"segoe ui emoji", "apple color emoji", "noto color emoji", "segoe ui symbol"}
_NAMED_AT_MOST = 6
_LANGUAGES_TO_CHECK = {
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "fa": "Persian", "he": "Hebrew",
    "hi": "Hindi", "bn": "Bengali", "ta": "Tamil", "te": "Telugu", "th": "Thai", "km": "Khmer", "my": "Burmese",
    "ka": "Georgian", "hy": "Armenian", "am": "Amharic", "gu": "Gujarati", "pa": "Punjabi", "si": "Sinhala",
}  # fmt: skip


def font_warning(fonts: Iterable[str], language: str) -> Warning | None:
    """Name the fonts that this machine lacks, and a script that it cannot draw at all."""
    installed = installed_families()
    if not installed:
        return None
    missing = [name for name in fonts if not _is_drawn_alike(name.lower(), installed)]
    parts = []
    if missing:
        named = ", ".join(missing[:_NAMED_AT_MOST]) + (" and more" if len(missing) > _NAMED_AT_MOST else "")
        parts.append(f"Drawn with other fonts, since this machine lacks {named}.")
    if language in _LANGUAGES_TO_CHECK and not _families(f":lang={language}"):
        parts.append(
            f"This machine has no font for {_LANGUAGES_TO_CHECK[language]}: its text shows as boxes."
        )
    return Warning("fonts_missing", " ".join(parts)) if parts else None


def _is_drawn_alike(name: str, installed: frozenset[str]) -> bool:
    if name in installed or _TWINS.get(name) in installed:
        return True
    return name in _EMOJI and "symbola" in installed


def installed_families() -> frozenset[str]:
    """All font families of this machine in lower case, as fontconfig knows them; empty without fontconfig."""
    return _families(":")


@cache
def _families(pattern: str) -> frozenset[str]:
    try:
        listed = subprocess.run(
            ["fc-list", pattern, "family"], capture_output=True, text=True, timeout=60, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(
        name.strip().lower() for line in listed.splitlines() for name in line.split(",") if name.strip()
    )
