"""Says before the work starts who does what, and what leaves this machine for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from deckcast.batches import repository
from deckcast.batches.context import Context
from deckcast.batches.models import BatchKind, MakeRequest, Step
from deckcast.batches.orders import our_voice, said
from deckcast.batches.prices import BatchSummary
from deckcast.db.models import BatchRow, ItemRow
from deckcast.kit.errors import CallError
from deckcast.speech.ports import Voice

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
    voices = _voices(request, items) if kind.goes_to(Step.SPEECH) else []
    doing = [_words(parts, kind, items, request.language)]
    if voices:
        doing.append("Voice: " + ", ".join(sorted({voice.name for voice in voices})) + ".")
    if request.provider_voice:
        doing.append(f"Voice: {request.voice}.")
    if kind.draws:
        doing.append(f"Presenter: {request.avatar} ({request.provider}).")
    sent = _sent(parts, request, items, voices, summary)
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


def _voices(request: MakeRequest, items: Sequence[ItemRow]) -> list[Voice]:
    found: dict[str, Voice] = {}
    for item in items:
        language = str((item.narrative or {}).get("language", request.language or ""))
        if request.provider_voice or (item.narrative and not said(item)) or not language:
            continue
        try:
            voice = our_voice(request, language)
        except CallError:
            continue  # the slide's own steps name it
        found[voice.id] = voice
    return list(found.values())


def _sent(
    parts: Context,
    request: MakeRequest,
    items: Sequence[ItemRow],
    voices: Sequence[Voice],
    summary: BatchSummary,
) -> list[str]:
    sent = []
    asked = [item for item in items if item.todo]
    if asked and parts.model is not None and not parts.model.offline:
        looked_at = any(Step.ANALYSIS in item.todo for item in asked) and parts.model.sees_pictures
        what = "text, notes and pictures" if looked_at else "text and notes"
        sent.append(f"{what} of {len(asked)} slides to {parts.model.name}")
    remote = {voice.engine for voice in voices if not parts.engines.engine_of(voice).capabilities.offline}
    sent += [f"the narratives to {engine}" for engine in sorted(remote) if summary.to_generate]
    provider = parts.providers.get(request.provider)
    if provider is not None and provider.capabilities.paid and summary.to_generate:
        sent.append(f"the {'narratives' if request.provider_voice else 'speech'} to {provider.name}")
    return sent
