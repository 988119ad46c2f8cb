"""Imports a deck: reads it in a child, stores its pictures, and brings the slides' rows up to date.

Slides are matched by the deck's own slide id, never by position.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.batches.slide_order import arranged
from deckcast.db.models import PresentationRow, SlideRow
from deckcast.decks.elsewhere import read_elsewhere
from deckcast.decks.finish import title_of_file
from deckcast.decks.models import Deck, Slide
from deckcast.decks.service import check_deck, read_deck
from deckcast.kit.children import run_limited
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckError
from deckcast.kit.files import scratch_dir
from deckcast.kit.fingerprint import file_sha256
from deckcast.kit.ids import new_id

OWNER = "local"
READER_VERSION = "2"  # raised where the same deck would be read differently


async def presentation_for(deck_path: Path) -> PresentationRow:
    """The presentation made of this file, its row made now if need be."""
    context = current()
    source = str(await asyncio.to_thread(deck_path.resolve))
    async with context.db.write() as session:
        row = await repository.presentation_of(session, OWNER, source)
        if row is None:
            row = PresentationRow(id=new_id("pre"), owner=OWNER, source=source)
            session.add(row)
    return row


async def import_deck(presentation: PresentationRow, deck_path: Path) -> bool:
    """Read the deck if it is new or changed; returns whether it was read.

    Raises DeckError (see decks/service.py); what was imported before stays as it was then.
    """
    context = current()
    limits = context.settings.limits
    await asyncio.to_thread(check_deck, deck_path, limits)
    sha256 = await asyncio.to_thread(file_sha256, deck_path)
    is_same = (presentation.deck_sha256, presentation.reader_version) == (sha256, READER_VERSION)
    if is_same and await _pictures_are_there(presentation.id):
        return False
    with scratch_dir(context.scratch, "import") as folder:
        deck = await _read(deck_path, folder)
        pictures = await _store_pictures(presentation.id, deck)
    if await asyncio.to_thread(file_sha256, deck_path) != sha256:
        raise DeckError(
            "deck_changed",
            "The deck changed while it was being read.",
            next_step="Save it, then run the same command again.",
            retryable=True,
        )
    if presentation.deck_name and deck.title == title_of_file(deck_path):  # a name of the storage's own
        deck = replace(deck, title=title_of_file(Path(presentation.deck_name)))
    await _save(presentation.id, sha256, deck, pictures)
    return True


async def _read(deck_path: Path, folder: Path) -> Deck:
    """What is in the deck, its pictures below `folder`: read here, or by a converter where one is named."""
    settings = current().settings
    pictures, limits = folder / "pictures", settings.limits
    if settings.decks.converter_dir is not None:
        return await read_elsewhere(deck_path, pictures, limits, settings.decks)
    return await run_limited(
        read_deck,
        (deck_path, pictures, limits, folder, settings.allow_unsandboxed),
        timeout_s=limits.convert_timeout_s * 2,
    )


async def _pictures_are_there(presentation_id: str) -> bool:
    context = current()
    async with context.db.read() as session:
        slides = await repository.slides_of(session, presentation_id)
    there = {asset.key for asset in await context.store.list(_pictures(presentation_id))}
    return all(slide.image_key is None or slide.image_key in there for slide in slides)


def _pictures(presentation_id: str) -> str:
    return f"presentations/{presentation_id}/slides"


async def _store_pictures(presentation_id: str, deck: Deck) -> dict[str, tuple[str, str]]:
    """Slide key → asset key and SHA-256 of its picture."""
    stored = {}
    for slide in deck.slides:
        if slide.image is not None:
            sha256 = await asyncio.to_thread(file_sha256, slide.image)
            key = f"{_pictures(presentation_id)}/{sha256[:32]}{slide.image.suffix}"
            await current().store.put(slide.image, key)
            stored[slide.key] = (key, sha256)
    return stored


async def _save(presentation_id: str, sha256: str, deck: Deck, pictures: dict[str, tuple[str, str]]) -> None:
    async with current().db.write() as session:
        presentation = await session.get_one(PresentationRow, presentation_id)
        presentation.author, presentation.language = deck.author, deck.language
        if not presentation.titled:
            presentation.title = deck.title
        presentation.deck_sha256, presentation.reader_version = sha256, READER_VERSION
        presentation.warnings = [asdict(warning) for warning in deck.warnings]
        presentation.updated_at = now()
        known = {row.key: row for row in await repository.all_slides_of(session, presentation_id)}
        order = _order(known.values(), [slide.key for slide in deck.slides])
        for row in known.values():
            row.removed = True
        for slide in deck.slides:
            slide_row = known.get(slide.key)
            if slide_row is None:
                slide_row = SlideRow(id=new_id("sli"), presentation_id=presentation_id, key=slide.key)
                session.add(slide_row)
            _fill(slide_row, slide, pictures.get(slide.key))
            slide_row.position = order[slide.key]
        await repository.tell(session, presentation_id, "presentation.imported", {"slides": len(deck.slides)})


def _order(known: Collection[SlideRow], keys: Sequence[str]) -> dict[str, int]:
    """Each slide's place in the film (from 1): a person's order stays, and new slides follow those before them."""
    there = [row for row in known if not row.removed]
    in_film = sorted(there, key=lambda row: (row.position, row.number))
    moved = in_film != sorted(there, key=lambda row: row.number)
    order = arranged(keys, [row.key for row in in_film]) if moved else keys
    return {key: place for place, key in enumerate(order, start=1)}


def _fill(row: SlideRow, slide: Slide, picture: tuple[str, str] | None) -> None:
    content = asdict(slide)
    for elsewhere in ("image", "builds", "notes", "warnings"):
        content.pop(elsewhere)
    row.number, row.title, row.notes = slide.number, slide.title, slide.notes
    row.language, row.hidden, row.removed = slide.language, slide.hidden, False
    row.content = content
    row.warnings = [asdict(warning) for warning in slide.warnings]
    row.image_key, row.image_sha256 = picture or (None, None)
