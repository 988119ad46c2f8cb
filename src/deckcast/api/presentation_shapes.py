"""Presentations, their slides and what is there of them, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic import Field

from deckcast.api.shapes import Shape
from deckcast.batches.film_of import Film
from deckcast.batches.freshness import Freshness
from deckcast.batches.models import BatchKind, BatchState, ImportState, Status
from deckcast.batches.plan import is_shown
from deckcast.batches.presentations import Listed, Shown
from deckcast.batches.reports import BatchReport
from deckcast.batches.requests import Choices
from deckcast.db.models import (
    AvatarVideoRow,
    BatchRow,
    NarrativeRow,
    PresentationRow,
    SlideClipRow,
    SlideRow,
    SpeechRow,
)
from deckcast.narration.models import Approach, Source, Style
from deckcast.narration.service import estimate_s
from deckcast.videos.models import Corner, Layout, Size
from deckcast.videos.models import Shape as Outline


class Notice(Shape):
    """Something that will not come out as one might expect; `code` never changes its meaning."""

    code: str
    message: str


class ImportFailure(Shape):
    """Why a deck could not be read."""

    code: str
    message: str


class AnalysisShape(Shape):
    """What a slide shows and means; `analyst` is who found it out, `weight` how long to speak about it (1: as about
    any other)."""

    kind: str
    key_points: tuple[str, ...]
    shows: str
    weight: float
    analyst: str


class NarrativeShape(Shape):
    """The words to be spoken for a slide, the version that holds. `stale`: a batch would write them anew;
    `edited_before_change`: the slide has changed since a person wrote them. `estimated_s` is how long they take."""

    text: str
    language: str
    version: int
    source: Source
    style: str
    estimated_s: float
    stale: bool = False
    edited_before_change: bool = False
    warnings: tuple[Notice, ...] = ()
    created_at: datetime


class SpeechShape(Shape):
    """A spoken narrative. `stale`: it would be spoken anew."""

    audio_url: str
    duration_s: float
    language: str
    voice: str
    stale: bool


class AvatarVideoSummary(Shape):
    """A slide's finished avatar video. `stale`: it would be made anew. `video_url` answers with a short-lived link."""

    id: str
    status: Status
    provider: str
    duration_s: float | None
    stale: bool
    video_url: str


class SlideShape(Shape):
    """A slide. `number` is its place in the deck, `position` that in the film; `included` is whether it belongs to the
    film, `hidden` whether the deck hides it."""

    id: str
    presentation_id: str
    number: int
    position: int
    title: str
    notes: str
    language: str
    included: bool
    hidden: bool
    image_url: str | None
    clip_url: str | None
    warnings: tuple[Notice, ...]
    analysis: AnalysisShape | None
    narrative: NarrativeShape | None
    speech: SpeechShape | None
    avatar_video: AvatarVideoSummary | None


class ChapterShape(Shape):
    """Where a slide begins in the film."""

    slide_id: str
    title: str
    start_s: float


class CaptionsShape(Shape):
    """Addresses of the film's captions."""

    language: str
    vtt_url: str
    srt_url: str


class FilmShape(Shape):
    """The film of a presentation. `stale`: it would come out differently today. `video_url` answers with a short-lived
    link."""

    id: str
    duration_s: float
    stale: bool
    video_url: str
    poster_url: str
    captions: CaptionsShape
    chapters: tuple[ChapterShape, ...]
    created_at: datetime


class ChoicesShape(Shape):
    """What was chosen for a presentation; null: nobody has, and Deckcast chooses. `avatars` are ids by provider."""

    provider: str | None = None
    avatars: dict[str, str] = Field(default_factory=dict)
    voice: str | None = None
    language: str | None = None
    approach: Approach | None = None
    style: Style | None = None
    background: str | None = None
    layout: Layout | None = None
    corner: Corner | None = None
    shape: Outline | None = None
    size: Size | None = None
    ai_mark: bool | None = None


class BatchSummaryShape(Shape):
    """A presentation's newest batch, and how far its slides are."""

    id: str
    kind: BatchKind
    state: BatchState
    total: int
    completed: int
    failed: int
    skipped: int
    cancelled: int
    in_progress: int


class ListedPresentation(Shape):
    """A presentation in a list."""

    id: str
    title: str
    state: ImportState
    slide_count: int
    thumbnail_url: str | None
    newest_batch: BatchSummaryShape | None
    created_at: datetime
    updated_at: datetime


class PresentationShape(Shape):
    """A presentation. `state` is importing, ready or failed (then `error` says why; where it is ready and has an error,
    a new version of its deck could not be read). `seq` counts its changes; slides stand in the film's order."""

    id: str
    title: str
    author: str
    language: str
    state: ImportState
    import_step: str
    deck_name: str
    deck_size_bytes: int
    error: ImportFailure | None
    warnings: tuple[Notice, ...]
    choices: ChoicesShape
    seq: int
    created_at: datetime
    updated_at: datetime
    slides: tuple[SlideShape, ...]
    film: FilmShape | None


def listed_shape(listed: Listed) -> ListedPresentation:
    """A presentation of a list as JSON."""
    row, batch = listed.row, listed.batch
    return ListedPresentation(
        id=row.id,
        title=row.title,
        state=ImportState(row.state),
        slide_count=listed.slides,
        thumbnail_url=_image_url(listed.thumbnail) if listed.thumbnail else None,
        newest_batch=_summary(batch, listed.counts) if batch else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def presentation_shape(shown: Shown) -> PresentationShape:
    """A presentation as JSON."""
    row = shown.row
    return PresentationShape(
        id=row.id,
        title=row.title,
        author=row.author,
        language=row.language,
        state=ImportState(row.state),
        import_step=row.import_step,
        deck_name=row.deck_name,
        deck_size_bytes=row.deck_size_bytes,
        error=_failure(row),
        warnings=_notices(row.warnings),
        choices=ChoicesShape.model_validate(Choices.from_json(row.choices), from_attributes=True),
        seq=row.seq,
        created_at=row.created_at,
        updated_at=row.updated_at,
        slides=tuple(
            slide_shape(slide, shown.fresh[slide.id], shown.clips.get(slide.id)) for slide in shown.slides
        ),
        film=film_shape(shown.film) if shown.film else None,
    )


def slide_shape(slide: SlideRow, fresh: Freshness, clip: SlideClipRow | None) -> SlideShape:
    """A slide as JSON."""
    analysis = fresh.analysis
    return SlideShape(
        id=slide.id,
        presentation_id=slide.presentation_id,
        number=slide.number,
        position=slide.position,
        title=slide.title,
        notes=slide.notes,
        language=slide.language,
        included=is_shown(slide),
        hidden=slide.hidden,
        image_url=_image_url(slide),
        clip_url=f"/api/slides/{slide.id}/clip" if clip else None,
        warnings=_notices(slide.warnings),
        analysis=AnalysisShape.model_validate(analysis.content) if analysis else None,
        narrative=narrative_shape(fresh.narrative, fresh) if fresh.narrative else None,
        speech=_speech(fresh.speech, stale=fresh.speech_stale) if fresh.speech else None,
        avatar_video=_video(fresh.avatar_video, stale=fresh.avatar_video_stale)
        if fresh.avatar_video
        else None,
    )


def narrative_shape(row: NarrativeRow, fresh: Freshness | None = None) -> NarrativeShape:
    """A version of a narrative as JSON; with `fresh` the one that holds."""
    return NarrativeShape(
        text=row.text,
        language=row.language,
        version=row.version,
        source=cast(Source, row.source),
        style=row.style,
        estimated_s=round(estimate_s(row.text, row.language), 3) if row.text else 0.0,
        stale=fresh.narrative_stale if fresh else False,
        edited_before_change=fresh.edited_before_change if fresh else False,
        warnings=_notices(row.warnings),
        created_at=row.created_at,
    )


def film_shape(film: Film) -> FilmShape:
    """A film as JSON."""
    at = f"/api/presentations/{film.row.presentation_id}/film"
    return FilmShape(
        id=film.row.id,
        duration_s=film.duration_s,
        stale=film.stale,
        video_url=f"{at}/media",
        poster_url=f"{at}/poster",
        captions=CaptionsShape(
            language=film.language, vtt_url=f"{at}/captions.vtt", srt_url=f"{at}/captions.srt"
        ),
        chapters=tuple(
            ChapterShape(slide_id=each.slide_id, title=each.title, start_s=each.start_s)
            for each in film.chapters
        ),
        created_at=film.row.created_at,
    )


def _summary(row: BatchRow, counts: Mapping[str, int]) -> BatchSummaryShape:
    of = BatchReport(row, counts, 0.0)
    return BatchSummaryShape(
        id=row.id,
        kind=BatchKind(row.kind),
        state=BatchState(row.state),
        total=of.total,
        completed=of.count(Status.COMPLETED),
        failed=of.count(Status.FAILED, Status.TIMED_OUT),
        skipped=of.count(Status.SKIPPED),
        cancelled=of.count(Status.CANCELLED),
        in_progress=of.in_progress,
    )


def _image_url(slide: SlideRow) -> str | None:
    return f"/api/slides/{slide.id}/image" if slide.image_key else None


def _speech(row: SpeechRow, *, stale: bool) -> SpeechShape:
    return SpeechShape(
        audio_url=f"/api/slides/{row.slide_id}/audio",
        duration_s=row.duration_s,
        language=row.language,
        voice=row.voice,
        stale=stale,
    )


def _video(row: AvatarVideoRow, *, stale: bool) -> AvatarVideoSummary:
    return AvatarVideoSummary(
        id=row.id,
        status=Status(row.status),
        provider=row.provider,
        duration_s=row.duration_s,
        stale=stale,
        video_url=f"/api/avatar-videos/{row.id}/media",
    )


def _failure(row: PresentationRow) -> ImportFailure | None:
    if row.error_code is None:
        return None
    return ImportFailure(code=row.error_code, message=row.error_message or "")


def _notices(warnings: Sequence[Mapping[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(code=str(each["code"]), message=str(each["message"])) for each in warnings)
