"""The stages of a batch: slides are analysed, then the deck; narratives are written, then evened out; then each slide
goes its own way (batches/prepare.py). Where nothing is to be done in a stage, it is passed over.

Within a stage the slides go side by side; the last one starts the next stage. Works have fixed ids, so that starting
them again starts nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dbos import DBOS
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository, turns
from deckcast.batches.analyses import make_analysis, make_deck_analysis
from deckcast.batches.clips import end_status, note_failure
from deckcast.batches.context import current
from deckcast.batches.engine import MEDIA_RECOVERY_ATTEMPTS, SPEECH, TEXT, WORK, enqueue, guarded, step
from deckcast.batches.evening import even_out_narratives
from deckcast.batches.films import finish_batch
from deckcast.batches.models import ENDED, BatchKind, DeckStep, MakeRequest, Step
from deckcast.batches.narratives import make_narrative
from deckcast.batches.orders import our_voice, said
from deckcast.batches.prepare import prepare_slide
from deckcast.db.models import BatchRow, ItemRow
from deckcast.kit.clock import now
from deckcast.kit.errors import DeckcastError

TEXT_TRIES = 3


@dataclass(frozen=True, slots=True)
class Work:
    """A workflow to be put on a queue: its name here, whose it is, the queue, and its turn there."""

    name: str
    subject: str
    queue: str
    turn: int | None = None


@DBOS.workflow(name="analyse_slide", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def analyse_slide(item_id: str) -> None:
    """Analyse the item's slide; without it the slide goes on, unless analyses are all that was asked for."""
    await _with_model(make_analysis, item_id, Step.ANALYSIS)
    await _go_on_after(item_id, Step.ANALYSIS)


@DBOS.workflow(name="write_narrative", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def write_narrative(item_id: str) -> None:
    """Write the narrative of the item's slide."""
    await _with_model(make_narrative, item_id, Step.NARRATIVE)
    await _go_on_after(item_id, Step.NARRATIVE)


@DBOS.workflow(name="analyse_deck", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def analyse_deck(batch_id: str) -> None:
    """Say what the deck is about; without it the batch goes on."""
    await _for_all(make_deck_analysis, batch_id, DeckStep.ANALYSIS)


@DBOS.workflow(name="even_out", max_recovery_attempts=MEDIA_RECOVERY_ATTEMPTS)
async def even_out(batch_id: str) -> None:
    """Even out the narratives that were written; without it they stay as they were written."""
    await _for_all(even_out_narratives, batch_id, DeckStep.EVENING)


_WORKFLOWS: dict[str, Callable[[str], Any]] = {
    "analyse": analyse_slide,
    "write": write_narrative,
    DeckStep.ANALYSIS: analyse_deck,
    DeckStep.EVENING: even_out,
    "prepare": prepare_slide,
    "finish": finish_batch,
}


async def _with_model(work: Callable[[str], Awaitable[None]], item_id: str, of: Step) -> None:
    async def failed(error: DeckcastError) -> None:
        await step(note_text_failure, item_id, of, error.code, str(error), error.retryable)

    await guarded(step(work, item_id, tries=TEXT_TRIES), failed)


async def _for_all(work: Callable[[str], Awaitable[None]], batch_id: str, of: DeckStep) -> None:
    async def failed(error: DeckcastError) -> None:
        await step(note_deck_failure, batch_id, of, error.code, str(error))

    await guarded(step(work, batch_id, tries=TEXT_TRIES), failed)
    await step(done_for_all, batch_id, of)
    await _go_on(batch_id)


async def _go_on_after(item_id: str, stage: Step) -> None:
    batch_id = await step(stage_ended, item_id, stage)
    if batch_id is not None:
        await _go_on(batch_id)


async def _go_on(batch_id: str) -> None:
    for work in await step(next_works, batch_id):
        await _enqueue(work)


async def start(batch_id: str) -> None:
    """Put the batch to work, or to work again; what is at work already stays so."""
    for work in await next_works(batch_id):
        await _enqueue(work)


async def _enqueue(work: Work) -> None:
    await enqueue(work.queue, _WORKFLOWS[work.name], f"{work.subject}.{work.name}", work.subject, work.turn)


async def note_text_failure(item_id: str, of: Step, code: str, message: str, retryable: bool) -> None:
    """Write down why a slide has no analysis or narrative. A missing analysis is a failure only where analyses are
    what was asked for; else the narrative is written without it."""
    async with current().db.read() as session:
        item = await session.get_one(ItemRow, item_id)
        kind = BatchKind((await repository.batch_of_item(session, item)).kind)
    if of not in item.todo:
        return  # written down before a crash
    if of is Step.NARRATIVE or kind.last_step is Step.ANALYSIS:
        await note_failure(item_id, code, message, retryable)
        left: list[str] = []
        warnings = item.warnings
    else:
        left = [each for each in item.todo if each != of]
        warnings = [
            *item.warnings,
            {"code": "not_analysed", "message": f"The slide was not analysed. {message}"},
        ]
    async with current().db.write() as session:
        await repository.set_item(session, item_id, todo=left, warnings=warnings)


async def note_deck_failure(batch_id: str, of: DeckStep, code: str, message: str) -> None:
    """Write down what was left out for all slides together."""
    words = {
        DeckStep.ANALYSIS: "The deck as a whole was not analysed.",
        DeckStep.EVENING: "The narratives were not evened out; they stay as they were written.",
    }
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        warning = {"code": code, "message": f"{words[of]} {message}"}
        if warning not in batch.warnings:
            batch.warnings = [*batch.warnings, warning]


async def done_for_all(batch_id: str, of: DeckStep) -> None:
    """This step for all slides together is behind the batch."""
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        batch.todo = [each for each in batch.todo if each != of]


async def stage_ended(item_id: str, stage: Step) -> str | None:
    """The batch's id where no slide of it is left in the stage that this one has just left."""
    async with current().db.write() as session:
        item = await session.get_one(ItemRow, item_id)
        batch = await repository.lock_batch(session, item.batch_id)
        if batch.state in ENDED:
            return None
        todo = await repository.todo_of(session, batch.id)
    return None if any(stage in each for each in todo) else batch.id


def _left(items: Sequence[ItemRow], stage: Step) -> list[ItemRow]:
    return [item for item in items if item.ended_at is None and stage in item.todo]


async def next_works(batch_id: str) -> list[Work]:
    """What the batch needs next, from its rows; each of its slides has its turn."""
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        items = await repository.items_of(session, batch_id)
        if batch.state in ENDED:
            return []
        for stage, name, then in (
            (Step.ANALYSIS, "analyse", DeckStep.ANALYSIS),
            (Step.NARRATIVE, "write", DeckStep.EVENING),
        ):
            left = _left(items, stage)
            if left:
                return await _in_turn(session, batch, name, [(item, TEXT) for item in left])
            if then in batch.todo:
                return [Work(then, batch_id, TEXT)]
        if BatchKind(batch.kind).goes_to(Step.SPEECH):
            request = MakeRequest.from_json(batch.request)
            queued = [(item, _queue(item, request)) for item in items if item.ended_at is None]
            return await _in_turn(session, batch, "prepare", queued)
    await settle_words(batch_id)
    return [Work("finish", batch_id, WORK)]


async def _in_turn(
    session: AsyncSession, batch: BatchRow, name: str, queued: Sequence[tuple[ItemRow, str]]
) -> list[Work]:
    """The works of a stage. A slide that is begun already, or queued, gets no other turn."""
    for queue in sorted({queue for _, queue in queued}):
        new = [item for item, of in queued if of == queue and turns.may_queue_up(item)]
        await turns.queue_up(session, batch, turns.line_of(queue), new)
    return [Work(name, item.id, queue, item.turn) for item, queue in queued]


def _queue(item: ItemRow, request: MakeRequest) -> str:
    """Where the slide's speech is made: one by a remote engine takes no place of this machine's work."""
    if not said(item) or request.provider_voice:
        return WORK
    try:
        voice = our_voice(request, str((item.narrative or {})["language"]))
    except DeckcastError:
        return WORK  # the slide's own steps name it
    limit = current().engines.engine_of(voice).capabilities.max_concurrent
    return WORK if limit is None else SPEECH


async def settle_words(batch_id: str) -> None:
    """End every slide of a batch that makes words only."""
    async with current().db.write() as session:
        batch = await repository.lock_batch(session, batch_id)
        for item in await repository.items_of(session, batch_id):
            if item.ended_at is None:
                status = end_status(item, batch.kind)
                await repository.set_item(session, item.id, step=Step.DONE, status=status, ended_at=now())
