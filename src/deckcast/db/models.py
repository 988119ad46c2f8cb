"""Every table, one class each. Ids are strings made by kit/ids.py; times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from deckcast.db.base import Base as Base
from deckcast.kit.clock import now

ACTIVE = ("pending", "submitting", "processing", "publishing", "unresolved", "timed_out")
_ACTIVE_SQL = text("status IN (" + ", ".join(f"'{status}'" for status in ACTIVE) + ")")
AT_THE_PROVIDER = text("status IN ('submitting', 'processing') AND job_ended_at IS NULL")
VIDEO_WAITS = text("turn IS NOT NULL AND status = 'pending'")
ITEM_WAITS = text("turn IS NOT NULL AND ended_at IS NULL")


class PresentationRow(Base):
    """An imported deck. `source` is where it came from (a path for the command line, else its own id); `titled`: a
    person chose the title; `state` is batches.models.ImportState, `next_deck_key` the upload that is being read;
    `choices` are batches.requests.Choices; `seq` counts its events; `analysis` is kit.slides.DeckAnalysis, made of
    the slides' analyses with `analysis_fingerprint`."""

    __tablename__ = "presentations"
    __table_args__ = (UniqueConstraint("owner", "source"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    source: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    titled: Mapped[bool] = mapped_column(default=False)
    author: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    analysis: Mapped[dict[str, Any] | None]
    analysis_fingerprint: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="ready")
    import_step: Mapped[str] = mapped_column(default="")
    deck_name: Mapped[str] = mapped_column(default="")
    deck_key: Mapped[str | None]
    next_deck_key: Mapped[str | None]
    deck_size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    deck_sha256: Mapped[str] = mapped_column(default="")
    reader_version: Mapped[str] = mapped_column(default="")
    deleted_at: Mapped[datetime | None]
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class SlideRow(Base):
    """A slide, matched across imports by `key`. `number` is its place in the deck, `position` (from 1) its place in
    the film; `included` is a person's choice (None: unless hidden). `nonce` is that of its last regenerate: what was
    bought anew stays the slide's own. `content` is decks.models.Slide without picture and notes."""

    __tablename__ = "slides"
    __table_args__ = (UniqueConstraint("presentation_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    presentation_id: Mapped[str] = mapped_column(ForeignKey("presentations.id", ondelete="CASCADE"))
    key: Mapped[str]
    number: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    included: Mapped[bool | None]
    title: Mapped[str]
    notes: Mapped[str]
    language: Mapped[str]
    hidden: Mapped[bool] = mapped_column(default=False)
    removed: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    image_key: Mapped[str | None]
    image_sha256: Mapped[str | None]
    nonce: Mapped[str] = mapped_column(default="")


class SlideAnalysisRow(Base):
    """What somebody found a slide to show and mean; `content` is kit.slides.SlideAnalysis. The one with the
    slide's present fingerprint holds."""

    __tablename__ = "slide_analyses"
    __table_args__ = (UniqueConstraint("slide_id", "fingerprint"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class NarrativeRow(Base):
    """One version of a slide's narrative in a language; the highest version holds, all are kept. `text` has its
    marks (kit.marks); `source` is narration.models.Source; `slide_fingerprint` is of the slide it was written
    for, `fingerprint` of the wish too (empty for a person's words)."""

    __tablename__ = "narratives"
    __table_args__ = (UniqueConstraint("slide_id", "language", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"))
    language: Mapped[str]
    version: Mapped[int]
    text: Mapped[str]
    source: Mapped[str]
    style: Mapped[str] = mapped_column(default="")
    writer: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str] = mapped_column(default="")
    slide_fingerprint: Mapped[str] = mapped_column(default="")
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)


class PronunciationRow(Base):
    """How a word of a presentation is to be said."""

    __tablename__ = "pronunciations"

    presentation_id: Mapped[str] = mapped_column(
        ForeignKey("presentations.id", ondelete="CASCADE"), primary_key=True
    )
    written: Mapped[str] = mapped_column(primary_key=True)
    spoken: Mapped[str]


class SpeechRow(Base):
    """A spoken narrative of one slide; `timings` is kit.timing.SpeechTimings."""

    __tablename__ = "speeches"
    __table_args__ = (UniqueConstraint("slide_id", "fingerprint"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]
    text: Mapped[str]
    language: Mapped[str]
    voice: Mapped[str]
    audio_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    duration_s: Mapped[float]
    timings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class BatchRow(Base):
    """One request to make something for many slides. `request` is batches.models.MakeRequest; `todo` are the
    steps still to be taken for all slides together (batches.models.DeckStep); `cancelled_at` is when a person
    stopped it: what runs remotely drains, then it ends. `worker_id` is the worker that looks after it, of several;
    `share` and `stride` say how its slides take turns (batches/turns.py)."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(primary_key=True)
    presentation_id: Mapped[str] = mapped_column(
        ForeignKey("presentations.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    state: Mapped[str]
    fingerprint: Mapped[str]
    request: Mapped[dict[str, Any]]
    scope: Mapped[str]
    worker_id: Mapped[str | None]
    todo: Mapped[list[Any]] = mapped_column(default=list)
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    share: Mapped[int] = mapped_column(default=3)
    stride: Mapped[int] = mapped_column(BigInteger, default=100)


class ItemRow(Base):
    """One slide's way through a batch: its step, what was made or reused, its error and warnings. `todo` are the
    steps of its words that are still to be taken (analysis, narrative); `narrative` is batches.texts.Said; `worked_s`
    are the seconds spent in each batches.models.Phase, without the one that began at `phase_began_at`; `turn` is its
    place in the `line` that it waits in, None where it does not wait."""

    __tablename__ = "batch_items"
    __table_args__ = (
        UniqueConstraint("batch_id", "slide_id"),
        Index("ix_batch_items_waiting", "line", "turn", sqlite_where=ITEM_WAITS, postgresql_where=ITEM_WAITS),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(default="waiting")
    status: Mapped[str] = mapped_column(default="pending")
    todo: Mapped[list[Any]] = mapped_column(default=list)
    placement: Mapped[dict[str, Any]]
    narrative: Mapped[dict[str, Any] | None]
    analysis_id: Mapped[str | None] = mapped_column(ForeignKey("slide_analyses.id", ondelete="SET NULL"))
    narrative_id: Mapped[str | None] = mapped_column(ForeignKey("narratives.id", ondelete="SET NULL"))
    nonce: Mapped[str] = mapped_column(default="")
    estimated_s: Mapped[float] = mapped_column(default=0.0)
    reused: Mapped[bool] = mapped_column(default=False)
    speech_id: Mapped[str | None] = mapped_column(ForeignKey("speeches.id", ondelete="SET NULL"))
    avatar_video_id: Mapped[str | None] = mapped_column(
        ForeignKey("avatar_videos.id", ondelete="SET NULL"), index=True
    )
    clip_id: Mapped[str | None] = mapped_column(ForeignKey("slide_clips.id", ondelete="SET NULL"))
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    retryable: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime | None]
    phase_began_at: Mapped[datetime | None]
    worked_s: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    line: Mapped[str | None]
    turn: Mapped[int | None] = mapped_column(BigInteger)


class AvatarVideoRow(Base):
    """One attempt at a slide's avatar video. The index allows one living attempt per slide and content.

    `batch_id` is the batch that ordered it and pays for it. `round` counts how often somebody set out to
    wait for it. While it is pending, `turn` is its place in the `line` of its account. Money is whole millionths of a
    dollar, so that sums are exact.
    """

    __tablename__ = "avatar_videos"
    __table_args__ = (
        Index(
            "uq_avatar_videos_active",
            "slide_id",
            "fingerprint",
            unique=True,
            sqlite_where=_ACTIVE_SQL,
            postgresql_where=_ACTIVE_SQL,
        ),
        Index("ix_avatar_videos_slide_id_fingerprint", "slide_id", "fingerprint"),
        Index(
            "ix_avatar_videos_at_the_provider",
            "provider",
            sqlite_where=AT_THE_PROVIDER,
            postgresql_where=AT_THE_PROVIDER,
        ),
        Index(
            "ix_avatar_videos_waiting", "line", "turn", sqlite_where=VIDEO_WAITS, postgresql_where=VIDEO_WAITS
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id", ondelete="SET NULL"), index=True)
    fingerprint: Mapped[str]
    provider: Mapped[str] = mapped_column(index=True)
    request: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="pending")
    line: Mapped[str | None]
    turn: Mapped[int | None] = mapped_column(BigInteger)
    round: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime | None]
    provider_video_id: Mapped[str | None] = mapped_column(index=True)
    job_ended_at: Mapped[datetime | None]
    provider_metadata: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asset_key: Mapped[str | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    duration_s: Mapped[float | None]
    spend_day: Mapped[str | None]
    reserved_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    cost_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    retryable: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, index=True)


class ChargeRow(Base):
    """What a call to a language model or a speech engine costs: reserved before it, settled after it. `id` is
    the workflow's subject and step: one that runs again adds to its row."""

    __tablename__ = "charges"

    id: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[str | None]
    spend_day: Mapped[str | None]
    reserved_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    cost_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)


class SubmissionRow(Base):
    """The ledger: one row per submission key. `order` is what is sent; it and the key are committed before
    the call. `state` is avatars.submissions.State; times are those of the calls and searches."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("avatar_video_id", "attempt"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    avatar_video_id: Mapped[str] = mapped_column(ForeignKey("avatar_videos.id", ondelete="CASCADE"))
    provider: Mapped[str]
    attempt: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    order: Mapped[dict[str, Any]]
    state: Mapped[str]
    calls: Mapped[int] = mapped_column(default=0)
    first_called_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    searched_at: Mapped[datetime | None]
    job_id: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class WebhookEventRow(Base):
    """A webhook that came in, once per event id: a hint that the job has ended."""

    __tablename__ = "webhook_events"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    provider: Mapped[str]
    event_id: Mapped[str]
    job_id: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(default=now)


class SlideClipRow(Base):
    """A composed slide clip."""

    __tablename__ = "slide_clips"
    __table_args__ = (UniqueConstraint("slide_id", "fingerprint"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]
    asset_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    frames: Mapped[int]
    speech_duration_s: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=now)


class PresentationVideoRow(Base):
    """The film of a presentation: keys of the film, its captions (SRT, VTT) and its poster."""

    __tablename__ = "presentation_videos"
    __table_args__ = (UniqueConstraint("presentation_id", "fingerprint"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    presentation_id: Mapped[str] = mapped_column(ForeignKey("presentations.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]
    asset_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    srt_key: Mapped[str]
    vtt_key: Mapped[str]
    poster_key: Mapped[str]
    frames: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class RenderJobRow(Base):
    """A job of the local presenter, the "remote" of the local provider; `key` is the submission key, `asset_key` where
    its video lies, named before it is drawn."""

    __tablename__ = "render_jobs"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    request: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="running")
    asset_key: Mapped[str | None]
    duration_s: Mapped[float | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    retryable: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)


class EventRow(Base):
    """A change of a presentation, in order of `seq`."""

    __tablename__ = "events"

    presentation_id: Mapped[str] = mapped_column(
        ForeignKey("presentations.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
