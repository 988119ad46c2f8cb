"""Links that open a presentation's film for whoever has them, for a while. Only the hash of a secret is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from deckcast.batches import owned_repository, shares_repository
from deckcast.batches.context import current
from deckcast.db.models import PresentationRow
from deckcast.db.people import ShareRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.kit.ids import new_id

LONGEST_S = 30 * 24 * 3600
MOST = 100


async def share(owner: str, presentation_id: str, expires_in_s: int) -> tuple[ShareRow, str]:
    """A new share of an owner's presentation, and its secret, which nobody can read again.

    Raises CallError not_found, too_many_shares.
    """
    secret = secrets.token_urlsafe(32)
    at = now()
    row = ShareRow(
        id=new_id("shr"),
        presentation_id=presentation_id,
        sha256=_hashed(secret),
        created_at=at,
        expires_at=at + timedelta(seconds=expires_in_s),
    )
    async with current().db.write() as session:
        await owned_repository.presentation(session, owner, presentation_id)
        await shares_repository.forget_expired(session, at)
        if len(await shares_repository.shares_of(session, presentation_id, at)) >= MOST:
            raise CallError(
                "too_many_shares",
                f"A presentation has at most {MOST} shares at a time.",
                next_step="Remove some that are not needed any more.",
            )
        session.add(row)
    return row, secret


async def shares_of(owner: str, presentation_id: str) -> Sequence[ShareRow]:
    """The shares of an owner's presentation that still open it, newest first. Raises CallError not_found."""
    async with current().db.read() as session:
        await owned_repository.presentation(session, owner, presentation_id)
        return await shares_repository.shares_of(session, presentation_id, now())


async def remove_share(owner: str, presentation_id: str, share_id: str) -> None:
    """Have a share open nothing any more. Raises CallError not_found."""
    async with current().db.write() as session:
        await owned_repository.presentation(session, owner, presentation_id)
        if not await shares_repository.remove_share(session, presentation_id, share_id):
            raise CallError("not_found", "There is no such share.")


async def shared(secret: str) -> PresentationRow:
    """The presentation that a secret opens. Raises CallError not_found."""
    async with current().db.read() as session:
        row = await shares_repository.shared_with(session, _hashed(secret), now())
    if row is None:
        raise CallError("not_found", "This link opens nothing: it was wrong, or its time is over.")
    return row


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
