"""Tries again what did not come out of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deckcast.batches import owned_repository, repository
from deckcast.batches.context import current
from deckcast.batches.models import ENDED, BatchKind, BatchState, MakeRequest, Status
from deckcast.batches.requests import provider_named
from deckcast.batches.starting import Started, ready, started
from deckcast.db.models import BatchRow, ItemRow
from deckcast.kit.errors import CallError

_NOT_OUT = (Status.FAILED, Status.TIMED_OUT, Status.UNRESOLVED, Status.CANCELLED)


async def retry_failed(owner: str, batch_id: str, max_cost_usd: float | None = None) -> Started:
    """Order a batch's request again for the slides that did not come out; for a film, again for all of its slides,
    since what is fresh is taken. Nothing is bought anew: a slide keeps what was ordered for it. `max_cost_usd` is
    another cap than before.

    Raises CallError not_found, batch_running, nothing_failed; as `starting.start`.
    """
    async with current().db.read() as session:
        batch = await owned_repository.batch(session, owner, batch_id)
        items = await repository.items_of(session, batch_id)
    if batch.state not in ENDED:
        raise CallError(
            "batch_running",
            "This batch is still at work.",
            next_step="Wait for its end, or cancel it first.",
            retryable=True,
        )
    failed = [item for item in items if item.error_code or item.status in _NOT_OUT]
    if batch.state == BatchState.COMPLETED or not (failed or batch.error_code):
        raise _nothing_failed()
    presentation = await ready(owner, batch.presentation_id)
    request = await _again(batch, items, failed)
    if max_cost_usd is not None:
        request = replace(request, max_cost_usd=max_cost_usd)
    if request.provider:
        provider_named(request.provider, current().providers)
    return await started(presentation, BatchKind(batch.kind), request)


async def _again(batch: BatchRow, items: Sequence[ItemRow], failed: Sequence[ItemRow]) -> MakeRequest:
    """The request for the slides to try again, as they are numbered now."""
    request = MakeRequest.from_json(batch.request)
    wanted = failed
    if batch.kind == BatchKind.PRESENTATION_VIDEO:
        if request.slides is None:
            return replace(request, nonce="")
        wanted = items
    async with current().db.read() as session:
        slides = await repository.slides_of(session, batch.presentation_id)
    ids = {item.slide_id for item in wanted}
    numbers = tuple(slide.number for slide in slides if slide.id in ids)
    if not numbers:
        raise _nothing_failed()
    return replace(request, nonce="", slides=tuple(sorted(numbers)))


def _nothing_failed() -> CallError:
    return CallError("nothing_failed", "Every slide of this batch came out: there is nothing to try again.")
