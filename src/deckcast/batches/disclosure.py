"""What leaves this machine for a batch, and for whom: said before the work starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from deckcast.batches.context import current
from deckcast.batches.models import BatchKind, MakeRequest, Step
from deckcast.batches.orders import our_voice, said
from deckcast.db.models import ItemRow
from deckcast.kit.errors import DeckcastError
from deckcast.speech.ports import Voice


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is sent ("the speech", by its code and in words), and to whom: the name of a language model, a speech engine
    or an avatar provider. `slides` is of how many slides, where that is known."""

    code: Literal["slide_texts", "slide_texts_and_pictures", "narratives", "speech"]
    what: str
    to: str
    slides: int | None = None


def leaving(
    kind: BatchKind, request: MakeRequest, items: Sequence[ItemRow], to_generate: int
) -> tuple[Leaving, ...]:
    """All that a planned batch sends away; nothing where everything is made on this machine, or is there already.
    The speech engines' voices are loaded."""
    parts = current()
    sent = []
    asked = [item for item in items if item.todo]
    if asked and parts.model is not None and not parts.model.offline:
        looked_at = any(Step.ANALYSIS in item.todo for item in asked) and parts.model.sees_pictures
        name, count = parts.model.name, len(asked)
        if looked_at:
            what = f"text, notes and pictures of {count} slides"
            sent.append(Leaving("slide_texts_and_pictures", what, name, count))
        else:
            sent.append(Leaving("slide_texts", f"text and notes of {count} slides", name, count))
    voices = voices_of(request, items) if kind.goes_to(Step.SPEECH) else []
    remote = {voice.engine for voice in voices if not parts.engines.engine_of(voice).capabilities.offline}
    sent += [Leaving("narratives", "the narratives", engine) for engine in sorted(remote) if to_generate]
    provider = parts.providers.get(request.provider)
    if provider is not None and provider.capabilities.paid and to_generate:
        code: Literal["narratives", "speech"] = "narratives" if request.provider_voice else "speech"
        sent.append(Leaving(code, f"the {code}", provider.name))
    return tuple(sent)


def voices_of(request: MakeRequest, items: Sequence[ItemRow]) -> list[Voice]:
    """The voices of ours that speak in a planned batch."""
    found: dict[str, Voice] = {}
    for item in items:
        language = str((item.narrative or {}).get("language", request.language or ""))
        if request.provider_voice or (item.narrative and not said(item)) or not language:
            continue
        try:
            voice = our_voice(request, language)
        except DeckcastError:
            continue  # the slide's own steps name it
        found[voice.id] = voice
    return list(found.values())
