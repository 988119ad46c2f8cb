"""Plans a batch: which slides, what will be said, where the presenter stands. Rows only; nothing is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars.ports import TRANSPARENT, AvatarProvider
from deckcast.batches import repository, texts_repository, turns
from deckcast.batches.batch_log import log_started
from deckcast.batches.context import current
from deckcast.batches.ending import end_batch
from deckcast.batches.models import (
    ENDED,
    BatchKind,
    BatchState,
    DeckStep,
    ImportState,
    MakeRequest,
    Priority,
    Status,
    Step,
)
from deckcast.batches.orders import (
    said,
    speaks_itself,
    wanted_speech,
    wanted_video,
)
from deckcast.batches.prices import BatchSummary, summarise
from deckcast.batches.requests import Choices, chosen_after
from deckcast.batches.texts import Words, plan_words
from deckcast.db.database import LOCKED
from deckcast.db.models import BatchRow, ItemRow, PresentationRow, SlideRow
from deckcast.kit.children import run_in_child
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.ids import new_id
from deckcast.videos.models import Corner, Layout, Placement, Shape, Size
from deckcast.videos.presentation import ContentBoxes, place_slides

Check = Callable[[BatchSummary], None]


async def plan_batch(
    presentation: PresentationRow,
    kind: BatchKind,
    request: MakeRequest,
    *,
    beside: bool = False,
    check: Check | None = None,
) -> str:
    """The id of the batch that makes this: an open one with the same request goes on. Any other open one of the
    presentation is ended first, and what it finished is used; or, `beside` them, the new one is refused where one of
    its slides is still on its way in another. `check` is given the plan in figures; where it raises, nothing is
    planned.

    Raises CallError slides_invalid, no_slides, too_long_for_provider, batch_running, not_found,
    presentation_not_ready; whatever `check` raises.
    """
    context = current()
    async with context.db.read() as session:
        by_hand = await texts_repository.made_by_hand(session, presentation.id)
        wanted = _fingerprint(presentation, kind, request, by_hand)
        standing = await repository.open_batches(session, presentation.id)
        slides = chosen(await repository.slides_of(session, presentation.id), request)
    for batch in standing:
        if _goes_on(batch, wanted):
            return batch.id
    return await _create(presentation, kind, request, wanted, slides, beside=beside, check=check)


def _goes_on(batch: BatchRow, wanted: str) -> bool:
    """Whether an open batch is what is wanted."""
    return batch.fingerprint == wanted and batch.state == BatchState.RUNNING and batch.cancelled_at is None


def _fingerprint(
    presentation: PresentationRow, kind: BatchKind, request: MakeRequest, by_hand: Sequence[str]
) -> str:
    """Equal for the same wish on the same deck, edited alike, and the same speaker. A regenerate that was
    interrupted is the same wish again, or all that it has bought so far would be bought twice."""
    wish = {**request.to_json(), "nonce": bool(request.nonce), "priority": None}
    speech = current().settings.speech
    speaker = [speech.engine, speech.voice] if kind.goes_to(Step.SPEECH) else None
    return fingerprint(
        "batch/1",
        makes=kind,
        deck=presentation.deck_sha256,
        by_hand=list(by_hand),
        request=wish,
        speaker=speaker,
    )


def chosen(slides: Sequence[SlideRow], request: MakeRequest) -> list[SlideRow]:
    """The slides of the film: those asked for, else all that are not hidden."""
    if request.slides is None:
        picked = [slide for slide in slides if is_shown(slide)]
        if not picked:
            raise CallError(
                "no_slides",
                "Every slide of this deck is hidden.",
                next_step="Show some, or name them (--slides).",
            )
        return picked
    unknown = sorted(set(request.slides) - {slide.number for slide in slides})
    if unknown:
        raise CallError(
            "slides_invalid",
            f"The deck has no slide {', '.join(map(str, unknown))}; it has 1 to {len(slides)}.",
            next_step="Name other slides (--slides).",
        )
    return [slide for slide in slides if slide.number in request.slides]


def is_shown(slide: SlideRow) -> bool:
    """Whether a slide belongs to the film: a person's choice, else all that the deck does not hide."""
    return not slide.hidden if slide.included is None else slide.included


async def _create(
    presentation: PresentationRow,
    kind: BatchKind,
    request: MakeRequest,
    wanted: str,
    slides: Sequence[SlideRow],
    *,
    beside: bool,
    check: Check | None,
) -> str:
    context = current()
    placements: Sequence[Placement | None] = [None] * len(slides)
    if kind.draws:
        placements = await place_for(request, slides)
    batch = BatchRow(
        id=new_id("bat"),
        presentation_id=presentation.id,
        kind=kind,
        state=BatchState.RUNNING,
        fingerprint=wanted,
        request=request.to_json(),
        scope=context.scope,
    )
    async with context.db.write() as session:
        await repository.lock_slides(session, presentation.id)
        for old in await repository.open_batches(session, presentation.id):
            if not beside:
                await _end_old(session, old.id)
            elif _goes_on(old, wanted):
                return old.id  # asked for twice at the same moment
            elif old.cancelled_at is None:
                await _check_apart(session, old, slides)
        row = await _as_it_is_now(session, presentation.id)
        rows = {row.id: row for row in await repository.slides_of(session, presentation.id)}
        if not rows.keys() >= {slide.id for slide in slides}:
            raise _changed()
        await turns.set_stride(session, batch, presentation.owner, Priority(request.priority))
        session.add(batch)
        await session.flush()
        planned = await plan_words(
            session, presentation, [rows[each.id] for each in slides], kind, request, context.model
        )
        pronunciations = await texts_repository.pronunciations_of(session, presentation.id)
        await session.flush()
        items = [
            new_item(batch, rows[slide.id], placement, planned[slide.id], pronunciations)
            for slide, placement in zip(slides, placements, strict=True)
        ]
        batch.todo = _for_all(presentation, kind, items)
        await mark_reused(session, presentation, kind, request, items, planned)
        for item in items:
            rows[item.slide_id].nonce = item.nonce
        if kind.draws:
            check_limits(request, context.providers[request.provider], items)
        if check is not None:
            spoken = await repository.speeches_of(session, presentation.id)
            check(summarise(kind, request, items, spoken))
        session.add_all(items)
        row.choices = chosen_after(Choices.from_json(row.choices), kind, request).to_json()
        await repository.tell(session, presentation.id, "batch.started", {"batch_id": batch.id, "kind": kind})
    log_started(batch, len(items))
    return batch.id


async def _as_it_is_now(session: AsyncSession, presentation_id: str) -> PresentationRow:
    """The presentation's row, locked: it may have been deleted, or got another deck, since it was looked at. Raises
    CallError not_found, presentation_not_ready."""
    row = await session.get(PresentationRow, presentation_id, with_for_update=LOCKED, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise CallError("not_found", "There is no such presentation.")
    if row.state != ImportState.READY:
        raise _changed()
    return row


def _changed() -> CallError:
    return CallError(
        "presentation_not_ready",
        "The deck is just being replaced.",
        next_step="Wait a moment, then look at its slides again.",
        retryable=True,
    )


async def place_for(request: MakeRequest, slides: Sequence[SlideRow]) -> Sequence[Placement]:
    """Where slide and presenter stand on each of these slides, which follow one another."""
    return await run_in_child(
        place_slides,
        await asyncio.gather(*(_place_input(slide) for slide in slides)),
        Layout(request.layout),
        Corner(request.corner) if request.corner else None,
        Shape.CUT_OUT if request.background == TRANSPARENT else Shape(request.shape),
        Size(request.size) if request.size else None,
    )


def _for_all(presentation: PresentationRow, kind: BatchKind, items: Sequence[ItemRow]) -> list[str]:
    """What is to be done for all slides together."""
    analysed = [item for item in items if Step.ANALYSIS in item.todo]
    written = [item for item in items if Step.NARRATIVE in item.todo]
    is_all = kind == BatchKind.ALL_ANALYSES
    todo = [DeckStep.ANALYSIS] if is_all or (analysed and presentation.analysis is None) else []
    return [*todo, DeckStep.EVENING] if len(written) > 1 else list(todo)


async def mark_reused(
    session: AsyncSession,
    presentation: PresentationRow,
    kind: BatchKind,
    request: MakeRequest,
    items: Sequence[ItemRow],
    planned: Mapping[str, Words],
) -> None:
    """Say of each item whether what its batch makes is there already, or paid, or under way."""
    if kind.draws:
        made = await _made(session, presentation.id)
        for item in items:
            item.reused = wanted_video(request, item) in made
            await asyncio.sleep(0)  # a server answers others meanwhile
    elif kind.goes_to(Step.SPEECH):
        spoken = await repository.speeches_of(session, presentation.id)
        for item in items:
            item.reused = wanted_speech(request, item) in spoken
    else:
        for item in items:
            item.reused = planned[item.slide_id].fresh


async def _made(session: AsyncSession, presentation_id: str) -> set[tuple[str, str]]:
    """Slide and fingerprint of every avatar video that is made, paid or under way."""
    return {(row.slide_id, row.fingerprint) for row in await repository.videos_of(session, presentation_id)}


def check_limits(request: MakeRequest, provider: AvatarProvider, items: Sequence[ItemRow]) -> None:
    """Refuse before anything is spent what the provider would refuse later."""
    can = provider.capabilities
    ours = [item for item in items if not item.reused and not speaks_itself(request, provider, item)]
    theirs = [item for item in items if not item.reused and speaks_itself(request, provider, item)]
    if can.max_audio_s is not None:
        too_long = [item.number for item in ours if item.estimated_s > can.max_audio_s]
        _refuse(provider, too_long, f"{can.max_audio_s / 60:.0f} minutes of speech")
    if can.max_script_chars is not None:
        too_long = [item.number for item in theirs if len(said(item)) > can.max_script_chars]
        _refuse(provider, too_long, f"{can.max_script_chars} characters of text")


def _refuse(provider: AvatarProvider, too_long: Sequence[int], limit: str) -> None:
    if too_long:
        named = ", ".join(map(str, too_long))
        raise CallError(
            "too_long_for_provider",
            f"{provider.name} takes at most {limit} a slide; too long: slide {named}.",
            next_step="Shorten their notes, leave them out, or use the local presenter. "
            "Nothing was submitted.",
        )


async def _check_apart(session: AsyncSession, old: BatchRow, slides: Sequence[SlideRow]) -> None:
    """Refuse where another batch still works on one of these slides."""
    wanted = {slide.id for slide in slides}
    busy = [
        item.number
        for item in await repository.items_of(session, old.id)
        if item.ended_at is None and item.slide_id in wanted
    ]
    if busy:
        raise CallError(
            "batch_running",
            f"Deckcast is at work on slide {', '.join(map(str, busy))} already.",
            next_step="Wait for it to end, or cancel it first.",
            retryable=True,
        )


async def _end_old(session: AsyncSession, batch_id: str) -> None:
    batch = await repository.lock_batch(session, batch_id)
    await session.refresh(batch, ["state"])  # it may have ended before the lock was ours
    if batch.state in ENDED:
        return
    for item in await repository.items_of(session, batch_id):
        if item.ended_at is None:
            item.status, item.ended_at = Status.CANCELLED, now()
    await end_batch(session, batch, BatchState.CANCELLED)


def new_item(
    batch: BatchRow,
    slide: SlideRow,
    placement: Placement | None,
    words: Words,
    pronunciations: Sequence[tuple[str, str]],
) -> ItemRow:
    """A slide's item, with what is known of its words."""
    request = MakeRequest.from_json(batch.request)
    return ItemRow(
        id=new_id("itm"),
        batch_id=batch.id,
        slide_id=slide.id,
        number=slide.number,
        position=slide.position,
        todo=list(words.todo),
        placement=asdict(placement) if placement else {},
        nonce=request.nonce or slide.nonce,
        narrative=texts_repository.said_of(words.narrative, pronunciations) if words.narrative else None,
        narrative_id=words.narrative.id if words.narrative else None,
        analysis_id=words.analysis.id if words.analysis else None,
        estimated_s=words.estimated_s,
        warnings=[*slide.warnings, *words.warnings],
    )


async def _place_input(slide: SlideRow) -> tuple[ContentBoxes, Path | None]:
    boxes = tuple((box["x"], box["y"], box["width"], box["height"]) for box in slide.content["boxes"])
    return boxes, await current().store.local(slide.image_key) if slide.image_key else None
