"""Nothing waits for ever: a slide whose workflow the engine has given up fails as `crashed_repeatedly`."""

from __future__ import annotations

from dbos import DBOS

from deckcast.batches import repository
from deckcast.batches.clips import note_failure, settle
from deckcast.batches.context import current
from deckcast.batches.engine import WORK, enqueue
from deckcast.batches.films import close, make_film, note_batch_failure
from deckcast.db.models import ItemRow

GIVEN_UP = ["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "ERROR", "CANCELLED"]
CODE = "crashed_repeatedly"
MESSAGE = "Deckcast was ended again and again while it worked on this."


async def rescue(batch_id: str) -> None:
    """Settle the slides of a running batch, or close it, where the workflow that should do so is given up."""
    async with current().db.read() as session:
        items = [item for item in await repository.items_of(session, batch_id) if item.ended_at is None]
    given_up = await _given_up([batch_id, *(each for item in items for each in _subjects(item))])
    for item in items:
        if given_up & set(_subjects(item)):
            await note_failure(item.id, CODE, MESSAGE, True)
            if await settle(item.id) is not None:
                await enqueue(WORK, make_film, f"{batch_id}.film", batch_id)
    if batch_id in given_up:
        await note_batch_failure(batch_id, CODE, MESSAGE)
        await close(batch_id)


def _subjects(item: ItemRow) -> tuple[str, ...]:
    """What the item's workflows are about: itself, and the avatar video that it waits for."""
    return (item.id, item.avatar_video_id) if item.avatar_video_id else (item.id,)


async def _given_up(subjects: list[str]) -> set[str]:
    found = await DBOS.list_workflows_async(
        workflow_id_prefix=[f"{subject}." for subject in subjects],
        status=GIVEN_UP,
        load_input=False,
        load_output=False,
    )
    return {workflow.workflow_id.partition(".")[0] for workflow in found}
