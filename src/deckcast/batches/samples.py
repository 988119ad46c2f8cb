"""The sample deck: what somebody without a deck at hand begins with."""

from __future__ import annotations

import hashlib
from pathlib import Path

from deckcast import __file__ as package
from deckcast.batches.uploaded_decks import Upload
from deckcast.kit.errors import CallError

NAME = "deckcast.pptx"
PLACES = (Path(package).parent / "samples" / NAME, Path(package).parents[2] / "samples" / NAME)
"""In an installed package; in a checkout."""


def sample_deck() -> Upload:
    """The sample deck as if it had been uploaded. Raises CallError sample_missing."""
    for path in PLACES:
        if path.is_file():
            content = path.read_bytes()
            return Upload(path, NAME, path.suffix, len(content), hashlib.sha256(content).hexdigest())
    raise CallError(
        "sample_missing",
        "This installation came without the sample deck.",
        next_step="Upload a deck of your own.",
    )
