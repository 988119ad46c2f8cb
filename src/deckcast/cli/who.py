"""Says before the work starts who does what, and what leaves this machine for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from deckcast.batches import repository
from deckcast.batches.context import Context
from deckcast.batches.disclosure import leaving, voices_of
from deckcast.batches.models import BatchKind, MakeRequest, Step
from deckcast.batches.prices import BatchSummary
from deckcast.db.models import BatchRow, ItemRow

_SOURCES = {
    "notes": "{} from notes",
    "outline": "{} from the slide's own text",
    "edited": "{} edited by you",
    "polished": "{} polished before",
    "translated": "{} translated before",
    "written": "{} written before",
    "none": "{} silent",
}


async def who_does_what(parts: Context, batch_id: str, summary: BatchSummary) -> list[str]:
    """One line on who writes, speaks and presents; one on what is sent to whom, where anything is."""
    async with parts.db.read() as session:
        batch = await session.get_one(BatchRow, batch_id)
        items = await repository.items_of(session, batch_id)
    kind, request = BatchKind(batch.kind), MakeRequest.from_json(batch.request)
    voices = voices_of(request, items) if kind.goes_to(Step.SPEECH) else []
    doing = [_words(parts, kind, items, request.language)]
    if voices:
        doing.append("Voice: " + ", ".join(sorted({voice.name for voice in voices})) + ".")
    if request.provider_voice:
        doing.append(f"Voice: {request.voice}.")
    if kind.draws:
        doing.append(f"Presenter: {request.avatar} ({request.provider}).")
    sent = [f"{each.what} to {each.to}" for each in leaving(kind, request, items, summary.to_generate)]
    return [" ".join(doing), *([f"Leaves this machine: {'; '.join(sent)}."] if sent else [])]


def _words(parts: Context, kind: BatchKind, items: Sequence[ItemRow], language: str | None) -> str:
    model = parts.model.name if parts.model else "built-in rules"
    if kind == BatchKind.ALL_ANALYSES:
        return f"Analysis: {model}."
    written = sum(Step.NARRATIVE in item.todo for item in items)
    sources = Counter(str(item.narrative["source"]) for item in items if item.narrative)
    told = [_SOURCES[source].format(count) for source, count in sources.items()]
    if written:
        told.append(f"{written} to be written by {model}")
    asked = f" in {language}" if language else ""
    return f"Words{asked}: {', '.join(told)}."
