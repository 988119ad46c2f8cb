"""Decks that were uploaded are read as durable work; a broken one leaves its reason, and an older version as it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from dbos import DBOS

from deckcast.batches import repository
from deckcast.batches.context import current
from deckcast.batches.engine import MEDIA_RECOVERY_ATTEMPTS, WORK, enqueue, guarded, step
from deckcast.batches.imports import import_deck
from deckcast.batches.models import ImportState
from deckcast.batches.rescue import CODE, GIVEN_UP, MESSAGE, ended_works
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import DeckcastError
from deckcast.kit.fingerprint import fingerprint


@DBOS.workflow(name="import_presentation", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def import_presentation(presentation_id: str) -> None:
    """Read what was uploaded for a presentation."""

    async def failed(error: DeckcastError) -> None:
        await step(note_import_failure, presentation_id, error.code, str(error))

    await guarded(step(read_upload, presentation_id), failed)


async def start_imports(uploaded: Sequence[tuple[str, str]]) -> None:
    """Put imports to work: ids of presentations, and the keys of the uploads that are to be read."""
    for presentation_id, key in uploaded:
        await enqueue(WORK, import_presentation, workflow_id(presentation_id, key), presentation_id)


async def settle_given_up_imports(uploaded: Sequence[tuple[str, str]]) -> None:
    """An import that was begun again and again, each time until the process died, has failed."""
    works = {workflow_id(presentation_id, key): presentation_id for presentation_id, key in uploaded}
    for work in await ended_works(list(works), GIVEN_UP):
        await note_import_failure(works[work], CODE, MESSAGE)


def workflow_id(presentation_id: str, key: str) -> str:
    """The import of one upload of a presentation."""
    return f"{presentation_id}.import.{fingerprint('upload/1', key=key)[:16]}"


async def read_upload(presentation_id: str) -> None:
    """Read the upload, and make it the presentation's deck.

    Raises DeckError (decks/service.py); WorkError storage_lost; MachineError of many codes.
    """
    context = current()
    async with context.db.read() as session:
        row = await session.get(PresentationRow, presentation_id)
    if row is None or row.next_deck_key is None:
        return
    await _tell_step(presentation_id, "reading")
    deck = await context.store.local(row.next_deck_key)
    await import_deck(row, deck)
    async with context.db.write() as session:
        done = await session.get_one(PresentationRow, presentation_id)
        if done.next_deck_key != row.next_deck_key:
            return  # a newer upload is waiting
        done.deck_key, done.next_deck_key = row.next_deck_key, None
        done.state, done.import_step = ImportState.READY, ""
        done.error_code = done.error_message = None
        await repository.tell(session, presentation_id, "presentation.changed", {})


async def _tell_step(presentation_id: str, name: str) -> None:
    async with current().db.write() as session:
        row = await session.get_one(PresentationRow, presentation_id)
        row.import_step = name
        await repository.tell(session, presentation_id, "presentation.changed", {})


async def note_import_failure(presentation_id: str, code: str, message: str) -> None:
    """Write down why a deck could not be read."""
    async with current().db.write() as session:
        row = await session.get(PresentationRow, presentation_id)
        if row is None:
            return
        row.state = ImportState.READY if row.deck_sha256 else ImportState.FAILED
        if row.next_deck_key is not None:  # a person knows the deck by another name than the storage does
            message = message.replace(PurePosixPath(row.next_deck_key).name, row.deck_name)
        row.next_deck_key, row.import_step = None, ""
        row.error_code, row.error_message = code, message
        await repository.tell(session, presentation_id, "presentation.changed", {})
