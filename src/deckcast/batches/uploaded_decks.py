"""What becomes of an uploaded deck: a presentation that is being imported, or a new version of one that is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import owned_repository, quotas, repository
from deckcast.batches.context import current
from deckcast.batches.models import ImportState
from deckcast.batches.scopes import held_by_command
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import CallError
from deckcast.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Upload:
    """A deck that has come in whole: a temporary file, what its owner called it, and the suffix its content asks for
    (".pptx", ".pdf", ".ppt")."""

    path: Path
    name: str
    suffix: str
    size_bytes: int
    sha256: str


async def create_presentation(owner: str, upload: Upload) -> PresentationRow:
    """A new presentation of an owner's, which a worker now imports. Raises CallError quota_exceeded; as
    AssetStore.put."""
    context, presentation_id = current(), new_id("pre")
    async with context.db.read() as session:
        await quotas.check_upload(session, owner, context.settings.quotas, upload.size_bytes)
    key = await _stored(presentation_id, upload)
    row = PresentationRow(
        id=presentation_id,
        owner=owner,
        source=presentation_id,
        title=PurePosixPath(upload.name).stem or upload.name,
        state=ImportState.IMPORTING,
        import_step="waiting",
        deck_name=upload.name,
        next_deck_key=key,
        deck_size_bytes=upload.size_bytes,
    )
    try:
        async with context.db.write() as session:
            await quotas.check_upload(session, owner, context.settings.quotas, upload.size_bytes)
            session.add(row)
            await repository.tell(session, presentation_id, "presentation.changed", {})
    except CallError:  # other uploads have come meanwhile
        await context.store.remove(key)
        raise
    return row


async def replace_deck(owner: str, presentation_id: str, upload: Upload) -> None:
    """Have a worker import a new version of a presentation's deck; until it is read, the old one stands.

    Raises CallError not_found, presentation_busy, quota_exceeded; as AssetStore.put.
    """
    context = current()
    async with context.db.read() as session:
        row = await owned_repository.presentation(session, owner, presentation_id)
        await _check_idle(session, row)
        await quotas.check_upload(session, owner, context.settings.quotas, upload.size_bytes, new=False)
    key = await _stored(presentation_id, upload)
    try:
        async with context.db.write() as session:
            row = await owned_repository.locked_presentation(session, owner, presentation_id)
            await _check_idle(session, row)
            row.next_deck_key, row.deck_name, row.deck_size_bytes = key, upload.name, upload.size_bytes
            row.state, row.import_step = ImportState.IMPORTING, "waiting"
            row.error_code = row.error_message = None
            await repository.tell(session, presentation_id, "presentation.changed", {})
    except CallError:
        await context.store.remove(key)
        raise


async def check_replaceable(owner: str, presentation_id: str) -> None:
    """Refuse before an upload is taken what would be refused after it. Raises CallError not_found,
    presentation_busy."""
    async with current().db.read() as session:
        await _check_idle(session, await owned_repository.presentation(session, owner, presentation_id))


async def _check_idle(session: AsyncSession, row: PresentationRow) -> None:
    held = await held_by_command(current(), row.id)
    importing = row.next_deck_key is not None or row.state == ImportState.IMPORTING
    if importing or held or await repository.open_batches(session, row.id):
        raise CallError(
            "presentation_busy",
            "Deckcast is at work on this presentation.",
            next_step="Wait for it to end, or cancel it, then upload the new version again.",
            retryable=True,
        )


async def _stored(presentation_id: str, upload: Upload) -> str:
    key = f"presentations/{presentation_id}/decks/{new_id('dck')}{upload.suffix}"
    await current().store.put(upload.path, key)
    return key
