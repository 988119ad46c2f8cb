"""How the API has work started: what was asked for becomes a batch, which the server's worker takes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deckcast.batches import money, owned_repository, repository
from deckcast.batches.context import current
from deckcast.batches.disclosure import Leaving
from deckcast.batches.estimates import BatchEstimate, estimate_batch, estimate_planned
from deckcast.batches.models import BatchKind, BatchState, ImportState, MakeRequest
from deckcast.batches.ordering import order_batch
from deckcast.batches.prices import BatchSummary
from deckcast.batches.requests import Asked, Choices, request_for
from deckcast.batches.scopes import held_by_command
from deckcast.db.models import BatchRow, PresentationRow
from deckcast.kit.errors import CallError


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A batch that was ordered, or the open one that is the same: what it would do, how long it takes (shortest and
    longest, in seconds), and what it sends away."""

    batch_id: str
    presentation_id: str
    kind: BatchKind
    state: BatchState
    summary: BatchSummary
    time_s: tuple[float, float]
    leaving: tuple[Leaving, ...]


def check_switched_on(kind: BatchKind) -> None:
    """Raises CallError feature_off for a batch that the operator has switched off."""
    if kind is BatchKind.ALL_AVATAR_VIDEOS and not current().settings.features.batch_avatar_videos:
        raise CallError(
            "feature_off",
            "Making the avatar videos of many slides at once is switched off here.",
            next_step="Make them slide by slide.",
        )


async def start(
    owner: str,
    presentation_id: str,
    kind: BatchKind,
    asked: Asked,
    *,
    slide_ids: Sequence[str] | None = None,
    token: str | None = None,
) -> Started:
    """Order a batch for an owner's presentation. `slide_ids` says which slides (None: as in `asked`); what is made
    anew under the same `token` is made once.

    Raises CallError not_found, presentation_not_ready, presentation_busy, slides_invalid; as `request_for` and
    `order_batch`.
    """
    presentation = await ready(owner, presentation_id)
    if slide_ids is not None:
        asked = replace(asked, slides=await numbers_of(presentation.id, slide_ids))
    request = await request_for(kind, asked, current().providers, Choices.from_json(presentation.choices))
    if request.nonce and token is not None:
        request = replace(request, nonce=token)
    return await started(presentation, kind, request)


async def start_slide(
    owner: str, slide_id: str, kind: BatchKind, asked: Asked, *, token: str | None = None
) -> Started:
    """Order a batch of one slide. Raises as `start`."""
    async with current().db.read() as session:
        presentation, slide = await owned_repository.slide(session, owner, slide_id)
    return await start(owner, presentation.id, kind, asked, slide_ids=[slide.id], token=token)


async def started(presentation: PresentationRow, kind: BatchKind, request: MakeRequest) -> Started:
    """Order a batch by its request. Raises as `order_batch`."""
    batch_id, summary = await order_batch(presentation, kind, request, beside=True)
    estimate = await estimate_planned(batch_id)
    async with current().db.read() as session:
        state = BatchState((await session.get_one(BatchRow, batch_id)).state)
    return Started(
        batch_id=batch_id,
        presentation_id=presentation.id,
        kind=kind,
        state=state,
        summary=summary,
        time_s=estimate.time_s,
        leaving=estimate.leaving,
    )


async def estimated(
    owner: str,
    presentation_id: str,
    kind: BatchKind,
    asked: Asked,
    *,
    slide_ids: Sequence[str] | None = None,
) -> BatchEstimate:
    """What `start` would order, and nothing is. Raises as `start`, but for presentation_busy and what is paid."""
    presentation = await ready(owner, presentation_id, to_work=False)
    if slide_ids is not None:
        asked = replace(asked, slides=await numbers_of(presentation.id, slide_ids))
    choices = Choices.from_json(presentation.choices)
    return await estimate_batch(
        presentation, kind, await request_for(kind, asked, current().providers, choices)
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent in USD, for one batch and today; None: no cap."""

    per_batch_usd: float | None
    left_today_usd: float | None


async def budget_of(owner: str) -> Budget:
    """What an owner may spend."""
    settings = current().settings.money
    async with current().db.read() as session:
        left = await money.left_today_usd(session, owner, settings)
    cap = settings.max_per_batch_usd
    return Budget(float(cap) if cap is not None else None, float(left) if left is not None else None)


async def ready(owner: str, presentation_id: str, *, to_work: bool = True) -> PresentationRow:
    """An owner's presentation whose deck is read and, `to_work`, that no command works on.

    Raises CallError not_found, presentation_not_ready, presentation_busy.
    """
    async with current().db.read() as session:
        presentation = await owned_repository.presentation(session, owner, presentation_id)
    if presentation.state != ImportState.READY:
        reading = presentation.state == ImportState.IMPORTING
        raise CallError(
            "presentation_not_ready",
            "The deck is still being read." if reading else "The deck could not be read.",
            next_step="Wait a moment." if reading else "Upload it again.",
            retryable=reading,
        )
    if to_work and await held_by_command(current(), presentation.id):
        raise CallError(
            "presentation_busy",
            "A command works on this presentation.",
            next_step="Wait for its end.",
            retryable=True,
        )
    return presentation


async def numbers_of(presentation_id: str, slide_ids: Sequence[str]) -> tuple[int, ...]:
    """The numbers of some slides of a presentation. Raises CallError slides_invalid for one that is none of its."""
    async with current().db.read() as session:
        numbers = {row.id: row.number for row in await repository.slides_of(session, presentation_id)}
    unknown = [each for each in slide_ids if each not in numbers]
    if unknown:
        raise CallError(
            "slides_invalid",
            f"The presentation has no slide {unknown[0]!r}.",
            next_step="Name slides by the ids that the presentation lists.",
        )
    return tuple(sorted({numbers[each] for each in slide_ids}))
