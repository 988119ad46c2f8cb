"""Every table, one class each. Ids are strings made by kit/ids.py; times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, Numeric, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from deckcast.kit.clock import now

ACTIVE = ("pending", "submitting", "processing", "publishing", "unresolved", "timed_out")
_ACTIVE_SQL = text("status IN (" + ", ".join(f"'{status}'" for status in ACTIVE) + ")")


class Base(DeclarativeBase):
    """Base of all rows; names of constraints are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class PresentationRow(Base):
    """An imported deck. `source` is where it came from (a path for the command line); `seq` counts its events."""

    __tablename__ = "presentations"
    __table_args__ = (UniqueConstraint("owner", "source"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    source: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    deck_sha256: Mapped[str] = mapped_column(default="")
    reader_version: Mapped[str] = mapped_column(default="")
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class SlideRow(Base):
    """A slide, matched across imports by `key`. `content` is decks.models.Slide without picture and notes."""

    __tablename__ = "slides"
    __table_args__ = (UniqueConstraint("presentation_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    presentation_id: Mapped[str] = mapped_column(ForeignKey("presentations.id", ondelete="CASCADE"))
    key: Mapped[str]
    number: Mapped[int]
    title: Mapped[str]
    notes: Mapped[str]
    language: Mapped[str]
    hidden: Mapped[bool] = mapped_column(default=False)
    removed: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    image_key: Mapped[str | None]
    image_sha256: Mapped[str | None]


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
    duration_s: Mapped[float]
    timings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class BatchRow(Base):
    """One request to make something for many slides. `request` is batches.models.MakeRequest;
    `open` is true while it is not ended."""

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
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]


class ItemRow(Base):
    """One slide's way through a batch: its step, what was made or reused, its error and warnings."""

    __tablename__ = "batch_items"
    __table_args__ = (UniqueConstraint("batch_id", "slide_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    step: Mapped[str] = mapped_column(default="waiting")
    status: Mapped[str] = mapped_column(default="pending")
    placement: Mapped[dict[str, Any]]
    narrative: Mapped[dict[str, Any] | None]
    estimated_s: Mapped[float] = mapped_column(default=0.0)
    reused: Mapped[bool] = mapped_column(default=False)
    speech_id: Mapped[str | None] = mapped_column(ForeignKey("speeches.id", ondelete="SET NULL"))
    avatar_video_id: Mapped[str | None] = mapped_column(ForeignKey("avatar_videos.id", ondelete="SET NULL"))
    clip_id: Mapped[str | None] = mapped_column(ForeignKey("slide_clips.id", ondelete="SET NULL"))
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    retryable: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AvatarVideoRow(Base):
    """One attempt at a slide's avatar video. The index allows one living attempt per slide and content."""

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
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]
    provider: Mapped[str]
    request: Mapped[dict[str, Any]]
    attempt: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(default="pending")
    submission_key: Mapped[str | None] = mapped_column(unique=True)
    submitted_at: Mapped[datetime | None]
    provider_video_id: Mapped[str | None]
    provider_metadata: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asset_key: Mapped[str | None]
    duration_s: Mapped[float | None]
    cost_usd: Mapped[float] = mapped_column(Numeric(12, 6, asdecimal=False), default=0)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    retryable: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class SlideClipRow(Base):
    """A composed slide clip."""

    __tablename__ = "slide_clips"
    __table_args__ = (UniqueConstraint("slide_id", "fingerprint"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    slide_id: Mapped[str] = mapped_column(ForeignKey("slides.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]
    asset_key: Mapped[str]
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
    srt_key: Mapped[str]
    vtt_key: Mapped[str]
    poster_key: Mapped[str]
    frames: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class RenderJobRow(Base):
    """A job of the local presenter, the "remote" of the local provider; `key` is the submission key."""

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
