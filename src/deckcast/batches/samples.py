"""The sample deck: what somebody without a deck at hand begins with."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from pathlib import Path

from deckcast import __file__ as package
from deckcast.batches.context import current
from deckcast.batches.uploaded_decks import Upload, create_presentation
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import CallError
from deckcast.kit.files import scratch_dir

NAME = "deckcast.pptx"
PLACES = (Path(package).parent / "samples" / NAME, Path(package).parents[2] / "samples" / NAME)
"""In an installed package; in a checkout."""


async def create_sample(owner: str) -> PresentationRow:
    """A new presentation of an owner's, of the sample deck. Raises CallError sample_missing, quota_exceeded; as
    AssetStore.put."""
    with scratch_dir(current().scratch, "sample") as folder:
        return await create_presentation(owner, await asyncio.to_thread(_copied, folder))


def _copied(folder: Path) -> Upload:
    """The store takes the file that it is given away: it is given a copy."""
    for place in PLACES:
        if place.is_file():
            path = Path(shutil.copyfile(place, folder / NAME))
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            return Upload(path, NAME, path.suffix, path.stat().st_size, digest)
    raise CallError(
        "sample_missing",
        "This installation came without the sample deck.",
        next_step="Upload a deck of your own.",
    )
