"""Values of batches: what was asked for, where each slide is, what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

PAUSE_BEFORE_S = 0.4  # between a clip's start and its speech
PAUSE_AFTER_S = 0.6
SILENCE_S = 4.0  # how long a slide with nothing to say is shown


class BatchKind(StrEnum):
    """What a batch makes. Each kind also makes whatever is missing on the way to it."""

    ALL_ANALYSES = "all_slides_analysis"
    ALL_NARRATIVES = "all_narratives_generation"
    ALL_AUDIO = "all_audio_generation"
    ALL_AVATAR_VIDEOS = "all_avatar_videos_generation"
    PRESENTATION_VIDEO = "presentation_video"

    @property
    def label(self) -> str:
        """What people call it."""
        return _LABELS[self]

    @property
    def last_step(self) -> Step:
        """The step with which a slide has all that this kind makes of it."""
        return _LAST[self]

    def goes_to(self, step: Step) -> bool:
        """Whether a slide's way in this kind leads through a step."""
        return _ORDER.index(step) <= _ORDER.index(self.last_step)

    @property
    def draws(self) -> bool:
        """Whether presenters are drawn."""
        return self.goes_to(Step.AVATAR_VIDEO)


class BatchState(StrEnum):
    """Where a batch is; the last four are ends."""

    PLANNING = "planning"  # rows are being made
    RUNNING = "running"  # slides are on their way
    COMPLETED = "completed"  # every slide has everything
    PARTIAL = "partial"  # something is missing, and named
    FAILED = "failed"  # nothing usable came of it
    CANCELLED = "cancelled"  # a person, or a newer request, stopped it


ENDED = (BatchState.COMPLETED, BatchState.PARTIAL, BatchState.FAILED, BatchState.CANCELLED)


class ImportState(StrEnum):
    """Where a presentation's deck is; a new version of a deck that cannot be read leaves the old one ready."""

    IMPORTING = "importing"  # uploaded, and being read
    READY = "ready"
    FAILED = "failed"  # it could not be read: the presentation's error says why


class Step(StrEnum):
    """What a slide is going through, in order."""

    WAITING = "waiting"
    ANALYSIS = "analysis"
    NARRATIVE = "narrative"
    SPEECH = "speech"
    AVATAR_VIDEO = "avatar_video"
    CLIP = "clip"
    DONE = "done"


_LABELS = {
    BatchKind.ALL_ANALYSES: "All Slides Analysis",
    BatchKind.ALL_NARRATIVES: "All Narratives Generation",
    BatchKind.ALL_AUDIO: "All Audio Generation",
    BatchKind.ALL_AVATAR_VIDEOS: "All Avatar Videos Generation",
    BatchKind.PRESENTATION_VIDEO: "Presentation Video",
}
_ORDER = tuple(Step)
_LAST = {
    BatchKind.ALL_ANALYSES: Step.ANALYSIS,
    BatchKind.ALL_NARRATIVES: Step.NARRATIVE,
    BatchKind.ALL_AUDIO: Step.SPEECH,
    BatchKind.ALL_AVATAR_VIDEOS: Step.AVATAR_VIDEO,
    BatchKind.PRESENTATION_VIDEO: Step.CLIP,
}


class DeckStep(StrEnum):
    """What is done for all slides of a batch together, between the steps of its slides."""

    ANALYSIS = "deck_analysis"  # what the deck is about, from its slides' analyses
    EVENING = "evening_out"  # the narratives' tone and transitions, side by side


class Status(StrEnum):
    """What became of a slide in its batch, or of an avatar video (design words, see docs/glossary.md)."""

    PENDING = "pending"
    SUBMITTING = "submitting"
    PROCESSING = "processing"
    PUBLISHING = "publishing"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    UNRESOLVED = "unresolved"


class Phase(StrEnum):
    """What holds a place or a core for a slide, in order. Waiting for a place is none of these."""

    ANALYSIS = "analysis"
    NARRATIVE = "narrative"
    SPEECH = "speech"
    AVATAR_VIDEO = "avatar_video"  # from the paid call to the job's end
    PUBLISHING = "publishing"  # the video is fetched, checked and stored
    CLIP = "clip"


def phase_of(step: str, status: str) -> Phase | None:
    """The phase that a slide with this step and status is in; None where it waits or has ended."""
    if step == Step.AVATAR_VIDEO and status == Status.PUBLISHING:
        return Phase.PUBLISHING
    if step == Step.AVATAR_VIDEO and status == Status.SUBMITTING:
        return Phase.AVATAR_VIDEO
    return Phase(step) if status == Status.PROCESSING and step in set(Phase) else None


SETTLED = (Status.COMPLETED, Status.FAILED, Status.TIMED_OUT, Status.CANCELLED, Status.SKIPPED)


class Priority(StrEnum):
    """How much of its owner's turns a batch gets beside the owner's other batches."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def share(self) -> int:
        """Parts of the owner's turns."""
        return _SHARES[self]


_SHARES = {Priority.LOW: 1, Priority.NORMAL: 3, Priority.HIGH: 9}


@dataclass(frozen=True, slots=True)
class MakeRequest:
    """How something is to be made; None means Deckcast chooses. `voice` is a voice id of a speech engine's or,
    as `<provider>:<voice id>`, of the avatar provider's own. `slides` are slide numbers (None = all but the
    hidden ones). `voice_gender` is the avatar's, for choosing a voice where none is named. `nonce` is set where
    speech and avatar videos are made anew, so that their fingerprints are new; `regenerate` where analyses or
    narratives are. A person's edits are only then written over where `overwrite_edits` says so. `priority` is a
    Priority. `ai_mark`: each clip says in a corner that a machine made it."""

    provider: str = ""
    avatar: str = ""
    background: str = ""
    layout: str = "auto"
    shape: str = "circle"
    corner: str | None = None
    size: str | None = None
    voice: str | None = None
    voice_gender: str | None = None
    language: str | None = None
    approach: str = "notes"
    style: str = "business"
    words_per_minute: int = 165
    slides: tuple[int, ...] | None = None
    nonce: str = ""
    regenerate: bool = False
    overwrite_edits: bool = False
    max_cost_usd: float | None = None
    priority: str = Priority.NORMAL
    ai_mark: bool = False

    @property
    def provider_voice(self) -> str | None:
        """The provider's own id of the voice, where the avatar provider is to speak; None where we speak."""
        owner, _, voice_id = (self.voice or "").partition(":")
        return voice_id if voice_id and owner == self.provider else None

    @property
    def cap_usd(self) -> Decimal | None:
        """What the batch may cost at most."""
        return None if self.max_cost_usd is None else Decimal(str(self.max_cost_usd))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> MakeRequest:
        """The inverse of `to_json`; what another version has written beside is passed over."""
        known = {each.name: data[each.name] for each in fields(cls) if each.name in data}
        slides = data.get("slides")
        return cls(**{**known, "slides": tuple(slides) if slides is not None else None})
