"""JSON bodies of what starts work and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field, StrictBool, StringConstraints

from deckcast.api.inputs import ID, LANGUAGE, NUMBER, Body, GivenId, Name
from deckcast.api.shapes import Shape
from deckcast.batches.disclosure import Leaving
from deckcast.batches.models import BatchKind, BatchState, Priority
from deckcast.batches.requests import Asked
from deckcast.batches.starting import Started
from deckcast.narration.models import Approach, Style
from deckcast.videos.models import Corner, Layout, Size
from deckcast.videos.models import Shape as Outline

BatchId = Annotated[str, Path(pattern=ID, description="A batch's id.")]
Language = Annotated[str, StringConstraints(max_length=35, pattern=f"^(auto|{LANGUAGE})$")]
Color = Annotated[str, StringConstraints(pattern=r"^(#[0-9A-Fa-f]{6}|transparent)$")]
MOST_USD = 1_000_000
Usd = Annotated[float, Field(ge=0, le=MOST_USD, allow_inf_nan=False), NUMBER]
SlideIds = Annotated[tuple[GivenId, ...], Field(min_length=1, max_length=1000)]


class WordsRequest(Body):
    """What is asked of words. What is left out is as it was chosen for the presentation."""

    language: Language | None = Field(None, description='A language tag such as "de", or "auto".')
    approach: Approach | None = Field(None, description="What becomes of speaker notes.")
    style: Style | None = None
    regenerate_existing: StrictBool = Field(False, description="Make what is there already anew, too.")
    max_cost_usd: Usd | None = Field(None, description="Refuse the work where it would cost more.")
    priority: Priority = Field(
        Priority.NORMAL, description="Beside your own other batches, where slides wait."
    )

    def asked(self) -> Asked:
        """The request as batches takes it."""
        return Asked(
            language=self.language,
            approach=self.approach,
            style=self.style,
            regenerate=self.regenerate_existing,
            max_cost_usd=self.max_cost_usd,
            priority=self.priority,
        )


class NarrativeRequest(WordsRequest):
    """What is asked of narratives."""

    overwrite_edits: StrictBool = Field(False, description="Write over what a person has edited, too.")

    def asked(self) -> Asked:
        """The request as batches takes it."""
        return replace(super().asked(), overwrite_edits=self.overwrite_edits)


class AudioRequest(WordsRequest):
    """What is asked of speech."""

    voice_id: Name | None = Field(None, description='A voice\'s id, or "auto".')
    provider: Name | None = Field(None, description="The avatar provider whose avatar the voice is to fit.")
    avatar_id: Name | None = None

    def asked(self) -> Asked:
        """The request as batches takes it."""
        return replace(super().asked(), voice=self.voice_id, provider=self.provider, avatar=self.avatar_id)


class AvatarVideoRequest(AudioRequest):
    """What is asked of avatar videos."""

    background_color: Color | None = Field(None, description='"#RRGGBB", or "transparent".')
    layout: Layout | None = None
    corner: Corner | None = None
    shape: Outline | None = None
    size: Size | None = None
    ai_mark: StrictBool | None = Field(None, description="Clips say in a corner that a machine made them.")

    def asked(self) -> Asked:
        """The request as batches takes it."""
        return replace(
            super().asked(),
            background=self.background_color,
            layout=self.layout,
            corner=self.corner,
            shape=self.shape,
            size=self.size,
            ai_mark=self.ai_mark,
        )


class Selected(Body):
    """Which slides are meant."""

    selected_slide_ids: SlideIds | None = Field(None, description="Left out: every slide that is shown.")


class BatchAnalysisRequest(WordsRequest, Selected):
    """Analyses of many slides."""


class BatchNarrativeRequest(NarrativeRequest, Selected):
    """Narratives of many slides."""


class BatchAudioRequest(AudioRequest, Selected):
    """Speech of many slides."""


class BatchAvatarVideoRequest(AvatarVideoRequest, Selected):
    """Avatar videos of many slides, or the film of them."""


class RetryRequest(Body):
    """How to try again."""

    max_cost_usd: Usd | None = Field(None, description="Another cap than before.")


class LeavesMachine(Shape):
    """What is sent away, by its code and in words, and to whom; `slides`: of how many, where that is known."""

    code: Literal["slide_texts", "slide_texts_and_pictures", "narratives", "speech"]
    what: str
    to: str
    slides: int | None


def leaves_machine(leaving: tuple[Leaving, ...]) -> tuple[LeavesMachine, ...]:
    """What a batch sends away, as JSON."""
    return tuple(
        LeavesMachine(code=each.code, what=each.what, to=each.to, slides=each.slides) for each in leaving
    )


class BatchAvatarVideoResponse(Shape):
    """A batch that was ordered. Its progress: `GET /api/batches/{id}`, or the presentation's status."""

    batch_id: str
    presentation_id: str
    kind: BatchKind
    label: str
    total_slides: int
    to_generate: int
    skipped: int = Field(description="Slides for which it is there already.")
    estimated_cost_usd: float
    estimated_s: tuple[float, float] | None = Field(
        description="Shortest and longest likely time, in seconds."
    )
    state: BatchState
    leaves_machine: tuple[LeavesMachine, ...]

    @classmethod
    def of(cls, started: Started) -> BatchAvatarVideoResponse:
        """The answer to an order."""
        return cls(
            batch_id=started.batch_id,
            presentation_id=started.presentation_id,
            kind=started.kind,
            label=started.kind.label,
            total_slides=started.summary.total,
            to_generate=started.summary.to_generate,
            skipped=started.summary.skipped,
            estimated_cost_usd=float(started.summary.cost_usd),
            estimated_s=started.time_s,
            state=started.state,
            leaves_machine=leaves_machine(started.leaving),
        )
